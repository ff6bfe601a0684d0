// Sections 2, 3 and 8 of the contract: what the function takes, and what it refuses.
import { expect, inject, test } from 'vitest';
import { startProxy } from '../../support/elasticsearch/proxy.ts';
import { json, ScriptedServer } from '../../support/elasticsearch/scripted-server.ts';
import { BuiltFunction, event, failureOf, Stage, triggerForms } from '../../support/function/function.ts';
import { connectorRecord } from '../../support/function/records.ts';

const nothing = { received: 0, written: 0, deleted: 0, unchanged: 0, skipped: 0, rejected: 0, retried: 0 };

function stage(): Stage {
  return new Stage(inject('elasticsearchUrl'));
}

/** Why the settings are refused, by line; empty when they are not. */
async function faults(changes: { readonly [name: string]: string | undefined }): Promise<string[]> {
  const least = { CONNECTOR_NAME: 'demo', ES_ENDPOINT: inject('elasticsearchUrl'), ES_PASSWORD: 'canary-Pa55', ES_INDEX: 'elastic_test' };
  const { errorType, errorMessage } = await failureOf(BuiltFunction.start({ ...least, ...changes }));
  expect(errorType).toBe('SettingsInvalid');
  expect(errorMessage).not.toContain('canary');
  return errorMessage.split('\n');
}

test('all faults of the settings are reported together, one line each, with the name', async () => {
  const wrong = {
    CONNECTOR_NAME: '-Demo',
    ES_ENDPOINT: undefined,
    ES_PORT: '65536',
    ES_PROTOCOL: 'tcp',
    ES_PASSWORD: undefined,
    ES_INDEX: 'Upper',
    CREATE_INDEX: 'yes',
    ES_ROUTING: 'value',
    ES_REQUEST_TIMEOUT_MS: '300001',
    ES_COMPRESSION: 'zip',
    ES_VERSION_CHECK: 'no',
    DOCUMENT_SHAPE: 'raw',
    DOCUMENT_ID: 'offset',
    DOCUMENT_VERSION: 'internal',
    WRITE_MODE: 'update',
    NULL_VALUE: 'drop',
    OVERFLOW: 'drop',
    ON_FAILURE: 'halt',
    SKIP_POSITIONS: 'orders+1',
    BATCH_MAX_BYTES: '1023',
    BATCH_MAX_RECORDS: '100001',
    MAX_IN_FLIGHT: '17',
    RETRY_BACKOFF_MS: '0',
    RETRY_MAX_BACKOFF_MS: '1e3',
    DEADLINE_RESERVE_MS: '0x10',
    LOG_LEVEL: 'trace',
  };
  const lines = await faults(wrong);
  for (const name of Object.keys(wrong)) expect(lines.filter((line) => line.startsWith(name))).toHaveLength(1);
  expect(lines).toHaveLength(Object.keys(wrong).length);
});

