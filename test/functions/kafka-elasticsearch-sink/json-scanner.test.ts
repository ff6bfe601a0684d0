import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  compact,
  NameIndex,
  type ObjectSpan,
  type Span,
  scanArray,
  scanObject,
} from '../../../functions/kafka-elasticsearch-sink/json-scanner.ts';

function textOf(span: Span | undefined): string | undefined {
  return span?.bytes.toString('utf8', span.start, span.end);
}

function elementsOf(text: string): (string | undefined)[] {
  const parsed = JSON.parse(text) as unknown[];
  const areObjects = parsed.every(
    (element) => typeof element === 'object' && element !== null && Object.keys(element).length > 0 && !Array.isArray(element),
  );
  return scanArray(Buffer.from(text), parsed.length, areObjects).map(textOf);
}

function scan(text: string): ObjectSpan {
  return scanObject(Buffer.from(text), 0);
}

/** What stands between the tokens. */
const indent = fc.constantFrom(undefined, 1, '\t', ' ');

test('the elements of any array are found as they stand there', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), indent, (elements, space) => {
      const texts = elements.map((element) => JSON.stringify(element, null, space));
      expect(elementsOf(` [ ${texts.join(' , ')} ] `)).toEqual(texts);
      expect(elementsOf(`[${texts.join(',')}]`)).toEqual(texts);
    }),
    { numRuns: 2000 },
  );
});

test('the elements of an array of objects are found, whatever their texts pretend', () => {
  const text = fc.oneof(fc.constantFrom('},{', 'x},{"', '} , {"a":1', '},{"a":"b"},{', '{', '}'), fc.string({ unit: 'binary' }));
  const nested = fc.oneof(text, fc.array(fc.dictionary(text, text)), fc.dictionary(text, text));
  const glue = fc.constantFrom(',', ' ,', ',\n', ' , ');
  fc.assert(
    fc.property(
      fc.array(fc.dictionary(text, nested, { minKeys: 1 }), { maxLength: 5 }),
      indent,
      fc.array(glue, { minLength: 5, maxLength: 5 }),
      (objects, space, glues) => {
        const texts = objects.map((object) => JSON.stringify(object, null, space));
        const array = texts.map((one, index) => `${index === 0 ? '' : glues[index]}${one}`).join('');
        expect(elementsOf(`[${array}]`)).toEqual(texts);
      },
    ),
    { numRuns: 1500 },
  );
});

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

function expectMembers(element: ObjectSpan | undefined, parsed: { readonly [name: string]: unknown }): void {
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

test('a text that is found by its name is the one that a walk finds, or none', () => {
  const hostile = fc.oneof(fc.constantFrom('"value":"x"', 'value', '\\', '\\"', '"', '"value"'), fc.string());
  const data = fc.dictionary(fc.oneof(hostile, fc.constant('key')), fc.oneof(hostile, fc.dictionary(hostile, hostile)));
  fc.assert(
    fc.property(data, hostile, indent, (before, value, space) => {
      const text = JSON.stringify({ before, data: { a: 1, value, z: before } }, null, space);
      fc.pre(!text.includes('\\u00'));
      const [first, last] = ['{"value":"first"},', ',{"value":"last"}'];
      const bytes = Buffer.from(`${first}${text}${last}`);
      const span = { bytes, start: first.length, end: bytes.length - last.length };
      const found = new NameIndex(bytes, bytes.toString('latin1'), 'value').textIn(span);
      if (found) expect(textOf(found)).toBe(textOf(scan(text).data?.value));
    }),
    { numRuns: 3000 },
  );
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
      const [before, after] = ['é"', '} "'];
      const bytes = Buffer.from(`${before}${JSON.stringify(parsed, null, space)}${after}`);
      const span = { bytes, start: Buffer.byteLength(before), end: bytes.length - after.length };
      expect(compact(span)).toBe(JSON.stringify(parsed));
    }),
    { numRuns: 2000 },
  );
  const bytes = Buffer.from('{ "\\u0041\\/" : [ 1.0 , -0e+1 ] }');
  expect(compact({ bytes, start: 0, end: bytes.length })).toBe('{"\\u0041\\/":[1.0,-0e+1]}');
});

test('an object is looked through however deep it is nested', () => {
  const depth = 200_000;
  const element = scan(`${'{"data":'.repeat(depth)}{"value":1}${'}'.repeat(depth)}`);
  expect(element.data?.data).toBeUndefined();
  expect(textOf(scan(`{"value":${'['.repeat(depth)}${']'.repeat(depth)},"offset":1}`).offset)).toBe('1');
});
