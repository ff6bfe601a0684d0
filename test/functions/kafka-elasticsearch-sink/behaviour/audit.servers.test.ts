// Proof, record by record, that what a topic holds is in the index once, or somewhere else where it is not lost.
import { expect, inject, test } from 'vitest';
import type { AuditResponse } from '../../../../shared/commands.ts';
import { startProxy } from '../../../support/elasticsearch/proxy.ts';
import { json, type Respond } from '../../../support/elasticsearch/scripted-server.ts';
import { needs } from '../../../support/elasticsearch/server-under-test.ts';
import { failureOf, type Variables } from '../../../support/function/built-function.ts';
import { connectorRecord as anyRecord, cloudEvent } from '../../../support/function/records.ts';
import type { Sandbox } from '../../../support/function/sandbox.ts';
import { openTopicSandbox } from '../../../support/function/topic-sandbox.ts';

/** Not long ago: what is older than a topic's retention may expire at any time. */
const now = Date.now();
const timestamp = String(now);
const connectorRecord = (changes: object) => anyRecord({ timestamp: now, ...changes });

/** A message of which the function gets `at` as record. */
const message = (changes: object = {}) => ({ key: 'demo', value: '{"key": "test"}', partition: 0, timestamp, ...changes });

async function open(variables: Variables = {}, setup: object = {}) {
  const opened = await openTopicSandbox({ variables, ...setup });
  const { sink, topic, topics } = opened;
  return {
    ...opened,
    at: (offset: number, changes: object = {}) => connectorRecord({ topic, partition: 0, offset, ...changes }),
    /** Puts that many records into the topic, and delivers them unless they are left out. */
    fill: async (count: number, leftOut: readonly number[] = []) => {
      await topics.send(
        topic,
        Array.from({ length: count }, () => message()),
      );
      const offsets = [...Array(count).keys()].filter((offset) => !leftOut.includes(offset));
      await sink.deliver(...offsets.map((offset) => connectorRecord({ topic, partition: 0, offset })));
    },
    audit: (to: number, changes: object = {}) =>
      sink.command<AuditResponse>({ command: 'audit', topic, partition: 0, from: 0, to, ...changes }),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

const nothing = { errors: 0, deadLettered: 0, skipped: 0, expired: 0, missingCount: 0, missing: [], extraCount: 0, extra: [] };

test('what is delivered is in the index; a loss made on purpose is found, and repaired', async () => {
  await using opened = await open();
  const { at, audit, fill, sandbox, sink, topic } = opened;
  await fill(2500, [7, 1999]);
  expect(await audit(2500)).toEqual({
    ...nothing,
    canTell: true,
    offsets: 2500,
    indexed: 2498,
    missingCount: 2,
    missing: [`${topic}+0+7`, `${topic}+0+1999`],
  });
  expect(await sandbox.document(`${topic}+0+7`)).toBeNull();
  expect(await audit(2500, { repair: true })).toMatchObject({ missingCount: 2, repaired: 2 });
  expect(await audit(2500)).toEqual({ ...nothing, canTell: true, offsets: 2500, indexed: 2500 });
  // As it would be, had it not been lost.
  const repaired = await sandbox.source(`${topic}+0+7`);
  await sink.deliver(at(7));
  expect(await sandbox.source(`${topic}+0+7`)).toBe(repaired);
  expect(await audit(1000, { from: 10 })).toMatchObject({ offsets: 990, indexed: 990 });
});

/** A routing that leads to another shard, as the versions differ in where each leads to: in the same one the document would be replaced. */
async function routingElsewhere({ elasticsearch, name }: Sandbox, routing = ''): Promise<string> {
  const shardOf = async (text: string) => (await elasticsearch.searchShards({ index: name, routing: text })).shards[0]?.[0]?.shard;
  const taken = await shardOf(routing);
  for (const text of ['a', 'b', 'c', 'd', 'e']) if ((await shardOf(text)) !== taken) return text;
  throw new Error(`every routing leads to the shard of ${routing}`);
}

test('a doubling made on purpose is found: in an index of another date, and under another routing', async () => {
  const dated = { ES_INDEX: '$-{yyyy.MM}' };
  for (const settings of [
    dated,
    { ...dated, DOCUMENT_SHAPE: 'value' },
    { ES_ROUTING: 'key' },
    { ES_ROUTING: 'key', DOCUMENT_SHAPE: 'value' },
  ]) {
    await using opened = await open();
    const { sandbox, topic } = opened;
    const variables = { ...settings, ...('ES_INDEX' in settings && { ES_INDEX: settings.ES_INDEX.replace('$', sandbox.name) }) };
    await sandbox.put(`/_template/${sandbox.name}`, { index_patterns: [`${sandbox.name}*`], settings: { number_of_shards: 3 } });
    const sink = await sandbox.start({ SOURCE_TOPIC: topic, KAFKA_BOOTSTRAP_SERVERS: inject('broker'), ...variables });
    await opened.topics.send(topic, [message(), message(), message()]);
    await sink.deliver(opened.at(0), opened.at(1), opened.at(2));
    const audit = () => sink.command<AuditResponse>({ command: 'audit', topic, partition: 0, from: 0, to: 3 });
    expect(await audit()).toEqual({ ...nothing, canTell: true, offsets: 3, indexed: 3 });
    const id = `${topic}+0+1`;
    const isDated = 'ES_INDEX' in settings;
    if (isDated) await sandbox.put(`/${sandbox.name}-2020.01`);
    const index = isDated ? `${sandbox.name}-${new Date(now).toISOString().slice(0, 7).replace('-', '.')}` : sandbox.name;
    await sandbox.elasticsearch.indices.refresh({ index });
    const { hits } = await sandbox.elasticsearch.search({ index, query: { ids: { values: [id] } } });
    await sandbox.elasticsearch.index({
      index: isDated ? `${sandbox.name}-2020.01` : index,
      id,
      ...(!isDated && { routing: await routingElsewhere(sandbox, hits.hits[0]?._routing) }),
      document: hits.hits[0]?._source,
      refresh: true,
    });
    expect(await audit()).toMatchObject({ indexed: 3, missingCount: 0, extraCount: 1, extra: [id] });
  }
});

test('an alias of several indices is searched, and tells a position that is in two of them', async () => {
  await using opened = await open();
  const { at, audit, sandbox, topic, topics } = opened;
  const { elasticsearch, name } = sandbox;
  await sandbox.put(`/${name}-1`);
  await sandbox.put(`/${name}-2`);
  await elasticsearch.indices.updateAliases({
    actions: [{ add: { index: `${name}-1`, alias: name } }, { add: { index: `${name}-2`, alias: name, is_write_index: true } }],
  });
  await topics.send(topic, [message(), message(), message()]);
  await opened.sink.deliver(at(0), at(1));
  const document = await sandbox.document(`${topic}+0+1`, `${name}-2`);
  await elasticsearch.index({ index: `${name}-1`, id: `${topic}+0+1`, document: document as object });
  expect(await audit(3)).toMatchObject({ offsets: 3, indexed: 2, missing: [`${topic}+0+2`], extra: [`${topic}+0+1`] });
});

test('transactions: what was aborted is not missing, nor are markers; a document of what was aborted is one too many', async () => {
  await using opened = await open();
  const { at, audit, sink, topic, topics } = opened;
  await topics.send(topic, [message()]);
  await topics.transact(topic, [message(), message()], 'abort');
  await topics.transact(topic, [message(), message()], 'commit');
  await topics.send(topic, [message()]);
  // 0, aborted 1 and 2, marker 3, committed 4 and 5, marker 6, 7
  await sink.deliver(at(0), at(4), at(7));
  expect(await audit(8)).toMatchObject({ offsets: 4, indexed: 3, missing: [`${topic}+0+5`], extraCount: 0 });
  await sink.deliver(at(2));
  expect(await audit(8)).toMatchObject({ offsets: 4, indexed: 3, extra: [`${topic}+0+2`] });
});

test('what was compacted away or has expired is not missing', async () => {
  await using opened = await open(
    {},
    { topicSettings: { 'cleanup.policy': 'compact', 'segment.ms': '100', 'min.cleanable.dirty.ratio': '0.01' } },
  );
  const { at, audit, sink, topic, topics } = opened;
  const keys = ['a', 'b', 'a', 'a', 'c', 'a'];
  for (const key of keys) await topics.send(topic, [message({ key, timestamp: undefined })]);
  // A segment is cleaned when another has followed it.
  const compacted = async () => {
    await topics.send(topic, [message({ key: 'end', timestamp: undefined })]);
    return (await audit(5)).offsets;
  };
  await expect.poll(compacted, { interval: 500, timeout: 120_000 }).toBeLessThan(5);
  const { offsets, missing } = await audit(5);
  expect(missing).toHaveLength(offsets);
  expect(missing).toContain(`${topic}+0+1`);
  expect(missing).not.toContain(`${topic}+0+0`);
  expect(await audit(5, { repair: true })).toMatchObject({ repaired: offsets });
  await sink.deliver(at(0));
  expect(await audit(5)).toMatchObject({ offsets, indexed: offsets, missingCount: 0, extraCount: 0 });
});

test('offsets that have expired are counted as such', async () => {
  await using opened = await open();
  const { audit, fill, topic, topics } = opened;
  await fill(10, [1, 8]);
  await topics.expire(topic, 0, 4);
  expect(await audit(10)).toMatchObject({ offsets: 6, indexed: 5, expired: 4, missing: [`${topic}+0+8`] });
  expect(await audit(3)).toMatchObject({ offsets: 0, expired: 3, missingCount: 0 });
});

test.each<[string, Respond, string]>([
  [
    'a document that a shard cannot give',
    json(200, { docs: [{ error: { type: 'no_shard_available_action_exception' } }] }),
    'ElasticsearchUnavailable',
  ],
  ['a closed index', json(200, { docs: [{ error: { type: 'index_closed_exception' } }] }), 'IndexUnavailable'],
  ['an account that may not read', json(403, { error: { type: 'security_exception' } }), 'ElasticsearchForbidden'],
  ['credentials that are not accepted', json(401, {}), 'ElasticsearchUnauthorized'],
  ['something else that knows no such path', json(404, {}), 'IndexUnavailable'],
  ['a response of other documents', json(200, { docs: [] }), 'IndexUnavailable'],
])('%s fails the audit: what cannot be seen is not taken for missing', async (_, refusal, errorType) => {
  await using opened = await open();
  const { sandbox, topic, topics } = opened;
  await topics.send(topic, [message()]);
  await using proxy = await startProxy(inject('elasticsearchUrl'), {
    refuse: ({ path }) => (path.includes('/_mget') ? refusal : undefined),
  });
  const sink = await sandbox.start(
    { SOURCE_TOPIC: topic, KAFKA_BOOTSTRAP_SERVERS: inject('broker'), ES_ENDPOINT: proxy.url },
    { timeout: 8 },
  );
  const failure = await failureOf(sink.command({ command: 'audit', topic, partition: 0, from: 0, to: 1 }));
  expect(failure.errorType).toBe(errorType);
});

test('a data stream is searched, even where it has one index: it has no documents by id', async () => {
  await using opened = await open();
  const { at, sandbox, sink, topic, topics } = opened;
  await topics.send(topic, [message(), message()]);
  await sink.deliver(at(0));
  await using proxy = await startProxy(inject('elasticsearchUrl'), {
    refuse: ({ path }) => {
      if (path.includes('/_settings/index.uuid')) return json(200, { [`.ds-${sandbox.name}-2026.11.26-000001`]: {} });
      return path.includes('/_mget') ? json(200, { docs: [{ found: false }, { found: false }] }) : undefined;
    },
  });
  const audited = await sandbox.start({ SOURCE_TOPIC: topic, KAFKA_BOOTSTRAP_SERVERS: inject('broker'), ES_ENDPOINT: proxy.url });
  const response = await audited.command({ command: 'audit', topic, partition: 0, from: 0, to: 2 });
  expect(response).toMatchObject({ offsets: 2, indexed: 1, missing: [`${topic}+0+1`] });
});

test('a topic that was made anew is noticed: documents of the former one are not those of its records', async () => {
  await using opened = await open();
  const { audit, fill, sandbox, topic, topics } = opened;
  await fill(5);
  await topics.makeAnew(topic, 1);
  await topics.send(topic, [message({ timestamp: String(now + 1) }), message({ timestamp: String(now + 2) })]);
  const all = [0, 1, 2, 3, 4].map((offset) => `${topic}+0+${offset}`);
  const found = { offsets: 2, indexed: 0, missing: all.slice(0, 2), extraCount: 5, extra: expect.arrayContaining(all) };
  expect(await audit(5)).toMatchObject(found);
  // Timestamps are read from columns as soon as a search finds the documents.
  await sandbox.elasticsearch.indices.refresh({ index: sandbox.name });
  expect(await audit(5)).toMatchObject(found);
});

test.each([
  { ES_INDEX: '$-{yyyy.MM.dd}' },
  { ES_ROUTING: 'key' },
  { DOCUMENT_SHAPE: 'value' },
  { DOCUMENT_SHAPE: 'value-with-metadata' },
  { DOCUMENT_ID_PREFIX: 'v2:' },
  { WRITE_MODE: 'upsert' },
])('records are looked for where the settings put each: %j', async (settings) => {
  await using opened = await open();
  const { at, sandbox, topic, topics } = opened;
  const changes = 'ES_INDEX' in settings ? { ES_INDEX: settings.ES_INDEX.replace('$', sandbox.name) } : settings;
  const sink = await sandbox.start({ SOURCE_TOPIC: topic, KAFKA_BOOTSTRAP_SERVERS: inject('broker'), ...changes });
  const days = [0, 1, 2, 3].map((day) => now - day * 86_400_000);
  await topics.send(
    topic,
    days.map((day, offset) => message({ key: `k${offset}`, timestamp: String(day) })),
  );
  const records = days.map((day, offset) => at(offset, { key: `k${offset}`, timestamp: day }));
  await sink.deliver(...records.filter((_, offset) => offset !== 2));
  const audit = () => sink.command<AuditResponse>({ command: 'audit', topic, partition: 0, from: 0, to: 4 });
  expect(await audit()).toMatchObject({ canTell: true, offsets: 4, indexed: 3, missing: [`${topic}+0+2`], extraCount: 0 });
  await sink.deliver(...records);
  expect(await audit()).toMatchObject({ indexed: 4, missingCount: 0, extraCount: 0 });
});

test.each(['ERROR_INDEX', 'ERROR_DATA_TOPIC'])('a rejected record is accounted for at %s, and a skipped one', async (destination) => {
  await using opened = await open();
  const { at, sandbox, topic, topics } = opened;
  const errors = destination === 'ERROR_INDEX' ? `${sandbox.name}-errors` : await topics.create(3);
  const sink = await sandbox.start({
    SOURCE_TOPIC: topic,
    KAFKA_BOOTSTRAP_SERVERS: inject('broker'),
    DOCUMENT_SHAPE: 'value',
    NULL_VALUE: 'skip',
    [destination]: errors,
  });
  await topics.send(topic, [
    message(),
    message({ value: 'no object' }),
    message({ value: null }),
    message(),
    message({ value: 'no object' }),
  ]);
  await sink.deliver(at(0), at(1, { value: 'no object' }), at(2, { value: undefined }));
  // A crash may leave a second copy.
  await sink.deliver(at(1, { value: 'no object' }));
  expect(await sink.command({ command: 'audit', topic, partition: 0, from: 0, to: 5 })).toEqual({
    ...nothing,
    canTell: true,
    offsets: 5,
    indexed: 1,
    errors: 1,
    skipped: 1,
    missingCount: 2,
    missing: [`${topic}+0+3`, `${topic}+0+4`],
  });
});

test.each([true, false])(
  'what the trigger has given up is found in the dead letters, in any form (one topic with the errors: %s)',
  async (isOne) => {
    await using opened = await open();
    const { at, sandbox, topic, topics } = opened;
    const errors = await topics.create(2);
    const deadLetterTopic = isOne ? errors : await topics.create(2);
    const sink = await sandbox.start({ SOURCE_TOPIC: topic, KAFKA_BOOTSTRAP_SERVERS: inject('broker'), ERROR_DATA_TOPIC: errors });
    await topics.send(topic, Array(9).fill(message()));
    const data = (offset: number) => ({ topic, partition: 0, offset, timestamp: now, headers: { headers: [] }, value: 'x' });
    const letters = [
      JSON.stringify([at(0), at(1)]),
      JSON.stringify(cloudEvent(data(2))),
      JSON.stringify([JSON.stringify(cloudEvent(data(3)))]),
      JSON.stringify(data(4)),
      JSON.stringify(JSON.stringify([cloudEvent(data(5))])),
      JSON.stringify({ ...cloudEvent({}), data: JSON.stringify([cloudEvent(data(6))]) }),
      'not JSON',
    ];
    await topics.send(
      deadLetterTopic,
      letters.map((value) => ({ value })),
    );
    await sink.deliver(at(7));
    const command = { command: 'audit', topic, partition: 0, from: 0, to: 9 };
    expect(await sink.command({ ...command, ...(!isOne && { deadLetterTopic }) })).toMatchObject({
      offsets: 9,
      indexed: 1,
      deadLettered: 7,
      missing: [`${topic}+0+8`],
    });
  },
);

test('a range that takes longer than an invocation is done page by page, with the same sums', async () => {
  await using opened = await open();
  const { sandbox, topic, topics } = opened;
  const count = 20_000;
  for (let sent = 0; sent < count; sent += 1000) await topics.send(topic, Array(1000).fill(message({ value: 'x'.repeat(1000) })));
  await using proxy = await startProxy(inject('elasticsearchUrl'), {
    refuse: ({ path }) => (path.includes('/_mget') ? (response, seen) => setTimeout(() => noneFound(response, seen), 250) : undefined),
  });
  const settings = { SOURCE_TOPIC: topic, KAFKA_BOOTSTRAP_SERVERS: inject('broker'), ES_ENDPOINT: proxy.url };
  const sink = await sandbox.start(settings, { timeout: 5 });
  const pages: AuditResponse[] = [];
  for (let from: number | undefined = 0; from !== undefined; from = pages.at(-1)?.next) {
    pages.push(await sink.command<AuditResponse>({ command: 'audit', topic, partition: 0, from, to: count }));
  }
  expect(pages.length).toBeGreaterThan(1);
  expect(pages.reduce((sum, { missingCount }) => sum + missingCount, 0)).toBe(count);
  expect(pages.map(({ missing }) => missing.length)).toEqual(pages.map(({ missingCount }) => Math.min(100, missingCount)));
  expect(pages.map(({ missing }) => missing[0])).toEqual(
    [0, ...pages.map(({ next }) => next)].slice(0, -1).map((offset) => `${topic}+0+${offset}`),
  );
});

/** The response of an index without documents. */
const noneFound: Respond = (response, seen) => {
  const { ids }: { ids: readonly string[] } = JSON.parse(seen.body);
  json(200, { docs: ids.map(() => ({ found: false })) })(response, seen);
};

test.each([
  [{ DOCUMENT_ID: 'key' }, 'DOCUMENT_ID=key'],
  [{ DOCUMENT_ID: 'auto' }, 'DOCUMENT_ID=auto'],
])('with %j nothing can be told', async (settings, why) => {
  await using opened = await open(settings);
  expect(await opened.audit(3)).toEqual({ ...nothing, canTell: false, why: expect.stringContaining(why), offsets: 0, indexed: 0 });
});

test(
  'with a pipeline that drops it cannot be told what is missing; with one that does not, it can',
  needs('ingest processors'),
  async () => {
    await using opened = await open();
    const { sandbox, topic, topics } = opened;
    await topics.send(topic, [message()]);
    const inner = `${sandbox.name}-inner`;
    await sandbox.put(`/_ingest/pipeline/${sandbox.name}-sets`, { processors: [{ set: { field: 'a', value: 1 } }] });
    await sandbox.put(`/_ingest/pipeline/${inner}`, { processors: [{ drop: {} }] });
    await sandbox.put(`/_ingest/pipeline/${sandbox.name}-calls`, { processors: [{ pipeline: { name: inner } }] });
    for (const [pipeline, canTell] of [
      ['sets', true],
      ['calls', false],
    ]) {
      const sink = await sandbox.start({
        SOURCE_TOPIC: topic,
        KAFKA_BOOTSTRAP_SERVERS: inject('broker'),
        ES_PIPELINE: `${sandbox.name}-${pipeline}`,
      });
      expect(await sink.command({ command: 'audit', topic, partition: 0, from: 0, to: 1 })).toMatchObject({ canTell, missingCount: 1 });
    }
  },
);

test.each([
  [{ KAFKA_BOOTSTRAP_SERVERS: undefined }, {}, 'SettingsInvalid', 'KAFKA_BOOTSTRAP_SERVERS'],
  [{ KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1' }, {}, 'KafkaUnavailable', '127.0.0.1:1'],
  [{ ES_ENDPOINT: 'http://127.0.0.1:1' }, {}, 'ElasticsearchUnavailable', '127.0.0.1:1'],
  [{}, { partition: 7 }, 'KafkaUnavailable', 'has no partition 7'],
  [{}, { to: -1 }, 'EventInvalid', '`to` is not an integer'],
  [{}, { topic: 5 }, 'EventInvalid', '`topic` is not'],
])('with %j and %j the audit fails: nothing is claimed', async (settings, changes, errorType, words) => {
  await using opened = await open();
  const { sandbox, topic, topics } = opened;
  await topics.send(topic, [message()]);
  const own = { SOURCE_TOPIC: topic, KAFKA_BOOTSTRAP_SERVERS: inject('broker'), ...settings };
  const sink = await sandbox.start(own, { timeout: 8 });
  const failure = await failureOf(sink.command({ command: 'audit', topic, partition: 0, from: 0, to: 1, ...changes }));
  expect(failure.errorType).toBe(errorType);
  expect(failure.errorMessage).toContain(words);
});

test('nothing of a record is in the response or the log', async () => {
  await using opened = await open();
  const { audit, sink, topic, topics } = opened;
  await topics.send(topic, [message({ key: 'canary-key', value: 'canary-value' })]);
  expect(JSON.stringify(await audit(1, { repair: true }))).not.toContain('canary');
  expect(sink.lines.join('\n')).not.toContain('canary');
});