test.each([
  ['the TCP transport port', { ES_PORT: '9300' }, /^ES_PORT.*9200/],
  ['a password and an API key', { ES_API_KEY: 'canary' }, /^ES_(API_KEY|PASSWORD)/],
  ['two date patterns', { ES_INDEX: 'a-{yyyy}-{MM}' }, /^ES_INDEX/],
  ['upper case in the literal part', { ES_INDEX: 'A-${topic}' }, /^ES_INDEX/],
  ['versions without ids from keys', { DOCUMENT_VERSION: 'offset' }, /DOCUMENT_VERSION/],
  ['versions of upserts', { DOCUMENT_VERSION: 'offset', DOCUMENT_ID: 'key', WRITE_MODE: 'upsert' }, /DOCUMENT_VERSION/],
  ['create with ids from keys', { DOCUMENT_ID: 'key', WRITE_MODE: 'create' }, /WRITE_MODE|DOCUMENT_ID/],
  ['indexing no value as a value', { DOCUMENT_SHAPE: 'value', NULL_VALUE: 'index' }, /NULL_VALUE/],
  ['deletes without ids from keys', { NULL_VALUE: 'delete' }, /NULL_VALUE/],
  ['deletes by date', { NULL_VALUE: 'delete', DOCUMENT_ID: 'key', ES_INDEX: 'a-{yyyy.MM.dd}' }, /NULL_VALUE/],
  ['stop with automatic ids', { ON_FAILURE: 'stop', DOCUMENT_ID: 'auto' }, /ON_FAILURE/],
  ['stop with upserts by key', { ON_FAILURE: 'stop', WRITE_MODE: 'upsert', DOCUMENT_ID: 'key' }, /ON_FAILURE/],
  ['a misspelt name', { ES_INDX: 'a' }, /^ES_INDX.*ES_INDEX/],
  ['a misspelt name of no family', { MAX_IN_FLIHGT: '2' }, /^MAX_IN_FLIHGT.*MAX_IN_FLIGHT/],
  ['an unknown name of a family', { OVERFLOW_SOMEWHERE_ELSE: 'canary' }, /^OVERFLOW_SOMEWHERE_ELSE/],
  ['fetching without brokers', { OVERFLOW: 'fetch', SOURCE_TOPIC: 'orders' }, /^OVERFLOW/],
  ['error data in Kafka without brokers', { ERROR_DATA_TOPIC: 'errors' }, /^ERROR_DATA_TOPIC/],
  ['brokers without a port', { KAFKA_BOOTSTRAP_SERVERS: 'localhost' }, /^KAFKA_BOOTSTRAP_SERVERS/],
  [
    'an authority of the brokers that cannot be read',
    { KAFKA_SECURITY_PROTOCOL: 'SASL_SSL', KAFKA_USERNAME: 'u', KAFKA_PASSWORD: 'canary', KAFKA_CA: 'nowhere.pem' },
    /^KAFKA_CA: is neither PEM text nor a file in the package/,
  ],
  ['SASL without a user', { KAFKA_SECURITY_PROTOCOL: 'SASL_SSL' }, /^KAFKA_SECURITY_PROTOCOL/],
])('%s is refused by the initializer', async (_, changes, message) => {
  expect((await faults(changes)).join('\n')).toMatch(message);
});

test.each(['DOCUMENT_X', 'KAFKA_X', 'BATCH_X', 'ERROR_X', 'RETRY_X', 'DEADLINE_X', 'CONNECTOR_X', 'NULL_X', 'WRITE_X', 'SKIP_X'])(
  'the unknown name %s is refused',
  async (name) => {
    expect(await faults({ [name]: 'canary' })).toEqual([expect.stringContaining(name)]);
  },
);

test('wrong settings are refused by every invocation when no initializer ran', async () => {
  await using started = stage();
  // A method that every module has, in place of an initializer.
  const sink = await started.start({ ES_PORT: '9300' }, { initializer: 'index.toString' });
  for (const invocation of [event(connectorRecord()), '[]']) {
    expect(await failureOf(sink.invoke(invocation))).toMatchObject({
      errorType: 'SettingsInvalid',
      errorMessage: expect.stringContaining('9200'),
    });
  }
});

test('records are written when no initializer ran, and names that are nobody’s settings are no fault', async () => {
  await using started = stage();
  const sink = await started.start({ TZ: 'Asia/Shanghai', MY_SETTING: 'x' }, { initializer: 'index.toString' });
  expect(await sink.deliver(connectorRecord())).toMatchObject({ received: 1, written: 1 });
});

test('a server below 7.0 is refused', async () => {
  await using server = await ScriptedServer.start(json(200, { version: { number: '6.8.23' }, tagline: 'You Know, for Search' }));
  await using started = stage();
  const use = async () => (await started.start({ ES_ENDPOINT: server.url }, { timeout: 5 })).deliver(connectorRecord());
  expect(await failureOf(use())).toMatchObject({ errorType: 'ElasticsearchUnsupported' });
  expect(server.requests.every(({ method }) => method === 'GET' || method === 'HEAD')).toBe(true);
});

test('a server that answers 401 is reported as such', async () => {
  await using server = await ScriptedServer.start(json(401, { error: { type: 'security_exception', reason: 'canary' }, status: 401 }));
  await using started = stage();
  const use = async () => (await started.start({ ES_ENDPOINT: server.url }, { timeout: 5 })).deliver(connectorRecord());
  expect(await failureOf(use())).toMatchObject({ errorType: 'ElasticsearchUnauthorized' });
});

test('a user who may only write is warned of, and writes', async () => {
  const written = json(200, { errors: false, items: [{ index: { _index: 'a', status: 201 } }] });
  const forbidden = json(403, { error: { type: 'security_exception', reason: 'canary' }, status: 403 });
  await using server = await ScriptedServer.start((response, request) =>
    (request.path.includes('_bulk') ? written : forbidden)(response, request),
  );
  await using started = stage();
  const sink = await started.start({ ES_ENDPOINT: server.url }, { timeout: 5 });
  for (const _ of [1, 2]) expect(await sink.deliver(connectorRecord())).toMatchObject({ written: 1, retried: 0 });
  const lines = sink.log('warn');
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.length).toBeLessThan(3);
});

