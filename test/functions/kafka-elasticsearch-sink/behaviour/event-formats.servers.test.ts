// Which events are understood, and what the documents of their records are.
import { expect, inject, test } from 'vitest';
import { failureOf } from '../../../support/function/built-function.ts';
import { connectorRecord, eventFrom, triggerForms } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

const nothing = { received: 0, written: 0, deleted: 0, unchanged: 0, skipped: 0, rejected: 0, retried: 0 };

test.each(['[]', ' [ ]\n'])('the empty array %j is a success with nothing to do', async (text) => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start();
  expect(await sink.deliver()).toMatchObject(nothing);
  expect(JSON.parse(await sink.send(text))).toEqual({ ...nothing, tookMs: expect.any(Number) });
  expect(await sandbox.exists(sandbox.name)).toBe(false);
});

test('what is neither an array nor a command is refused as a whole, and the next event is taken', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start();
  const texts = [
    '',
    ' ',
    'null',
    '5',
    '"[]"',
    '{}',
    '{"command":5}',
    '{"command":"canary"}',
    '{"command":"find"}',
    '[',
    '[{}',
    '[1,]',
    '[] []',
    '[,]',
    '[01]',
    'canary',
  ];
  for (const text of texts) {
    const failure = await failureOf(sink.send(text));
    expect(failure, text).toMatchObject({ errorType: 'EventInvalid', errorMessage: expect.not.stringContaining('canary') });
  }
  expect(await sink.deliver(connectorRecord())).toMatchObject({ received: 1, written: 1 });
});

test.each([
  ['a lone byte', [0xff]],
  ['a cut character', [0xe6, 0x9d]],
  ['an overlong form', [0xc0, 0x80]],
  ['a surrogate', [0xed, 0xa0, 0x80]],
])('an event that is not UTF-8, by %s, is refused as a whole', async (_, bytes) => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start();
  const [head = '', tail = ''] = eventFrom(connectorRecord({ offset: 1 }), connectorRecord({ value: 'SPLIT' }))
    .toString()
    .split('SPLIT');
  const broken = Buffer.concat([Buffer.from(head), Buffer.from(bytes), Buffer.from(tail)]);
  expect(await failureOf(sink.send(broken))).toMatchObject({ errorType: 'EventInvalid' });
  expect(await sandbox.ids()).toEqual([]);
});

test("a record of the connector's own format arrives byte for byte", async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start();
  const record =
    '{ "key":"k\\u00e9y", "offset":7,"overflowFlag":false, "partition":2,"timestamp":9007199254740993 ,"topic":"Orders","value":"{\\"n\\": 1.0}\\n杭州😀","valueSize":99}';
  expect(await sink.deliver(record)).toMatchObject({ received: 1, written: 1 });
  expect(await sandbox.source('Orders+2+7')).toBe(`{"msg_body":${record},"doc_as_upsert":true}`);
});

test('an event with line breaks between its tokens is taken', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start();
  const records = [
    connectorRecord({ offset: 1 }),
    JSON.parse(triggerForms.cloudEvent('{"topic":"orders","partition":2,"offset":2,"timestamp":1,"value":{"a":[1]}}')),
  ];
  for (const lineBreak of ['\n', '\r\n']) {
    const text = JSON.stringify(records, null, 2).replaceAll('\n', lineBreak);
    expect(JSON.parse(await sink.send(text))).toMatchObject({ received: 2, written: 2 });
  }
  expect(await sandbox.document('orders+2+1')).toEqual({ msg_body: records[0], doc_as_upsert: true });
  expect(await sandbox.document('orders+2+2')).toMatchObject({ msg_body: { value: '{"a":[1]}' } });
});

test.each(Object.entries(triggerForms))('a record of the trigger, as %s, becomes the envelope, field by field', async (_, form) => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start();
  const data = (offset: number, fields: string) =>
    form(`{"topic":"orders","partition":2,"offset":${offset},"timestamp":1616599282417,${fields}}`);
  const envelope = (key: string, offset: number, value: string) =>
    `{"msg_body":{${key}"offset":${offset},"overflowFlag":false,"partition":2,"timestamp":1616599282417,"topic":"orders","value":${JSON.stringify(value)},"valueSize":${value.length}},"doc_as_upsert":true}`;
  const result = await sink.deliver(
    data(0, '"headers":{"headers":[],"isReadOnly":false},"key":"k","value":"text"'),
    data(1, '"key":null,"value":"杭州😀"'),
    data(2, '"value":{ "n" : 9007199254740993, "d":1.0, "e":1E400 , "s":"a  b", "l":[ ], "deep":[{"x":-0.10}] }'),
    data(3, '"value":12345678901234567890'),
    data(4, '"value":[ 1.0, null ]'),
    data(5, '"value":true'),
    data(6, '"value":""'),
  );
  expect(result).toMatchObject({ received: 7, written: 7 });
  const expected = [
    envelope('"key":"k",', 0, 'text'),
    envelope('', 1, '杭州😀'),
    envelope('', 2, '{"n":9007199254740993,"d":1.0,"e":1E400,"s":"a  b","l":[],"deep":[{"x":-0.10}]}'),
    envelope('', 3, '12345678901234567890'),
    envelope('', 4, '[1.0,null]'),
    envelope('', 5, 'true'),
    envelope('', 6, ''),
  ];
  const sources = await Promise.all(expected.map((_, offset) => sandbox.source(`orders+2+${offset}`)));
  expect(sources).toEqual(expected);
});

