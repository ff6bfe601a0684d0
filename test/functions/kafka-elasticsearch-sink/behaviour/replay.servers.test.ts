// Records that could not be delivered are delivered again from where they went, with their original positions, so that nothing is doubled.
import { CompressionTypes } from 'kafkajs';
import { expect, inject, test } from 'vitest';
import type { ReplayResponse } from '../../../../shared/commands.ts';
import { serverUnderTest } from '../../../support/elasticsearch/server-under-test.ts';
import { failureOf, type Variables } from '../../../support/function/built-function.ts';
import { connectorRecord as anyRecord, cloudEvent } from '../../../support/function/records.ts';
import { openTopicSandbox } from '../../../support/function/topic-sandbox.ts';

/** Not long ago: what is older than a topic's retention may expire at any time. */
const now = Date.now();
const destinations = ['error-data', 'error-index'] as const;
type Destination = (typeof destinations)[number];

/** A topic, a destination for errors, and functions that know both. */
async function open(destination: Destination = 'error-data', { partitions = 1 } = {}) {
  const opened = await openTopicSandbox();
  const { sandbox, topic, topics } = opened;
  const errors = destination === 'error-index' ? `${sandbox.name}-errors` : await topics.create(partitions);
  const own = {
    SOURCE_TOPIC: topic,
    KAFKA_BOOTSTRAP_SERVERS: inject('broker'),
    DOCUMENT_SHAPE: 'value',
    [destination === 'error-index' ? 'ERROR_INDEX' : 'ERROR_DATA_TOPIC']: errors,
  };
  return {
    sandbox,
    topic,
    topics,
    errors,
    start: (changes: Variables = {}, timeout = 60) => sandbox.start({ ...own, ...changes }, { timeout }),
    at: (offset: number, changes: object = {}) => anyRecord({ topic, partition: 0, offset, timestamp: now + offset, ...changes }),
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  };
}

const command = (changes: object = {}) => ({ command: 'replay', from: 'error-data', partition: 0, offset: 0, count: 500, ...changes });
const nothing = { delivered: 0, failed: 0, skipped: 0, unreadable: 0, unreadableNames: [], byError: {}, examples: [] };

test.each(destinations)(
  'records of the %s are delivered as they were, once, and those that fail again stay and are counted',
  async (from) => {
    await using opened = await open(from);
    const { at, errors, sandbox, start, topic } = opened;
    const strict = await start();
    const records = [
      at(0, { key: 'k', value: 'no object', valueSize: 9 }),
      at(1, { value: '{"a":1}' }),
      at(2, { key: undefined, value: 'neither', valueSize: 7 }),
    ];
    expect(await strict.deliver(...records)).toMatchObject({ written: 1, rejected: 2 });
    const replay = (changes: object = {}) => command({ from, ...changes });
    const examples = [0, 2].map((offset) => ({ position: `${topic}+0+${offset}`, errorType: 'value_not_an_object', attempts: 1 }));
    const byError = { value_not_an_object: 2 };
    const dryRun = await strict.command<ReplayResponse>(replay({ dryRun: true }));
    expect(dryRun).toEqual({ ...nothing, byError, examples });
    expect(await strict.command(replay())).toEqual({ ...nothing, failed: 2, byError, examples });
    expect(await strict.command(replay({ dryRun: true }))).toMatchObject({ examples: [{ attempts: 2 }, { attempts: 2 }] });
    // As envelopes they can be written.
    const mended = await start({ DOCUMENT_SHAPE: 'envelope', ES_INDEX: `${sandbox.name}-mended` });
    expect(await mended.command(replay())).toMatchObject({ delivered: 2, failed: 0, skipped: 0, byError });
    const expected = await start({ DOCUMENT_SHAPE: 'envelope', ES_INDEX: `${sandbox.name}-expected` });
    await expected.deliver(records[0] ?? {}, records[2] ?? {});
    expect(await sandbox.documents(`${sandbox.name}-mended`)).toEqual(await sandbox.documents(`${sandbox.name}-expected`));
    const again = await mended.command<ReplayResponse>(replay());
    expect(again).toMatchObject({ delivered: 0, failed: 0, byError: {} });
    // Nor after the documents have been deleted: it is not the index that tells, but what was done.
    await sandbox.elasticsearch.indices.delete({ index: `${sandbox.name}-mended` });
    expect(await mended.command(replay())).toMatchObject({ delivered: 0, failed: 0, byError: {} });
    if (from === 'error-index') expect(await sandbox.ids(errors)).toEqual([]);
  },
);

