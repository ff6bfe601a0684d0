// Sections 5 to 7 of the contract: what an invocation answers, whose fault a failure is, where rejected records go, and what is logged.
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, inject, test } from 'vitest';
import { event, failureOf, Stage, triggerForms } from '../../support/function/function.ts';
import { connectorRecord } from '../../support/function/records.ts';

function stage(): Stage {
  return new Stage(inject('elasticsearchUrl'));
}

/** The version of a document, as Elasticsearch counts it. */
async function version(started: Stage, id: string): Promise<number> {
  return (await started.get<{ _version: number }>(`/${started.name}/_doc/${encodeURIComponent(id)}`))._version;
}

const keyed = { DOCUMENT_SHAPE: 'value', DOCUMENT_ID: 'key' };

/** A record with this key, numbered; without `value`, one that has none. */
function change(key: string, offset: number, value?: string): object {
  return connectorRecord({ key, offset, value });
}

test('the answer is the eight numbers, and each kind of record has its own', async () => {
  await using started = stage();
  const sink = await started.start({ ...keyed, NULL_VALUE: 'delete', SKIP_POSITIONS: 'orders+2+50,orders+2+51', CREATE_INDEX: 'true' });
  await sink.deliver(change('gone', 1, '{}'), change('new', 10, '{}'));
  const records = [change('a', 2, '{}'), change('b', 3, '{}'), change('gone', 4), change('never', 5), change('new', 6, '{"old":1}')];
  const answer = JSON.parse(await sink.invoke(event(...records, change('c', 50, '{}'), 'null', change('d', 7, 'canary'))));
  const tookMs = expect.any(Number);
  expect(answer).toEqual({ received: 8, written: 2, deleted: 1, unchanged: 2, skipped: 1, rejected: 2, retried: 0, tookMs });
  expect(await started.ids()).toEqual(['a', 'b', 'new']);
});

test('a stale version changes nothing and is named in one warning', async () => {
  await using started = stage();
  const sink = await started.start(keyed);
  expect(await sink.deliver(change('a', 9, '{"v":9}'), change('b', 9, '{"v":9}'))).toMatchObject({ written: 2 });
  expect(await version(started, 'a')).toBe(9);
  const again = await sink.deliver(change('c', 3, '{"v":3}'), change('a', 4, '{"canary":4}'), change('b', 5, '{"canary":5}'));
  expect(again).toMatchObject({ received: 3, written: 1, unchanged: 2 });
  expect(await started.source('a')).toBe('{"v":9}');
  const lines = sink.log('warn');
  expect(lines).toMatchObject([{ count: 2, first: 'orders+2+4' }]);
  expect(JSON.stringify(lines)).not.toContain('canary');
});

test('the last of one batch wins by its offset, whatever its place', async () => {
  await using started = stage();
  const sink = await started.start({ ...keyed, BATCH_MAX_RECORDS: '1' });
  const result = await sink.deliver(change('a', 1, '{"v":1}'), change('a', 3, '{"v":3}'), change('a', 2, '{"v":2}'));
  expect(result).toMatchObject({ received: 3, written: 2, unchanged: 1 });
  expect(await started.source('a')).toBe('{"v":3}');
});

test('the very first offset is a version too', async () => {
  await using started = stage();
  const sink = await started.start(keyed);
  expect(await sink.deliver(change('a', 0, '{}'))).toMatchObject({ written: 1 });
  expect(await version(started, 'a')).toBe(0);
  expect(await sink.deliver(change('a', 0, '{}'))).toMatchObject({ unchanged: 1 });
});

test('without versions the last write wins', async () => {
  await using started = stage();
  const sink = await started.start({ ...keyed, DOCUMENT_VERSION: 'none' });
  expect(await sink.deliver(change('a', 3, '{"v":3}'), change('a', 2, '{"v":2}'))).toMatchObject({ written: 2, unchanged: 0 });
  expect(await started.source('a')).toBe('{"v":2}');
});

test('what create finds there already is unchanged, without a warning', async () => {
  await using started = stage();
  const sink = await started.start({ DOCUMENT_SHAPE: 'value', WRITE_MODE: 'create' });
  expect(await sink.deliver(change('k', 1, '{"v":1}'))).toMatchObject({ written: 1 });
  expect(await sink.deliver(change('k', 1, '{"v":2}'), change('k', 2, '{"v":2}'))).toMatchObject({ written: 1, unchanged: 1 });
  expect(await started.document('orders+2+1')).toMatchObject({ v: 1 });
  expect(sink.log('warn')).toEqual([]);
});

