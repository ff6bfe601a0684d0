// A real Elasticsearch that is overloaded: what it refuses for that is sent again.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ElasticsearchServer, startElasticsearch } from '../../../../scripts/local/servers/elasticsearch.ts';
import { at, id, records } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

let server: ElasticsearchServer;

beforeAll(async () => {
  server = await startElasticsearch({
    settings: { 'thread_pool.write.size': '1', 'thread_pool.write.queue_size': '1', 'indexing_pressure.memory.limit': '1mb' },
  });
});

afterAll(() => server?.server.stop());

const soon = { RETRY_BACKOFF_MS: '10', RETRY_MAX_BACKOFF_MS: '100' };
const manyShards = { settings: { number_of_shards: 12, number_of_replicas: 0 } };

/** What the node itself has counted, so that a test cannot pass without its fault. */
async function rejections({ elasticsearch }: Sandbox): Promise<{ readonly items: number; readonly requests: number }> {
  const { nodes } = await elasticsearch.nodes.stats({ metric: ['thread_pool', 'indexing_pressure'] });
  const [node] = Object.values(nodes);
  const items = node?.thread_pool?.write?.rejected;
  const requests = node?.indexing_pressure?.memory?.total?.coordinating_rejections;
  if (items === undefined || requests === undefined) throw new Error('the node tells no rejections');
  return { items, requests };
}

test('operations that a full queue refuses (item 429) are sent again until each is there once', async () => {
  await using sandbox = new Sandbox(server.url);
  await sandbox.put(`/${sandbox.name}`, manyShards);
  const before = await rejections(sandbox);
  const fn = await sandbox.start({ ...soon, BATCH_MAX_RECORDS: '60', MAX_IN_FLIGHT: '8' });
  const result = await fn.deliver(...records(1200));
  expect(result).toMatchObject({ received: 1200, written: 1200, rejected: 0 });
  expect((await rejections(sandbox)).items).toBeGreaterThan(before.items);
  expect(result.retried).toBeGreaterThan(0);
  expect(await sandbox.ids()).toEqual(Array.from({ length: 1200 }, (_, offset) => id(offset)).sort());
});

test('where a full queue refuses some of the operations on one document, its last record still wins', async () => {
  await using sandbox = new Sandbox(server.url);
  await sandbox.put(`/${sandbox.name}`, manyShards);
  const before = await rejections(sandbox);
  const keyed = { DOCUMENT_ID: 'key', DOCUMENT_VERSION: 'none', BATCH_MAX_RECORDS: '100', MAX_IN_FLIGHT: '4' };
  const fn = await sandbox.start({ ...soon, ...keyed });
  const keyOf = (offset: number) => `key-${(offset * 7) % 50}`;
  const result = await fn.deliver(...Array.from({ length: 1000 }, (_, offset) => at(offset, { key: keyOf(offset) })));
  expect(result).toMatchObject({ received: 1000, written: 1000 });
  expect((await rejections(sandbox)).items).toBeGreaterThan(before.items);
  const last = Object.fromEntries(Array.from({ length: 1000 }, (_, offset) => [keyOf(offset), offset]));
  const found = Object.entries((await sandbox.documents()) as { [id: string]: { msg_body: { offset: number } } });
  expect(Object.fromEntries(found.map(([key, { msg_body }]) => [key, msg_body.offset]))).toEqual(last);
});

test('requests that are refused for memory (429) are sent again until each record is there', async () => {
  await using sandbox = new Sandbox(server.url);
  const before = await rejections(sandbox);
  const fn = await sandbox.start({ ...soon, BATCH_MAX_BYTES: '600000', MAX_IN_FLIGHT: '8' });
  const result = await fn.deliver(...records(40, { value: 'v'.repeat(100_000) }));
  expect(result).toMatchObject({ received: 40, written: 40, rejected: 0 });
  expect((await rejections(sandbox)).requests).toBeGreaterThan(before.requests);
  expect(await sandbox.ids()).toHaveLength(40);
});