test.each(destinations)('of the %s only what is wanted is delivered; the others stay for the next time', async (from) => {
  await using opened = await open(from);
  const { at, sandbox, start } = opened;
  await sandbox.put(`/${sandbox.name}`, { mappings: { properties: { n: { type: 'integer' } } } });
  const strict = await start();
  await strict.deliver(at(0, { value: 'x' }), at(1, { value: '{"n":"x"}' }), at(2, { value: 'x' }), at(3, { value: 'x', partition: 5 }));
  const mended = await start({ DOCUMENT_SHAPE: 'envelope', ES_INDEX: `${sandbox.name}-mended` });
  const replay = (changes: object) => mended.command(command({ from, ...changes }));
  expect(await replay({ errorType: serverUnderTest.errorTypes.unfit })).toMatchObject({ delivered: 1, skipped: 3 });
  expect(await replay({ since: new Date(now + 2).toISOString(), until: now + 3 })).toMatchObject({ delivered: 1 });
  expect(await replay({ sourcePartition: 5 })).toMatchObject({ delivered: 1 });
  expect(await replay({})).toMatchObject({ delivered: 1, failed: 0 });
  expect(await replay({})).toMatchObject({ delivered: 0, failed: 0 });
  expect(await sandbox.ids(`${sandbox.name}-mended`)).toHaveLength(4);
});

test('copies of one error record are one record, also in several partitions, and what is in the index is not delivered', async () => {
  await using opened = await open('error-data', { partitions: 4 });
  const { at, start, topics, errors, sandbox } = opened;
  const strict = await start();
  // Without a key each copy goes to any partition.
  for (let copy = 0; copy < 12; copy++) await strict.deliver(at(0, { key: undefined, value: 'x' }), at(1, { key: 'k', value: 'x' }));
  expect(new Set((await topics.read(errors)).map(({ partition }) => partition)).size).toBeGreaterThan(1);
  const mended = await start({ DOCUMENT_SHAPE: 'envelope', ES_INDEX: `${sandbox.name}-mended` });
  const responses: ReplayResponse[] = [];
  for (const partition of [0, 1, 2, 3]) responses.push(await mended.command<ReplayResponse>(command({ partition })));
  expect(responses.reduce((sum, { delivered }) => sum + delivered, 0)).toBe(2);
  expect(responses.reduce((sum, { skipped }) => sum + skipped, 0)).toBe(22);
});

test.each(destinations)(
  'what is not whole in the %s is read from the topic; what is not there any more stays, and is named',
  async (from) => {
    await using opened = await open(from);
    const { at, sandbox, start, topic, topics } = opened;
    const value = '{"large":1}';
    const sent = [0, 1, 2, 3].map((offset) => ({ key: 'k', value, partition: 0, timestamp: String(now + offset) }));
    await topics.send(topic, sent, CompressionTypes.GZIP);
    const overflowed = await start();
    const changes = { key: 'k', overflowFlag: true, value: undefined };
    // A value that was not in the event, one of which a null stands there, an element that was no record, and one whose topic has changed.
    await overflowed.deliver(
      at(0, changes),
      at(1, { ...changes, value: 'x' }),
      at(2, { key: 5 }),
      at(3, { ...changes, timestamp: now - 1 }),
      '{"no":"record"}',
    );
    const mended = await start({ DOCUMENT_SHAPE: 'envelope', ES_INDEX: `${sandbox.name}-mended` });
    const { unreadableNames, ...response } = await mended.command<ReplayResponse>(command({ from }));
    expect(response).toMatchObject({ delivered: 3, failed: 0, unreadable: 2 });
    expect(unreadableNames).toEqual(
      expect.arrayContaining([expect.stringContaining('position cannot be read'), expect.stringMatching(/\+0\+3: .* another record/)]),
    );
    expect(await sandbox.document(`${topic}+0+2`, `${sandbox.name}-mended`)).toMatchObject({
      msg_body: { key: 'k', value, timestamp: now + 2 },
    });
    expect(await mended.command(command({ from }))).toMatchObject({ delivered: 0, unreadable: 2 });
  },
);

