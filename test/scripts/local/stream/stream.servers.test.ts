import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { expect, inject, test } from 'vitest';
import { defaultStream } from '../../../../scripts/local/stream/config.ts';
import { failure, hurriedClock, openStreaming, type Streaming, success } from '../../../support/kafka/stream.ts';

const broker = inject('broker');

function values(count: number, first = 0): { key: string; value: string }[] {
  return Array.from({ length: count }, (_, index) => ({ key: `key-${first + index}`, value: `${first + index}` }));
}

async function send({ topic }: Streaming, count: number, first = 0): Promise<void> {
  for (let sent = 0; sent < count; sent += 5000) await topic.send(values(Math.min(5000, count - sent), first + sent));
}

/** Resolves when as many different records have been taken. */
async function taken(streaming: Streaming, count: number): Promise<void> {
  await expect.poll(() => new Set(streaming.positions()).size, { interval: 50 }).toBe(count);
}

/** Every record was taken once, and those of a partition in their order. */
function expectOnceInOrder({ positions }: Streaming, count: number): void {
  expect(positions()).toHaveLength(count);
  const next = new Map<string, number>();
  for (const position of positions()) {
    const [partition = '', offset = ''] = position.split('+');
    expect(Number(offset)).toBe(next.get(partition) ?? 0);
    next.set(partition, Number(offset) + 1);
  }
}

test.each([1, 100_000])('%i records are delivered once, in the order of their partitions, and committed', async (count) => {
  await using streaming = await openStreaming(broker);
  await send(streaming, count);
  const stream = await streaming.start({ maximumTasks: 3, batchWindow: { CountBasedWindow: 1000, TimeBasedWindow: 0 } });
  await taken(streaming, count);
  expectOnceInOrder(streaming, count);
  await stream.pause();
  expect(await streaming.topic.lag(streaming.group)).toBe(0);
  expect(stream.statistics).toMatchObject({ records: count, batches: streaming.events.length });
});

test.each([
  [6, 6, 6],
  [12, 12, 12],
  [12, 3, 3],
])('%i tasks on %i partitions are %i consumers', async (maximumTasks, partitions, consumers) => {
  await using streaming = await openStreaming(broker, partitions);
  const stream = await streaming.start({ maximumTasks });
  expect(stream.tasks).toBe(consumers);
  await send(streaming, 500);
  await taken(streaming, 500);
  const admin = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const { groups } = await admin.describeGroups([streaming.group]);
  await admin.disconnect();
  expect(groups[0]?.members).toHaveLength(consumers);
});

test.each([
  ['pushes', 1],
  ['consumers', 3],
] as const)('a concurrency of 3 may count %s: then there are %i consumers', async (concurrency, consumers) => {
  await using streaming = await openStreaming(broker, 6);
  const unconfirmed = { ...defaultStream.unconfirmed, concurrency };
  const stream = await streaming.start({ concurrency: 3, unconfirmed });
  expect(stream.tasks).toBe(consumers);
  await send(streaming, 500);
  await taken(streaming, 500);
});

test('when a second stream joins the group and leaves again, nothing is lost', async () => {
  await using streaming = await openStreaming(broker, 6);
  await streaming.start({ maximumTasks: 2 });
  await send(streaming, 2000);
  const second = await streaming.start({ maximumTasks: 4 });
  await send(streaming, 2000, 2000);
  await sleep(500);
  await second.pause();
  await send(streaming, 2000, 4000);
  await taken(streaming, 6000);
});

test("a task that waits to retry what has become another task's does not go on with it", async () => {
  await using streaming = await openStreaming(broker, 2);
  await streaming.topic.send([
    { value: 'a', partition: 0 },
    { value: 'b', partition: 1 },
  ]);
  let calls = 0;
  const first = await streaming.start({
    batchWindow: { CountBasedWindow: 1, TimeBasedWindow: 0 },
    invoke: async () => {
      calls++;
      return failure;
    },
    clock: { now: () => performance.now(), sleep: (_, signal) => sleep(60_000, undefined, { signal }).catch(() => undefined) },
  });
  await expect.poll(() => calls).toBe(1);
  // Takes one of the partitions, and, when the first leaves, the other.
  await streaming.start({});
  await expect.poll(() => streaming.positions().length).toBeGreaterThanOrEqual(1);
  await first.pause();
  await taken(streaming, 2);
  await expect.poll(() => streaming.topic.lag(streaming.group)).toBe(0);
});

