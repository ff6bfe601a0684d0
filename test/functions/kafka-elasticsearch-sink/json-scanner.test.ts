import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ElementSpan, type Span, scanArray } from '../../../functions/kafka-elasticsearch-sink/json-scanner.ts';

function textOf(span: Span | undefined): string | undefined {
  return span?.bytes.toString('utf8', span.start, span.end);
}

function scan(text: string): ElementSpan[] {
  return scanArray(Buffer.from(text));
}

/** What stands between the tokens. */
const indent = fc.constantFrom(undefined, 1, '\t', ' ');

test('the elements of any array are found as they stand there', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), indent, (elements, space) => {
      const texts = elements.map((element) => JSON.stringify(element, null, space));
      expect(scan(` [ ${texts.join(' , ')} ] `).map(textOf)).toEqual(texts);
      expect(scan(`[${texts.join(',')}]`).map(textOf)).toEqual(texts);
    }),
    { numRuns: 2000 },
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
      const [element] = scan(`[${JSON.stringify(members, null, space)}]`);
      const parsed = JSON.parse(JSON.stringify(members)) as { [name: string]: unknown };
      expectMembers(element, parsed);
      const { data } = parsed;
      if (typeof data === 'object' && data !== null && !Array.isArray(data)) expectMembers(element?.data, data as typeof parsed);
      else expect(element?.data).toBeUndefined();
    }),
    { numRuns: 2000 },
  );
});

function expectMembers(element: ElementSpan | undefined, parsed: { readonly [name: string]: unknown }): void {
  for (const name of ['value', 'timestamp', 'headers'] as const) {
    const text = textOf(element?.[name]);
    expect(text === undefined ? undefined : JSON.parse(text)).toEqual(Object.hasOwn(parsed, name) ? parsed[name] : undefined);
  }
}

test('digits and escapes stay as they came', () => {
  const [element] = scan('[{"timestamp":9007199254740993, "value" : "\\u0041\\/" ,"data":{"value":1.0}}]');
  expect(textOf(element?.timestamp)).toBe('9007199254740993');
  expect(textOf(element?.value)).toBe('"\\u0041\\/"');
  expect(textOf(element?.data?.value)).toBe('1.0');
});

test('of a name that stands twice, the last counts, also when it is written with escapes', () => {
  expect(textOf(scan('[{"value":1,"\\u0076alue" : 2.0 ,"b":"value"}]')[0]?.value)).toBe('2.0');
  expect(scan('[{"data":{"value":1},"data":2}]')[0]?.data).toBeUndefined();
});
