import { writeFile } from 'node:fs/promises';
import { referencePages } from './docs/pages.ts';

for (const { path, content } of referencePages()) await writeFile(new URL(`../${path}`, import.meta.url), content);
