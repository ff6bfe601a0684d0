// What the commands that prove and repair deliveries do through the function of a deployed connector.
import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { ElasticIndex } from '../../../../scripts/demo/elastic-index.ts';
import { elasticsearchClient } from '../../../../scripts/demo/elasticsearch-client.ts';
import { seededAccount } from '../../../../scripts/local/api/account.ts';
import { TestCloud } from '../../../support/cloud/local-cloud.ts';
import { propsFor, runCommand } from '../../../support/cloud/run-command.ts';
import { Topics } from '../../../support/kafka/topics.ts';

const topic = `proof-${randomBytes(4).toString('hex')}`;
const errorTopic = `connect-error-${topic}`;
const address = { url: inject('elasticsearchUrl'), username: 'elastic', password: 'none' };
const elasticsearch = elasticsearchClient(address);
const props = propsFor(topic, {
  name: topic,
  kafka: { connectorTopics: 'off' },
  document: { shape: 'value' },
  trigger: { batchWindow: { TimeBasedWindow: 0 } },
});

let cloud: TestCloud;
let index: ElasticIndex;
let topics: Topics;

beforeAll(async () => {
  topics = await Topics.open(inject('broker'));
  const servers = { broker: inject('broker'), elasticsearchUrl: address.url, topics: [{ topic, partitionNum: 2 }] };
  cloud = await TestCloud.start({ account: seededAccount(servers) });
  index = await ElasticIndex.create(address, topic, { n: { type: 'integer' } });
  expect((await runCommand(cloud, props, 'deploy')).error).toBeUndefined();
  const values = ['{"n":0}', '{"n":1}', 'no object', '{"n":"x"}', '{"n":4}'];
  await topics.send(
    topic,
    values.map((value) => ({ key: 'k', value, partition: 0 })),
  );
  await topics.send(topic, [{ key: 'k', value: '{"n":5}', partition: 1 }]);
});

afterAll(async () => {
  await runCommand(cloud, props, 'remove', '-y', '--with-topics');
  await elasticsearch.close();
  await cloud[Symbol.asyncDispose]();
  await topics[Symbol.asyncDispose]();
});

async function json(command: string, ...args: string[]): Promise<Record<string, unknown>> {
  const { error, printed } = await runCommand(cloud, props, command, ...args);
  expect(error).toBeUndefined();
  return JSON.parse(printed.slice(printed.lastIndexOf('\n{"') + 1));
}

/** The exit code that a command has set, which is then as before. */
function exitCode(): typeof process.exitCode {
  const { exitCode } = process;
  process.exitCode = undefined;
  return exitCode ?? 0;
}

const counts = { deadLettered: 0, skipped: 0, expired: 0, missing: 0, extra: 0 };

test('audit proves that every record is accounted for, partition by partition', async () => {
  await expect.poll(async () => (await json('info')).lag).toBe(0);
  expect(await json('audit')).toMatchObject({
    connector: topic,
    canTell: true,
    complete: true,
    partitions: [
      { partition: 0, from: 0, to: 5, offsets: 5, indexed: 3, errors: 2, ...counts },
      { partition: 1, from: 0, to: 1, offsets: 1, indexed: 1, errors: 0, ...counts },
    ],
    missing: [],
    extra: [],
  });
  expect(exitCode()).toBe(0);
});

test('a loss is found, and repaired after a yes; a doubling is found', async () => {
  await elasticsearch.delete({ index: topic, id: `${topic}+0+1`, refresh: true });
  expect(await json('audit')).toMatchObject({ canTell: true, complete: false, missing: [`${topic}+0+1`], extra: [] });
  expect(exitCode()).toBe(1);
  expect(await json('audit', '--partition', '0', '--from', '2', '--to', '4')).toMatchObject({
    complete: true,
    partitions: [{ from: 2, to: 4, offsets: 2 }],
  });
  expect(exitCode()).toBe(0);
  expect((await runCommand(cloud, props, 'audit', '--repair')).error).toContain('say yes with -y');
  expect(await index.count()).toBe(3);
  expect(await json('audit', '--repair', '-y')).toMatchObject({ complete: true, missing: [], repaired: 1 });
  expect(exitCode()).toBe(0);
  expect(await elasticsearch.getSource({ index: topic, id: `${topic}+0+1` })).toEqual({ n: 1 });
  await elasticsearch.index({ index: topic, id: `${topic}+1+1`, document: { n: 9 } });
  expect(await json('audit', '--partition', '1', '--from', '0', '--to', '3')).toMatchObject({
    complete: false,
    missing: [],
    extra: [`${topic}+1+1`],
  });
  expect(exitCode()).toBe(1);
});