test('records without value delete; what is not there, or newer, is unchanged', async () => {
  await using started = stage();
  const sink = await started.start({ ...keyed, NULL_VALUE: 'delete' });
  expect(await sink.deliver(change('a', 1, '{}'), change('b', 9, '{}'), change('c', 9, '{}'))).toMatchObject({ written: 3 });
  const trigger = triggerForms.cloudEvent('{"topic":"orders","partition":2,"offset":10,"timestamp":1,"key":"c","value":null}');
  const result = await sink.deliver(change('a', 2), change('b', 3), change('never', 4), trigger);
  expect(result).toMatchObject({ received: 4, deleted: 2, unchanged: 2 });
  expect(await started.ids()).toEqual(['b']);
  expect(await sink.deliver(change('a', 2))).toMatchObject({ unchanged: 1 });
});

test('an older record does not bring back what was deleted', async () => {
  await using started = stage();
  const sink = await started.start({ ...keyed, NULL_VALUE: 'delete' });
  expect(await sink.deliver(change('a', 5, '{}'), change('a', 6), change('a', 4, '{}'))).toMatchObject({
    written: 1,
    deleted: 1,
    unchanged: 1,
  });
  expect(await started.ids()).toEqual([]);
});

test('a delete in an index that is missing and not to be created is unchanged', async () => {
  await using started = stage();
  const sink = await started.start({ ...keyed, NULL_VALUE: 'delete', CREATE_INDEX: 'false' });
  expect(await sink.deliver(change('a', 5), change('b', 6))).toMatchObject({ unchanged: 2 });
  expect(await started.exists(started.name)).toBe(false);
});

test('upsert merges, and one that changes nothing is written', async () => {
  await using started = stage();
  const sink = await started.start({ ...keyed, WRITE_MODE: 'upsert' });
  expect(await sink.deliver(change('a', 1, '{"a":1,"n":9007199254740993}'), change('a', 2, '{"b":1.0}'))).toMatchObject({ written: 2 });
  expect(await started.source('a')).toBe('{"a":1,"n":9007199254740993,"b":1.0}');
  expect(await sink.deliver(change('a', 2, '{"b":1.0}'))).toMatchObject({ written: 1, unchanged: 0 });
});

test('upsert of the envelope leaves the envelope', async () => {
  await using started = stage();
  const sink = await started.start({ WRITE_MODE: 'upsert' });
  for (const written of [1, 1]) expect(await sink.deliver(connectorRecord())).toMatchObject({ written });
  expect(await started.document('orders+2+7')).toEqual({ msg_body: connectorRecord(), doc_as_upsert: true });
});

test.each([
  ['the envelope’s default', {}, { written: 2 }],
  ['index', { NULL_VALUE: 'index' }, { written: 2 }],
  ['skip', { NULL_VALUE: 'skip' }, { skipped: 2 }],
  ['reject', { NULL_VALUE: 'reject' }, { rejected: 2 }],
  ['a value’s default', { DOCUMENT_SHAPE: 'value' }, { rejected: 2 }],
  ['skip with values', { DOCUMENT_SHAPE: 'value-with-metadata', NULL_VALUE: 'skip' }, { skipped: 2 }],
])('records without value follow NULL_VALUE: %s', async (_, settings, counts) => {
  await using started = stage();
  const sink = await started.start(settings);
  const missing = { received: 2, written: 0, deleted: 0, unchanged: 0, skipped: 0, rejected: 0, ...counts };
  const trigger = triggerForms.rawData('{"topic":"orders","partition":0,"offset":0,"timestamp":1,"value":null}');
  expect(await sink.deliver(connectorRecord({ value: undefined, valueSize: 0 }), trigger)).toMatchObject(missing);
  expect(sink.log('error')).toHaveLength(missing.rejected);
});

test('an empty string is a value', async () => {
  await using started = stage();
  const sink = await started.start({ NULL_VALUE: 'skip' });
  expect(await sink.deliver(connectorRecord({ value: '', valueSize: 0 }))).toMatchObject({ written: 1, skipped: 0 });
});

