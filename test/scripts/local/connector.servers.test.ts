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

test('a record that Elasticsearch refuses fails its batch, is named in the log, and is never passed over', async () => {
  const mapping = { msg_body: { properties: { value: { type: 'integer' } } } };
  await using delivery = await startDelivery(inject('broker'), inject('elasticsearchUrl'), mapping);
  const { topic, failures, lines } = delivery;
  await topic.send([
    { key: 'canary', value: 'canary', partition: 0 },
    { key: 'fits', value: '7', partition: 0 },
  ]);
  await expect.poll(() => failures.length, { timeout: 30_000 }).toBeGreaterThan(1);
  expect(await topic.lag(delivery.connector.consumerGroup)).toBe(2);
  const refusal = `Elasticsearch refused 1 of 2 records: ${topic.name}+0+0 (400 mapper_parsing_exception)`;
  expect(String(failures[0])).toContain(`RecordsRejected: ${refusal}`);
  const position = { topic: topic.name, partition: 0, offset: 0 };
  expect(lines.slice(0, 2).map((line) => JSON.parse(line) as object)).toMatchObject([
    { level: 'error', message: 'record rejected', ...position, status: 400, error: 'mapper_parsing_exception' },
    { level: 'error', message: refusal, error: 'RecordsRejected' },
  ]);
  expect(`${lines}${failures}`).not.toContain('canary');
});
