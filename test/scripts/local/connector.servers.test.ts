import { expect, inject, test } from 'vitest';
import { lagAtMost, sendRecords, startDelivery } from '../../support/delivery.ts';

test('records without key or value, from several partitions and batches, all arrive', async () => {
  await using delivery = await startDelivery(inject('broker'), inject('elasticsearchUrl'));
  const { topic, index, failures } = delivery;
  await topic.send([
    { value: 'no key', partition: 0 },
    { key: 'no value', value: null, partition: 1 },
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

test('under stop, a record that can never be written fails its batch, is named in the log, and is never passed over', async () => {
  const mapping = { msg_body: { properties: { value: { type: 'integer' } } } };
  await using delivery = await startDelivery(inject('broker'), inject('elasticsearchUrl'), mapping, { ON_FAILURE: 'stop' });
  const { topic, index, failures, lines } = delivery;
  await topic.send([
    { key: 'canary', value: 'canary', partition: 0 },
    { key: 'fits', value: '7', partition: 0 },
  ]);
  await expect.poll(() => failures.length, { timeout: 30_000 }).toBeGreaterThan(1);
  expect(await topic.lag(delivery.connector.consumerGroup)).toBe(2);
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
  const mapping = { msg_body: { properties: { value: { type: 'integer' } } } };
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