test.each([{}, { NULL_VALUE: 'skip' }, { NULL_VALUE: 'delete', DOCUMENT_ID: 'key' }])(
  'an overflowed record is rejected before its value is looked at, with %j',
  async (settings) => {
    await using started = stage();
    const sink = await started.start(settings);
    const changes = { overflowFlag: true, valueSize: 272687 };
    const records = [
      connectorRecord({ ...changes, offset: 1, value: 'canary' }),
      connectorRecord({ ...changes, offset: 2, value: undefined }),
    ];
    expect(await sink.deliver(...records, connectorRecord({ offset: 3 }))).toMatchObject({ written: 1, rejected: 2 });
    expect(sink.log('error')).toMatchObject([{ offset: 1 }, { offset: 2 }]);
  },
);

test('valueSize is never checked', async () => {
  await using started = stage();
  const sink = await started.start();
  expect(await sink.deliver(connectorRecord({ valueSize: 1 }), connectorRecord({ offset: 8, valueSize: undefined }))).toMatchObject({
    written: 2,
  });
});

test.each(['continue', 'stop'])('skipped positions go to the error destination untried, under %s', async (policy) => {
  await using started = stage();
  const errors = `${started.name}-errors`;
  const skipped = 'orders+2+1,orders+2+2,orders+2+4,orders+2+5,orders+2+6';
  const sink = await started.start({ DOCUMENT_SHAPE: 'value', ON_FAILURE: policy, SKIP_POSITIONS: skipped, ERROR_INDEX: errors });
  const records = [
    connectorRecord({ offset: 1, value: '{}' }),
    connectorRecord({ offset: 2, value: 'bad' }),
    connectorRecord({ offset: 3, value: '{}' }),
    connectorRecord({ offset: 4, key: 1 }),
    JSON.stringify(JSON.stringify({ data: { topic: 'orders', partition: 2, offset: 5, key: {} } })),
    connectorRecord({ offset: 6, overflowFlag: true, value: 'canary' }),
  ];
  expect(await sink.deliver(...records)).toMatchObject({ received: 6, written: 1, skipped: 5, rejected: 0 });
  expect(await started.ids(started.name)).toEqual(['orders+2+3']);
  expect(await started.ids(errors)).toEqual(skipped.split(','));
  expect(await started.document('orders+2+4', errors)).toMatchObject({ error: { type: 'skipped' } });
  expect(sink.log('warn')).toHaveLength(5);
});

test('rejected records are written to the error index, by position, with their key and value', async () => {
  await using started = stage();
  const errors = `${started.name}-errors`;
  await started.put(`/${started.name}`, { mappings: { properties: { n: { type: 'integer' } } } });
  const sink = await started.start({ DOCUMENT_SHAPE: 'value', ERROR_INDEX: errors });
  const trigger = triggerForms.cloudEvent(
    '{"topic":"orders","partition":3,"offset":4,"timestamp":1616599282417,"value":{"n":"x","d":1.0}}',
  );
  const records = [
    change('k 1', 1, '{"n":"杭州"}'),
    change('k 2', 2, 'not JSON'),
    connectorRecord({ offset: 3, key: undefined, value: undefined }),
  ];
  for (let delivery = 1; delivery <= 2; delivery++) {
    expect(await sink.deliver(...records, trigger, change('k', 5, '{"n":1}'))).toMatchObject({ received: 5, written: 1, rejected: 4 });
  }
  expect(await started.ids()).toEqual(['orders+2+5']);
  expect(await started.ids(errors)).toEqual(['orders+2+1', 'orders+2+2', 'orders+2+3', 'orders+3+4']);
  const error = { type: expect.any(String), reason: expect.any(String) };
  const common = { '@timestamp': expect.anything(), topic: 'orders', error };
  const refused = { type: 'mapper_parsing_exception', reason: expect.stringMatching(/^.{1,1024}$/s) };
  const documents = {
    'orders+2+1': { ...common, partition: 2, offset: 1, key: 'k 1', value: '{"n":"杭州"}', error: refused },
    'orders+2+2': { ...common, partition: 2, offset: 2, key: 'k 2', value: 'not JSON' },
    'orders+2+3': { ...common, partition: 2, offset: 3 },
    'orders+3+4': { ...common, partition: 3, offset: 4, value: '{"n":"x","d":1.0}', error: refused },
  };
  for (const [id, document] of Object.entries(documents)) expect(await started.document(id, errors)).toEqual(document);
  expect(await started.source('orders+2+1', errors)).not.toContain('Authorization');
});

