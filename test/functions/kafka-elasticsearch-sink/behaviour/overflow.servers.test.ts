// Records that were too large for an event, fetched from the topic by their position.
import { randomBytes } from 'node:crypto';
import { execa } from 'execa';
import { CompressionTypes } from 'kafkajs';
import { expect, inject, test } from 'vitest';
import { json, ScriptedServer } from '../../../support/elasticsearch/scripted-server.ts';
import { failureOf } from '../../../support/function/built-function.ts';
import { connectorRecord } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';
import { openOverflowSandbox } from '../../../support/function/topic-sandbox.ts';
import { findKcat } from '../../../support/kafka/kcat.ts';
import type { Topics } from '../../../support/kafka/topics.ts';

test.each([{}, { NULL_VALUE: 'skip' }, { NULL_VALUE: 'delete', DOCUMENT_ID: 'key' }])(
  'an overflowed record is rejected before its value is looked at, with %j',
  async (settings) => {
    await using sandbox = new Sandbox(inject('elasticsearchUrl'));
    const sink = await sandbox.start(settings);
    const changes = { overflowFlag: true, valueSize: 272687 };
    const records = [
      connectorRecord({ ...changes, offset: 1, value: 'canary' }),
      connectorRecord({ ...changes, offset: 2, value: undefined }),
    ];
    expect(await sink.deliver(...records, connectorRecord({ offset: 3 }))).toMatchObject({ written: 1, rejected: 2 });
    expect(sink.log('error')).toMatchObject([{ offset: 1 }, { offset: 2 }]);
  },
);

test('the document holds the value, as if it had been in the event', async () => {
  await using opened = await openOverflowSandbox();
  const { overflowed, sink, sandbox, topic, topics } = opened;
  const large = `大${'x'.repeat(2_000_000)}`;
  // In one compressed batch, of which each record is asked for by itself.
  const messages = [large, 'second', 'third'].map((value) => ({ key: 'demo', value, partition: 1 }));
  await topics.send(topic, messages, CompressionTypes.GZIP);
  await topics.send(topic, [{ value: 'elsewhere', partition: 0 }]);
  const result = await sink.deliver(
    overflowed(1, 0),
    connectorRecord({ topic, partition: 1, offset: 1 }),
    overflowed(1, 2),
    overflowed(0, 0),
  );
  expect(result).toMatchObject({ received: 4, written: 4 });
  const body = {
    key: 'demo',
    offset: 0,
    overflowFlag: false,
    partition: 1,
    timestamp: 1616599282417,
    topic,
    value: large,
    valueSize: large.length,
  };
  expect(await sandbox.document(`${topic}+1+0`)).toEqual({ msg_body: body, doc_as_upsert: true });
  expect(await sandbox.document(`${topic}+1+2`)).toMatchObject({ msg_body: { value: 'third' } });
  expect(await sandbox.document(`${topic}+0+0`)).toMatchObject({ msg_body: { value: 'elsewhere' } });
});

test.each(['snappy', 'lz4', 'zstd', 'gzip', 'uncompressed'])('a batch that the broker keeps %s is read', async (compression) => {
  await using opened = await openOverflowSandbox();
  const { overflowed, sink, sandbox, topics } = opened;
  // The broker, which is Java, compresses it anew, as Java's producers do.
  const topic = await topics.create(1, { 'compression.type': compression });
  const value = JSON.stringify({ text: '杭州 '.repeat(40_000), random: randomBytes(100_000).toString('hex') });
  await topics.send(topic, [{ value: 'before' }, { value }, { value: 'after' }]);
  const record = { ...overflowed(0, 1), topic };
  expect(await sink.deliver(record)).toMatchObject({ written: 1 });
  expect(await sandbox.document(`${topic}+0+1`)).toMatchObject({ msg_body: { value } });
});

test.each(['snappy', 'lz4', 'gzip'])('a batch that a C client has compressed by %s is read', async (compression) => {
  await using opened = await openOverflowSandbox();
  const { overflowed, sink, sandbox, topic } = opened;
  const { command, env } = await findKcat();
  const value = `{"text":"${'杭州 '.repeat(40_000)}"}`;
  await execa(command, ['-P', '-b', inject('broker'), '-t', topic, '-p', '0', '-z', compression], { env, input: value });
  expect(await sink.deliver(overflowed(0, 0))).toMatchObject({ written: 1 });
  expect(await sandbox.document(`${topic}+0+0`)).toMatchObject({ msg_body: { value } });
});

