import { expect, test } from 'vitest';
import { decodeText } from '../../../functions/kafka-elasticsearch-sink/byte-string.ts';
import { decode, isCommand } from '../../../functions/kafka-elasticsearch-sink/decode.ts';
import type { Element } from '../../../functions/kafka-elasticsearch-sink/record.ts';
import { cloudEvent, connectorRecord, eventOf } from '../../support/function/records.ts';

function elementsOf(event: Buffer | string): Element[] {
  const decoded = decode(Buffer.from(event));
  if (isCommand(decoded)) throw new Error('a command');
  return decoded;
}

function jsonOf(event: string): string[] {
  return elementsOf(event).map((element) => {
    if (element.kind === 'bad' || !element.isConnectorFormat) throw new Error('not a record in the connector format');
    return decodeText(element.json);
  });
}

test('each record carries its position', () => {
  const elements = elementsOf(
    eventOf(connectorRecord({ partition: 0, offset: 0 }), connectorRecord({ topic: 'other', partition: 11, offset: 12 })),
  );
  expect(elements.map(({ position }) => position)).toEqual([
    { topic: 'orders', partition: 0, offset: 0 },
    { topic: 'other', partition: 11, offset: 12 },
  ]);
});

test.each(['[]', ' [ \n ] '])('an empty array is an event without records: %j', (event) => {
  expect(elementsOf(event)).toEqual([]);
});

const head = '"topic":"t","partition":0,"offset":1';

test.each([
  ['numbers that JavaScript would change', `{${head},"timestamp":9007199254740993,"valueSize":1.0}`],
  ['escapes that need not be', `{${head},"valueSize":1,"value":"\\u0041\\/"}`],
  ['a name that stands twice', `{${head},"valueSize":1,"value":"a","value":"b"}`],
  ['brackets, commas and escaped quotes inside a text', `{${head},"valueSize":1,"value":"]},{[\\\\\\",\\\\"}`],
  ['nested values', `{${head},"valueSize":1,"more":{"a":[1,{"b":[]}],"c":{}}}`],
  ['Chinese text', `{${head},"valueSize":1,"value":"杭州"}`],
])('bytes in are bytes out: %s', (_, record) => {
  expect(jsonOf(`[${record}]`)).toEqual([record]);
  expect(jsonOf(`[ ${record} ,${record},\t${record}]`)).toEqual([record, record, record]);
});

test('a pretty-printed record comes to stand on one line, otherwise as it came', () => {
  const lines = [
    '{',
    '  "topic": "t",\r',
    '  "partition": 0,',
    '  "offset": 1,',
    '  "valueSize": 9007199254740993,',
    '  "value": "a\\nb"',
    '}',
  ];
  expect(jsonOf(`[\n${lines.join('\n')}\n]`)).toEqual([lines.join(' ').replaceAll('\r', ' ')]);
});

test('every format of a record tells the same of it', () => {
  const data = {
    topic: 'orders',
    partition: 2,
    offset: 7,
    timestamp: 1616599282417,
    headers: { headers: [], isReadOnly: false },
    key: 'demo',
    value: 'v',
  };
  const event = cloudEvent(data);
  const elements = elementsOf(eventOf(connectorRecord({ value: 'v' }), event, JSON.stringify(event), data, JSON.stringify(data, null, 1)));
  const position = { topic: 'orders', partition: 2, offset: 7 };
  for (const element of elements) {
    expect(element).toMatchObject({ kind: 'record', position, key: 'demo', value: 'v', timestamp: 1616599282417, isOverflow: false });
  }
  expect(elements).toHaveLength(5);
});

test.each([
  ['an object', '{ "a" : 1.0,\n "b c": 9007199254740993 , "d\\" ": [ true ] }', '{"a":1.0,"b c":9007199254740993,"d\\" ":[true]}'],
  ['an array', '[1.0,{}]', '[1.0,{}]'],
  ['a number', '9007199254740993', '9007199254740993'],
  ['false', 'false', 'false'],
])(
  'a value that the trigger delivered as parsed JSON is put back into text, digit for digit, without white space: %s',
  (_, json, value) => {
    const [element] = elementsOf(`[{"specversion":"1.0","data":{${head},"value":${json}}}]`);
    expect(element).toMatchObject({ kind: 'record', value });
  },
);

test('offsets beyond 2^53 keep every digit: two of them never become one', () => {
  const offsets = ['9007199254740993', '9007199254740992', '9223372036854775807'];
  const elements = elementsOf(`[${offsets.map((offset) => `{"topic":"t","partition":0,"offset":${offset}}`).join(',')}]`);
  expect(elements.map(({ position }) => String(position.offset))).toEqual(offsets);
});

test.each([
  ['absent', {}],
  ['null', { key: null, value: null }],
])('a key and a value that are %s are none', (_, members) => {
  const data = { topic: 't', partition: 0, offset: 1 };
  for (const event of [eventOf({ ...data, ...members, valueSize: 0 }), eventOf(cloudEvent({ ...data, ...members }))]) {
    expect(elementsOf(event)[0]).toMatchObject({ kind: 'record', key: undefined, value: undefined });
  }
});