test('a user who may not write is nobody’s record’s fault', async () => {
  await using server = await ScriptedServer.start(json(403, { error: { type: 'security_exception', reason: 'canary' }, status: 403 }));
  await using started = stage();
  const sink = await started.start({ ES_ENDPOINT: server.url }, { timeout: 5 });
  expect(await failureOf(sink.invoke(event(connectorRecord())))).toMatchObject({ errorType: 'ElasticsearchForbidden' });
});

test('a server that cannot be reached is a warning of the initializer and fails the invocation, for the trigger to redeliver', async () => {
  await using started = stage();
  const sink = await started.start({ ES_ENDPOINT: '127.0.0.1', ES_PORT: '1', DEADLINE_RESERVE_MS: '1000' }, { timeout: 3 });
  expect(await failureOf(sink.invoke(event(connectorRecord({ value: 'canary' }))))).toMatchObject({
    errorType: 'ElasticsearchUnavailable',
    errorMessage: expect.not.stringContaining('canary'),
  });
  expect(sink.log('warn')).not.toEqual([]);
});

test.each(['[]', ' [ ]\n'])('the empty array %j is a success with nothing to do', async (text) => {
  await using started = stage();
  const sink = await started.start();
  expect(await sink.deliver()).toMatchObject(nothing);
  expect(JSON.parse(await sink.invoke(text))).toEqual({ ...nothing, tookMs: expect.any(Number) });
  expect(await started.exists(started.name)).toBe(false);
});

test('what is neither an array nor a command is refused as a whole, and the next event is taken', async () => {
  await using started = stage();
  const sink = await started.start();
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
    const failure = await failureOf(sink.invoke(text));
    expect(failure, text).toMatchObject({ errorType: 'EventInvalid', errorMessage: expect.not.stringContaining('canary') });
  }
  expect(await sink.deliver(connectorRecord())).toMatchObject({ received: 1, written: 1 });
});

test.each(['replay', 'audit'])('the command %s is not supported yet', async (command) => {
  await using started = stage();
  const sink = await started.start();
  const failure = await failureOf(sink.invoke(JSON.stringify({ command, value: 'canary', partition: 0, from: 0, to: 1 })));
  expect(failure).toMatchObject({ errorType: 'EventInvalid', errorMessage: expect.stringContaining('not supported yet') });
});

test.each([
  ['a lone byte', [0xff]],
  ['a cut character', [0xe6, 0x9d]],
  ['an overlong form', [0xc0, 0x80]],
  ['a surrogate', [0xed, 0xa0, 0x80]],
])('an event that is not UTF-8, by %s, is refused as a whole', async (_, bytes) => {
  await using started = stage();
  const sink = await started.start();
  const [head = '', tail = ''] = event(connectorRecord({ offset: 1 }), connectorRecord({ value: 'SPLIT' }))
    .toString()
    .split('SPLIT');
  const broken = Buffer.concat([Buffer.from(head), Buffer.from(bytes), Buffer.from(tail)]);
  expect(await failureOf(sink.invoke(broken))).toMatchObject({ errorType: 'EventInvalid' });
  expect(await started.ids()).toEqual([]);
});

test('a record of the connector’s own format arrives byte for byte', async () => {
  await using started = stage();
  const sink = await started.start();
  const record =
    '{ "key":"k\\u00e9y", "offset":7,"overflowFlag":false, "partition":2,"timestamp":9007199254740993 ,"topic":"Orders","value":"{\\"n\\": 1.0}\\n杭州😀","valueSize":99}';
  expect(await sink.deliver(record)).toMatchObject({ received: 1, written: 1 });
  expect(await started.source('Orders+2+7')).toBe(`{"msg_body":${record},"doc_as_upsert":true}`);
});

