// Section 4 of the contract: what becomes of a record in Elasticsearch, under which name and in which index.
import { expect, inject, test } from 'vitest';
import { json, ScriptedServer } from '../../support/elasticsearch/scripted-server.ts';
import { Stage, triggerForms } from '../../support/function/function.ts';
import { connectorRecord } from '../../support/function/records.ts';

function stage(): Stage {
  return new Stage(inject('elasticsearchUrl'));
}

/** A record of the connector's own format with this value, numbered. */
function valued(offset: number, value: unknown): object {
  return connectorRecord({ offset, value });
}

interface Mappings {
  readonly [index: string]: {
    readonly mappings: {
      readonly date_detection?: boolean;
      readonly properties: { readonly [field: string]: { readonly type?: string; readonly properties?: object } };
    };
  };
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
  await using started = stage();
  const sink = await started.start({ DOCUMENT_SHAPE: shape });
  const count = allForms.length;
  expect(await sink.deliver(...allForms.map((form, offset) => form(offset)))).toMatchObject({ received: count, written: count });
  for (let offset = 0; offset < count; offset++) {
    const source = (await started.source(`orders+2+${offset}`)) ?? '';
    for (const text of ['"n":9007199254740993,', '"d":1.0,', '"e":1e2,', '{"x":-0.10}']) expect(source).toContain(text);
    const kafka = { topic: 'orders', partition: 2, offset, timestamp: 1616599282417, key: 'demo' };
    expect(JSON.parse(source)).toEqual({ ...JSON.parse(digits), ...(shape === 'value-with-metadata' && { kafka }) });
  }
});

test('a value that is text arrives as it is, with its line breaks as white space', async () => {
  await using started = stage();
  const sink = await started.start({ DOCUMENT_SHAPE: 'value' });
  expect(
    await sink.deliver(valued(1, '{"a": {"b":\t"杭州😀"} }'), valued(2, ' {\r\n"a":\n {"b":"x\\ny"}}\n'), valued(3, '{}')),
  ).toMatchObject({ written: 3 });
  expect(await started.source('orders+2+1')).toBe('{"a": {"b":\t"杭州😀"} }');
  expect(await started.document('orders+2+2')).toEqual({ a: { b: 'x\ny' } });
  expect(await started.source('orders+2+3')).toBe('{}');
});

test('metadata holds the headers where there are some, and no key where there is none', async () => {
  await using started = stage();
  const sink = await started.start({ DOCUMENT_SHAPE: 'value-with-metadata' });
  const headers = '{"headers":[],"isReadOnly":false}';
  const data = `{"topic":"orders","partition":2,"offset":1,"timestamp":5,"headers":${headers},"value":{"a":1}}`;
  expect(await sink.deliver(triggerForms.cloudEvent(data), connectorRecord({ offset: 2, key: undefined, value: '{ }' }))).toMatchObject({
    written: 2,
  });
  const position = { topic: 'orders', partition: 2 };
  expect(await started.document('orders+2+1')).toEqual({
    a: 1,
    kafka: { ...position, offset: 1, timestamp: 5, headers: JSON.parse(headers) },
  });
  expect(await started.document('orders+2+2')).toEqual({ kafka: { ...position, offset: 2, timestamp: 1616599282417 } });
});

test('a kafka field of the value’s own is a rejected record; elsewhere the word is free', async () => {
  await using started = stage();
  const sink = await started.start({ DOCUMENT_SHAPE: 'value-with-metadata' });
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
  expect(await started.ids()).toEqual([4, 5, 6, 7].map((offset) => `orders+2+${offset}`));
  expect(sink.log('error').map(({ offset }) => offset)).toEqual([1, 2, 3, 8, 9]);
});

test.each([
  ['envelope', 6],
  ['value', 2],
  ['value-with-metadata', 2],
])('records nested 20,000 deep hold up no other in the shape %s', async (shape, written) => {
  await using started = stage();
  const sink = await started.start({ DOCUMENT_SHAPE: shape, ERROR_INDEX: `${started.name}-errors` });
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
  expect(await started.ids()).toHaveLength(written);
  expect(await started.ids(`${started.name}-errors`)).toHaveLength(12 - written);
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
    await using started = stage();
    const sink = await started.start({ DOCUMENT_SHAPE: shape });
    const bad = notOneObject.map((value, offset) => valued(offset, value));
    const parsed = ['[1]', '5', 'true', '"x"'].map((value) =>
      triggerForms.cloudEvent(`{"topic":"orders","partition":3,"offset":0,"timestamp":1,"value":${value}}`),
    );
    const result = await sink.deliver(...bad, ...parsed, valued(100, '{"good":1}'));
    expect(result).toMatchObject({ written: 1, rejected: bad.length + parsed.length });
    expect(await started.ids()).toEqual(['orders+2+100']);
    const lines = sink.log('error');
    expect(lines.map(({ offset }) => offset)).toEqual([...bad.keys(), 0, 0, 0, 0]);
    expect(JSON.stringify(lines)).not.toContain('canary');
  },
);