test('a value becomes the document, by its key', async () => {
  await using opened = await openOverflowSandbox({ DOCUMENT_SHAPE: 'value', DOCUMENT_ID: 'key' });
  const { overflowed, sink, sandbox, topic, topics } = opened;
  await topics.send(topic, [{ key: 'demo', value: '{"big":9007199254740993}', partition: 0 }]);
  expect(await sink.deliver(overflowed(0, 0))).toMatchObject({ written: 1 });
  expect(await sandbox.source('demo')).toBe('{"big":9007199254740993}');
});

test.each<[string, (topics: Topics, topic: string) => Promise<[number, number]>]>([
  [
    'has expired',
    async (topics, topic) => {
      await topics.send(topic, [
        { value: 'a', partition: 0 },
        { value: 'b', partition: 0 },
      ]);
      await topics.expire(topic, 0, 1);
      return [0, 0];
    },
  ],
  ['is not there yet', async () => [0, 5]],
  ['is of a partition that the topic does not have', async () => [7, 0]],
])('a record that %s is rejected, and the log says why', async (_, prepare) => {
  await using opened = await openOverflowSandbox();
  const { overflowed, sink, topic, topics } = opened;
  const [partition, offset] = await prepare(topics, topic);
  expect(await sink.deliver(overflowed(partition, offset))).toMatchObject({ rejected: 1 });
  expect(sink.log('warn')).toMatchObject([
    { message: expect.stringContaining('not in the topic, or not any more'), topic, partition, offset },
  ]);
  expect(sink.log('error')).toMatchObject([{ error: 'value_not_in_event' }]);
});

test('brokers that do not answer fail the invocation, for the trigger to redeliver', async () => {
  await using opened = await openOverflowSandbox({ KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1' });
  const { errorType, errorMessage } = await failureOf(opened.sink.deliver(opened.overflowed(0, 0)));
  expect(errorType).toBe('KafkaUnavailable');
  expect(errorMessage).toContain('127.0.0.1:1');
});

test('a topic that the broker does not know, as one that has just started, fails the invocation: nothing is rejected for it', async () => {
  await using opened = await openOverflowSandbox();
  const record = connectorRecord({ topic: 'not-there', overflowFlag: true });
  expect((await failureOf(opened.sink.deliver(record))).errorType).toBe('KafkaUnavailable');
  expect(opened.sink.log('error').filter(({ message }) => message === 'record rejected')).toEqual([]);
});

test('without an overflowed record no broker is asked', async () => {
  await using opened = await openOverflowSandbox({ KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1' });
  expect(await opened.sink.deliver(connectorRecord())).toMatchObject({ written: 1 });
});

test('many records of one compressed batch are read as if each had one of its own, also by turns with those of another', async () => {
  await using opened = await openOverflowSandbox();
  const { overflowed, sink, sandbox, topic, topics } = opened;
  const count = 2000;
  for (const partition of [0, 1]) {
    const sent = Array.from({ length: count }, (_, offset) => ({ value: `${partition}/${offset} ${'x'.repeat(5000)}`, partition }));
    await topics.send(topic, sent, CompressionTypes.GZIP);
  }
  const elements = Array.from({ length: count }, (_, offset) => [overflowed(0, offset), overflowed(1, count - 1 - offset)]).flat();
  expect(await sink.deliver(...elements)).toMatchObject({ written: 2 * count });
  for (const [partition, offset] of [
    [0, 0],
    [0, count - 1],
    [1, 0],
    [1, 777],
  ]) {
    expect(await sandbox.document(`${topic}+${partition}+${offset}`)).toMatchObject({
      msg_body: { value: expect.stringContaining(`${partition}/${offset} `) },
    });
  }
});

test('a server that is not available is told as the cause, not the brokers that the next values are not asked of', async () => {
  await using opened = await openOverflowSandbox();
  const { overflowed, sandbox, topic, topics } = opened;
  await using server = await ScriptedServer.start(json(503, {}));
  const settings = { SOURCE_TOPIC: topic, OVERFLOW: 'fetch', KAFKA_BOOTSTRAP_SERVERS: inject('broker'), ES_ENDPOINT: server.url };
  const sink = await sandbox.start({ ...settings, ES_VERSION_CHECK: 'false', CREATE_INDEX: 'false' }, { timeout: 12 });
  for (let offset = 0; offset < 10; offset++) await topics.send(topic, [{ value: 'x'.repeat(2_000_000), partition: 0 }]);
  const elements = Array.from({ length: 10 }, (_, offset) => overflowed(0, offset));
  expect((await failureOf(sink.deliver(...elements))).errorType).toBe('ElasticsearchUnavailable');
});
