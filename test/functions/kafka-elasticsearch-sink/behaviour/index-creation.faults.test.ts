// A real Elasticsearch that takes no more indices.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ElasticsearchServer, startElasticsearch } from '../../../../scripts/local/servers/elasticsearch.ts';
import { plain } from '../../../support/elasticsearch/bulk-responses.ts';
import { startProxy } from '../../../support/elasticsearch/proxy.ts';
import { policies } from '../../../support/function/policies.ts';
import { records } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

let server: ElasticsearchServer;

beforeAll(async () => {
  server = await startElasticsearch();
});

afterAll(() => server?.server.stop());

const cases: readonly (readonly [string, string, { readonly CREATE_INDEX?: string }])[] = [
  ['that the function makes', '', {}],
  ['that Elasticsearch makes, since it cannot be looked for', '.', { CREATE_INDEX: 'false' }],
];

test.each(cases)('an index %s at the limit of shards is IndexUnavailable', async (_, beginning, variables) => {
  await using sandbox = new Sandbox(server.url);
  await using blind = await startProxy(server.url, { refuse: ({ method }) => (method === 'HEAD' ? plain(403, {}, '') : undefined) });
  await sandbox.put(`/${sandbox.name}-first`);
  await sandbox.put('/_cluster/settings', { transient: { 'cluster.max_shards_per_node': 1 } });
  try {
    for (const policy of policies) {
      const settings = { ES_INDEX: `${beginning}${sandbox.name}`, ERROR_INDEX: `${sandbox.name}-errors`, ON_FAILURE: policy };
      const endpoint = variables.CREATE_INDEX === 'false' ? { ES_ENDPOINT: blind.url } : {};
      const fn = await sandbox.start({ ...settings, ...variables, ...endpoint }, { timeout: 20 });
      const outcome = await fn.invoke({ topic: 1 }, ...records(3));
      expect(outcome).toMatchObject({ errorType: 'IndexUnavailable' });
      expect(outcome.tookMs).toBeLessThan(10_000);
      expect(await sandbox.ids(`${sandbox.name}-errors`)).toEqual([]);
    }
  } finally {
    await sandbox.put('/_cluster/settings', { transient: { 'cluster.max_shards_per_node': null } });
  }
});
