import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ByteString, decodeText, encode } from '../../../functions/kafka-elasticsearch-sink/byte-string.ts';
import { compact, type ObjectMembers, quoteLargeIntegers, scanObject } from '../../../functions/kafka-elasticsearch-sink/json-scanner.ts';

function textOf(json: ByteString | undefined): string | undefined {
  return json && decodeText(json);
}

function scan(text: string): ObjectMembers {
  return scanObject(encode(text));
}

/** What stands between the tokens. */
const indent = fc.constantFrom(undefined, 1, '\t', ' ');

test('the members that are looked for are found as they stand there, whatever stands around them', () => {
  const name = fc.oneof(
    fc.constantFrom('value', 'timestamp', 'headers', 'data', 'key', 'valu', 'dat\\', ''),
    fc.string({ unit: 'binary' }),
  );
  const object = fc.dictionary(name, fc.oneof(fc.jsonValue(), fc.dictionary(name, fc.jsonValue())));
  fc.assert(
    fc.property(object, indent, (members, space) => {
      const element = scan(JSON.stringify(members, null, space));
      const parsed = JSON.parse(JSON.stringify(members)) as { [name: string]: unknown };
      expectMembers(element, parsed);
      const { data } = parsed;
      if (typeof data === 'object' && data !== null && !Array.isArray(data)) expectMembers(element?.data, data as typeof parsed);
      else expect(element?.data).toBeUndefined();
    }),
    { numRuns: 2000 },
  );
});

function expectMembers(element: ObjectMembers | undefined, parsed: { readonly [name: string]: unknown }): void {
  for (const name of ['value', 'timestamp', 'headers'] as const) {
    const text = textOf(element?.[name]);
    expect(text === undefined ? undefined : JSON.parse(text)).toEqual(Object.hasOwn(parsed, name) ? parsed[name] : undefined);
  }
}

test('digits and escapes stay as they came', () => {
  const element = scan('{"timestamp":9007199254740993, "value" : "\\u0041\\/" ,"data":{"value":1.0}}');
  expect(textOf(element?.timestamp)).toBe('9007199254740993');
  expect(textOf(element?.value)).toBe('"\\u0041\\/"');
  expect(textOf(element?.data?.value)).toBe('1.0');
});

test('of a name that stands twice, the last counts, also when it is written with escapes', () => {
  expect(textOf(scan('{"value":1,"\\u0076alue" : 2.0 ,"b":"value"}').value)).toBe('2.0');
  expect(scan('{"data":{"value":1},"data":2}').data).toBeUndefined();
});

test('what is compacted means the same, has no white space between its tokens, and keeps digits and escapes', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\\', '"', '\\"', ' " ', '\n\t', '杭州 😀'));
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 4 },
      text,
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.array(tie('any')),
      fc.dictionary(text, tie('any')),
    ),
  })).any;
  fc.assert(
    fc.property(value, indent, (parsed, space) => {
      expect(textOf(compact(encode(JSON.stringify(parsed, null, space))))).toBe(JSON.stringify(parsed));
    }),
    { numRuns: 2000 },
  );
  expect(compact(encode('{ "\\u0041\\/" : [ 1.0 , -0e+1 ] }'))).toBe('{"\\u0041\\/":[1.0,-0e+1]}');
});

test('an object is looked through however deep it is nested', () => {
  const depth = 200_000;
  const element = scan(`${'{"data":'.repeat(depth)}{"value":1}${'}'.repeat(depth)}`);
  expect(element.data?.data).toBeUndefined();
  expect(textOf(scan(`{"value":${'['.repeat(depth)}${']'.repeat(depth)},"offset":1}`).offset)).toBe('1');
});

test('integers that would lose digits become texts, and nothing else changes', () => {
  const large = fc.bigInt({ min: 2n ** 53n, max: 2n ** 63n }).chain((number) => fc.constantFrom(number, -number));
  const anything = fc.dictionary(
    fc.string({ unit: 'binary' }),
    fc.array(fc.oneof(fc.string({ unit: 'binary' }), fc.integer(), fc.boolean())),
  );
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), large, anything, indent, (name, number, value, space) => {
      const expected = { [name]: [`"${number},${name}`, String(number), value, null] };
      const quoted = JSON.stringify(expected, undefined, space);
      const json = quoted.replace(`"${number}"`, String(number));
      expect(JSON.parse(decodeText(quoteLargeIntegers(encode(json))))).toEqual(JSON.parse(quoted));
    }),
  );
});

test.each([
  ['9007199254740991', '9007199254740991'],
  ['9007199254740992', '"9007199254740992"'],
  ['-9223372036854775808', '"-9223372036854775808"'],
  ['[9007199254740993,9007199254740993.0,1e30]', '["9007199254740993",9007199254740993.0,1e30]'],
  ['{"9007199254740993":"9007199254740993"}', '{"9007199254740993":"9007199254740993"}'],
])('large integers: %s becomes %s', (json, expected) => {
  expect(quoteLargeIntegers(encode(json))).toBe(expected);
});