test('create adds @timestamp from the record where the document has none', async () => {
  await using started = stage();
  const sink = await started.start({ DOCUMENT_SHAPE: 'value', WRITE_MODE: 'create' });
  const without = ['{}', '{"a":1}', '{"b":{"@timestamp":"x"}}', '{"c":"@timestamp"}'];
  const own = ['{"@timestamp":"2020-01-01T00:00:00Z"}', '{"a":1,"\\u0040timestamp":"2020-01-01T00:00:00Z"}'];
  const result = await sink.deliver(...[...without, ...own].map((value, offset) => valued(offset, value)));
  expect(result).toMatchObject({ received: 6, written: 6 });
  for (const offset of without.keys()) {
    const document = (await started.document(`orders+2+${offset}`)) as { '@timestamp': string | number };
    expect(new Date(document['@timestamp']).getTime()).toBe(1616599282417);
    expect(document).toMatchObject(JSON.parse(without[offset] ?? ''));
  }
  for (const offset of own.keys()) expect(await started.source(`orders+2+${without.length + offset}`)).toBe(own[offset]);
});

test.each(['envelope', 'value-with-metadata'])('create adds @timestamp to the shape %s, and nothing else does', async (shape) => {
  await using started = stage();
  const [create, index] = [
    await started.start({ DOCUMENT_SHAPE: shape, WRITE_MODE: 'create' }),
    await started.start({ DOCUMENT_SHAPE: shape }),
  ];
  await create.deliver(valued(1, '{"a":1}'));
  await index.deliver(valued(2, '{"a":1}'));
  const stamped = (await started.document('orders+2+1')) as { '@timestamp': string | number };
  expect(new Date(stamped['@timestamp']).getTime()).toBe(1616599282417);
  expect(await started.document('orders+2+2')).not.toHaveProperty('@timestamp');
});

test('an index pattern takes the topic, lowered, and the date of the record in UTC', async () => {
  await using started = stage();
  const { name } = started;
  const sink = await started.start({ ES_INDEX: `${name}-\${topic}-{yyyy.MM.dd}`, TZ: 'Asia/Shanghai' });
  const times = {
    '1616599282417': '2021.03.24',
    '1609459199999': '2020.12.31',
    '1609459200000': '2021.01.01',
    '0': '1970.01.01',
    '253402300799999': '9999.12.31',
  };
  const records = Object.keys(times).map((timestamp, offset) =>
    connectorRecord({ topic: 'Orders.EU', offset, timestamp: Number(timestamp) }),
  );
  expect(
    await sink.deliver(...records, triggerForms.rawData('{"topic":"b","partition":0,"offset":0,"timestamp":1616599282417,"value":"v"}')),
  ).toMatchObject({ written: 6 });
  for (const [offset, date] of Object.values(times).entries())
    expect(await started.ids(`${name}-orders.eu-${date}`)).toEqual([`Orders.EU+2+${offset}`]);
  expect(await started.ids(`${name}-b-2021.03.24`)).toEqual(['b+0+0']);
});

test('an index pattern by month is taken', async () => {
  await using started = stage();
  const sink = await started.start({ ES_INDEX: `${started.name}-{yyyy-MM}` });
  expect(await sink.deliver(connectorRecord())).toMatchObject({ written: 1 });
  expect(await started.ids(`${started.name}-2021-03`)).toEqual(['orders+2+7']);
});