test('an event with line breaks between its tokens is taken', async () => {
  await using started = stage();
  const sink = await started.start();
  const records = [
    connectorRecord({ offset: 1 }),
    JSON.parse(triggerForms.cloudEvent('{"topic":"orders","partition":2,"offset":2,"timestamp":1,"value":{"a":[1]}}')),
  ];
  for (const lineBreak of ['\n', '\r\n']) {
    const text = JSON.stringify(records, null, 2).replaceAll('\n', lineBreak);
    expect(JSON.parse(await sink.invoke(text))).toMatchObject({ received: 2, written: 2 });
  }
  expect(await started.document('orders+2+1')).toEqual({ msg_body: records[0], doc_as_upsert: true });
  expect(await started.document('orders+2+2')).toMatchObject({ msg_body: { value: '{"a":[1]}' } });
});

test.each(Object.entries(triggerForms))('a record of the trigger, as %s, becomes the envelope, field by field', async (_, form) => {
  await using started = stage();
  const sink = await started.start();
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
  const sources = await Promise.all(expected.map((_, offset) => started.source(`orders+2+${offset}`)));
  expect(sources).toEqual(expected);
});

test.each(Object.entries(triggerForms))(
  'a record of the trigger, as %s, without value has none in the envelope either',
  async (_, form) => {
    await using started = stage();
    const sink = await started.start();
    const data = (offset: number, value: string) =>
      form(`{"topic":"orders","partition":2,"offset":${offset},"timestamp":1,"key":"k"${value}}`);
    expect(await sink.deliver(data(0, ''), data(1, ',"value":null'))).toMatchObject({ received: 2, written: 2 });
    for (const offset of [0, 1]) {
      const document = (await started.document(`orders+2+${offset}`)) as { msg_body: object };
      expect(document.msg_body).toMatchObject({ key: 'k', offset, overflowFlag: false, topic: 'orders' });
      expect(document.msg_body).not.toHaveProperty('value');
    }
  },
);

test('offsets beyond 2^53 keep their digits in all formats, also in ids', async () => {
  await using started = stage();
  const sink = await started.start();
  const digits = (last: number) => `900719925474099${last}`;
  const data = (last: number) => `{"topic":"orders","partition":0,"offset":${digits(last)},"timestamp":1,"value":"v"}`;
  const { cloudEvent, string, rawData } = triggerForms;
  const connector = `{"offset":${digits(1)},"overflowFlag":false,"partition":0,"timestamp":1,"topic":"orders","value":"v","valueSize":1}`;
  const result = await sink.deliver(connector, cloudEvent(data(3)), string(data(5)), rawData(data(7)));
  expect(result, JSON.stringify(sink.log('error'))).toMatchObject({ written: 4 });
  for (const last of [1, 3, 5, 7]) expect(await started.source(`orders+0+${digits(last)}`)).toContain(`"offset":${digits(last)},`);
});

test('one batch holds all formats, several topics and partitions', async () => {
  await using started = stage();
  const sink = await started.start();
  const data = (topic: string, offset: number) => `{"topic":"${topic}","partition":${offset},"offset":${offset},"timestamp":1,"value":"v"}`;
  const { cloudEvent, string, rawData } = triggerForms;
  const elements = [connectorRecord(), cloudEvent(data('a', 1)), string(data('b', 2)), rawData(data('c', 3))];
  expect(await sink.deliver(...elements)).toMatchObject({ received: 4, written: 4 });
  expect(await started.ids()).toEqual(['a+1+1', 'b+2+2', 'c+3+3', 'orders+2+7']);
});