test.each(Object.entries(triggerForms))(
  'a record of the trigger, as %s, without value has none in the envelope either',
  async (_, form) => {
    await using sandbox = new Sandbox(inject('elasticsearchUrl'));
    const sink = await sandbox.start();
    const data = (offset: number, value: string) =>
      form(`{"topic":"orders","partition":2,"offset":${offset},"timestamp":1,"key":"k"${value}}`);
    expect(await sink.deliver(data(0, ''), data(1, ',"value":null'))).toMatchObject({ received: 2, written: 2 });
    for (const offset of [0, 1]) {
      const document = (await sandbox.document(`orders+2+${offset}`)) as { msg_body: object };
      expect(document.msg_body).toMatchObject({ key: 'k', offset, overflowFlag: false, topic: 'orders' });
      expect(document.msg_body).not.toHaveProperty('value');
    }
  },
);

test('offsets beyond 2^53 keep their digits in all formats, also in ids', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start();
  const digits = (last: number) => `900719925474099${last}`;
  const data = (last: number) => `{"topic":"orders","partition":0,"offset":${digits(last)},"timestamp":1,"value":"v"}`;
  const { cloudEvent, string, rawData } = triggerForms;
  const connector = `{"offset":${digits(1)},"overflowFlag":false,"partition":0,"timestamp":1,"topic":"orders","value":"v","valueSize":1}`;
  const result = await sink.deliver(connector, cloudEvent(data(3)), string(data(5)), rawData(data(7)));
  expect(result, JSON.stringify(sink.log('error'))).toMatchObject({ written: 4 });
  for (const last of [1, 3, 5, 7]) expect(await sandbox.source(`orders+0+${digits(last)}`)).toContain(`"offset":${digits(last)},`);
});

test('one batch holds all formats, several topics and partitions', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start();
  const data = (topic: string, offset: number) => `{"topic":"${topic}","partition":${offset},"offset":${offset},"timestamp":1,"value":"v"}`;
  const { cloudEvent, string, rawData } = triggerForms;
  const elements = [connectorRecord(), cloudEvent(data('a', 1)), string(data('b', 2)), rawData(data('c', 3))];
  expect(await sink.deliver(...elements)).toMatchObject({ received: 4, written: 4 });
  expect(await sandbox.ids()).toEqual(['a+1+1', 'b+2+2', 'c+3+3', 'orders+2+7']);
});

test('half a surrogate pair, which is JSON but no text, never fails the batch', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ DOCUMENT_ID: 'key' });
  const half = '\\ud800';
  const connector = `{"key":"${half}","offset":1,"overflowFlag":false,"partition":2,"timestamp":1,"topic":"orders","value":"v","valueSize":1}`;
  const data = `{"topic":"orders","partition":2,"offset":2,"timestamp":1,"key":"k","value":"${half}"}`;
  expect(await sink.deliver(connector, ...Object.values(triggerForms).map((form) => form(data)), connectorRecord())).toMatchObject({
    received: 5,
  });
  expect(await sandbox.ids()).toContain('demo');
});

test('a deeply nested value never fails the batch', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start();
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  const data = (partition: number) => `{"topic":"orders","partition":${partition},"offset":7,"timestamp":1,"value":${deep}}`;
  const forms = Object.values(triggerForms).map((form, partition) => form(data(partition)));
  expect(await sink.deliver(...forms, connectorRecord({ partition: 3, value: deep }))).toMatchObject({ received: 4, written: 4 });
  for (const partition of [0, 1, 2, 3]) {
    expect(await sandbox.document(`orders+${partition}+7`)).toMatchObject({
      msg_body: { value: deep, valueSize: partition === 3 ? 15 : deep.length },
    });
  }
});

test.each(['raw', 'escaped'])('values with U+FFFD, %s, are written, and named in one warning', async (spelling) => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start();
  const spoilt = (offset: number) => {
    const text = JSON.stringify(connectorRecord({ offset, value: 'canary \ufffd \ufffd' }));
    return spelling === 'raw' ? text : text.replaceAll('\ufffd', '\\ufffd');
  };
  expect(await sink.deliver(connectorRecord({ offset: 7 }), spoilt(8), spoilt(9))).toMatchObject({ received: 3, written: 3 });
  const [line, ...more] = sink.log('warn');
  expect(line).toMatchObject({ count: 2, first: 'orders+2+8' });
  expect(more).toEqual([]);
  expect(JSON.stringify(line)).not.toContain('canary');
});

test.each(
  Object.entries(triggerForms).flatMap(([name, form]) =>
    ['"\ufffd"', '"\\ufffd"', '{"a":["\ufffd"]}', '{"a":["\\uFFFD"]}'].map((value) => [name, value, form] as const),
  ),
)('the value of the trigger, as %s, with U+FFFD in %s is named in a warning too', async (_, value, form) => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start();
  expect(await sink.deliver(form(`{"topic":"orders","partition":2,"offset":7,"timestamp":1,"value":${value}}`))).toMatchObject({
    written: 1,
  });
  expect(sink.log('warn')).toMatchObject([{ count: 1, first: 'orders+2+7' }]);
});

test('valueSize is never checked', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start();
  expect(await sink.deliver(connectorRecord({ valueSize: 1 }), connectorRecord({ offset: 8, valueSize: undefined }))).toMatchObject({
    written: 2,
  });
});