test.each(destinations)('without brokers for it, what is not whole in the %s stays and is named', async (from) => {
  if (from === 'error-data') return;
  await using opened = await open(from);
  const { at, start } = opened;
  for (const KAFKA_BOOTSTRAP_SERVERS of [undefined, '127.0.0.1:1']) {
    const sink = await start({ KAFKA_BOOTSTRAP_SERVERS });
    await sink.deliver(at(0, { overflowFlag: true }), at(1, { value: 'no object' }));
    const response = await sink.command<ReplayResponse>(command({ from }));
    expect(response).toMatchObject({ failed: 1, unreadable: 1, unreadableNames: [expect.stringContaining('+0+0: it is not whole')] });
  }
});

test.each([true, false])(
  'dead letters in every plausible form are delivered, and what cannot be parsed stays (one topic with the errors: %s)',
  async (isOne) => {
    await using opened = await open();
    const { at, errors, sandbox, start, topic, topics } = opened;
    const deadLetters = isOne ? errors : await topics.create(1);
    const data = (offset: number) => ({ topic, partition: 0, offset, timestamp: now, headers: { headers: [] }, value: `{"n":${offset}}` });
    const letters = [
      [at(0, { value: '{}' }), at(1, { value: 'no object' })],
      cloudEvent(data(2)),
      [JSON.stringify(cloudEvent(data(3)))],
      data(4),
      JSON.stringify([cloudEvent(data(5)), data(6)]),
      { ...cloudEvent({}), data: JSON.stringify([cloudEvent(data(7))]) },
      [at(8, { topic: 'another', value: '{}' })],
      { neither: 'this' },
    ];
    await topics.send(deadLetters, [
      ...letters.map((letter) => ({ value: JSON.stringify(letter), partition: 0 })),
      { value: 'canary {', partition: 0 },
      { value: null, partition: 0 },
    ]);
    const sink = await start();
    // A part of a batch may have been written before the trigger gave it up.
    await sink.deliver(at(0, { value: '{}' }));
    const replay = (changes: object = {}) =>
      sink.command<ReplayResponse>(command({ from: 'dead-letter', ...(!isOne && { topic: deadLetters }), ...changes }));
    const unreadableNames = [7, 8, 9].map((offset) => `${deadLetters}+0+${offset}: no record can be found in it`);
    expect(await replay({ dryRun: true })).toMatchObject({
      delivered: 0,
      unreadable: 3,
      byError: { 'dead-letter': 7 },
      examples: [{ position: `${deadLetters}+0+0` }, {}, {}],
    });
    expect(await replay()).toMatchObject({ delivered: 6, failed: 1, skipped: 2, unreadable: 3, unreadableNames });
    expect(await sandbox.ids()).toEqual([0, 2, 3, 4, 5, 6, 7].map((offset) => `${topic}+0+${offset}`));
    // What can never be written is at the error destination, and the dead letters are done with.
    expect(await sink.command(command())).toMatchObject({ failed: 1, byError: { value_not_an_object: 1 } });
    expect(await replay()).toMatchObject({ delivered: 0, failed: 0, unreadable: 3 });
  },
);

test('pages: as many messages as were asked for, and where to go on', async () => {
  await using opened = await open();
  const { at, sandbox, start } = opened;
  const strict = await start();
  await strict.deliver(...Array.from({ length: 25 }, (_, offset) => at(offset, { value: 'x' })));
  const mended = await start({ DOCUMENT_SHAPE: 'envelope', ES_INDEX: `${sandbox.name}-mended` });
  const pages: ReplayResponse[] = [];
  for (let offset: number | string | undefined = 0; offset !== undefined; offset = pages.at(-1)?.next) {
    pages.push(await mended.command<ReplayResponse>(command({ offset, count: 10 })));
  }
  expect(pages.map(({ delivered }) => delivered).filter((count) => count > 0)).toEqual([10, 10, 5]);
  expect(pages.length).toBeLessThan(10);
});