test('replay shows what there is, delivers it after a yes, and tells what failed again', async () => {
  const byError = { value_not_an_object: 1, mapper_parsing_exception: 1 };
  const dryRun = await json('replay', '--dry-run');
  expect(dryRun).toMatchObject({ delivered: 0, failed: 0, unreadable: 0, byError });
  expect(dryRun.examples).toHaveLength(2);
  expect(exitCode()).toBe(0);
  expect((await runCommand(cloud, props, 'replay')).error).toContain('say yes with -y');
  expect(await json('replay', '-y')).toMatchObject({ delivered: 0, failed: 2, byError });
  expect(exitCode()).toBe(1);
  expect(await json('replay', '--dry-run', '--error-type', 'mapper_parsing_exception', '--since', '1h', '--partition', '0')).toMatchObject({
    byError: { mapper_parsing_exception: 1 },
    examples: [{ position: `${topic}+0+3`, attempts: 2 }],
  });
  expect(await json('replay', '--dry-run', '--until', '1d')).toMatchObject({ byError: {} });
});

test('replay delivers dead letters, which are in the error topic too, and names what cannot be read', async () => {
  await elasticsearch.delete({ index: topic, id: `${topic}+0+4`, refresh: true });
  const [record] = (await topics.read(topic)).filter(({ offset }) => offset === 4);
  const letter = JSON.stringify([{ topic, partition: 0, offset: 4, timestamp: record?.timestamp, headers: {}, value: '{"n":4}' }]);
  await topics.send(errorTopic, [{ value: letter }]);
  expect(await json('audit')).toMatchObject({ complete: true, partitions: [{ deadLettered: 1 }, {}] });
  exitCode();
  expect(await json('replay', '-y', '--source', 'dead-letter')).toMatchObject({
    delivered: 1,
    failed: 0,
    unreadable: 0,
    byError: { 'dead-letter': 1 },
  });
  expect(exitCode()).toBe(0);
  expect(await json('audit')).toMatchObject({ complete: true, partitions: [{ indexed: 3, deadLettered: 0 }, {}] });
  await topics.send(errorTopic, [{ value: 'canary' }]);
  const run = await runCommand(cloud, props, 'replay', '-y', '--source', 'dead-letter');
  expect(run.printed).toContain('no record can be found in it');
  expect(run.printed).not.toContain('canary');
  expect(JSON.parse(run.printed.slice(run.printed.lastIndexOf('\n{"') + 1))).toMatchObject({ delivered: 0, unreadable: 1 });
  expect(exitCode()).toBe(1);
});

test('an audit that fails tells where to go on', async () => {
  await elasticsearch.indices.close({ index: topic });
  const { error } = await runCommand(cloud, props, 'audit', '--partition', '0');
  expect(error).toContain('index_closed_exception');
  expect(error).toContain('--partition 0 --from 0 goes on');
  await elasticsearch.indices.open({ index: topic });
});

test.each([
  ['audit', ['--from', '5'], '--from and --to are offsets of one partition'],
  ['audit', ['--partition', '7'], 'has no partition 7'],
  ['audit', ['--to', 'end'], "--to: 'end' is not an integer"],
  ['replay', ['--source', 'nowhere'], "--source: 'nowhere' is not known"],
  ['replay', ['--since', 'soon'], "--since: 'soon' is not a time"],
  ['replay', ['--source', 'error-index'], 'ERROR_INDEX'],
])('%s %j is refused', async (command, args, words) => {
  expect((await runCommand(cloud, props, command, ...args)).error).toContain(words);
});