test('a timestamp that gives no date is a rejected record where the index is named by date; the clock is not used', async () => {
  await using started = stage();
  const sink = await started.start({ ES_INDEX: `${started.name}-{yyyy.MM.dd}` });
  const timestamps = [-1, 1.5, '1616599282417', null, undefined, true, 253402300800000, 1e300];
  const bad = timestamps.map((timestamp, offset) => connectorRecord({ offset, timestamp }));
  const trigger = Object.values(triggerForms).map((form) => form('{"topic":"orders","partition":3,"offset":0,"value":"v"}'));
  const result = await sink.deliver(...bad, ...trigger, connectorRecord({ offset: 100 }));
  expect(result).toMatchObject({ written: 1, rejected: bad.length + trigger.length });
  expect(await started.ids(`${started.name}*`)).toEqual(['orders+2+100']);
  expect(sink.log('error').map(({ offset }) => offset)).toEqual([...bad.keys(), 0, 0, 0]);
});

test('a timestamp that gives no date hurts nobody where the index is not named by date', async () => {
  await using started = stage();
  const sink = await started.start({ DOCUMENT_SHAPE: 'value' });
  expect(await sink.deliver(connectorRecord({ timestamp: -1 }))).toMatchObject({ written: 1 });
});

test('a record whose index name breaks Elasticsearch’s rules is rejected, alone', async () => {
  await using started = stage();
  const sink = await started.start({ ES_INDEX: '${topic}' });
  const { name } = started;
  const marks = [...'\\/*?"<>| ,#:'].map((mark) => `${name}${mark}x`);
  const topics = [...marks, `_${name}`, `-${name}`, `+${name}`, '.', '..', name.padEnd(256, 'x'), name + '杭'.repeat(81)];
  const good = [name, `${name}.x_-+`, name.padEnd(255, 'x'), `${name}-杭`];
  const result = await sink.deliver(...[...topics, ...good].map((topic) => connectorRecord({ topic })));
  expect(result).toMatchObject({ written: good.length, rejected: topics.length });
  expect(sink.log('error').map(({ topic }) => String(topic).slice(0, 100))).toEqual(topics.map((topic) => topic.slice(0, 100)));
  for (const topic of good) expect(await started.ids(encodeURIComponent(topic))).toEqual([`${topic}+2+7`]);
});

test('the position as id has the prefix in front, and redelivery leaves one document', async () => {
  await using started = stage();
  const sink = await started.start({ DOCUMENT_ID_PREFIX: 'v2/' });
  for (const written of [1, 1]) expect(await sink.deliver(connectorRecord({ topic: 'Orders' }))).toMatchObject({ written });
  expect(await started.ids()).toEqual(['v2/Orders+2+7']);
});

test('the key as id may hold anything', async () => {
  await using started = stage();
  const sink = await started.start({ DOCUMENT_ID: 'key' });
  const keys = [
    ' ',
    '"\\\n\u0000',
    '/a?b&c=d#e%20',
    '_all',
    '__proto__',
    'constructor',
    '杭'.repeat(170).concat('ab'),
    'k'.repeat(512),
    '😀',
  ];
  expect(await sink.deliver(...keys.map((key, offset) => connectorRecord({ key, offset })))).toMatchObject({ written: keys.length });
  expect(await started.ids()).toEqual([...keys].sort());
});

test('a key that cannot be an id is a rejected record, alone', async () => {
  await using started = stage();
  const sink = await started.start({ DOCUMENT_ID: 'key' });
  const keys = [undefined, null, '', 'k'.repeat(513), '杭'.repeat(171)];
  const bad = keys.map((key, offset) => connectorRecord({ key, offset }));
  const trigger = triggerForms.cloudEvent('{"topic":"orders","partition":3,"offset":0,"timestamp":1,"value":"v"}');
  expect(await sink.deliver(connectorRecord({ offset: 100 }), ...bad, trigger)).toMatchObject({ written: 1, rejected: 6 });
  expect(await started.ids()).toEqual(['demo']);
  expect(sink.log('error').map(({ offset }) => offset)).toEqual([0, 1, 2, 3, 4, 0]);
});

test('a position over 512 bytes is a rejected record, alone', async () => {
  await using started = stage();
  const sink = await started.start({ DOCUMENT_ID_PREFIX: 'p-' });
  const [fits, over] = [506, 507].map((length) => connectorRecord({ topic: 't'.repeat(length) }));
  expect(await sink.deliver(over ?? {}, fits ?? {})).toMatchObject({ written: 1, rejected: 1 });
  expect((await started.ids()).map((id) => id.length)).toEqual([512]);
});

