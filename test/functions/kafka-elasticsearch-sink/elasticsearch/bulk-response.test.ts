import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseBulkResponse } from '../../../../functions/kafka-elasticsearch-sink/elasticsearch/bulk-response.ts';

const written = '{"index":{"status":201}}';

test.each([
  ['one outcome of all', `{"items":[${Array(2000).fill(written).join(',')}]}`, 2000],
  ['one operation', `{"items":[${written}]}`, 1],
  ['fewer items than operations', `{"items":[${written},${written}]}`, 4],
  ['more items than operations', `{"items":[${written},${written},${written},${written}]}`, 2],
  ['no items', '{"items":[]}', 1],
  ['white space', `{ "errors": false, "items": [${written}, ${written}] }`, 2],
  ['brackets before', `{"a":[1,1],"items":[]}`, 2],
  ['brackets that are not those of the items', `{"items":[1],"b":[1,1],"b":[1]}`, 2],
  ['brackets inside a text', `{"items":[],"a":"[1,1]"}`, 2],
  ['another array', '{"took":[1,1]}', 2],
  ['an array', '[1,1]', 2],
  ['no object', '"[1,1]"', 2],
])('an answer says what JSON.parse says: %s', (_, text, count) => {
  expect(parseBulkResponse(text, count)).toEqual(JSON.parse(text));
});

test('any answer says what JSON.parse says', () => {
  const item = fc.oneof(fc.constantFrom(...['{"index":{"status":201}}', '{"index":{"status":200}}', '1', '"],["']), fc.json());
  fc.assert(
    fc.property(fc.array(item), fc.integer({ min: 1, max: 6 }), fc.boolean(), (items, count, areSame) => {
      const all = areSame ? items.map(() => items[0]) : items;
      const text = `{"took":1,"items":[${all.join(',')}],"more":{}}`;
      expect(parseBulkResponse(text, count)).toEqual(JSON.parse(text));
    }),
  );
});

test('what is not JSON is no answer', () => {
  expect(() => parseBulkResponse(`{"items":[${written},${written}]`, 2)).toThrow(SyntaxError);
  expect(() => parseBulkResponse('{"items":[{,{]}', 2)).toThrow(SyntaxError);
});