test('a new group begins at the earliest records, or at the latest', async () => {
  await using streaming = await openStreaming(broker);
  await send(streaming, 10);
  await streaming.start({ OffsetReset: 'latest' });
  await streaming.start({ OffsetReset: 'earliest', ConsumerGroup: `${streaming.group}-other` });
  await taken(streaming, 10);
  await send(streaming, 5, 10);
  await expect.poll(() => streaming.positions().length).toBe(20);
});

test('records that arrive between the start at the latest and a stop are not lost', async () => {
  await using streaming = await openStreaming(broker, 1);
  await send(streaming, 3);
  const stream = await streaming.start({ OffsetReset: 'latest' });
  await stream.pause();
  await send(streaming, 4, 3);
  await stream.start();
  await taken(streaming, 4);
});

test('a batch waits for its count, or for its time', async () => {
  await using streaming = await openStreaming(broker, 1);
  await streaming.start({ batchWindow: { CountBasedWindow: 50, TimeBasedWindow: 2 } });
  await send(streaming, 60);
  await taken(streaming, 60);
  expect(streaming.events.map((event) => event.length)).toEqual([50, 10]);
});

test('the body limit cuts a batch', async () => {
  await using streaming = await openStreaming(broker, 1);
  await streaming.topic.send(values(20).map(({ key }) => ({ key, value: 'x'.repeat(1000) })));
  await streaming.start({ bodyLimit: 5000, batchWindow: { CountBasedWindow: 100, TimeBasedWindow: 1 } });
  await taken(streaming, 20);
  expect(Math.max(...streaming.events.map((event) => JSON.stringify(event).length))).toBeLessThanOrEqual(5000);
  expect(streaming.events.map((event) => event.length)).toEqual([4, 4, 4, 4, 4]);
});

test('null keys and values, empty ones and headers come as they are', async () => {
  await using streaming = await openStreaming(broker, 1);
  await streaming.topic.send([
    { key: null, value: null },
    { key: '', value: '' },
    { key: 'k', value: 'v', headers: { h: '1' } },
  ]);
  const raw: unknown[] = [];
  await streaming.start({
    eventSchema: 'RawData',
    invoke: async (event) => {
      raw.push(...(JSON.parse(event.toString()) as unknown[]));
      return success;
    },
  });
  await expect.poll(() => raw.length).toBe(3);
  expect(raw).toEqual([
    expect.not.objectContaining({ key: expect.anything() }),
    expect.objectContaining({ key: '', value: '', headers: { headers: [], isReadOnly: false } }),
    expect.objectContaining({ key: 'k', value: 'v', headers: { headers: [{ key: 'h', value: '1' }], isReadOnly: false } }),
  ]);
});

test('a record of almost 10 MB is delivered whole', async () => {
  await using streaming = await openStreaming(broker, 1, { 'max.message.bytes': '10485760' });
  const value = 'x'.repeat(10_000_000);
  await streaming.topic.send([{ key: 'large', value }]);
  await streaming.start();
  await taken(streaming, 1);
  expect(streaming.events[0]?.[0]?.value).toHaveLength(value.length);
});

test.each([
  ['functionError', async () => failure, 'Refused: no'],
  ['a status', async () => ({ ...success, statusCode: 500 }), 'status 500'],
  ['a refused call', () => Promise.reject(new Error('ResourceExhausted')), 'ResourceExhausted'],
])('a failed push, told by %s, is tried again with the same records, and nothing is committed meanwhile', async (_, fail, reason) => {
  await using streaming = await openStreaming(broker, 1);
  await send(streaming, 3);
  const bodies: string[] = [];
  const retryStrategy = { PushRetryStrategy: 'EXPONENTIAL_DECAY_RETRY' } as const;
  const lags: number[] = [];
  await streaming.start({
    clock: hurriedClock(),
    retryStrategy,
    invoke: async (event) => {
      bodies.push(event.toString());
      if (bodies.length > 3) return success;
      lags.push(await streaming.topic.lag(streaming.group));
      return fail();
    },
  });
  await taken(streaming, 3);
  expect(streaming.failures).toEqual([reason, reason, reason]);
  expect(new Set(bodies).size).toBe(1);
  expect(lags).toEqual([3, 3, 3]);
});