test('no element can poison the error index, and one without position is named by its hash', async () => {
  await using started = stage();
  const errors = `${started.name}-errors`;
  const sink = await started.start({ DOCUMENT_SHAPE: 'value', ERROR_INDEX: errors });
  const nameless = [
    'null',
    '5',
    '{"topic": {"a":1}}',
    '{"topic":"orders","partition":"x","offset":1}',
    '{"topic":"orders","partition":2,"offset":"2021-03-24"}',
  ];
  const values = ['2021-03-24', 'hello', '5', '[1]', 'x'.repeat(100_000)];
  const named = [
    ...values.map((value, offset) => change('k'.repeat(offset * 10_000), offset, value)),
    connectorRecord({ offset: 90, timestamp: 'soon', value: '' }),
  ];
  const count = nameless.length + named.length;
  expect(await sink.deliver(...nameless, ...named)).toMatchObject({ received: count, rejected: count });
  const hashes = nameless.map((element) => createHash('sha256').update(element).digest('hex'));
  const positions = [...values.keys(), 90].map((offset) => `orders+2+${offset}`);
  expect(await started.ids(errors)).toEqual([...hashes, ...positions].sort());
  expect(await started.document('orders+2+4', errors)).toMatchObject({ key: 'k'.repeat(40_000), value: 'x'.repeat(100_000) });
  const search = await started.get<{ error?: object; hits?: { total: { value: number } } }>(`/${errors}/_search?q=value:hello`);
  expect(search.hits?.total.value ?? 0).toBe(0);
});

test('the error index keeps the records of a topic that was made anew beside those of the former one', async () => {
  await using started = stage();
  const errors = `${started.name}-errors`;
  const prefix = 'second ';
  const long = 'x'.repeat(490);
  const nameless = '{"topic":"orders","partition":2}';
  const rejected = [change('k', 1, 'not JSON'), connectorRecord({ offset: 2, key: 1 }), nameless];
  for (const DOCUMENT_ID_PREFIX of [undefined, prefix, long]) {
    const sink = await started.start({ DOCUMENT_SHAPE: 'value', ERROR_INDEX: errors, DOCUMENT_ID_PREFIX });
    expect(await sink.deliver(...rejected)).toMatchObject({ rejected: 3 });
  }
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  const names = ['orders+2+1', 'orders+2+2', hash(nameless)];
  const [first, second, third] = names.map((name) => `${long}${name}`);
  const ids = [...names, ...names.map((name) => `${prefix}${name}`), first, second, hash(third ?? '')];
  expect(await started.ids(errors)).toEqual(ids.sort());
});

test('an overflowed record reaches the error index without what stood in its value’s place', async () => {
  await using started = stage();
  const errors = `${started.name}-errors`;
  const sink = await started.start({ ERROR_INDEX: errors });
  expect(await sink.deliver(connectorRecord({ overflowFlag: true, value: 'canary' }))).toMatchObject({ rejected: 1 });
  const source = await started.source('orders+2+7', errors);
  expect(JSON.parse(source ?? 'null')).toMatchObject({ topic: 'orders', partition: 2, offset: 7, key: 'demo' });
  expect(source).not.toContain('canary');
});

test('an error index that takes nothing fails the invocation', async () => {
  await using started = stage();
  const errors = `${started.name}-errors`;
  await started.put(`/${errors}`);
  await started.put(`/${errors}/_close`);
  const sink = await started.start({ DOCUMENT_SHAPE: 'value', ERROR_INDEX: errors }, { timeout: 6 });
  const failure = await failureOf(sink.invoke(event(change('canary', 1, 'canary'), change('k', 2, '{}'))));
  expect(failure).toMatchObject({ errorType: 'ErrorDestinationUnavailable', errorMessage: expect.not.stringContaining('canary') });
});

