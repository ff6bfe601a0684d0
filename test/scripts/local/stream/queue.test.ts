import { expect, test } from 'vitest';
import { checkStream, deadLetterTopic, defaultStream, type StreamConfig } from '../../../../scripts/local/stream/config.ts';
import type { StreamRecord } from '../../../../scripts/local/stream/encode.ts';
import { Offsets } from '../../../../scripts/local/stream/offsets.ts';
import { RecordQueue } from '../../../../scripts/local/stream/queue.ts';
import { hurriedClock } from '../../../support/kafka/stream.ts';

function records(count: number, partition = 0, text = 'x'): StreamRecord[] {
  return Array.from({ length: count }, (_, index) => ({
    partition,
    offset: BigInt(index),
    key: null,
    text,
    bytes: text.length,
    valueBytes: text.length,
  }));
}

const never = new AbortController().signal;
const everything = () => true;
const same = (batch: readonly StreamRecord[]) => batch;

test('a batch is pushed when the count is reached, whatever the time', async () => {
  const queue = new RecordQueue({ count: 3, ms: 60_000, bytes: 100 }, hurriedClock());
  queue.put(records(7));
  expect(await queue.collect(everything, same, never)).toHaveLength(3);
  expect(await queue.collect(everything, same, never)).toHaveLength(3);
});

test('a batch is pushed when the time is over, counted from its first record', async () => {
  const clock = hurriedClock();
  const queue = new RecordQueue({ count: 10, ms: 5000, bytes: 100 }, clock);
  const collected = queue.collect(everything, same, never);
  queue.put(records(2));
  expect(await collected).toHaveLength(2);
  expect(clock.waits.reduce((sum, ms) => sum + ms, 0)).toBe(5000);
});

test('a batch is pushed before its body would exceed the limit, brackets and commas counted', async () => {
  const queue = new RecordQueue({ count: 10, ms: 60_000, bytes: 32 }, hurriedClock());
  queue.put(records(4, 0, '{"a":"0123"}'));
  const batch = await queue.collect(everything, same, never);
  expect(batch).toHaveLength(2);
  expect(`[${batch?.map(({ text }) => text).join(',')}]`.length).toBeLessThanOrEqual(32);
});

test('one record beyond the limit is a batch of its own', async () => {
  const queue = new RecordQueue({ count: 10, ms: 0, bytes: 8 }, hurriedClock());
  queue.put([...records(1, 0, 'too long for a body'), ...records(1, 1)]);
  expect(await queue.collect(everything, same, never)).toHaveLength(1);
});

test('a batch holds records of several partitions, each in its order, and none of a partition that must wait', async () => {
  const queue = new RecordQueue({ count: 10, ms: 0, bytes: 100 }, hurriedClock());
  queue.put([...records(2, 0), ...records(2, 1), ...records(2, 2)]);
  const batch = await queue.collect((partition) => partition !== 1, same, never);
  expect(batch?.map(({ partition, offset }) => `${partition}+${offset}`)).toEqual(['0+0', '0+1', '2+0', '2+1']);
});

test('offsets advance to the first batch that is not done, whatever the order they end in', () => {
  const offsets = new Offsets();
  const [a, b, c] = [[0n, 1n], [2n], [3n, 4n]].map((numbers) =>
    offsets.begin(numbers.map((offset) => ({ ...(records(1)[0] as StreamRecord), offset }))),
  );
  c?.();
  expect(offsets.takeDue()).toEqual([]);
  a?.();
  expect(offsets.takeDue()).toEqual([{ partition: 0, offset: '2' }]);
  expect(offsets.isBusy(0)).toBe(true);
  b?.();
  expect(offsets.takeDue()).toEqual([{ partition: 0, offset: '5' }]);
  expect(offsets.isBusy(0)).toBe(false);
});

const arn = 'acs:alikafka:cn-hangzhou:123:instance/alikafka_pre-1/topic/connect-error';

test.each<[string, Partial<StreamConfig>]>([
  ['batchWindow.CountBasedWindow: 0', { batchWindow: { CountBasedWindow: 0, TimeBasedWindow: 0 } }],
  ['batchWindow.CountBasedWindow: 10001', { batchWindow: { CountBasedWindow: 10_001, TimeBasedWindow: 0 } }],
  ['batchWindow.TimeBasedWindow: 16', { batchWindow: { CountBasedWindow: 1, TimeBasedWindow: 16 } }],
  ['maximumTasks: 0', { maximumTasks: 0 }],
  ['concurrency: 301', { concurrency: 301 }],
  ['bodyLimit: 33554433', { bodyLimit: 33_554_433 }],
  ['works only with errorsTolerance ALL', { errorsTolerance: 'NONE', deadLetterQueue: { Arn: arn } }],
  ['deadLetterQueue.Arn', { errorsTolerance: 'ALL', deadLetterQueue: { Arn: 'acs:mns:cn-hangzhou:123:/queues/q' } }],
])('a stream is refused: %s', (message, changes) => {
  expect(() => checkStream({ ...defaultStream, ...changes } as StreamConfig)).toThrow(message);
});

test('the topic of a dead-letter queue stands at the end of its name', () => {
  expect(deadLetterTopic(arn)).toBe('connect-error');
});