test('where a function error is no failed push, it is passed over', async () => {
  await using streaming = await openStreaming(broker, 1);
  await send(streaming, 3);
  await streaming.start({ invoke: async () => failure, unconfirmed: { ...defaultStream.unconfirmed, functionErrors: 'pass' } });
  await expect.poll(() => streaming.topic.lag(streaming.group)).toBe(0);
  expect(streaming.failures).toEqual([]);
});

test.each([
  ['BACKOFF_RETRY', 4],
  ['EXPONENTIAL_DECAY_RETRY', 177],
] as const)(
  'under NONE and %s, a function that always fails is called %i times, then the stream is blocked, and start tries again',
  async (PushRetryStrategy, calls) => {
    await using streaming = await openStreaming(broker, 1);
    await send(streaming, 3);
    let isHealthy = false;
    const stream = await streaming.start({
      clock: hurriedClock(),
      retryStrategy: { PushRetryStrategy },
      invoke: async () => (isHealthy ? success : failure),
    });
    await expect.poll(() => stream.state).toBe('blocked');
    expect(streaming.failures).toHaveLength(calls);
    expect(await streaming.topic.lag(streaming.group)).toBe(3);
    isHealthy = true;
    await stream.start();
    expect(stream.state).toBe('running');
    await taken(streaming, 3);
  },
);

const deadLetterQueue = (topic: string) => ({ Arn: `acs:alikafka:cn-hangzhou:1234567890123456:instance/alikafka_local/topic/${topic}` });

test.each(['event', 'element'] as const)(
  'under ALL, what has failed for good goes to the dead-letter topic, each %s in a message, and the stream goes on',
  async (deadLetter) => {
    await using streaming = await openStreaming(broker, 1);
    await using letters = await openStreaming(broker, 1);
    await send(streaming, 2);
    await streaming.start({
      clock: hurriedClock(),
      errorsTolerance: 'ALL',
      deadLetterQueue: deadLetterQueue(letters.topic.name),
      unconfirmed: { ...defaultStream.unconfirmed, deadLetter },
      invoke: async (event) => (event.includes('"offset":0') ? failure : success),
      batchWindow: { CountBasedWindow: 2, TimeBasedWindow: 1 },
    });
    await expect.poll(() => streaming.topic.lag(streaming.group)).toBe(0);
    await send(streaming, 1, 2);
    await taken(streaming, 1);
    const inQueue: string[] = [];
    await letters.start({
      invoke: async (event) => {
        inQueue.push(...(JSON.parse(event.toString()) as { value: string }[]).map(({ value }) => value));
        return success;
      },
    });
    await expect.poll(() => inQueue.length).toBe(deadLetter === 'event' ? 1 : 2);
    const elements = inQueue.flatMap((text) => JSON.parse(text) as object | object[]);
    expect(elements).toMatchObject([{ offset: 0 }, { offset: 1 }]);
  },
);

test('under ALL without a dead-letter queue, what has failed for good is discarded, and a warning names it', async () => {
  await using streaming = await openStreaming(broker, 1);
  await send(streaming, 2);
  await streaming.start({ clock: hurriedClock(), errorsTolerance: 'ALL', invoke: async () => failure });
  await expect.poll(() => streaming.topic.lag(streaming.group)).toBe(0);
  expect(streaming.warnings.join()).toContain(`${streaming.topic.name}+0+0: there is no dead-letter queue`);
});

test('a dead-letter topic that is not there blocks the stream: nothing is lost', async () => {
  await using streaming = await openStreaming(broker, 1);
  await send(streaming, 2);
  const stream = await streaming.start({
    clock: hurriedClock(),
    errorsTolerance: 'ALL',
    deadLetterQueue: deadLetterQueue('nowhere'),
    invoke: async () => failure,
  });
  await expect.poll(() => stream.state).toBe('blocked');
  expect(await streaming.topic.lag(streaming.group)).toBe(2);
});

