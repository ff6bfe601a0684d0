import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderTables } from '../../../scripts/readme/tables.ts';

test('the tables of the README are those of shared/; `npm run readme` makes them so', () => {
  const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');
  expect(readme).toBe(renderTables(readme));
});
