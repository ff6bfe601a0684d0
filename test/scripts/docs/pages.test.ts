import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { referencePages } from '../../../scripts/docs/pages.ts';

test.each(referencePages())('$path is what the sources say; `npm run docs` makes it so', ({ content, path }) => {
  expect(readFileSync(path, 'utf8')).toBe(content);
});