const position = { topic: 'orders', partition: 2 };
test.each([
  ['null', 'null', {}],
  ['a number', '5', {}],
  ['an array', '[]', {}],
  ['an empty object', '{}', {}],
  ['a text that is no JSON', '"canary"', {}],
  ['a text of an array', '"[]"', {}],
  ['no topic', connectorRecord({ topic: undefined }), { partition: 2, offset: 7 }],
  ['an empty topic', connectorRecord({ topic: '' }), { partition: 2, offset: 7 }],
  ['a numeric topic', connectorRecord({ topic: 5 }), { partition: 2, offset: 7 }],
  ['no partition', connectorRecord({ partition: undefined }), { topic: 'orders', offset: 7 }],
  ['a negative partition', connectorRecord({ partition: -1 }), { topic: 'orders', offset: 7 }],
  ['a fractional partition', connectorRecord({ partition: 1.5 }), { topic: 'orders', offset: 7 }],
  ['a textual partition', connectorRecord({ partition: '2' }), { topic: 'orders', offset: 7 }],
  ['no offset', connectorRecord({ offset: undefined }), position],
  ['a negative offset', connectorRecord({ offset: -1 }), position],
  ['a fractional offset', connectorRecord({ offset: 7.5 }), position],
  ['a textual offset', connectorRecord({ offset: '7' }), position],
  ['offset null', connectorRecord({ offset: null }), position],
  ['a numeric key', connectorRecord({ key: 5 }), { ...position, offset: 7 }],
  ['an object as key', connectorRecord({ key: { canary: 1 } }), { ...position, offset: 7 }],
  ['a numeric value in the connector’s format', connectorRecord({ value: 5 }), { ...position, offset: 7 }],
  ['an object as value in the connector’s format', connectorRecord({ value: { canary: 1 } }), { ...position, offset: 7 }],
  ['data null', '{"specversion":"1.0","data":null}', {}],
  ['data of text', '{"specversion":"1.0","data":"canary"}', {}],
  ['a bad offset in a CloudEvent', triggerForms.cloudEvent('{"topic":"orders","partition":2,"offset":-7,"value":"canary"}'), position],
  ['a bad offset in a text', triggerForms.string('{"topic":"orders","partition":2,"offset":-7,"value":"canary"}'), position],
])('an element with %s is a rejected record, named as far as it can be read', async (_, element, readable) => {
  await using started = stage();
  const sink = await started.start();
  const result = await sink.deliver(connectorRecord({ offset: 1 }), element, connectorRecord({ offset: 2 }));
  expect(result).toMatchObject({ received: 3, written: 2, rejected: 1 });
  expect(await started.ids()).toEqual(['orders+2+1', 'orders+2+2']);
  const [line, ...more] = sink.log('error');
  expect(line).toMatchObject({ ...readable, error: expect.any(String) });
  expect(more).toEqual([]);
  expect(JSON.stringify(line)).not.toContain('canary');
});

test('half a surrogate pair, which is JSON but no text, never fails the batch', async () => {
  await using started = stage();
  const sink = await started.start({ DOCUMENT_ID: 'key' });
  const half = '\\ud800';
  const connector = `{"key":"${half}","offset":1,"overflowFlag":false,"partition":2,"timestamp":1,"topic":"orders","value":"v","valueSize":1}`;
  const data = `{"topic":"orders","partition":2,"offset":2,"timestamp":1,"key":"k","value":"${half}"}`;
  expect(await sink.deliver(connector, ...Object.values(triggerForms).map((form) => form(data)), connectorRecord())).toMatchObject({
    received: 5,
  });
  expect(await started.ids()).toContain('demo');
});

test('a deeply nested value never fails the batch', async () => {
  await using started = stage();
  const sink = await started.start();
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  const data = (partition: number) => `{"topic":"orders","partition":${partition},"offset":7,"timestamp":1,"value":${deep}}`;
  const forms = Object.values(triggerForms).map((form, partition) => form(data(partition)));
  expect(await sink.deliver(...forms, connectorRecord({ partition: 3, value: deep }))).toMatchObject({ received: 4, written: 4 });
  for (const partition of [0, 1, 2, 3]) {
    expect(await started.document(`orders+${partition}+7`)).toMatchObject({
      msg_body: { value: deep, valueSize: partition === 3 ? 15 : deep.length },
    });
  }
});

test.each(['raw', 'escaped'])('values with U+FFFD, %s, are written, and named in one warning', async (spelling) => {
  await using started = stage();
  const sink = await started.start();
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
  await using started = stage();
  const sink = await started.start();
  expect(await sink.deliver(form(`{"topic":"orders","partition":2,"offset":7,"timestamp":1,"value":${value}}`))).toMatchObject({
    written: 1,
  });
  expect(sink.log('warn')).toMatchObject([{ count: 1, first: 'orders+2+7' }]);
});

interface Checks {
  readonly checks: readonly { readonly name: string; readonly ok: boolean | null; readonly detail: string; readonly fix?: string }[];
}

async function indices(started: Stage): Promise<string> {
  return (await started.request('GET', `/_cat/indices/${started.name}*?h=index&s=index&expand_wildcards=all`)).text;
}

