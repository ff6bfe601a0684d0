// What a document looks like, in each shape.
import { expect, inject, test } from 'vitest';
import { connectorRecord, triggerForms } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

/** A record of the connector's own format with this value, numbered. */
function valued(offset: number, value: unknown): object {
  return connectorRecord({ offset, value });
}

const digits = '{"n":9007199254740993,"d":1.0,"e":1e2,"deep":[{"x":-0.10}],"s":"1.0 \\u00e9"}';
const allForms = [
  (offset: number) => connectorRecord({ offset, value: digits }),
  ...Object.values(triggerForms).map(
    (form) => (offset: number) =>
      form(`{"topic":"orders","partition":2,"offset":${offset},"timestamp":1616599282417,"key":"demo","value":${digits}}`),
  ),
  ...Object.values(triggerForms).map(
    (form) => (offset: number) =>
      form(`{"topic":"orders","partition":2,"offset":${offset},"timestamp":1616599282417,"key":"demo","value":${JSON.stringify(digits)}}`),
  ),
];

test.each(['value', 'value-with-metadata'])('a value in the shape %s keeps its digits in all formats', async (shape) => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ DOCUMENT_SHAPE: shape });
  const count = allForms.length;
  expect(await sink.deliver(...allForms.map((form, offset) => form(offset)))).toMatchObject({ received: count, written: count });
  for (let offset = 0; offset < count; offset++) {
    const source = (await sandbox.source(`orders+2+${offset}`)) ?? '';
    for (const text of ['"n":9007199254740993,', '"d":1.0,', '"e":1e2,', '{"x":-0.10}']) expect(source).toContain(text);
    const kafka = { topic: 'orders', partition: 2, offset, timestamp: 1616599282417, key: 'demo' };
    expect(JSON.parse(source)).toEqual({ ...JSON.parse(digits), ...(shape === 'value-with-metadata' && { kafka }) });
  }
});

test('a value that is text arrives as it is, with its line breaks as white space', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ DOCUMENT_SHAPE: 'value' });
  expect(
    await sink.deliver(valued(1, '{"a": {"b":\t"杭州😀"} }'), valued(2, ' {\r\n"a":\n {"b":"x\\ny"}}\n'), valued(3, '{}')),
  ).toMatchObject({ written: 3 });
  expect(await sandbox.source('orders+2+1')).toBe('{"a": {"b":\t"杭州😀"} }');
  expect(await sandbox.document('orders+2+2')).toEqual({ a: { b: 'x\ny' } });
  expect(await sandbox.source('orders+2+3')).toBe('{}');
});

test('metadata holds the headers where there are some, and no key where there is none', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ DOCUMENT_SHAPE: 'value-with-metadata' });
  const headers = '{"headers":[],"isReadOnly":false}';
  const data = `{"topic":"orders","partition":2,"offset":1,"timestamp":5,"headers":${headers},"value":{"a":1}}`;
  expect(await sink.deliver(triggerForms.cloudEvent(data), connectorRecord({ offset: 2, key: undefined, value: '{ }' }))).toMatchObject({
    written: 2,
  });
  const position = { topic: 'orders', partition: 2 };
  expect(await sandbox.document('orders+2+1')).toEqual({
    a: 1,
    kafka: { ...position, offset: 1, timestamp: 5, headers: JSON.parse(headers) },
  });
  expect(await sandbox.document('orders+2+2')).toEqual({ kafka: { ...position, offset: 2, timestamp: 1616599282417 } });
});

test("a kafka field of the value's own is a rejected record; elsewhere the word is free", async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ DOCUMENT_SHAPE: 'value-with-metadata' });
  const own = [
    valued(1, '{"kafka":1}'),
    valued(2, '{"a":1,"kafka":{}}'),
    valued(3, '{"\\u006bafka":null}'),
    valued(8, '{"kafka.topic":"forged"}'),
    valued(9, '{"a":1,"kafka\\u002eoffset":1}'),
  ];
  const free = [
    valued(4, '{"a":{"kafka":1}}'),
    valued(5, '{"a":[{"kafka":1}],"b":"kafka"}'),
    valued(6, '{"Kafka":1}'),
    valued(7, '{"b":"\\"kafka\\":1"}'),
  ];
  expect(await sink.deliver(...own, ...free)).toMatchObject({ received: 9, written: 4, rejected: 5 });
  expect(await sandbox.ids()).toEqual([4, 5, 6, 7].map((offset) => `orders+2+${offset}`));
  expect(sink.log('error').map(({ offset }) => offset)).toEqual([1, 2, 3, 8, 9]);
});

