// How an index is made, and whose mapping it has.
import { expect, inject, test } from 'vitest';
import { needs } from '../../../support/elasticsearch/server-under-test.ts';
import { failureOf } from '../../../support/function/built-function.ts';
import { at, connectorRecord, id, records } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

const shaped = { DOCUMENT_SHAPE: 'value' };
/** A record of this value. */
const holding = (offset: number, value: object) => at(offset, { value: JSON.stringify(value) });

test("the index is created with the envelope's fields, and no first value can refuse the later ones", async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start();
  const values = ['2021-03-24', 'hello', '5', '{"a":1}', 'x'.repeat(100_000), ''];
  const records = values.map((value, offset) => connectorRecord({ offset, value }));
  expect(await sink.deliver(...records, connectorRecord({ offset: 100, key: 'k'.repeat(100_000) }))).toMatchObject({
    written: 7,
    rejected: 0,
  });
  const mapping = (await sandbox.mappings())[sandbox.name];
  expect(mapping?.date_detection).toBe(false);
  const fields = ['key', 'offset', 'overflowFlag', 'partition', 'timestamp', 'topic', 'value', 'valueSize'];
  const { msg_body: body } = mapping?.properties ?? {};
  expect(Object.keys((body && 'properties' in body && body.properties) || {})).toEqual(expect.arrayContaining(fields));
});

test('a first value that looks like a date does not refuse the later ones in the shape value', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ DOCUMENT_SHAPE: 'value' });
  for (const value of ['2021-03-24', '2021/03/24 00:00:00', 'hello']) {
    expect(await sink.deliver(connectorRecord({ value: JSON.stringify({ at: value }) }))).toMatchObject({ written: 1 });
  }
});

test('the index is there before the first write of many names at once, and each is created', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ ES_INDEX: `${sandbox.name}-\${topic}` });
  const topics = ['a', 'b', 'c', 'd', 'e'];
  expect(await sink.deliver(...topics.map((topic) => connectorRecord({ topic, value: '2021-03-24' })))).toMatchObject({ written: 5 });
  const mappings = await sandbox.mappings(`${sandbox.name}*`);
  expect(Object.keys(mappings).sort()).toEqual(topics.map((topic) => `${sandbox.name}-${topic}`));
  for (const { date_detection } of Object.values(mappings)) expect(date_detection).toBe(false);
});

test('instances that create the same index at the same time all write', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sinks = await Promise.all([1, 2, 3].map(() => sandbox.start()));
  const results = await Promise.all(sinks.map((sink, partition) => sink.deliver(connectorRecord({ partition }))));
  expect(results).toMatchObject([{ written: 1 }, { written: 1 }, { written: 1 }]);
  expect(await sandbox.ids()).toHaveLength(3);
});

/** What a test of this kind of template needs. */
const needsKind = (kind: string) => (kind === '_index_template' ? needs('composable templates') : {});

for (const kind of ['_index_template', '_template'])
  test.each([kind])("a user's template of %s decides about the index", needsKind(kind), async () => {
    await using sandbox = new Sandbox(inject('elasticsearchUrl'));
    const mappings = { properties: { at: { type: 'date' } } };
    const template = { mappings, settings: { number_of_shards: 3 } };
    const patterns = { index_patterns: [`${sandbox.name}*`] };
    await sandbox.put(`/${kind}/${sandbox.name}`, kind === '_template' ? { ...patterns, ...template } : { ...patterns, template });
    const sink = await sandbox.start({ DOCUMENT_SHAPE: 'value' });
    expect(
      await sink.deliver(
        connectorRecord({ offset: 1, value: '{"at":"2021-03-24"}' }),
        connectorRecord({ offset: 2, value: '{"at":"hello"}' }),
      ),
    ).toMatchObject({ written: 1, rejected: 1 });
    expect(await sandbox.mappings()).toEqual({ [sandbox.name]: mappings });
    expect(JSON.stringify(await sandbox.elasticsearch.indices.getSettings({ index: sandbox.name }))).toContain('"number_of_shards":"3"');
  });