test('check finds nothing wrong with a healthy server, and changes nothing', async () => {
  await using started = stage();
  await using proxy = await startProxy(inject('elasticsearchUrl'));
  const sink = await started.start({ ERROR_INDEX: `${started.name}-errors`, ES_ENDPOINT: proxy.url });
  const before = await indices(started);
  const { checks } = await sink.command<Checks>({ command: 'check' });
  expect(checks.length).toBeGreaterThan(3);
  for (const check of checks) {
    expect([true, null], JSON.stringify(check)).toContain(check.ok);
    expect(check).toMatchObject({ name: expect.stringMatching(/./), detail: expect.stringMatching(/./) });
  }
  // The security API is not there to be asked.
  expect(checks.some(({ ok }) => ok === null)).toBe(true);
  expect(await indices(started)).toBe(before);
  expect(proxy.requests.length).toBeGreaterThan(3);
  const others = proxy.requests.filter(({ method }) => method !== 'GET' && method !== 'HEAD');
  expect([...new Set(others.map(({ path }) => path))]).toEqual(['/_security/user/_has_privileges']);
  expect(JSON.stringify(checks)).not.toContain('canary');
});

test.each([
  ['an index that is missing and not to be created', { CREATE_INDEX: 'false' }],
  ['a pipeline that is missing', { ES_PIPELINE: 'nobody-made-it' }],
  ['a server that cannot be reached', { ES_ENDPOINT: '127.0.0.1', ES_PORT: '1' }],
])('check names %s, and what to do', async (_, changes) => {
  await using started = stage();
  const sink = await started.start(changes, { timeout: 20 });
  const { checks } = await sink.command<Checks>({ command: 'check' });
  const failed = checks.filter(({ ok }) => ok === false);
  expect(failed).not.toEqual([]);
  for (const check of failed) expect(check).toMatchObject({ detail: expect.stringMatching(/./), fix: expect.stringMatching(/./) });
});

test('find returns the document of a record, and null where there is none', async () => {
  await using started = stage();
  const sink = await started.start();
  const find = (offset: number) => sink.command({ command: 'find', topic: 'orders', partition: 2, offset });
  expect(await find(7)).toBeNull();
  await sink.deliver(connectorRecord());
  expect(await find(7)).toEqual({ msg_body: connectorRecord(), doc_as_upsert: true });
  expect(await find(8)).toBeNull();
});

test('find looks by key and routing where documents are named by them', async () => {
  await using started = stage();
  await started.put(`/${started.name}`, { settings: { number_of_shards: 5 } });
  const sink = await started.start({ DOCUMENT_ID: 'key', ES_ROUTING: 'key' });
  await sink.deliver(connectorRecord({ key: 'k/1 +' }));
  const where = { command: 'find', topic: 'orders', partition: 2, offset: 7 };
  expect(JSON.stringify(await sink.command({ ...where, key: 'k/1 +' }))).toContain('"orders"');
  expect(await sink.command({ ...where, key: 'other' })).toBeNull();
  expect(await sink.command({ ...where, offset: 8, key: 'k/1 +' }), 'an older record’s').toBeNull();
});

test('find names a key that is no identity', async () => {
  await using started = stage();
  const sink = await started.start({ DOCUMENT_ID: 'key' });
  const record = connectorRecord({ key: 'canary\uFFFD' });
  expect(await sink.deliver(record, connectorRecord({ key: 'canary\uD83D' }), connectorRecord({ key: '😀' }))).toMatchObject({
    written: 1,
    rejected: 2,
  });
  expect(sink.log('error')).toMatchObject([{ error: 'key_not_utf8' }, { error: 'key_not_utf8' }]);
  const where = { command: 'find', topic: 'orders', partition: 2, offset: 7, key: 'canary\uFFFD' };
  const { errorMessage, errorType } = await failureOf(sink.command(where));
  expect({ errorType, errorMessage }).toEqual({ errorType: 'EventInvalid', errorMessage: 'find: key_not_utf8' });
});

test('find looks by timestamp where indices are named by date', async () => {
  await using started = stage();
  const sink = await started.start({ ES_INDEX: `${started.name}-{yyyy.MM.dd}` });
  await sink.deliver(connectorRecord());
  const where = { command: 'find', topic: 'orders', partition: 2, offset: 7 };
  expect(JSON.stringify(await sink.command({ ...where, timestamp: 1616599282417 }))).toContain('"orders"');
  expect(await sink.command({ ...where, timestamp: 0 })).toBeNull();
  expect(await sink.command(where), 'in all of them where it is not known').toMatchObject({ msg_body: { topic: 'orders' } });
});

test('find changes nothing', async () => {
  await using started = stage();
  const sink = await started.start();
  await sink.command({ command: 'find', topic: 'orders', partition: 2, offset: 7 });
  expect(await started.exists(started.name)).toBe(false);
});
