// What recovers by itself is waited out, in a real Elasticsearch.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, inject, test } from 'vitest';
import { startProxy } from '../../../support/elasticsearch/proxy.ts';
import type { SeenRequest } from '../../../support/elasticsearch/scripted-server.ts';
import { policies } from '../../../support/function/policies.ts';
import { records } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

const soon = { RETRY_BACKOFF_MS: '10', RETRY_MAX_BACKOFF_MS: '100' };

test('items that a shard without enough copies refuses (503) are sent again', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await sandbox.put(`/${sandbox.name}`);
  let refused = 0;
  // Asks the real server to wait for a copy that never comes, twice.
  const change = (request: SeenRequest) => {
    if (!request.path.includes('_bulk') || refused++ >= 2) return request;
    const mark = request.path.includes('?') ? '&' : '?';
    return { ...request, path: `${request.path}${mark}wait_for_active_shards=2&timeout=100ms` };
  };
  await using proxy = await startProxy(inject('elasticsearchUrl'), { change });
  const fn = await sandbox.start({ ...soon, ES_ENDPOINT: proxy.url }, { timeout: 20 });
  expect(await fn.deliver(...records(3))).toMatchObject({ written: 3, rejected: 0, retried: 6 });
});

test.each([
  ['index.blocks.write', true],
  ['index.blocks.read_only_allow_delete', true],
  ['index.blocks.read_only', true],
  ['index.write.wait_for_active_shards', '2'],
])('%s recovers: records are sent again and written once it is lifted, under either policy', async (setting, value) => {
  for (const policy of policies) {
    await using sandbox = new Sandbox(inject('elasticsearchUrl'));
    await sandbox.put(`/${sandbox.name}`, { settings: { number_of_replicas: 1 } });
    await sandbox.put(`/${sandbox.name}/_settings`, { [setting]: value });
    const fn = await sandbox.start({ ...soon, ON_FAILURE: policy, ES_REQUEST_TIMEOUT_MS: '500' });
    const delivery = fn.deliver(...records(3));
    await sleep(1000);
    await sandbox.put(`/${sandbox.name}/_settings`, { [setting]: null });
    const result = await delivery;
    expect(result).toMatchObject({ received: 3, written: 3, rejected: 0 });
    expect(result.retried).toBeGreaterThan(1);
    expect(await sandbox.ids()).toHaveLength(3);
  }
});

test.each(['index.blocks.write', 'index.blocks.read_only_allow_delete'])(
  '%s that stays is ElasticsearchUnavailable, and no record is handed over',
  async (setting) => {
    await using sandbox = new Sandbox(inject('elasticsearchUrl'));
    const errors = `${sandbox.name}-errors`;
    await sandbox.put(`/${sandbox.name}`);
    await sandbox.put(`/${sandbox.name}/_settings`, { [setting]: true });
    const timeout = 4;
    const fn = await sandbox.start({ ...soon, DEADLINE_RESERVE_MS: '2000', ERROR_INDEX: errors }, { timeout });
    const outcome = await fn.invoke({ topic: 1 }, ...records(3));
    expect(outcome).toMatchObject({ errorType: 'ElasticsearchUnavailable', errorMessage: expect.stringContaining(sandbox.name) });
    expect(outcome.tookMs).toBeLessThan(timeout * 1000);
    expect(await sandbox.exists(errors)).toBe(false);
  },
);