test('an index or alias that is there is used as it is', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const mappings = { dynamic: 'false', properties: { a: { type: 'keyword' } } };
  await sandbox.put(`/${sandbox.name}-1`, { mappings, aliases: { [sandbox.name]: {} } });
  const sink = await sandbox.start({ DOCUMENT_SHAPE: 'value' });
  expect(await sink.deliver(connectorRecord({ offset: 1, value: '{"a":5}' }))).toMatchObject({ written: 1 });
  expect(await sandbox.ids(`${sandbox.name}-1`)).toEqual(['orders+2+1']);
  expect(await sandbox.mappings(`${sandbox.name}-1`)).toEqual({ [`${sandbox.name}-1`]: mappings });
});

test('an index that vanishes in mid-life is made again, with the same mapping, and no record is lost', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const fn = await sandbox.start();
  expect(await fn.deliver(...records(3))).toMatchObject({ written: 3 });
  const before = await sandbox.mappings();
  await sandbox.elasticsearch.indices.delete({ index: sandbox.name });
  expect(await fn.deliver(...records(3))).toMatchObject({ received: 3, written: 3, rejected: 0 });
  expect(await sandbox.ids()).toEqual([0, 1, 2].map(id));
  expect(await sandbox.mappings()).toEqual(before);
  expect(before[sandbox.name]).toMatchObject({ date_detection: false });
});

test('an alias that vanishes is never made as an index, however soon records come', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const { name } = sandbox;
  await sandbox.put(`/_template/${name}`, { index_patterns: [`${name}-0*`], mappings: { properties: { a: { type: 'keyword' } } } });
  await sandbox.put(`/${name}-000001`, { aliases: { [name]: {} } });
  const sink = await sandbox.start(shaped);
  expect(await sink.deliver(holding(0, { a: 1 }))).toMatchObject({ written: 1 });
  await sandbox.elasticsearch.indices.delete({ index: `${name}-000001` });
  const { errorType, errorMessage } = await failureOf(sink.deliver(holding(1, { a: 1 })));
  expect(errorType).toBe('IndexMissing');
  expect(errorMessage).toContain('was an alias');
  expect(await sandbox.exists(name)).toBe(false);
  // And once more: what was seen is not forgotten by the first failure.
  expect((await failureOf(sink.deliver(holding(1, { a: 1 })))).errorType).toBe('IndexMissing');
  expect(await sandbox.exists(name)).toBe(false);
  await sandbox.put(`/${name}-000002`, { aliases: { [name]: {} } });
  expect(await sink.deliver(holding(1, { a: 1 }))).toMatchObject({ written: 1 });
});

/** A name that the servers of the tests make an index of by themselves, as others do of any name. */
const automatic = (sandbox: Sandbox) => `.${sandbox.name}`;
const notCreated = { CREATE_INDEX: 'false' };

test.each([
  ['index', {}],
  ['create', { WRITE_MODE: 'create' }],
  ['upsert', { WRITE_MODE: 'upsert' }],
  ['external versions', { DOCUMENT_ID: 'key' }],
])('with CREATE_INDEX=false no index is made by a server that makes them by itself: %s', async (_, settings) => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const fn = await sandbox.start({ ...notCreated, ...settings, ES_INDEX: automatic(sandbox) });
  for (const offset of [0, 1]) {
    const { errorType, errorMessage } = await failureOf(fn.deliver(at(offset)));
    expect(errorType).toBe('IndexMissing');
    expect(errorMessage).toContain(automatic(sandbox));
    expect(await sandbox.exists(automatic(sandbox))).toBe(false);
  }
});

test('with CREATE_INDEX=false a delete makes no index either, and is unchanged', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const keyed = { DOCUMENT_SHAPE: 'value', DOCUMENT_ID: 'key', NULL_VALUE: 'delete' };
  const fn = await sandbox.start({ ...notCreated, ...keyed, ES_INDEX: `.${sandbox.name}-\${topic}` });
  await sandbox.put(`/.${sandbox.name}-b`);
  try {
    const deletion = (offset: number, topic: string) => at(offset, { topic, value: undefined });
    const result = await fn.deliver(deletion(0, 'a'), at(1, { topic: 'b', value: '{}' }), deletion(2, 'a'));
    expect(result).toMatchObject({ received: 3, written: 1, deleted: 0, unchanged: 2, retried: 0 });
    expect(fn.log('warn')).toEqual([]);
    // What else goes there fails, after the records of the other index.
    const others = [deletion(3, 'a'), at(4, { topic: 'a', value: '{}' }), at(5, { topic: 'b', key: 'l', value: '{}' })];
    expect((await failureOf(fn.deliver(...others))).errorType).toBe('IndexMissing');
    expect(await sandbox.ids(`.${sandbox.name}-b`)).toHaveLength(2);
    expect(await sandbox.exists(`.${sandbox.name}-a`)).toBe(false);
  } finally {
    await sandbox.elasticsearch.indices.delete({ index: `.${sandbox.name}-b` });
  }
});

