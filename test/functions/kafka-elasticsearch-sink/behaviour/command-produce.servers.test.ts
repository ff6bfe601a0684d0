// The command produce: messages go into the source topic.
import { expect, inject, test } from 'vitest';
import { failureOf } from '../../../support/function/built-function.ts';
import { openTopicSandbox } from '../../../support/function/topic-sandbox.ts';

interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

async function open(setup: Parameters<typeof openTopicSandbox>[0]) {
  const opened = await openTopicSandbox({ timeout: 10, ...setup });
  const produce = <Response = Position>(message: object) => opened.sink.command<Response>({ command: 'produce', ...message });
  return { ...opened, produce };
}

test('a message goes where it is sent to, as it is, and the answer says where it is', async () => {
  await using opened = await open({ partitions: 3 });
  const { produce, topic, topics } = opened;
  const before = Date.now();
  expect(await produce({ key: 'demo', value: '{"key": "测试"}', partition: 2, headers: { a: 'b' } })).toEqual({
    topic,
    partition: 2,
    offset: 0,
  });
  expect(await produce({ value: '', partition: 2 })).toEqual({ topic, partition: 2, offset: 1 });
  expect(await produce({ key: 'gone', partition: 2 })).toEqual({ topic, partition: 2, offset: 2 });
  const read = await topics.read(topic);
  expect(read).toMatchObject([
    { key: 'demo', value: '{"key": "测试"}', headers: { a: 'b' } },
    { key: null, value: '', headers: {} },
    { key: 'gone', value: null },
  ]);
  expect(read.every(({ timestamp }) => timestamp >= before && timestamp <= Date.now())).toBe(true);
});

test('without a partition the key chooses, always the same one', async () => {
  await using opened = await open({ partitions: 6 });
  const { produce } = opened;
  const [first, second] = [await produce({ key: 'order-7', value: '{}' }), await produce({ key: 'order-7', value: '{}' })];
  expect(second).toEqual({ ...first, offset: first.offset + 1 });
});

test('a count of messages, and the ranges that they fill', async () => {
  await using opened = await open({ partitions: 2 });
  const { produce, topic, topics } = opened;
  const value = 'x'.repeat(2000);
  const response = await produce<{ topic: string; ranges: { partition: number; offset: number; count: number }[] }>({ value, count: 1000 });
  expect(response.topic).toBe(topic);
  const read = await topics.read(topic);
  expect(read).toHaveLength(1000);
  const positions = response.ranges.flatMap(({ count, offset, partition }) =>
    Array.from({ length: count }, (_, number) => [partition, offset + number]),
  );
  expect(positions.sort(([a = 0, b = 0], [c = 0, d = 0]) => a - c || b - d)).toEqual(
    read.map(({ offset, partition }) => [partition, offset]),
  );
});

test.each([
  [{ partition: 2 }, 'there is no partition 2 in '],
  [{ partition: -1 }, '`partition` is not an integer of 0 or more'],
  [{ key: 5 }, '`key` is not a text'],
  [{ value: {} }, '`value` is not a text'],
  [{ headers: { a: 1 } }, '`headers` is not an object of texts'],
  [{ count: 0 }, '`count` is not an integer from 1 to 1000'],
])('%j is refused', async (message, reason) => {
  await using opened = await open({ partitions: 2 });
  const { errorType, errorMessage } = await failureOf(opened.produce(message));
  expect(errorType).toBe('EventInvalid');
  expect(errorMessage).toContain(reason);
  expect(await opened.topics.read(opened.topic)).toEqual([]);
});

test('brokers that do not answer are named, with what to do, and that nothing is there', async () => {
  await using opened = await open({ variables: { KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1,127.0.0.1:2' } });
  const { errorType, errorMessage } = await failureOf(opened.produce({ value: 'canary' }));
  expect(errorType).toBe('KafkaUnavailable');
  expect(errorMessage).toMatch(/^nothing is there: 127\.0\.0\.1:1,127\.0\.0\.1:2: .*ECONNREFUSED.*; compare `KAFKA_BOOTSTRAP_SERVERS`/);
  expect(errorMessage).not.toContain('canary');
});

test('a message that the broker refuses is not there; of several partitions, some may have taken theirs', async () => {
  await using opened = await open({ partitions: 2, topicSettings: { 'max.message.bytes': '2000' } });
  const one = await failureOf(opened.produce({ value: 'x'.repeat(5000) }));
  expect(one).toMatchObject({
    errorType: 'KafkaUnavailable',
    errorMessage: expect.stringMatching(/^nothing is there: .*larger than the max/),
  });
  expect(await opened.topics.read(opened.topic)).toEqual([]);
  const several = await failureOf(opened.produce({ value: 'x'.repeat(500), count: 20 }));
  expect(several.errorMessage).toMatch(/^there was no clear answer to 20: they may be there, so look before you send them again: /);
});

test('one broker of the list that answers is enough', async () => {
  await using opened = await open({ variables: { KAFKA_BOOTSTRAP_SERVERS: `127.0.0.1:1,${inject('broker')}` } });
  expect(await opened.produce({ value: '{}' })).toMatchObject({ offset: 0 });
});

test('without brokers the command says what else would do', async () => {
  await using opened = await open({ variables: { KAFKA_BOOTSTRAP_SERVERS: undefined } });
  const { errorType, errorMessage } = await failureOf(opened.produce({ value: '{}' }));
  expect(errorType).toBe('SettingsInvalid');
  expect(errorMessage).toContain('or send messages with any Kafka client that does');
});