test.each([
  ['envelope', 6],
  ['value', 2],
  ['value-with-metadata', 2],
])('records nested 20,000 deep hold up no other in the shape %s', async (shape, written) => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ DOCUMENT_SHAPE: shape, ERROR_INDEX: `${sandbox.name}-errors` });
  const depth = 20_000;
  const arrays = `${'['.repeat(depth)}${']'.repeat(depth)}`;
  const objects = `${'{"data":'.repeat(depth)}{}${'}'.repeat(depth)}`;
  const data = (offset: number, members: string) => `{"topic":"orders","partition":2,"offset":${offset},"timestamp":1,${members}}`;
  const result = await sink.deliver(
    valued(1, '{}'),
    objects,
    arrays,
    JSON.stringify(`{"a":${objects}}`),
    data(2, `"value":${objects}`),
    data(3, `"value":{"a":${arrays}}`),
    valued(4, objects),
    triggerForms.string(data(5, `"value":${objects}`)),
    data(6, `"value":{"b":1},"data":${objects}`),
    data(7, `"value":{},"headers":${arrays}`),
    data(8, `"value":"{}","valueSize":2,"more":${arrays}`),
    triggerForms.string(data(9, `"value":{"a":1}`)),
  );
  expect(result).toMatchObject({ received: 12, written, rejected: 12 - written });
  expect(await sandbox.ids()).toHaveLength(written);
  expect(await sandbox.ids(`${sandbox.name}-errors`)).toHaveLength(12 - written);
});

const notOneObject = [
  '',
  ' ',
  '[1]',
  '5',
  '"x"',
  'null',
  'true',
  '{} {}',
  '{}{',
  '{"a":1',
  '{"a":1,}',
  "{'a':1}",
  '{"a":NaN}',
  '{"a":01}',
  '{"a":1.}',
  '{"a":"\t"}',
  '{"a":"\\x"}',
  '{a:1}',
  'canary',
  '{"a"}',
  '{"a":1}\n{"index":{}}\n{}',
];

test.each(['value', 'value-with-metadata'])(
  'a text that is not one JSON object is a rejected record in the shape %s, alone',
  async (shape) => {
    await using sandbox = new Sandbox(inject('elasticsearchUrl'));
    const sink = await sandbox.start({ DOCUMENT_SHAPE: shape });
    const bad = notOneObject.map((value, offset) => valued(offset, value));
    const parsed = ['[1]', '5', 'true', '"x"'].map((value) =>
      triggerForms.cloudEvent(`{"topic":"orders","partition":3,"offset":0,"timestamp":1,"value":${value}}`),
    );
    const result = await sink.deliver(...bad, ...parsed, valued(100, '{"good":1}'));
    expect(result).toMatchObject({ written: 1, rejected: bad.length + parsed.length });
    expect(await sandbox.ids()).toEqual(['orders+2+100']);
    const lines = sink.log('error');
    expect(lines.map(({ offset }) => offset)).toEqual([...bad.keys(), 0, 0, 0, 0]);
    expect(JSON.stringify(lines)).not.toContain('canary');
  },
);

test('create adds @timestamp from the record where the document has none', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ DOCUMENT_SHAPE: 'value', WRITE_MODE: 'create' });
  const without = ['{}', '{"a":1}', '{"b":{"@timestamp":"x"}}', '{"c":"@timestamp"}'];
  const own = ['{"@timestamp":"2020-01-01T00:00:00Z"}', '{"a":1,"\\u0040timestamp":"2020-01-01T00:00:00Z"}'];
  const result = await sink.deliver(...[...without, ...own].map((value, offset) => valued(offset, value)));
  expect(result).toMatchObject({ received: 6, written: 6 });
  for (const offset of without.keys()) {
    const document = (await sandbox.document(`orders+2+${offset}`)) as { '@timestamp': string | number };
    expect(new Date(document['@timestamp']).getTime()).toBe(1616599282417);
    expect(document).toMatchObject(JSON.parse(without[offset] ?? ''));
  }
  for (const offset of own.keys()) expect(await sandbox.source(`orders+2+${without.length + offset}`)).toBe(own[offset]);
});

test.each(['envelope', 'value-with-metadata'])('create adds @timestamp to the shape %s, and nothing else does', async (shape) => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const [create, index] = [
    await sandbox.start({ DOCUMENT_SHAPE: shape, WRITE_MODE: 'create' }),
    await sandbox.start({ DOCUMENT_SHAPE: shape }),
  ];
  await create.deliver(valued(1, '{"a":1}'));
  await index.deliver(valued(2, '{"a":1}'));
  const stamped = (await sandbox.document('orders+2+1')) as { '@timestamp': string | number };
  expect(new Date(stamped['@timestamp']).getTime()).toBe(1616599282417);
  expect(await sandbox.document('orders+2+2')).not.toHaveProperty('@timestamp');
});
