import { expect, test } from 'vitest';
import { isIndexName } from '../../shared/index-pattern.ts';

test.each(['logs-\ud800', '\udc00', 'a\ud83d', 'b\udc00\ud800'])(
  'half a character makes no index name, as no address can hold it: %j',
  (name) => {
    expect(isIndexName(name)).toBe(false);
  },
);

test('a character beyond the first plane may stand in an index name', () => {
  expect(isIndexName('logs-😀')).toBe(true);
});