test.each([
  ['deliver', 1],
  ['fail', 0],
] as const)('records over 256 KB: %s', async (largeRecords, delivered) => {
  await using streaming = await openStreaming(broker, 1);
  await streaming.topic.send([{ key: 'large', value: 'x'.repeat(300_000) }]);
  await streaming.start({ errorsTolerance: 'ALL', unconfirmed: { ...defaultStream.unconfirmed, largeRecords } });
  await expect.poll(() => streaming.topic.lag(streaming.group)).toBe(0);
  expect(streaming.events).toHaveLength(delivered);
  expect(streaming.warnings).toHaveLength(1 - delivered);
});

test.each(['each-batch', 'every-second'] as const)('offsets are committed only after success: %s', async (commit) => {
  await using streaming = await openStreaming(broker, 1);
  await send(streaming, 3);
  let finish = (): void => undefined;
  const working = new Promise<void>((resolve) => {
    finish = resolve;
  });
  await streaming.start({
    unconfirmed: { ...defaultStream.unconfirmed, commit },
    invoke: async () => {
      await working;
      return success;
    },
  });
  await sleep(2500);
  expect(await streaming.topic.lag(streaming.group)).toBe(3);
  finish();
  await expect.poll(() => streaming.topic.lag(streaming.group)).toBe(0);
});

test('several invocations at a time: of one partition in order, or, where order is none, at once', async () => {
  const most = { partition: 0, none: 0 };
  for (const order of ['partition', 'none'] as const) {
    await using streaming = await openStreaming(broker, 1);
    await send(streaming, 40);
    let running = 0;
    await streaming.start({
      concurrency: 4,
      unconfirmed: { ...defaultStream.unconfirmed, order },
      batchWindow: { CountBasedWindow: 5, TimeBasedWindow: 0 },
      invoke: async () => {
        most[order] = Math.max(most[order], ++running);
        await sleep(50);
        running--;
        return success;
      },
    });
    await expect.poll(() => streaming.topic.lag(streaming.group)).toBe(0);
    expect(streaming.positions()).toHaveLength(40);
  }
  expect(most.partition).toBe(1);
  expect(most.none).toBeGreaterThan(1);
});

test('a stop in the middle of a batch waits for it, commits it, and the next start goes on behind it', async () => {
  await using streaming = await openStreaming(broker, 1);
  await send(streaming, 20);
  const invoke = async () => {
    await sleep(300);
    return success;
  };
  const stream = await streaming.start({ batchWindow: { CountBasedWindow: 5, TimeBasedWindow: 0 }, invoke });
  await sleep(100);
  await stream.pause();
  expect(stream.state).toBe('paused');
  const before = streaming.positions().length;
  expect(await streaming.topic.lag(streaming.group)).toBe(20 - before);
  await stream.start();
  await taken(streaming, 20);
  expectOnceInOrder(streaming, 20);
});

test('a stop while a retry waits does not wait for it', async () => {
  await using streaming = await openStreaming(broker, 1);
  await send(streaming, 1);
  const stream = await streaming.start({ invoke: async () => failure });
  await expect.poll(() => streaming.failures.length).toBe(1);
  const started = performance.now();
  await stream.pause();
  expect(performance.now() - started).toBeLessThan(5000);
  expect(await streaming.topic.lag(streaming.group)).toBe(1);
});

test('while a retry waits, the stream keeps its partitions', async () => {
  await using streaming = await openStreaming(broker, 1);
  await send(streaming, 1);
  let calls = 0;
  await streaming.start({
    retryStrategy: { PushRetryStrategy: 'BACKOFF_RETRY' },
    invoke: async () => (++calls === 1 ? failure : success),
    // Longer than the group would wait for a consumer that is not heard of, were it not for its heartbeats.
    clock: { now: () => performance.now(), sleep: (_, signal) => sleep(13_000, undefined, { signal }).catch(() => undefined) },
  });
  await taken(streaming, 1);
  expect(calls).toBe(2);
});