test('Elasticsearch makes the ids where they are automatic, a second one for a record that comes again', async () => {
  await using started = stage();
  for (const WRITE_MODE of ['index', 'create']) {
    const sink = await started.start({ DOCUMENT_ID: 'auto', WRITE_MODE });
    expect(await sink.deliver(connectorRecord(), connectorRecord({ key: undefined }))).toMatchObject({ written: 2 });
  }
  const ids = await started.ids();
  expect(ids).toHaveLength(4);
  for (const id of ids) expect(id).toMatch(/^[\w-]{20}$/);
});

test('the index is created with the envelope’s fields, and no first value can refuse the later ones', async () => {
  await using started = stage();
  const sink = await started.start();
  const values = ['2021-03-24', 'hello', '5', '{"a":1}', 'x'.repeat(100_000), ''];
  const records = values.map((value, offset) => valued(offset, value));
  expect(await sink.deliver(...records, connectorRecord({ offset: 100, key: 'k'.repeat(100_000) }))).toMatchObject({
    written: 7,
    rejected: 0,
  });
  const answer = await started.get<Mappings>(`/${started.name}/_mapping`);
  expect(answer[started.name]?.mappings.date_detection).toBe(false);
  const fields = ['key', 'offset', 'overflowFlag', 'partition', 'timestamp', 'topic', 'value', 'valueSize'];
  expect(Object.keys(answer[started.name]?.mappings.properties.msg_body?.properties ?? {})).toEqual(expect.arrayContaining(fields));
});

test('a first value that looks like a date does not refuse the later ones in the shape value', async () => {
  await using started = stage();
  const sink = await started.start({ DOCUMENT_SHAPE: 'value' });
  for (const value of ['2021-03-24', '2021/03/24 00:00:00', 'hello']) {
    expect(await sink.deliver(connectorRecord({ value: JSON.stringify({ at: value }) }))).toMatchObject({ written: 1 });
  }
});

test('the index is there before the first write of many names at once, and each is created', async () => {
  await using started = stage();
  const sink = await started.start({ ES_INDEX: `${started.name}-\${topic}` });
  const topics = ['a', 'b', 'c', 'd', 'e'];
  expect(await sink.deliver(...topics.map((topic) => connectorRecord({ topic, value: '2021-03-24' })))).toMatchObject({ written: 5 });
  const answer = await started.get<Mappings>(`/${started.name}*/_mapping`);
  expect(Object.keys(answer).sort()).toEqual(topics.map((topic) => `${started.name}-${topic}`));
  for (const { mappings } of Object.values(answer)) expect(mappings.date_detection).toBe(false);
});

test('instances that create the same index at the same time all write', async () => {
  await using started = stage();
  const sinks = await Promise.all([1, 2, 3].map(() => started.start()));
  const results = await Promise.all(sinks.map((sink, partition) => sink.deliver(connectorRecord({ partition }))));
  expect(results).toMatchObject([{ written: 1 }, { written: 1 }, { written: 1 }]);
  expect(await started.ids()).toHaveLength(3);
});

test.each(['_index_template', '_template'])('a user’s template of %s decides about the index', async (kind) => {
  await using started = stage();
  const mappings = { properties: { at: { type: 'date' } } };
  const template = { mappings, settings: { number_of_shards: 3 } };
  const patterns = { index_patterns: [`${started.name}*`] };
  await started.put(`/${kind}/${started.name}`, kind === '_template' ? { ...patterns, ...template } : { ...patterns, template });
  const sink = await started.start({ DOCUMENT_SHAPE: 'value' });
  expect(await sink.deliver(valued(1, '{"at":"2021-03-24"}'), valued(2, '{"at":"hello"}'))).toMatchObject({ written: 1, rejected: 1 });
  expect(await started.get(`/${started.name}/_mapping`)).toEqual({ [started.name]: { mappings } });
  expect(JSON.stringify(await started.get(`/${started.name}/_settings`))).toContain('"number_of_shards":"3"');
});

test('an index or alias that is there is used as it is', async () => {
  await using started = stage();
  const mappings = { dynamic: 'false', properties: { a: { type: 'keyword' } } };
  await started.put(`/${started.name}-1`, { mappings, aliases: { [started.name]: {} } });
  const sink = await started.start({ DOCUMENT_SHAPE: 'value' });
  expect(await sink.deliver(valued(1, '{"a":5}'))).toMatchObject({ written: 1 });
  expect(await started.ids(`${started.name}-1`)).toEqual(['orders+2+1']);
  expect(await started.get(`/${started.name}-1/_mapping`)).toEqual({ [`${started.name}-1`]: { mappings } });
});

