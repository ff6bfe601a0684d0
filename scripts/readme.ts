import { readFile, writeFile } from 'node:fs/promises';
import { renderTables } from './readme/tables.ts';

const file = new URL('../README.md', import.meta.url);
await writeFile(file, renderTables(await readFile(file, 'utf8')));
