import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, inject, test } from 'vitest';
import { startElasticsearch } from '../../../scripts/local/servers/elasticsearch.ts';
import { Command } from '../../support/command.ts';

const demo = 'scripts/demo/index.ts';

test('npm run demo: starts its servers, prints the document and the counts, and leaves nothing', async () => {
  await using command = await Command.create();
  const { stdout, stderr, exitCode } = await command.run(demo);
  expect(stderr).toContain('create trigger kafka');
  expect(stderr).not.toMatch(/fault of the local cloud|✖/);
  expect(stdout).toContain('Connector kafka-elasticsearch-sink is deployed, in service kafka-service-kafka-elasticsearch-sink-');
  expect(stdout).toContain('Connector kafka-elasticsearch-sink is removed.');
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/ records\/s, lag [\d,]+\n/);
  expect(stdout).toMatch(
    /\nTime, added up over 6 tasks: [\d.]+ s waiting for records, [\d.]+ s in \d+ invocations of \d+ records on average, of which Elasticsearch indexed for [\d.]+ s\n/,
  );
  expect(stdout).toMatch(/\n20,001 records sent, 20,001 indexed, 0 rejected$/);
  const answer = JSON.parse(/GET \/elastic_test\/_search\n(\{.*\n\})/s.exec(stdout)?.[1] ?? '') as { hits: { hits: object[] } };
  expect(answer.hits).toMatchObject({ total: { value: 1, relation: 'eq' } });
  const body = {
    key: 'demo',
    offset: 0,
    overflowFlag: false,
    partition: expect.any(Number),
    timestamp: expect.any(Number),
    topic: 'elasticsearch-test-input',
    value: '{"key": "test"}',
    valueSize: 15,
  };
  expect(answer.hits.hits).toEqual([
    { _index: 'elastic_test', _type: '_doc', _id: expect.any(String), _score: 1, _source: { msg_body: body, doc_as_upsert: true } },
  ]);
  expect(await command.leftovers()).toEqual([]);
});

test("on Function Compute 3.0 and the user's own servers it uses names of its own and leaves the servers as they were", async () => {
  await using command = await Command.create();
  // Not the shared one, to which other tests write meanwhile.
  const { url, server } = await startElasticsearch();
  await using _ = server;
  const before = await indices(url);
  const { stdout, exitCode } = await command.run(demo, ['--api', '3.0', '--kafka', inject('broker'), '--elasticsearch', url]);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/Function Compute 3\.0, function kafka-service-kafka-elasticsearch-sink-[0-9a-f]{8}-[a-z0-9]{8}/);
  expect(stdout).toContain('20,001 records sent, 20,001 indexed, 0 rejected');
  const [, name] = /GET \/(elastic_test-[0-9a-f]{8})\/_search/.exec(stdout) ?? [];
  expect(await indices(url)).toEqual([...before, name].sort());
});

test('Ctrl-C at any time: it ends at once, and nothing is left', async () => {
  await using command = await Command.create();
  const program = command.run(demo);
  // The servers start after the package is built: in the middle of their start.
  await once(program.stdout, 'data');
  await sleep(4000);
  program.kill('SIGINT');
  const { exitCode } = await program;
  expect(exitCode).toBe(130);
  await expect.poll(() => command.leftovers()).toEqual([]);
});

test.each([
  ['Elasticsearch', ['--kafka', inject('broker'), '--elasticsearch', 'http://127.0.0.1:1'], 'PUT http://127.0.0.1:1/elastic_test-'],
  ['Kafka', ['--kafka', '127.0.0.1:1', '--elasticsearch', inject('elasticsearchUrl')], 'connect ECONNREFUSED 127.0.0.1:1'],
])('%s that cannot be reached is an error that names it', async (_, args, message) => {
  await using command = await Command.create();
  const { all, exitCode } = await command.run(demo, args);
  expect(exitCode).toBe(1);
  expect(all).toContain(message);
  expect(all).not.toMatch(/\n {4}at /);
});

async function indices(url: string): Promise<string[]> {
  const answer = await fetch(`${url}/_cat/indices?format=json`);
  return ((await answer.json()) as { index: string }[]).map(({ index }) => index).sort();
}