test('pages of the error index go on behind what stays', async () => {
  await using opened = await open('error-index');
  const { at, start } = opened;
  const sink = await start();
  await sink.deliver(...Array.from({ length: 25 }, (_, offset) => at(offset, { value: 'x' })));
  const pages: ReplayResponse[] = [];
  for (let offset: number | string | undefined = 0; offset !== undefined; offset = pages.at(-1)?.next) {
    pages.push(await sink.command<ReplayResponse>(command({ from: 'error-index', offset, count: 10 })));
  }
  expect(pages.map(({ failed }) => failed)).toEqual([10, 10, 5]);
});

test('a target that takes nothing fails the replay, and everything is as it was', async () => {
  await using opened = await open();
  const { at, sandbox, start } = opened;
  const strict = await start();
  await strict.deliver(at(0, { value: 'x' }));
  await sandbox.put(`/${sandbox.name}-closed`);
  await sandbox.elasticsearch.indices.close({ index: `${sandbox.name}-closed` });
  const closed = await start({ DOCUMENT_SHAPE: 'envelope', ES_INDEX: `${sandbox.name}-closed` });
  expect((await failureOf(closed.command(command()))).errorType).toBe('IndexUnavailable');
  await sandbox.elasticsearch.indices.open({ index: `${sandbox.name}-closed` });
  expect(await closed.command(command())).toMatchObject({ delivered: 1, examples: [{ attempts: 1 }] });
});

test('ids that are keys without versions, and dead letters without ids, need force', async () => {
  await using opened = await open();
  const { at, start } = opened;
  const strict = await start({ DOCUMENT_ID: 'key', DOCUMENT_VERSION: 'none' });
  await strict.deliver(at(0, { key: 'k', value: 'x' }));
  const failure = await failureOf(strict.command(command()));
  expect(failure).toMatchObject({ errorType: 'EventInvalid', errorMessage: expect.stringContaining('`force`') });
  expect(await strict.command(command({ force: true }))).toMatchObject({ failed: 1 });
  const auto = await start({ DOCUMENT_ID: 'auto' });
  expect((await failureOf(auto.command(command({ from: 'dead-letter' })))).errorMessage).toContain('`force`');
});

test('with versions an older record never replaces a newer one of its key', async () => {
  await using opened = await open();
  const { at, sandbox, start } = opened;
  const strict = await start({ DOCUMENT_ID: 'key' });
  await strict.deliver(at(0, { key: 'k', value: 'x' }), at(1, { key: 'k', value: '{"n":1}' }));
  const mended = await start({ DOCUMENT_ID: 'key', DOCUMENT_SHAPE: 'envelope' });
  expect(await mended.command(command())).toMatchObject({ delivered: 0, failed: 0, skipped: 1 });
  expect(await sandbox.document('k')).toEqual({ n: 1 });
});

test('what SKIP_POSITIONS has let pass is delivered when it is asked for, under either policy', async () => {
  await using opened = await open();
  const { at, start, topic } = opened;
  const sink = await start({ SKIP_POSITIONS: `${topic}+0+0`, ON_FAILURE: 'stop' });
  expect(await sink.deliver(at(0, { value: '{}' }))).toMatchObject({ skipped: 1 });
  // With the policy stop nothing goes to the error destination but what is skipped.
  const stopped = await start({ SKIP_POSITIONS: `${topic}+0+0` });
  await stopped.deliver(at(0, { value: '{}' }), at(1, { value: 'x' }));
  expect(await sink.command(command())).toMatchObject({ delivered: 1, failed: 1 });
});

test("another connector's error records in the same topic are left alone", async () => {
  await using opened = await open();
  const { at, start } = opened;
  const other = await start({ CONNECTOR_NAME: 'another' });
  await other.deliver(at(0, { value: 'x' }));
  const sink = await start();
  expect(await sink.command(command())).toMatchObject({ ...nothing, skipped: 1 });
});

test.each([
  [{ from: 'elsewhere' }, '`from` is not'],
  [{ from: 'error-index' }, 'no ERROR_INDEX'],
  [{ since: 'yesterday' }, '`since` is neither'],
  [{ offset: '[{}]' }, '`offset` is not'],
])('arguments that are wrong are refused: %j', async (changes, words) => {
  await using opened = await open();
  const sink = await opened.start();
  expect((await failureOf(sink.command(command(changes)))).errorMessage).toContain(words);
});