test('stop writes the others, hands nothing over, and throws with the positions', async () => {
  await using started = stage();
  const errors = `${started.name}-errors`;
  await started.put(`/${started.name}`, { mappings: { properties: { n: { type: 'integer' } } } });
  const sink = await started.start({ DOCUMENT_SHAPE: 'value', ON_FAILURE: 'stop', ERROR_INDEX: errors });
  const records = [
    change('k', 1, '{"n":1}'),
    change('canary', 2, '{"n":"canary"}'),
    'null',
    change('canary', 3, 'canary'),
    change('k', 4, '{}'),
  ];
  const failure = await failureOf(sink.invoke(event(...records)));
  expect(failure.errorType).toBe('RecordsRejected');
  for (const text of ['orders+2+2', 'orders+2+3']) expect(failure.errorMessage).toContain(text);
  expect(failure.errorMessage).not.toMatch(/canary|orders\+2\+[14]/);
  expect(await started.ids(started.name)).toEqual(['orders+2+1', 'orders+2+4']);
  expect(await started.ids(errors)).toEqual([]);
  expect(sink.log('error')).toEqual(
    expect.arrayContaining([expect.objectContaining({ offset: 2 }), expect.objectContaining({ offset: 3 })]),
  );
  expect(sink.logText().join()).not.toContain('canary');
  expect(await sink.deliver(change('k', 5, '{}'))).toMatchObject({ written: 1 });
});

test.each([
  ['a field of another type', { properties: { n: { type: 'integer' } } }, {}, '{"n":"canary"}'],
  ['a field that a strict mapping does not know', { dynamic: 'strict', properties: { a: { type: 'integer' } } }, {}, '{"canary":1}'],
  ['more fields than the index takes', {}, { 'index.mapping.total_fields.limit': 5 }, '{"a1":1,"b1":1,"c1":1,"d1":1,"e1":1,"f1":1}'],
])('%s is the record’s fault: rejected, the others written, one error line without content', async (_, mappings, settings, bad) => {
  await using started = stage();
  await started.put(`/${started.name}`, { mappings, settings });
  const sink = await started.start({ DOCUMENT_SHAPE: 'value' });
  for (const others of [2, 0]) {
    const good = Array.from({ length: others }, (_, offset) => change('k', offset, '{"a":1}'));
    expect(await sink.deliver(change('canary', 9, bad), ...good)).toMatchObject({ written: others, rejected: 1 });
  }
  const lines = sink.log('error');
  expect(lines).toMatchObject([9, 9].map((offset) => ({ topic: 'orders', partition: 2, offset, error: expect.stringMatching(/^\w+$/) })));
  expect(sink.logText().join()).not.toContain('canary');
});

test('a batch of nothing but records that do not fit is their fault still', async () => {
  await using started = stage();
  await started.put(`/${started.name}`, { mappings: { properties: { n: { type: 'integer' } } } });
  const sink = await started.start({ DOCUMENT_SHAPE: 'value' });
  const records = [1, 2, 3].map((offset) => change('k', offset, '{"n":"x"}'));
  expect(await sink.deliver(...records)).toMatchObject({ received: 3, written: 0, rejected: 3 });
});

test('a key that is the id does not reach the log', async () => {
  await using started = stage();
  await started.put(`/${started.name}`, { mappings: { properties: { n: { type: 'integer' } } } });
  const sink = await started.start({ ...keyed, LOG_LEVEL: 'debug' });
  expect(await sink.deliver(change('canary', 1, '{"n":"x"}'), change('canary', 0, '{}'), change('canary', 0, '{}'))).toMatchObject({
    rejected: 1,
  });
  expect(sink.logText().join()).not.toMatch(/canary/i);
});

test('an index that is missing and not to be created is nobody’s record’s fault', async () => {
  await using started = stage();
  const errors = `${started.name}-errors`;
  const sink = await started.start({ CREATE_INDEX: 'false', ERROR_INDEX: errors });
  const failure = await failureOf(sink.invoke(event(connectorRecord({ value: 'canary' }), 'null')));
  expect(failure).toMatchObject({ errorType: 'IndexMissing', errorMessage: expect.stringContaining(started.name) });
  expect(failure.errorMessage).not.toContain('canary');
  expect(await started.exists(started.name)).toBe(false);
  expect(await started.ids(errors)).toEqual([]);
});

test('the others are written when one index is closed, and nothing is handed over', async () => {
  await using started = stage();
  const { name } = started;
  const errors = `${name}-errors`;
  await started.put(`/${name}-closed`);
  await started.put(`/${name}-closed/_close`);
  const sink = await started.start({ ES_INDEX: `${name}-\${topic}`, DOCUMENT_SHAPE: 'value', ERROR_INDEX: errors });
  const to = (topic: string, offset: number, value: string) => connectorRecord({ topic, offset, value });
  const failure = await failureOf(
    sink.invoke(event(to('open', 1, '{}'), to('closed', 2, '{}'), to('open', 3, 'bad'), to('open', 4, '{}'))),
  );
  expect(failure.errorType).toBe('IndexUnavailable');
  expect(await started.ids(`${name}-open`)).toEqual(['open+2+1', 'open+2+4']);
  expect(await started.ids(errors)).toEqual([]);
});