test('what stands for a value that is not in the event is never taken for it', () => {
  const [element] = elementsOf(eventOf(connectorRecord({ overflowFlag: true, value: '1' })));
  expect(element).toMatchObject({ kind: 'record', isOverflow: true, value: undefined });
});

test.each([
  ['no object', 7, {}],
  ['null', null, {}],
  ['an array', [1], {}],
  ['a text that is not JSON', 'canary', {}],
  ['a text that holds no object', '[1]', {}],
  ['no topic', connectorRecord({ topic: undefined }), { partition: 2, offset: 7 }],
  ['an empty topic', connectorRecord({ topic: '' }), { partition: 2, offset: 7 }],
  ['a negative partition', connectorRecord({ partition: -1 }), { topic: 'orders', offset: 7 }],
  ['an offset that is a text', connectorRecord({ offset: '7' }), { topic: 'orders', partition: 2 }],
  ['an offset beyond any of Kafka', connectorRecord({ offset: 1e30 }), { topic: 'orders', partition: 2 }],
  ['an offset just beyond 64 bits', connectorRecord({ offset: 2 ** 63 }), { topic: 'orders', partition: 2 }],
  ['an offset with a fraction', connectorRecord({ offset: 1.5 }), { topic: 'orders', partition: 2 }],
  ['a key that is no text', connectorRecord({ key: 1 }), { topic: 'orders', partition: 2, offset: 7 }],
  ['a value that is no text', connectorRecord({ value: {} }), { topic: 'orders', partition: 2, offset: 7 }],
  ['a CloudEvent whose key is no text', cloudEvent(connectorRecord({ key: 1 })), { topic: 'orders', partition: 2, offset: 7 }],
])('an element that is no record is bad, its position as far as it can be read, and the others are not: %s', (_, element, position) => {
  const elements = elementsOf(eventOf(connectorRecord(), element, connectorRecord()));
  expect(elements.map(({ kind }) => kind)).toEqual(['record', 'bad', 'record']);
  expect(elements[1]).toMatchObject({ position, reason: expect.not.stringContaining('canary') });
});

const depth = 100_000;
const arrays = `${'['.repeat(depth)}${']'.repeat(depth)}`;
const dataInData = `${'{"data":'.repeat(depth)}{}${'}'.repeat(depth)}`;

test.each([
  ['data in data', dataInData, { kind: 'bad' }],
  ['data in data, as text', JSON.stringify(dataInData), { kind: 'bad' }],
  ['arrays instead of a record', arrays, { kind: 'bad' }],
  ['arrays instead of a record, as text', JSON.stringify(arrays), { kind: 'bad' }],
  ['arrays as value', `{"data":{${head},"value":${arrays}}}`, { kind: 'record', value: arrays }],
  ['arrays as value, as text', JSON.stringify(`{${head},"value":${arrays}}`), { kind: 'record', value: arrays }],
  ['a record with data in data beside its value', `{"data":{${head},"value":1,"data":${dataInData}}}`, { kind: 'record', value: '1' }],
  ['objects as value', `{${head},"value":${dataInData}}`, { kind: 'record', value: dataInData }],
  ['headers', `{"data":{${head},"value":1,"headers":{"a":${arrays}}}}`, { kind: 'bad', position: { offset: 1 } }],
  ['a timestamp', `{${head},"value":1,"timestamp":${dataInData}}`, { kind: 'bad', position: { offset: 1 } }],
  ['a member that stays in the record', `{${head},"valueSize":1,"more":${arrays}}`, { kind: 'bad', position: { offset: 1 } }],
  ['a member that nobody reads', `{"data":{${head},"value":1,"more":${arrays}},"a":${arrays}}`, { kind: 'record' }],
])('an element is what it is, and so are the others, however deep it is nested: %s', (_, element, expected) => {
  const [first, deep, last] = elementsOf(`[{${head}},${element},{${head}}]`);
  expect(deep).toMatchObject(expected);
  for (const other of [first, last]) expect(other).toMatchObject({ kind: 'record', position: { topic: 't', partition: 0, offset: 1 } });
});

const padding = `{${head},"value":${JSON.stringify('杭"州\n'.repeat(1_300_000))}}`;
const many = (unit: string) => `[${unit.repeat(300_000)}1]`;

