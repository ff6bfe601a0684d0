import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encode, slice } from '../../../functions/kafka-elasticsearch-sink/byte-string.ts';
import { decodeElement } from '../../../functions/kafka-elasticsearch-sink/decode.ts';
import { endOfJson } from '../../../functions/kafka-elasticsearch-sink/json-checker.ts';
import { Record } from '../../../functions/kafka-elasticsearch-sink/record.ts';
import { matchRecord } from '../../../functions/kafka-elasticsearch-sink/record-pattern.ts';

/** What is matched is JSON to its end, and the general way reads the same record of it, byte for byte. Returns whether anything was matched. */
function expectAlike(text: string): boolean {
  const json = encode(text);
  const record = matchRecord(json, 0);
  if (!record) return false;
  expect(endOfJson(json, 0), text).toBe(record.json.length);
  const general = decodeElement(slice(json, 0, record.json.length));
  expect(general, text).toBeInstanceOf(Record);
  expect(record, text).toEqual(general);
  if (general.kind === 'record') expect(valuesOf(record), text).toEqual(valuesOf(general));
  expect(record.valueSize, text).toBe(record.value?.length ?? 0);
  return true;
}

function valuesOf({ isJsonValue, key, timestamp, value, valueSize }: Record): unknown[] {
  return [key, value, valueSize, timestamp, isJsonValue];
}

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'grapheme' }),
  fc.json(),
  fc.constantFrom('', '\\', '"', '\n', '\u2028', '\ud800', '杭州 😀', 'null', '\0', '\uFFFD'),
);
const count = fc.oneof(fc.nat(), fc.constantFrom(0, 2 ** 31, 999_999_999_999_999));
const option = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });
const header = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null));
const headers = fc.oneof(
  fc.constant({ headers: [], isReadOnly: false }),
  fc.dictionary(text, fc.oneof(header, fc.array(fc.oneof(header, fc.dictionary(text, header))))),
);
const topic = fc.oneof(fc.constant('orders'), fc.string({ minLength: 1 }));

const connectorRecord = fc.record({
  key: option(text),
  offset: count,
  overflowFlag: fc.boolean(),
  partition: count,
  timestamp: fc.oneof(count, fc.integer()),
  topic,
  value: option(text),
  valueSize: count,
});
const data = fc.record({
  topic,
  partition: count,
  offset: count,
  timestamp: fc.oneof(count, fc.integer()),
  headers: option(headers),
  key: option(fc.option(text)),
  value: option(fc.option(text)),
});
const attributes = fc.dictionary(
  fc.stringMatching(/^[a-z]{1,20}$/).filter((name) => name !== 'data'),
  text,
);
const cloudEvent = fc.tuple(attributes, data, attributes).map(([before, members, after]) => {
  const later = Object.fromEntries(Object.entries(after).filter(([name]) => !(name in before)));
  return { ...before, data: members, ...later };
});
const elements = { connectorRecord, data, cloudEvent };

/** As JSON.stringify writes it, as Python does, with and without escapes of what is not ASCII. */
const writers = [
  (element: object) => JSON.stringify(element),
  (element: object) =>
    JSON.stringify(element).replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`),
];

test.each(Object.entries(elements))('each element of the usual shapes is matched, and read as the general way reads it: %s', (_, shape) => {
  fc.assert(
    fc.property(shape as fc.Arbitrary<object>, fc.constantFrom(...writers), (element, write) => {
      const json = write(element);
      expect(expectAlike(json), json).toBe(true);
      expect(expectAlike(`${json},${json}]`), json).toBe(true);
    }),
    { numRuns: 3000 },
  );
});

test('one space behind commas and colons, as Python writes them, is of the usual shapes too', () => {
  const spaced = (json: string) => json.replace(/"(?:[^"\\]|\\.)*"|[,:]/g, (token) => (token.length === 1 ? `${token} ` : token));
  fc.assert(
    fc.property(fc.oneof(connectorRecord, data, cloudEvent), (element) => {
      const json = spaced(JSON.stringify(element));
      expect(expectAlike(json), json).toBe(true);
    }),
    { numRuns: 3000 },
  );
});

test('whatever deviates is either read as the general way reads it or left to that', () => {
  const piece = fc.constantFrom(
    ...[...'[]{},:"\\/-+.eE019 \t\n\u0000\u001f\u007f\u00a0é'],
    ...['"data":', '"key":', '"value":', '"topic":""', 'null', 'true', '1e5', '-0', '01', '9007199254740993', '\\u12', '\\x', '""', '{}'],
    ...[
      '"overflowFlag":true,',
      '"valueSize":1,',
      '"\\u0064ata":1,',
      ',"data":"x"',
      ',"offset":2',
      ',"value":"x"',
      '"headers":{"a":[[1]]},',
    ],
  );
  const change = fc.tuple(fc.nat(), fc.nat(3), piece);
  let matched = 0;
  fc.assert(
    fc.property(fc.oneof(connectorRecord, data, cloudEvent), fc.array(change, { maxLength: 3 }), (element, changes) => {
      let json = JSON.stringify(element);
      for (const [place, removed, added] of changes) {
        const at = place % (json.length + 1);
        json = json.slice(0, at) + added + json.slice(at + removed);
      }
      if (expectAlike(json)) matched++;
    }),
    { numRuns: 20_000 },
  );
  expect(matched).toBeGreaterThan(1000);
});

test('members in another order, twice, or of another kind are left to the general way', () => {
  fc.assert(
    fc.property(fc.oneof(connectorRecord, data), fc.nat(), fc.nat(), (element, from, to) => {
      const members = Object.entries(element).filter(([, value]) => value !== undefined);
      const [moved] = members.splice(from % members.length, 1);
      if (moved) members.splice(to % (members.length + 1), 0, moved, ...(to % 3 === 0 ? [moved] : []));
      expectAlike(`{${members.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`);
    }),
    { numRuns: 5000 },
  );
});

test('a text with millions of escapes is left to the general way where it is too much for an expression', () => {
  const value = '"\\'.repeat(2_000_000);
  const json = JSON.stringify({ offset: 1, overflowFlag: false, partition: 0, timestamp: 1, topic: 't', value, valueSize: value.length });
  expect(() => expectAlike(json)).not.toThrow();
  expect(decodeElement(encode(json))).toMatchObject({ kind: 'record', valueSize: value.length });
});