test('an index that vanished is made again, with its mapping', async () => {
  await using started = stage();
  const sink = await started.start();
  await sink.deliver(connectorRecord({ offset: 1 }));
  await started.request('DELETE', `/${started.name}`);
  expect(await sink.deliver(connectorRecord({ offset: 2 }))).toMatchObject({ received: 1, written: 1 });
  expect(await started.ids()).toEqual(['orders+2+2']);
  expect((await started.get<Mappings>(`/${started.name}/_mapping`))[started.name]?.mappings.date_detection).toBe(false);
});

test('documents go through the pipeline', async () => {
  await using started = stage();
  const pipeline = `${started.name}-pipeline`;
  await started.put(`/_ingest/pipeline/${pipeline}`, { processors: [{ set: { field: 'seen', value: 'yes' } }] });
  const sink = await started.start({ DOCUMENT_SHAPE: 'value', ES_PIPELINE: pipeline });
  expect(await sink.deliver(valued(1, '{"n":9007199254740993}'))).toMatchObject({ written: 1 });
  expect(await started.document('orders+2+1')).toMatchObject({ seen: 'yes' });
  expect(await started.source('orders+2+1')).toContain('9007199254740993');
});

test('the key is the routing, and a record without key has none', async () => {
  await using started = stage();
  const sink = await started.start({ ES_ROUTING: 'key' });
  expect(await sink.deliver(connectorRecord({ offset: 1, key: 'a,b' }), connectorRecord({ offset: 2, key: undefined }))).toMatchObject({
    written: 2,
  });
  await started.request('POST', `/${started.name}/_refresh`);
  const { hits } = await started.get<{ hits: { hits: { _id: string; _routing?: string }[] } }>(`/${started.name}/_search`);
  expect(Object.fromEntries(hits.hits.map(({ _id, _routing }) => [_id, _routing]))).toEqual({
    'orders+2+1': 'a,b',
    'orders+2+2': undefined,
  });
});

test('deletes carry the same routing', async () => {
  await using started = stage();
  await started.put(`/${started.name}`, { mappings: { _routing: { required: true } }, settings: { number_of_shards: 5 } });
  const sink = await started.start({ ES_ROUTING: 'key', DOCUMENT_ID: 'key', NULL_VALUE: 'delete' });
  expect(await sink.deliver(connectorRecord({ offset: 1 }))).toMatchObject({ written: 1 });
  expect(await sink.deliver(connectorRecord({ offset: 2, value: undefined }))).toMatchObject({ deleted: 1, rejected: 0 });
  expect(await started.ids()).toEqual([]);
});

test('compressed requests arrive whole', async () => {
  await using started = stage();
  const sink = await started.start({ ES_COMPRESSION: 'gzip' });
  const records = Array.from({ length: 500 }, (_, offset) => connectorRecord({ offset, value: `杭州 ${offset}` }));
  expect(await sink.deliver(...records)).toMatchObject({ received: 500, written: 500 });
  expect(await started.ids()).toHaveLength(500);
  expect(await started.document('orders+2+499')).toMatchObject({ msg_body: { value: '杭州 499' } });
});

test.each([
  ['gzip', 'gzip'],
  ['none', undefined],
])('the compression %s is what goes over the wire', async (compression, encoding) => {
  await using server = await ScriptedServer.start(json(200, { errors: false, items: [{ index: { _index: 'a', status: 201 } }] }));
  await using started = stage();
  const settings = { ES_ENDPOINT: server.url, ES_VERSION_CHECK: 'false', CREATE_INDEX: 'false', ES_COMPRESSION: compression };
  const sink = await started.start(settings, { timeout: 5 });
  expect(await sink.deliver(connectorRecord())).toMatchObject({ written: 1 });
  expect(server.requests.filter(({ path }) => path.includes('_bulk')).map(({ headers }) => headers['content-encoding'])).toEqual([
    encoding,
  ]);
});

test.each([{ BATCH_MAX_RECORDS: '7' }, { BATCH_MAX_BYTES: '1024' }, { BATCH_MAX_RECORDS: '1', MAX_IN_FLIGHT: '16' }])(
  'batches of %j leave nothing out',
  async (settings) => {
    await using started = stage();
    const sink = await started.start(settings);
    const records = Array.from({ length: 100 }, (_, offset) => connectorRecord({ offset, value: 'x'.repeat(offset) }));
    expect(await sink.deliver(...records)).toMatchObject({ received: 100, written: 100 });
    expect(await started.ids()).toHaveLength(100);
  },
);