test('nothing of a record is in the response or the log', async () => {
  await using opened = await open();
  const { at, start } = opened;
  const sink = await start();
  await sink.deliver(at(0, { key: 'canary-key', value: 'canary-value' }));
  expect(await sink.send(JSON.stringify(command({ dryRun: true })))).not.toContain('canary');
  expect(await sink.send(JSON.stringify(command()))).not.toContain('canary');
  expect(sink.lines.join('\n')).not.toContain('canary');
});

test('what another connector wrote to the same error index stays there', async () => {
  await using opened = await open('error-index');
  const { at, errors, sandbox, start } = opened;
  const bad = { value: 'no object', valueSize: 9 };
  await (await start()).deliver(at(0, bad));
  const other = await start({ SOURCE_TOPIC: 'another', ES_INDEX: `${sandbox.name}-another`, DOCUMENT_SHAPE: 'envelope' });
  expect(await other.command<ReplayResponse>(command({ from: 'error-index' }))).toEqual(nothing);
  expect(await sandbox.ids(errors)).toHaveLength(1);
});

test('an error index that is the index of the documents by another name is refused, and nothing is deleted', async () => {
  await using opened = await open('error-index');
  const { at, errors, sandbox, start } = opened;
  await sandbox.put(`/${sandbox.name}`, { aliases: { [errors]: {} } });
  const sink = await start();
  await sink.deliver(at(0, { value: 'no object', valueSize: 9 }));
  const { errorType, errorMessage } = await failureOf(sink.command(command({ from: 'error-index' })));
  expect([errorType, errorMessage]).toEqual(['EventInvalid', expect.stringContaining(`both stand for ${sandbox.name}`)]);
  expect(await sandbox.ids()).toHaveLength(1);
});

test('of an error index that connectors share by their prefixes, each takes its own, also where topics have one name', async () => {
  await using opened = await open('error-index');
  const { at, errors, sandbox, start, topic } = opened;
  const bad = { value: 'no object', valueSize: 9 };
  await (await start()).deliver(at(0, bad), at(1, bad));
  await (await start({ DOCUMENT_ID_PREFIX: 'b:' })).deliver(at(0, bad));
  await (await start({ DOCUMENT_ID_PREFIX: 'x'.repeat(490) })).deliver(at(0, bad), '{"no":"record"}');
  const replay = async (DOCUMENT_ID_PREFIX: string | undefined) => {
    const mended = await start({ DOCUMENT_ID_PREFIX, DOCUMENT_SHAPE: 'envelope', ES_INDEX: `${sandbox.name}-mended` });
    return mended.command<ReplayResponse>(command({ from: 'error-index' }));
  };
  expect(await replay('b:')).toMatchObject({ delivered: 1, skipped: 3 });
  expect(await sandbox.ids(`${sandbox.name}-mended`)).toEqual([`b:${topic}+0+0`]);
  expect(await replay(undefined)).toMatchObject({ delivered: 2, skipped: 1 });
  expect(await replay('x'.repeat(490))).toMatchObject({ delivered: 1, skipped: 0, unreadable: 1 });
  expect(await sandbox.ids(errors)).toHaveLength(1);
});

test('an offset beyond 2^53 is replayed from the error index digit for digit, page by page', async () => {
  await using opened = await open('error-index');
  const { sandbox, start, topic } = opened;
  const offsets = ['9007199254740991', '9007199254740992', '9007199254740993', '9007199254740994', '9223372036854775807'];
  const sink = await start();
  await sink.send(
    `[${offsets.map((offset) => `{"topic":"${topic}","partition":0,"offset":${offset},"timestamp":${now},"value":"no object"}`)}]`,
  );
  const mended = await start({ DOCUMENT_SHAPE: 'envelope', ES_INDEX: `${sandbox.name}-mended` });
  const pages: ReplayResponse[] = [];
  for (let offset: number | string | undefined = 0; offset !== undefined; offset = pages.at(-1)?.next) {
    pages.push(await mended.command<ReplayResponse>(command({ from: 'error-index', offset, count: 1 })));
  }
  expect(pages.map(({ delivered }) => delivered)).toEqual([1, 1, 1, 1, 1, 0]);
  expect(await sandbox.ids(`${sandbox.name}-mended`)).toEqual(offsets.map((offset) => `${topic}+0+${offset}`));
  expect(await sandbox.source(`${topic}+0+9007199254740993`, `${sandbox.name}-mended`)).toContain('"offset":9007199254740993,');
});

