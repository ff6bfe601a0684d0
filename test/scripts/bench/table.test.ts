import { expect, test } from 'vitest';
import { formatText, shown } from '../../../scripts/bench/report/table.ts';

test('numbers stand right and texts left, each column as wide as its widest cell', () => {
  const rows = [
    ['a', '1.5', 'few'],
    ['longer', '10.25', 'words'],
    ['b', 'failed', ''],
  ];
  expect(formatText({ title: 'Title', note: 'Note.', head: ['name', 'CPU', 'text'], rows })).toBe(
    ['Title', 'Note.', '', 'name       CPU  text', 'a          1.5  few', 'longer   10.25  words', 'b       failed'].join('\n'),
  );
});

test('a figure that is missing is told, never shown as a number', () => {
  expect(shown(1.005, 1)).toBe('1.0');
  expect(shown(undefined)).toBe('failed');
  expect(shown(Number.NaN)).toBe('failed');
});
