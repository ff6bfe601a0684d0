import { expect, inject, test } from 'vitest';
import { defaultStream, type StreamConfig } from '../../../scripts/local/stream/config.ts';
import { lagAtMost, sendRecords, startDelivery } from '../../support/cloud/delivery.ts';
import { hurriedClock } from '../../support/kafka/stream.ts';

const { unconfirmed } = defaultStream;

test.each<[string, Partial<StreamConfig>]>([
  ["the connector's own events", {}],
  ['CloudEvents', { eventSchema: 'CloudEvents' }],
  ['CloudEvents as JSON texts', { eventSchema: 'CloudEvents', unconfirmed: { ...unconfirmed, elements: 'text' } }],
  ['RawData', { eventSchema: 'RawData' }],
  ['headers by their names', { eventSchema: 'CloudEvents', unconfirmed: { ...unconfirmed, headers: 'named' } }],
  ['offsets committed every second', { unconfirmed: { ...unconfirmed, commit: 'every-second' } }],
  ['several invocations of a partition at a time', { concurrency: 4, unconfirmed: { ...unconfirmed, order: 'none' } }],
  ['several invocations at a time, of a partition in order', { concurrency: 4 }],
  ['several consumers by the concurrency', { maximumTasks: 1, concurrency: 4, unconfirmed: { ...unconfirmed, concurrency: 'consumers' } }],
  ['a window of a second', { batchWindow: { CountBasedWindow: 10_000, TimeBasedWindow: 1 } }],
])('records without key or value, from several partitions and batches, all arrive: %s', async (_, trigger) => {
  await using delivery = await startDelivery(inject('broker'), inject('elasticsearchUrl'), {}, {}, trigger);
  const { topic, index, failures } = delivery;
  await topic.send([
    { value: 'no key', partition: 0 },
    { key: 'no value', value: null, partition: 1, headers: { trace: '1' } },
    { key: '', value: '', partition: 2 },
  ]);
  await sendRecords(topic, 3500);
  await lagAtMost(delivery, 0);
  const ids = await topic.positions();
  expect(ids).toHaveLength(3503);
  expect(await index.count(ids)).toBe(3503);
  expect(await index.count()).toBe(3503);
  expect(failures).toEqual([]);
});

test('records that no event can hold are fetched from the topic, and every record arrives with its value', async () => {
  const brokers = { OVERFLOW: 'fetch', KAFKA_BOOTSTRAP_SERVERS: inject('broker') };
  await using delivery = await startDelivery(inject('broker'), inject('elasticsearchUrl'), {}, brokers, { bodyLimit: 20_000 });
  const { topic, index, lines } = delivery;
  const sizes = [10, 50_000, 10, 300_000, 10];
  await topic.send(sizes.map((size, number) => ({ key: `k${number}`, value: `v${number}${'x'.repeat(size)}`, partition: 0 })));
  await lagAtMost(delivery, 0);
  expect(await index.count(await topic.positions())).toBe(sizes.length);
  const { hits } = JSON.parse(await index.search()) as { hits: { hits: { _source: { msg_body: { key: string; value: string } } }[] } };
  const lengths = Object.fromEntries(hits.hits.map(({ _source }) => [_source.msg_body.key, _source.msg_body.value.length]));
  expect(lengths).toEqual({ k0: 12, k1: 50_002, k2: 12, k3: 300_002, k4: 12 });
  expect(lines.filter((line) => line.includes('"level":"error"'))).toEqual([]);
});

test('under stop, a record that can never be written fails its batch, is named in the log, and is never passed over', async () => {
  const mapping = { msg_body: { properties: { value: { type: 'integer' } } } } as const;
  await using delivery = await startDelivery(inject('broker'), inject('elasticsearchUrl'), mapping, { ON_FAILURE: 'stop' });
  const { topic, index, failures, lines } = delivery;
  await topic.send([
    { key: 'canary', value: 'canary', partition: 0 },
    { key: 'fits', value: '7', partition: 0 },
  ]);
  await expect.poll(() => failures.length).toBeGreaterThan(1);
  expect(await topic.lag(delivery.consumerGroup)).toBe(2);
  expect(await index.count([`${topic.name}+0+1`])).toBe(1);
  const refusal = `1 records can never be written: ${topic.name}+0+0 (mapper_parsing_exception)`;
  expect(String(failures[0])).toContain(`RecordsRejected: ${refusal}`);
  const position = { topic: topic.name, partition: 0, offset: 0 };
  expect(lines.slice(0, 2).map((line) => JSON.parse(line) as object)).toMatchObject([
    { level: 'error', message: 'record rejected', ...position, error: 'mapper_parsing_exception' },
    { level: 'error', message: expect.stringContaining(refusal), error: 'RecordsRejected' },
  ]);
  expect(`${lines}${failures}`).not.toContain('canary');
});

test('under continue, a record that can never be written is passed over, counted and named', async () => {
  const mapping = { msg_body: { properties: { value: { type: 'integer' } } } } as const;
  await using delivery = await startDelivery(inject('broker'), inject('elasticsearchUrl'), mapping);
  const { topic, index, failures, lines } = delivery;
  await topic.send([
    { key: 'canary', value: 'canary', partition: 0 },
    { key: 'fits', value: '7', partition: 0 },
  ]);
  await lagAtMost(delivery, 0);
  expect(await index.count([`${topic.name}+0+1`])).toBe(1);
  expect(failures).toEqual([]);
  expect(lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { level: 'error', message: 'record rejected', topic: topic.name, partition: 0, offset: 0, error: 'mapper_parsing_exception' },
    { level: 'info', message: 'delivered', received: 2, written: 1, rejected: 1 },
  ]);
});

test.each(['event', 'element'] as const)(
  'a function that fails for good under tolerance ALL leaves its records in the dead-letter topic, each %s in a message',
  async (deadLetter) => {
    const elasticsearchUrl = inject('elasticsearchUrl');
    await using letters = await startDelivery(inject('broker'), elasticsearchUrl);
    const mapping = { msg_body: { properties: { value: { type: 'integer' } } } } as const;
    await using delivery = await startDelivery(
      inject('broker'),
      elasticsearchUrl,
      mapping,
      { ON_FAILURE: 'stop' },
      {
        errorsTolerance: 'ALL',
        clock: hurriedClock(),
        retryStrategy: { PushRetryStrategy: 'BACKOFF_RETRY' },
        deadLetterQueue: { Arn: `acs:alikafka:cn-hangzhou:1234567890123456:instance/local/topic/${letters.topic.name}` },
        unconfirmed: { ...unconfirmed, deadLetter },
      },
    );
    await delivery.topic.send([{ key: 'a', value: 'no number', partition: 0 }]);
    await lagAtMost(delivery, 0);
    expect(delivery.failures).toHaveLength(4);
    await expect.poll(() => letters.index.count()).toBe(1);
    expect(await letters.index.search()).toContain('no number');
  },
);

test('where a function error is no failed push, a record that can never be written is passed over, and the log names it', async () => {
  const mapping = { msg_body: { properties: { value: { type: 'integer' } } } } as const;
  const trigger = { unconfirmed: { ...unconfirmed, functionErrors: 'pass' } } as const;
  await using delivery = await startDelivery(inject('broker'), inject('elasticsearchUrl'), mapping, { ON_FAILURE: 'stop' }, trigger);
  await delivery.topic.send([{ key: 'a', value: 'no number', partition: 0 }]);
  await lagAtMost(delivery, 0);
  expect(delivery.failures).toEqual([]);
  expect(delivery.lines.join()).toContain(`"topic":"${delivery.topic.name}","partition":0,"offset":0`);
});
