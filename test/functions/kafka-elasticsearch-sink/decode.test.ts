import { expect, test } from 'vitest';
import { decode } from '../../../functions/kafka-elasticsearch-sink/decode.ts';
import { connectorRecord, eventOf } from '../../support/records.ts';

function jsonOf(event: Buffer | string): string[] {
  return decode(Buffer.from(event)).map(({ json }) => json.toString());
}

test('each record carries its position', () => {
  const records = decode(
    eventOf(connectorRecord({ partition: 0, offset: 0 }), connectorRecord({ topic: 'other', partition: 11, offset: 12 })),
  );
  expect(records.map(({ position }) => position)).toEqual([
    { topic: 'orders', partition: 0, offset: 0 },
    { topic: 'other', partition: 11, offset: 12 },
  ]);
});

test('an empty array is an event without records', () => {
  expect(decode(Buffer.from('[]'))).toEqual([]);
  expect(decode(Buffer.from(' [ \n ] '))).toEqual([]);
});

const head = '"topic":"t","partition":0,"offset":1';

test.each([
  ['numbers that JavaScript would change', `{${head},"timestamp":9007199254740993,"valueSize":1.0}`],
  ['escapes that need not be', `{${head},"value":"\\u0041\\/"}`],
  ['a name that stands twice', `{${head},"value":"a","value":"b"}`],
  ['brackets, commas and escaped quotes inside a text', `{${head},"value":"]},{[\\\\\\",\\\\"}`],
  ['nested values', `{${head},"value":{"a":[1,{"b":[]}],"c":{}}}`],
  ['Chinese text', `{${head},"value":"杭州"}`],
])('bytes in are bytes out: %s', (_, record) => {
  expect(jsonOf(`[${record}]`)).toEqual([record]);
  expect(jsonOf(`[${record},${record},${record}]`)).toEqual([record, record, record]);
});

test('a pretty-printed record comes to stand on one line, otherwise as it came', () => {
  const lines = [
    '{',
    '  "topic": "t",\r',
    '  "partition": 0,',
    '  "offset": 1,',
    '  "timestamp": 9007199254740993,',
    '  "value": "a\\nb"',
    '}',
  ];
  const [json = ''] = jsonOf(`[\n${lines.join('\n')}\n]`);
  expect(json.trim()).toBe(lines.join(' ').replaceAll('\r', ' '));
});

test.each([
  ['not UTF-8', Buffer.from([0x5b, 0xff, 0x5d]), /not valid UTF-8/],
  ['not JSON', 'canary', /is not JSON/],
  ['cut off', '[{"topic":"canary"', /is not JSON/],
  ['empty', '', /is not JSON/],
  ['an object', '{"topic":"canary"}', /not a JSON array/],
  ['an element that is no object', eventOf(connectorRecord(), 'canary'), /record 1 of the event is not an object/],
  ['no topic', eventOf(connectorRecord({ topic: undefined })), /record 0 .*`topic`/],
  ['an empty topic', eventOf(connectorRecord({ topic: '' })), /`topic`/],
  ['a negative partition', eventOf(connectorRecord({ partition: -1 })), /`partition`/],
  ['an offset that is a text', eventOf(connectorRecord({ offset: '7' })), /`offset`/],
  ['an offset with a fraction', eventOf(connectorRecord({ offset: 1.5 })), /`offset`/],
  [
    'a value that is not in the event',
    eventOf(connectorRecord({ overflowFlag: true, value: 'canary' })),
    /record 0 .*orders\+2\+7.*too large/,
  ],
])('an event is refused, without repeating its content: %s', (_, event, message) => {
  const attempt = () => decode(Buffer.from(event));
  expect(attempt).toThrow(expect.objectContaining({ name: 'EventInvalid', message: expect.stringMatching(message) }));
  expect(attempt).not.toThrow(/canary/);
});
