import { randomBytes } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { ElasticIndex } from '../../../scripts/demo/elastic-index.ts';
import { seededAccount } from '../../../scripts/local/api/account.ts';
import { TestCloud } from '../../support/cloud.ts';
import { changesOf, propsFor, runCommand } from '../../support/connector.ts';

const topic = `day-two-${randomBytes(4).toString('hex')}`;
const address = { url: inject('elasticsearchUrl'), username: 'elastic', password: 'none' };
const props = propsFor(topic, {
  name: topic,
  onFailure: 'stop',
  kafka: { connectorTopics: 'off' },
  document: { shape: 'value' },
  trigger: { batchWindow: { TimeBasedWindow: 0 } },
});

let cloud: TestCloud;
let index: ElasticIndex;

beforeAll(async () => {
  const topics = [{ topic, partitionNum: 1 }];
  cloud = await TestCloud.start({ account: seededAccount({ broker: inject('broker'), elasticsearchUrl: address.url, topics }) });
  index = await ElasticIndex.create(address, topic, { n: { type: 'integer' } });
  expect((await runCommand(cloud, props, 'deploy')).error).toBeUndefined();
});

afterAll(async () => {
  await runCommand(cloud, props, 'remove', '-y', '--with-topics');
  await cloud[Symbol.asyncDispose]();
});

async function send(...values: readonly string[]): Promise<void> {
  const producer = new Kafka({ brokers: [inject('broker')], logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  await producer.send({ topic, messages: values.map((value) => ({ key: 'k', value })) });
  await producer.disconnect();
}

async function json(command: string, ...args: string[]): Promise<Record<string, unknown>> {
  const { error, printed } = await runCommand(cloud, props, command, ...args);
  expect(error).toBeUndefined();
  return JSON.parse(printed.slice(printed.indexOf('{"')));
}

test('check tells what the function finds from inside', async () => {
  expect((await json('check')).checks).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ name: 'elasticsearch', ok: true }),
      expect.objectContaining({ name: 'index', ok: true }),
    ]),
  );
});

test('a paused connector reads nothing, a resumed one goes on where it was', async () => {
  await send('{"n":1}');
  await expect.poll(() => index.count(), { timeout: 30_000 }).toBe(1);
  expect(await json('pause')).toMatchObject({ state: 'paused', retentionHours: 72 });
  expect(await json('info')).toMatchObject({ consumerGroup: { state: 'EMPTY' }, stream: expect.stringContaining('not running') });
  await send('{"n":2}');
  expect(await json('info')).toMatchObject({ lag: 1, partitions: [{ partition: 0, committed: 1, end: 2 }] });
  expect(changesOf(await runCommand(cloud, props, 'deploy'))).toEqual([]);
  expect(await index.count()).toBe(1);
  await json('resume');
  await expect.poll(() => index.count(), { timeout: 30_000 }).toBe(2);
  await expect.poll(async () => (await json('info')).lag, { timeout: 30_000 }).toBe(0);
  expect(await json('info')).toMatchObject({ stream: 'running', lastResult: { received: 1, written: 1 }, lastErrors: [] });
});

test('a record that stops the connector is found in the log, skipped without being lost, and forgotten by the next deployment', async () => {
  await send('{"n":3}', '{"n":"no number"}', '{"n":4}');
  const position = `${topic}+0+3`;
  await expect
    .poll(async () => (await json('info')).lastErrors, { timeout: 30_000 })
    .toContainEqual(expect.objectContaining({ error: 'RecordsRejected', message: expect.stringContaining(position) }));
  const { lines } = (await json('logs', '--errors')) as { lines: { requestId: string; line: string }[] };
  const requestId = lines.find(({ line }) => line.includes('RecordsRejected'))?.requestId ?? '';
  const own = (await json('logs', '--request-id', requestId)) as { lines: { requestId: string; line: string }[] };
  expect(own.lines.length).toBeGreaterThanOrEqual(3);
  expect(own.lines.every((line) => line.requestId === requestId)).toBe(true);
  expect((await json('logs', '--search', 'record rejected')).lines).not.toEqual([]);

  const wrong = await runCommand(cloud, props, 'resume', '--skip', 'elsewhere+0+3');
  expect(wrong.error).toContain(`'elsewhere+0+3' is not a position of ${topic}`);
  expect(await json('resume', '--skip', position)).toMatchObject({ skipped: [position] });
  expect(changesOf(await runCommand(cloud, props, 'plan'))).toEqual([]);
  await expect.poll(async () => (await json('info')).lag, { timeout: 60_000 }).toBe(0);
  expect(await index.count()).toBe(4);
  const errors = await fetch(`${address.url}/connect-error-${topic}/_doc/${encodeURIComponent(position)}`);
  expect(await errors.json()).toMatchObject({ _source: { value: '{"n":"no number"}', error: { type: 'skipped' } } });

  const { steps } = await runCommand(cloud, props, 'deploy');
  expect(steps.filter(({ action }) => action !== 'keep')).toMatchObject([
    { kind: 'function', changes: [{ field: 'environmentVariables.SKIP_POSITIONS', before: position }] },
  ]);
});

test.each([
  [['--since', 'yesterday'], "--since: 'yesterday' is not a time"],
  [['--error'], '--error is not an option of this command; did you mean --errors?'],
])('logs %j is refused', async (args, message) => {
  expect((await runCommand(cloud, props, 'logs', ...args)).error).toContain(message);
});

test('a connector that is not deployed is said to be so', async () => {
  for (const command of ['info', 'check', 'logs', 'pause', 'resume']) {
    expect((await runCommand(cloud, { ...props, name: 'nobody' }, command)).error).toContain('Run `s deploy` first');
  }
});
