// Records that were too large for an event, fetched from the topic by their position.
import { randomBytes } from 'node:crypto';
import { execa } from 'execa';
import { CompressionTypes } from 'kafkajs';
import { expect, inject, test } from 'vitest';
import { failureOf, Stage } from '../../../support/function.ts';
import { findKcat } from '../../../support/kcat.ts';
import { connectorRecord } from '../../../support/records.ts';
import { Topics } from '../../../support/topics.ts';

async function open(changes: { readonly [name: string]: string } = {}) {
  const stage = new Stage(inject('elasticsearchUrl'));
  const topics = await Topics.open(inject('broker'));
  const topic = await topics.create(2, { 'max.message.bytes': '10000000' });
  const sink = await stage.start(
    { SOURCE_TOPIC: topic, OVERFLOW: 'fetch', KAFKA_BOOTSTRAP_SERVERS: inject('broker'), ...changes },
    { timeout: 15 },
  );
  const overflowed = (partition: number, offset: number) =>
    connectorRecord({ topic, partition, offset, overflowFlag: true, value: '1', valueSize: 272687 });
  const close = async () => {
    await stage[Symbol.asyncDispose]();
    await topics[Symbol.asyncDispose]();
  };
  return { stage, topics, topic, sink, overflowed, [Symbol.asyncDispose]: close };
}

test('the document holds the value, as if it had been in the event', async () => {
  await using opened = await open();
  const { overflowed, sink, stage, topic, topics } = opened;
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
  expect(await stage.document(`${topic}+1+0`)).toEqual({ msg_body: body, doc_as_upsert: true });
  expect(await stage.document(`${topic}+1+2`)).toMatchObject({ msg_body: { value: 'third' } });
  expect(await stage.document(`${topic}+0+0`)).toMatchObject({ msg_body: { value: 'elsewhere' } });
});

test.each(['snappy', 'lz4', 'zstd', 'gzip', 'uncompressed'])('a batch that the broker keeps %s is read', async (compression) => {
  await using opened = await open();
  const { overflowed, sink, stage, topics } = opened;
  // The broker, which is Java, compresses it anew, as Java's producers do.
  const topic = await topics.create(1, { 'compression.type': compression });
  const value = JSON.stringify({ text: '杭州 '.repeat(40_000), random: randomBytes(100_000).toString('hex') });
  await topics.send(topic, [{ value: 'before' }, { value }, { value: 'after' }]);
  const record = { ...overflowed(0, 1), topic };
  expect(await sink.deliver(record)).toMatchObject({ written: 1 });
  expect(await stage.document(`${topic}+0+1`)).toMatchObject({ msg_body: { value } });
});

test.each(['snappy', 'lz4', 'gzip'])('a batch that a C client has compressed by %s is read', async (compression) => {
  await using opened = await open();
  const { overflowed, sink, stage, topic } = opened;
  const { command, env } = await findKcat();
  const value = `{"text":"${'杭州 '.repeat(40_000)}"}`;
  await execa(command, ['-P', '-b', inject('broker'), '-t', topic, '-p', '0', '-z', compression], { env, input: value });
  expect(await sink.deliver(overflowed(0, 0))).toMatchObject({ written: 1 });
  expect(await stage.document(`${topic}+0+0`)).toMatchObject({ msg_body: { value } });
});

test('a value becomes the document, by its key', async () => {
  await using opened = await open({ DOCUMENT_SHAPE: 'value', DOCUMENT_ID: 'key' });
  const { overflowed, sink, stage, topic, topics } = opened;
  await topics.send(topic, [{ key: 'demo', value: '{"big":9007199254740993}', partition: 0 }]);
  expect(await sink.deliver(overflowed(0, 0))).toMatchObject({ written: 1 });
  expect(await stage.source('demo')).toBe('{"big":9007199254740993}');
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
  await using opened = await open();
  const { overflowed, sink, topic, topics } = opened;
  const [partition, offset] = await prepare(topics, topic);
  expect(await sink.deliver(overflowed(partition, offset))).toMatchObject({ rejected: 1 });
  expect(sink.log('warn')).toMatchObject([
    { message: expect.stringContaining('not in the topic, or not any more'), topic, partition, offset },
  ]);
  expect(sink.log('error')).toMatchObject([{ error: 'value_not_in_event' }]);
});

test('a record that is skipped is not fetched', async () => {
  await using opened = await open({ SKIP_POSITIONS: 'orders+0+0', KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1' });
  expect(await opened.sink.deliver(connectorRecord({ partition: 0, offset: 0, overflowFlag: true }))).toMatchObject({ skipped: 1 });
});

test('brokers that do not answer fail the invocation, for the trigger to redeliver', async () => {
  await using opened = await open({ KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1' });
  const { errorType, errorMessage } = await failureOf(opened.sink.deliver(opened.overflowed(0, 0)));
  expect(errorType).toBe('KafkaUnavailable');
  expect(errorMessage).toContain('127.0.0.1:1');
});

test('a topic that the broker does not know, as one that has just started, fails the invocation: nothing is rejected for it', async () => {
  await using opened = await open();
  const record = connectorRecord({ topic: 'not-there', overflowFlag: true });
  expect((await failureOf(opened.sink.deliver(record))).errorType).toBe('KafkaUnavailable');
  expect(opened.sink.log('error').filter(({ message }) => message === 'record rejected')).toEqual([]);
});

test('without an overflowed record no broker is asked', async () => {
  await using opened = await open({ KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1' });
  expect(await opened.sink.deliver(connectorRecord())).toMatchObject({ written: 1 });
});