test('a missing pipeline is nobody’s record’s fault', async () => {
  await using started = stage();
  const sink = await started.start({ ES_PIPELINE: `${started.name}-pipeline` });
  for (const count of [1, 3]) {
    const records = Array.from({ length: count }, (_, offset) => connectorRecord({ offset }));
    expect(await failureOf(sink.invoke(event(...records)))).toMatchObject({ errorType: 'IndexUnavailable' });
  }
});

test('an alias without write index is nobody’s record’s fault', async () => {
  await using started = stage();
  for (const number of [1, 2]) await started.put(`/${started.name}-${number}`, { aliases: { [started.name]: {} } });
  const sink = await started.start();
  for (const count of [1, 3]) {
    const records = Array.from({ length: count }, (_, offset) => connectorRecord({ offset }));
    expect(await failureOf(sink.invoke(event(...records)))).toMatchObject({ errorType: 'IndexUnavailable' });
  }
});

test('a write block is waited out', async () => {
  await using started = stage();
  const block = (value: boolean | null) => started.put(`/${started.name}/_settings`, { 'index.blocks.write': value });
  await started.put(`/${started.name}`);
  await block(true);
  const sink = await started.start();
  const [result] = await Promise.all([
    sink.deliver(connectorRecord(), connectorRecord({ offset: 8 })),
    sleep(1000).then(() => block(null)),
  ]);
  expect(result).toMatchObject({ received: 2, written: 2, rejected: 0 });
  expect(result.retried).toBeGreaterThan(1);
});

test('a write block that stays fails the invocation before its timeout, and hands nothing over', async () => {
  await using started = stage();
  const errors = `${started.name}-errors`;
  await started.put(`/${started.name}`, { settings: { 'index.blocks.write': true } });
  const sink = await started.start({ ERROR_INDEX: errors, DEADLINE_RESERVE_MS: '1000' }, { timeout: 3 });
  expect(await failureOf(sink.invoke(event(connectorRecord(), 'null')))).toMatchObject({ errorType: 'ElasticsearchUnavailable' });
  expect(await started.ids(errors)).toEqual([]);
});

test('every line of the log is one JSON object, and an invocation has one with its numbers', async () => {
  await using started = stage();
  const sink = await started.start({ DOCUMENT_SHAPE: 'value' });
  const answers = [await sink.deliver(change('canary', 1, '{"canary":1}'), change('canary', 2, 'canary')), await sink.deliver()];
  for (const text of sink.logText()) {
    expect(JSON.parse(text)).toMatchObject({ level: expect.any(String), requestId: expect.any(String), message: expect.any(String) });
    expect(new Date((JSON.parse(text) as { time: string }).time).getTime()).toBeGreaterThan(Date.now() - 600_000);
    expect(text).not.toContain('canary');
  }
  const lines = sink.log('info').filter((line) => 'received' in line);
  expect(lines).toMatchObject(answers);
  expect(new Set(lines.map(({ requestId }) => requestId)).size).toBe(2);
});

test('a line has at most 32 KB, whatever the record', async () => {
  await using started = stage();
  const sink = await started.start({ DOCUMENT_SHAPE: 'value' });
  const topic = '杭'.repeat(50_000);
  const value = JSON.stringify(Object.fromEntries([['x'.repeat(50_000), { a: 1 }]]));
  await started.put(`/${started.name}`, { mappings: { dynamic: 'strict' } });
  expect(await sink.deliver(connectorRecord({ topic }), connectorRecord({ value }))).toMatchObject({ rejected: 2 });
  for (const line of sink.logText()) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(32_768);
  expect(sink.log('error')).toHaveLength(2);
});

test.each([
  ['error', ['error']],
  ['warn', ['error', 'warn']],
  ['info', ['error', 'info', 'warn']],
])('the log level %s writes nothing below it', async (LOG_LEVEL, levels) => {
  await using started = stage();
  const sink = await started.start({ LOG_LEVEL });
  await sink.deliver(connectorRecord({ value: '\ufffd' }), 'null');
  const seen = sink.logText().map((line) => (JSON.parse(line) as { level: string }).level);
  expect([...new Set(seen)].sort()).toEqual(levels);
});