test('with CREATE_INDEX=false records are written once a person has made the index', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const fn = await sandbox.start(notCreated);
  expect((await failureOf(fn.deliver(at(0)))).errorType).toBe('IndexMissing');
  await sandbox.put(`/${sandbox.name}`);
  expect(await fn.deliver(at(0))).toMatchObject({ written: 1 });
});

test.each([
  ['CREATE_INDEX=false', notCreated],
  ['CREATE_INDEX=true', {}],
])(
  'an alias that vanishes is made an index by no server, however soon records come: %s',
  needs('required aliases'),
  async (_, settings) => {
    await using sandbox = new Sandbox(inject('elasticsearchUrl'));
    await sandbox.put(`/${sandbox.name}-1`, { aliases: { [automatic(sandbox)]: {} } });
    const fn = await sandbox.start({ ...settings, ES_INDEX: automatic(sandbox) });
    expect(await fn.deliver(at(0))).toMatchObject({ written: 1 });
    await sandbox.elasticsearch.indices.deleteAlias({ index: `${sandbox.name}-1`, name: automatic(sandbox) });
    for (const offset of [1, 2]) {
      const { errorType, errorMessage } = await failureOf(fn.deliver(at(offset)));
      expect(errorType).toBe('IndexMissing');
      expect(errorMessage).toContain('was an alias');
      expect(await sandbox.exists(automatic(sandbox))).toBe(false);
    }
  },
);

const templates: readonly (readonly [string, string, object, boolean])[] = [
  ['a composable one with settings alone', '_index_template', { template: { settings: { number_of_shards: 1 } } }, true],
  ['a legacy one with settings alone', '_template', { settings: { number_of_shards: 1 } }, true],
  ['a composable one with a mapping', '_index_template', { template: { mappings: { numeric_detection: true } } }, false],
  ['a legacy one with a mapping', '_template', { mappings: { numeric_detection: true } }, false],
];

for (const row of templates)
  test.each([row])(
    '%s that catches all: the mapping that protects is there unless the user has one',
    needsKind(row[1]),
    async (_, kind, body, isOurs) => {
      await using sandbox = new Sandbox(inject('elasticsearchUrl'));
      const { name } = sandbox;
      await sandbox.put(`/${kind}/${name}`, { index_patterns: [`${name}*`], ...body });
      const sink = await sandbox.start({ ...shaped, ERROR_INDEX: `${name}-errors` });
      expect(await sink.deliver(holding(0, { a: '2020-01-01' }), 'null')).toMatchObject({ written: 1, rejected: 1 });
      const mappings = await sandbox.mappings(`${name}*`);
      expect(mappings[name]?.date_detection).toBe(isOurs ? false : undefined);
      expect(mappings[`${name}-errors`]?.dynamic).toBe(isOurs ? 'false' : undefined);
    },
  );

test('a template whose components hold the mapping decides', needs('composable templates'), async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const { name } = sandbox;
  await sandbox.put(`/_component_template/${name}`, { template: { mappings: { numeric_detection: true } } });
  await sandbox.put(`/_index_template/${name}`, { index_patterns: [`${name}*`], composed_of: [name] });
  const sink = await sandbox.start(shaped);
  expect(await sink.deliver(holding(0, { a: 1 }))).toMatchObject({ written: 1 });
  const mappings = await sandbox.mappings();
  expect(mappings[name]).toMatchObject({ numeric_detection: true });
  expect(mappings[name]?.date_detection).toBeUndefined();
});
