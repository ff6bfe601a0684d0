import type { KafkaMessage } from 'kafkajs';
import { expect, test } from 'vitest';
import { defaultStream, type StreamConfig } from '../../../../scripts/local/stream/config.ts';
import { encodeEvent, encodeRecord } from '../../../../scripts/local/stream/encode.ts';

const format = { ...defaultStream, Topic: 'orders' };

function encode(message: Partial<KafkaMessage>, changes: Partial<StreamConfig> = {}): string {
  const whole = {
    key: Buffer.from('k'),
    value: Buffer.from('杭州'),
    offset: '7',
    timestamp: '1616599282417',
    attributes: 0,
    ...message,
  } as KafkaMessage;
  return encodeEvent([encodeRecord(2, whole, { ...format, ...changes })]).toString();
}

const data =
  '{"topic":"orders","partition":2,"offset":7,"timestamp":1616599282417,"headers":{"headers":[],"isReadOnly":false},"key":"k","value":"杭州"}';

test('a CloudEvent holds the record as data', () => {
  const [event] = JSON.parse(encode({})) as [{ id: string; data: unknown }];
  expect(event).toMatchObject({
    specversion: '1.0',
    source: 'acs:alikafka',
    type: 'alikafka:Topic:Message',
    datacontenttype: 'application/json; charset=utf-8',
    time: '2021-03-24T15:21:22.417Z',
    data: JSON.parse(data),
  });
  expect(event.id).not.toBe((JSON.parse(encode({})) as [{ id: string }])[0].id);
});

test('elements may be JSON texts, as before 2023-02-15', () => {
  const [text] = JSON.parse(encode({}, { unconfirmed: { ...defaultStream.unconfirmed, elements: 'text' } })) as [string];
  expect(JSON.parse(text)).toMatchObject({ data: JSON.parse(data) });
});

test('RawData is the data alone', () => {
  expect(encode({}, { eventSchema: 'RawData' })).toBe(`[${data}]`);
});

test('the connector writes its eight members in the order of the alphabet, the size in UTF-16 code units', () => {
  const record =
    '{"key":"k","offset":7,"overflowFlag":false,"partition":2,"timestamp":1616599282417,"topic":"orders","value":"杭州","valueSize":2}';
  expect(encode({}, { eventSchema: 'Connector' })).toBe(`[${record}]`);
});

test.each(['CloudEvents', 'RawData', 'Connector'] as const)(
  'a null key and a null value are absent, and empty ones are not: %s',
  (eventSchema) => {
    const absent = encode({ key: null, value: null }, { eventSchema });
    expect(absent).not.toMatch(/"key"|"value"/);
    const empty = encode({ key: Buffer.alloc(0), value: Buffer.alloc(0) }, { eventSchema });
    expect(empty).toMatch(/"key":""/);
    expect(empty).toMatch(/"value":""/);
  },
);

test.each(['CloudEvents', 'RawData', 'Connector'] as const)(
  'an offset keeps every digit, and bytes that are no UTF-8 become U+FFFD: %s',
  (eventSchema) => {
    const text = encode({ offset: '9007199254740993', value: Buffer.from([0x61, 0xff]) }, { eventSchema });
    expect(text).toContain('"offset":9007199254740993');
    expect(text).toContain('"value":"a\uFFFD"');
  },
);

test('headers stand in their container, in either of two shapes', () => {
  const headers = { trace: Buffer.from('1') };
  const shapeOf = (shape: 'key-value' | 'named') => {
    const text = encode({ headers }, { eventSchema: 'RawData', unconfirmed: { ...defaultStream.unconfirmed, headers: shape } });
    return (JSON.parse(text) as [{ headers: unknown }])[0].headers;
  };
  expect(shapeOf('key-value')).toEqual({ headers: [{ key: 'trace', value: '1' }], isReadOnly: false });
  expect(shapeOf('named')).toEqual({ headers: [{ trace: '1' }], isReadOnly: false });
});

test('a value that no request can hold is left out by the connector, and the flag says so', () => {
  const [record] = JSON.parse(encode({ value: Buffer.alloc(300, 'x') }, { eventSchema: 'Connector', bodyLimit: 300 })) as [object];
  expect(record).toEqual({
    key: 'k',
    offset: 7,
    overflowFlag: true,
    partition: 2,
    timestamp: 1616599282417,
    topic: 'orders',
    valueSize: 300,
  });
});
