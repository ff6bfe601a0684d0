import { expect, test } from 'vitest';
import { parseOptions as parseFaults } from '../../../scripts/faults/options.ts';
import { parseOptions as parseSoak } from '../../../scripts/soak/options.ts';

test('faults: all of them, or those that are named', () => {
  expect(parseFaults([])).toEqual({ only: [], records: 8000, write: false });
  expect(parseFaults(['killed', 'closed', '--records', '100'])).toEqual({ only: ['killed', 'closed'], records: 100, write: false });
  expect(parseFaults(['--help'])).toBeUndefined();
});

test('faults: the page is made of all of them only', () => {
  expect(parseFaults(['--write'])).toMatchObject({ write: true });
  expect(() => parseFaults(['killed', '--write'])).toThrow('--write: the page has every fault; leave the words out');
});

test('soak: half a million records in five minutes, by a seed of its own', () => {
  expect(parseSoak([])).toEqual({ records: 500_000, minutes: 5, seed: expect.any(Number) });
  expect(parseSoak(['--records', '20000', '--minutes', '1', '--seed', '7'])).toEqual({ records: 20_000, minutes: 1, seed: 7 });
  expect(parseSoak(['--help'])).toBeUndefined();
});

test.each(['0', '-1', '1.5', 'many', ''])('a count of %j is refused by its option', (text) => {
  expect(() => parseFaults([`--records=${text}`])).toThrow(`--records: '${text}' is not allowed; give a positive integer`);
  expect(() => parseSoak([`--minutes=${text}`])).toThrow(`--minutes: '${text}' is not allowed; give a positive integer`);
});
