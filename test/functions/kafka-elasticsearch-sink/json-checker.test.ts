import fc from 'fast-check';
import { expect, test } from 'vitest';
import { checkJson } from '../../../functions/kafka-elasticsearch-sink/json-checker.ts';

/** The elements' texts, or why the text is not JSON. */
function checked(text: string): string[] | undefined {
  return checkJson(Buffer.from(text))?.map(({ bytes, start, end }) => bytes.toString('utf8', start, end));
}

/** The elements' values by `JSON.parse`; undefined: it is not JSON. */
function parsed(text: string): unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return undefined;
  }
}

function expectAlike(text: string): void {
  expect(
    checked(text)?.map((element) => JSON.parse(element)),
    text,
  ).toEqual(parsed(text));
}

test('all JSON is JSON, and its elements stand where they are found', () => {
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
  expect(checked(`${'[{"a":'.repeat(depth)}1${'}]'.repeat(depth)}`)).toHaveLength(1);
  expect(checked(`${'['.repeat(depth)}${']'.repeat(depth - 1)}`)).toBeUndefined();
});