test.each([
  ['a record', `{${head},"valueSize":9007199254740993,"value":"\\u0041\\/ 杭州"}`],
  ['a pretty-printed record', JSON.stringify(connectorRecord(), null, 1)],
  ['a CloudEvent', JSON.stringify(cloudEvent(connectorRecord({ value: { a: [1] } })))],
  ['a text', JSON.stringify(JSON.stringify(cloudEvent(connectorRecord())))],
  ['no object', '[{}]'],
  ['a number', '1.5'],
  ['an exact offset', '{"topic":"t","partition":0,"offset":9007199254740993}'],
  ['a large value as text', `{${head},"valueSize":1,"value":${JSON.stringify(many('{"a":1},'))}}`],
  ['a large value as JSON', `{"data":{${head},"value":${many('{"a": "]}"}, ')}}}`],
  ['a large value as JSON, alone', `{${head},"value":{"data":${many('[],')}}}`],
  ['a large value as JSON, in a text', JSON.stringify(` {"data":{${head},"value":${many('1, ')}}}`)],
  ['a large element without position', `{"data":${many('1,')},"topic":"t"}`],
  ['a large element whose names are escaped', `{"a":${many('1,')},"\\u0064ata":{${head},"\\u0076alue":"x"}}`],
  ['a large element with names that stand twice', `{${head},"value":${many('1,')},"value":"x","offset":2,"data":1}`],
  ['a large text that is no JSON', JSON.stringify(`{"data":${many('1,')}`)],
  ['a large array', many('{},')],
  ['large headers', `{"data":{${head},"value":"x","headers":${many('{},')}}}`],
  ['a large member that is too deep', `{${head},"valueSize":1,"more":[${many('1,')},${arrays}]}`],
  ['a large value that is not too deep beside headers that are', `{${head},"value":${many('1,')},"headers":${arrays}}`],
])('in a large event an element is what it is in a small one: %s', (_, element) => {
  const [alone] = elementsOf(`[${element}]`);
  const [, large, last] = elementsOf(`[ ${padding},\n${element} , {${head}}]`);
  expect(shown(large)).toEqual(shown(alone));
  expect(last).toMatchObject({ kind: 'record', position: { topic: 't', partition: 0, offset: 1 } });
});

function shown(element: Element | undefined): object {
  return element?.kind === 'record' ? { ...element, value: element.value } : { ...element };
}

test.each([
  ['cut off', (event: string) => event.slice(0, -1)],
  ['with more behind it', (event: string) => `${event}1`],
  ['with a comma too many', (event: string) => `${event.slice(0, -1)},]`],
])('a large event that is not JSON is refused: %s', (_, change) => {
  expect(() => elementsOf(change(`[${padding}]`))).toThrow(
    expect.objectContaining({ name: 'EventInvalid', message: expect.stringMatching(/is not JSON/) }),
  );
});

test('a large event that is no array is refused, or a command', () => {
  const event = (name: string) => `{"${name}":"check","a":${padding}}`;
  expect(() => elementsOf(event('canary'))).toThrow(expect.objectContaining({ name: 'EventInvalid' }));
  expect(decode(Buffer.from(event('command')))).toMatchObject({ command: 'check' });
  expect(elementsOf(`[${' '.repeat(10_000_000)}]`)).toEqual([]);
});

test('a command is told from records', () => {
  expect(decode(Buffer.from('{"command":"check","a":1}'))).toEqual({ command: 'check', a: 1 });
});

test.each([
  ['not UTF-8', Buffer.from([0x5b, 0xff, 0x5d]), /not valid UTF-8/],
  ['not JSON', 'canary', /is not JSON/],
  ['cut off', '[{"topic":"canary"', /is not JSON/],
  ['empty', '', /is not JSON/],
  ['an object', '{"topic":"canary"}', /not a JSON array/],
  ['a command that is no text', '{"command":["canary"]}', /not a JSON array/],
  ['null', 'null', /not a JSON array/],
])('an event is refused, without repeating its content: %s', (_, event, message) => {
  const attempt = () => decode(Buffer.from(event));
  expect(attempt).toThrow(expect.objectContaining({ name: 'EventInvalid', message: expect.stringMatching(message) }));
  expect(attempt).not.toThrow(/canary/);
});

test.each(['\n', '\r', '\t', '\u0000'])('a text whose own text holds a raw %j is no JSON, and is not made such', (character) => {
  const [inKey, inOther] = elementsOf(
    JSON.stringify([`{${head},"key":"a${character}b","value":"v"}`, `{"id":"a${character}b","data":{${head},"value":"v"}}`]),
  );
  expect([inKey?.kind, inOther?.kind]).toEqual(['bad', 'bad']);
});

test('a text that is pretty-printed is taken', () => {
  const [element] = elementsOf(JSON.stringify([`{\n  ${head},\r\n  "value": "v"\n}`]));
  expect(element).toMatchObject({ kind: 'record', position: { topic: 't', partition: 0, offset: 1 } });
});

test.each(['connector', 'data', 'CloudEvent'])('a topic with half a character is none, so that two never get one id: as %s', (form) => {
  const record = (topic: string) => {
    if (form === 'connector')
      return JSON.stringify({ offset: 1, overflowFlag: false, partition: 0, timestamp: 1, topic, value: 'v', valueSize: 1 });
    const data = { topic, partition: 0, offset: 1, timestamp: 1, key: 'k', value: 'v' };
    return JSON.stringify(form === 'data' ? data : { specversion: '1.0', data });
  };
  const [half, other, whole] = elementsOf(`[${record('a\ud800')},${record('a\udc00')},${record('a\ud83d\ude00')}]`);
  expect([half, other]).toMatchObject([
    { kind: 'bad', position: { partition: 0, offset: 1 } },
    { kind: 'bad', position: { partition: 0, offset: 1 } },
  ]);
  expect(half?.position.topic ?? other?.position.topic).toBeUndefined();
  expect(whole).toMatchObject({ kind: 'record', position: { topic: 'a\u{1f600}' } });
});