test('pages of the error index pass over nothing, whatever position and time documents have in common', async () => {
  await using opened = await open('error-index');
  const { errors, sandbox, start, topic } = opened;
  const sink = await start();
  await sink.deliver('{"no":"record"}');
  const document = {
    '@timestamp': new Date(now).toISOString(),
    topic,
    partition: 0,
    offset: 7,
    value: 'x',
    error: { type: 't', reason: '' },
  };
  const nameless = { '@timestamp': document['@timestamp'], value: 'x', error: { type: 'bad_element', reason: '' } };
  const documents = [
    ...[...'abcdefgh'].map((name) => [name, nameless] as const),
    ...[...'klmnop'].map((name) => [`${name}:${topic}+0+7`, document] as const),
    [`${topic}+0+7`, document] as const,
  ];
  for (const [id, body] of documents) await sandbox.elasticsearch.index({ index: errors, id, document: body });
  const pages: ReplayResponse[] = [];
  for (let offset: number | string | undefined = 0; offset !== undefined; offset = pages.at(-1)?.next) {
    pages.push(await sink.command<ReplayResponse>(command({ from: 'error-index', offset, count: 2 })));
  }
  const sum = (name: 'failed' | 'skipped' | 'unreadable') => pages.reduce((total, page) => total + page[name], 0);
  expect([sum('failed'), sum('skipped'), sum('unreadable')]).toEqual([1, 6, 9]);
});

test('records that together are longer than any answer that is read are replayed, page by page', async () => {
  await using opened = await open('error-index');
  const { at, errors, sandbox, start } = opened;
  const strict = await start();
  const value = 'x'.repeat(1024 * 1024);
  const offsets = Array.from({ length: 40 }, (_, offset) => offset);
  for (const half of [offsets.slice(0, 20), offsets.slice(20)])
    expect(await strict.deliver(...half.map((offset) => at(offset, { value })))).toMatchObject({ rejected: 20 });
  const mended = await start({ DOCUMENT_SHAPE: 'envelope', ES_INDEX: `${sandbox.name}-mended` }, 120);
  const first = await mended.command<ReplayResponse>(command({ from: 'error-index' }));
  expect(first).toMatchObject({ failed: 0, next: expect.anything() });
  const second = await mended.command<ReplayResponse>(command({ from: 'error-index', offset: first.next }));
  expect(first.delivered + second.delivered).toBe(40);
  expect(await sandbox.ids(errors)).toEqual([]);
  expect(await sandbox.ids(`${sandbox.name}-mended`)).toHaveLength(40);
});

test('documents in the error index that no connector has written are left there, and named', async () => {
  await using opened = await open('error-index');
  const { at, errors, sandbox, start, topic } = opened;
  const fn = await start();
  await sandbox.put(`/${errors}`, { mappings: { enabled: false } });
  const odd = [
    { topic, partition: { toString: 1 }, offset: [0] },
    { partition: 0, offset: 1 },
    { topic, '@timestamp': { toString: 1 } },
  ];
  for (const [number, source] of odd.entries()) await sandbox.put(`/${errors}/_doc/${number}`, source);
  await sandbox.put(`/${errors}/_doc/whole`, { ...at(3), error: { type: 'x' } });
  const response = await fn.command<ReplayResponse>(command({ from: 'error-index' }));
  expect(response).toMatchObject({ delivered: 0, unreadable: 3, failed: 0 });
  expect(await sandbox.ids(errors)).toHaveLength(4);
});

test('an error index whose name begins as those of days do is another, and its records are delivered', async () => {
  await using opened = await open('error-index');
  const { at, sandbox, start, topic } = opened;
  const dated = { ES_INDEX: `${sandbox.name}-{yyyy}`, ERROR_INDEX: `${sandbox.name}-errors` };
  await (await start(dated)).deliver(at(0, { value: 'no object' }));
  const mended = await start({ ...dated, DOCUMENT_SHAPE: 'envelope' });
  expect(await mended.command(command({ from: 'error-index' }))).toMatchObject({ delivered: 1, failed: 0 });
  expect(await sandbox.ids(`${sandbox.name}-${new Date(now).getUTCFullYear()}`)).toEqual([`${topic}+0+0`]);
});
