import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ElasticsearchServer, startElasticsearch } from '../../../scripts/local/servers/elasticsearch.ts';
import { type KafkaServer, startKafka } from '../../../scripts/local/servers/kafka.ts';
import { type Delivery, lagAtMost, sendRecords, startDelivery } from '../../support/cloud/delivery.ts';

const total = 20_000;
let kafka: KafkaServer;
let elasticsearch: ElasticsearchServer;

beforeAll(async () => {
  [kafka, elasticsearch] = await Promise.all([startKafka(), startElasticsearch()]);
});

afterAll(() => Promise.all([kafka?.server.stop(), elasticsearch?.server.stop()]));

/** Sends all records, calls `fault` in the middle of their delivery, and looks for each of them at the end. */
async function deliverThrough(fault: (delivery: Delivery) => Promise<void>): Promise<Delivery> {
  await using delivery = await startDelivery(kafka.broker, elasticsearch.url);
  const { topic, index, consumerGroup } = delivery;
  await sendRecords(topic, total);
  const lag = await lagAtMost(delivery, total - 2000);
  expect(lag).toBeGreaterThan(0);
  await fault(delivery);
  expect(await topic.lag(consumerGroup)).toBeGreaterThan(0);
  await lagAtMost(delivery, 0);
  const ids = await topic.positions();
  expect(ids).toHaveLength(total);
  expect(await index.count(ids)).toBe(total);
  expect(await index.count()).toBe(total);
  return delivery;
}

test('kill -9 of Elasticsearch in mid-delivery: the function waits for its restart, and every record is there once', async () => {
  const { failures, lines } = await deliverThrough(async () => {
    await elasticsearch.server.kill();
    await elasticsearch.server.launch();
  });
  expect(failures).toEqual([]);
  const retried = lines.map((line) => JSON.parse(line) as { retried?: number }).reduce((sum, { retried = 0 }) => sum + retried, 0);
  expect(retried).toBeGreaterThan(0);
});

test('kill -9 of the function in mid-delivery: a new instance delivers the batch again, and every record is there once', async () => {
  const { failures } = await deliverThrough(async ({ function: fn, failures }) => {
    // A kill between two invocations fails none of them.
    while (failures.length === 0) {
      for (const pid of fn.pids) process.kill(pid, 'SIGKILL');
      await sleep(300);
    }
  });
  expect(failures.join('\n')).toContain('Process exited unexpectedly');
});
