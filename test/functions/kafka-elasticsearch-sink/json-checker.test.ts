import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encode, slice } from '../../../functions/kafka-elasticsearch-sink/byte-string.ts';
import { endOfJson, skipSpace } from '../../../functions/kafka-elasticsearch-sink/json-checker.ts';

/** The text that was found to be JSON, from its first character to its last; undefined: it is not JSON. */
function checked(text: string): string | undefined {
  const json = encode(text);
  const start = skipSpace(json, 0);
  const end = endOfJson(json, start);
  return end === undefined || skipSpace(json, end) < json.length ? undefined : slice(json, start, end);
}

/** The value by `JSON.parse`, in an array; undefined: it is not JSON. */
function parsed(text: string): unknown[] | undefined {
  try {
    return [JSON.parse(text)];
  } catch {
    return undefined;
  }
}

function expectAlike(text: string): void {
  const json = checked(text);
  expect(json === undefined ? undefined : [JSON.parse(Buffer.from(json, 'latin1').toString())], text).toEqual(parsed(text));
}

test('all JSON is JSON, and ends where its last character stands', () => {
  fc.assert(
    fc.property(fc.oneof(fc.array(fc.jsonValue()), fc.jsonValue()), fc.constantFrom(undefined, 1, '\t'), (value, space) => {
      expectAlike(` ${JSON.stringify(value, null, space)}\r\n`);
    }),
    { numRuns: 2000 },
  );
});

test('what is no JSON is none, wherever it is wrong', () => {
  const piece = fc.constantFrom(...'[]{},:"\\/-+.eE019aftunxul \t\n\u0000\u00a0\ufeff', 'true', 'null', '\\u00', '1e5', '0x1', '""');
  fc.assert(
    fc.property(fc.json({ maxDepth: 3 }), fc.array(fc.tuple(fc.nat(), fc.nat(2), piece), { maxLength: 3 }), (json, changes) => {
      let text = json;
      for (const [place, removed, added] of changes) {
        const at = place % (text.length + 1);
        text = text.slice(0, at) + added + text.slice(at + removed);
      }
      expectAlike(text);
    }),
    { numRuns: 10_000 },
  );
});

test('any row of pieces is what JSON.parse says', () => {
  const piece = fc.constantFrom('[', ']', '{', '}', ',', ':', '"a"', '"', '-', '0', '1', '.', 'e', '+', 'null', 'tru', ' ', '\\', '\u0001');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => expectAlike(pieces.join(''))),
    { numRuns: 20_000 },
  );
});

test('no depth is too deep', () => {
  const depth = 1_000_000;
  const deep = `${'[{"a":'.repeat(depth)}1${'}]'.repeat(depth)}`;
  expect(checked(deep)).toHaveLength(deep.length);
  expect(checked(`${'['.repeat(depth)}${']'.repeat(depth - 1)}`)).toBeUndefined();
});
