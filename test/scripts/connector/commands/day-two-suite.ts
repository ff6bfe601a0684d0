import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { ElasticIndex } from '../../../../scripts/demo/elastic-index.ts';
import { seededAccount } from '../../../../scripts/local/api/account.ts';
import type { Generation } from '../../../../scripts/local/api/generation.ts';
import { systemClock } from '../../../../scripts/local/stream/clock.ts';
import { FunctionsByHand } from '../../../support/cloud/functions-by-hand.ts';
import { TestCloud } from '../../../support/cloud/local-cloud.ts';
import { changesOf, propsFor, runCommand } from '../../../support/cloud/run-command.ts';
import { alikafka } from '../../../support/cloud/sdk-clients.ts';
import { Topics } from '../../../support/kafka/topics.ts';

const { version }: { version: string } = JSON.parse(readFileSync('package.json', 'utf8'));
/** Every command of day two, on one generation of Function Compute. */
export function testDayTwo(generation: Generation): void {
  const topic = `day-two-${randomBytes(4).toString('hex')}`;
  const address = { url: inject('elasticsearchUrl'), username: 'elastic', password: 'none' };
  const instance = { instanceId: 'alikafka_pre-cn-local0000001', regionId: 'cn-hangzhou' };
  const props = propsFor(topic, {
    name: topic,
    onFailure: 'stop',
    kafka: { connectorTopics: 'off' },
    document: { shape: 'value' },
    function: { api: generation },
    trigger: { batchWindow: { TimeBasedWindow: 0 } },
  });

  let cloud: TestCloud;
  let index: ElasticIndex;
  let topics: Topics;

  beforeAll(async () => {
    topics = await Topics.open(inject('broker'));
    const servers = { broker: inject('broker'), elasticsearchUrl: address.url, topics: [{ topic, partitionNum: 1 }] };
    // Retries a hundred times as soon as the documents have them.
    const clock = { now: systemClock.now, sleep: (ms: number, signal: AbortSignal) => systemClock.sleep(ms / 100, signal) };
    cloud = await TestCloud.start({ account: seededAccount(servers), clock });
    index = await ElasticIndex.create(address, topic, { n: { type: 'integer' } });
    expect((await runCommand(cloud, props, 'deploy')).error).toBeUndefined();
  });

  afterAll(async () => {
    await runCommand(cloud, props, 'remove', '-y', '--with-topics');
    await cloud[Symbol.asyncDispose]();
    await topics[Symbol.asyncDispose]();
  });

  async function send(...values: readonly string[]): Promise<void> {
    await topics.send(
      topic,
      values.map((value) => ({ key: 'k', value })),
    );
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
        { name: 'brokers', ok: true, detail: `${inject('broker')} answer` },
        expect.objectContaining({ name: 'source topic', ok: true }),
        expect.objectContaining({ name: 'error destination', ok: true, detail: expect.stringContaining(`connect-error-${topic}`) }),
      ]),
    );
  });

  test('a paused connector reads nothing, a resumed one goes on where it was', async () => {
    await send('{"n":1}');
    await expect.poll(() => index.count()).toBe(1);
    expect(await json('pause')).toMatchObject({ state: 'paused', retentionHours: 72, offsetRetentionHours: 168 });
    expect(await json('info')).toMatchObject({ consumerGroup: { state: 'EMPTY' }, stream: 'not running: READY, paused' });
    await send('{"n":2}');
    expect(await json('info')).toMatchObject({ lag: 1, partitions: [{ partition: 0, committed: 1, end: 2, lag: 1 }] });
    expect(changesOf(await runCommand(cloud, props, 'deploy'))).toEqual([]);
    expect(await index.count()).toBe(1);
    await json('resume');
    await expect.poll(() => index.count()).toBe(2);
    await expect.poll(async () => (await json('info')).lag).toBe(0);
    const versions = { deployed: version, here: version, runtime: 'nodejs20', kafka: '2.6.2', elasticsearch: '7.10_with_X-Pack' };
    expect(await json('info')).toMatchObject({
      stream: 'running',
      versions,
      rejectedRecords: `connect-error-${topic}`,
      lastResult: { received: 1, written: 1 },
      lastErrors: [],
    });
  });

  test('a record that stops the connector is found in the log, skipped without being lost, and forgotten by the next deployment', async () => {
    await send('{"n":3}', '{"n":"no number"}', '{"n":4}');
    const position = `${topic}+0+3`;
    await expect
      .poll(async () => (await json('info')).lastErrors)
      .toContainEqual(expect.objectContaining({ error: 'RecordsRejected', message: expect.stringContaining(position) }));
    expect((await json('info')).standsAt).toEqual([{ position, error: 'mapper_parsing_exception' }]);
    const { lines } = (await json('logs', '--errors')) as { lines: { requestId: string; line: string }[] };
    const requestId = lines.find(({ line }) => line.includes('RecordsRejected'))?.requestId ?? '';
    const own = (await json('logs', '--request-id', requestId)) as { lines: { requestId: string; line: string }[] };
    expect(own.lines.length).toBeGreaterThanOrEqual(3);
    expect(own.lines.every((line) => line.requestId === requestId)).toBe(true);
    expect((await json('logs', '--search', 'record rejected')).lines).not.toEqual([]);

    expect((await json('info')).toSkip).toEqual([]);
    for (const [wrong, message] of [
      ['elsewhere+0+3', `'elsewhere+0+3' is not a position of ${topic}`],
      [`${topic}+0+-1`, "-1' is not a position; give <topic>"],
      [`${position},${topic}+7+0`, `there is no record at ${topic}+7+0: ${topic} has partitions 0.`],
      [`${topic}+0+5`, `there is no record at ${topic}+0+5: partition 0 ends before 5.`],
      [`${topic}+0+99999999999999999`, 'partition 0 ends before 5.'],
    ]) {
      expect((await runCommand(cloud, props, 'resume', '--skip', wrong ?? '')).error).toContain(message);
    }
    expect((await variables()).SKIP_POSITIONS).toBeUndefined();
    expect(await json('resume', '--skip', position)).toMatchObject({ skipped: [position] });
    await expect.poll(async () => (await json('info')).lag).toBe(0);
    expect((await json('info')).standsAt).toEqual([]);
    expect(await index.count()).toBe(4);
    const errors = await topics.read(`connect-error-${topic}`);
    expect(errors).toMatchObject([{ key: 'k', value: '{"n":"no number"}' }]);
    expect(errors[0]?.headers).toMatchObject({ '__connect.errors.offset': '3', '__connect.errors.exception.class.name': 'skipped' });

    const ahead = `${topic}+0+99`;
    await setVariables({ ...(await variables()), SKIP_POSITIONS: `${position},${ahead}` });
    expect((await json('info')).toSkip).toEqual([ahead]);
    expect((await runCommand(cloud, props, 'info', '-o', 'default')).printed).toContain(`\n  still to be skipped: ${ahead}\n`);
    const { steps } = await runCommand(cloud, props, 'deploy');
    expect(steps.filter(({ action }) => action !== 'keep')).toMatchObject([
      { kind: 'function', changes: [{ field: 'environmentVariables.SKIP_POSITIONS', before: `${position},${ahead}`, after: ahead }] },
    ]);
  });

  test('a stream that all retries have left stopped says so, and resume starts it again', async () => {
    const quick = { ...props, trigger: { ...(props.trigger as object), retryStrategy: { PushRetryStrategy: 'BACKOFF_RETRY' } } };
    expect((await runCommand(cloud, quick, 'deploy')).error).toBeUndefined();
    await send('{"n":"no number either"}');
    await expect.poll(async () => (await json('info')).stream, { interval: 500 }).toBe('not running: READY, after RecordsRejected');
    const { connectors } = (await json('list')) as { connectors: object[] };
    expect(connectors).toMatchObject([{ connector: topic, status: 'READY', lag: 1 }]);
    const [{ position = '' } = {}] = (await json('info')).standsAt as { position: string }[];
    await json('resume', '--skip', position);
    await expect.poll(async () => (await json('info')).lag).toBe(0);
    expect(await json('list')).toMatchObject({ connectors: [{ status: 'RUNNING', lag: 0 }] });
  });

  test('a connector that the very first record stops stands there, and lags', async () => {
    const name = `${topic}-first`;
    await cloud
      .clients()
      .kafka.createTopic(new alikafka.CreateTopicRequest({ ...instance, topic: name, remark: 'test', partitionNum: '2' }));
    const first = propsFor(name, { ...props, name, kafka: { connectorTopics: 'off' }, elasticsearch: { index: name } });
    expect((await runCommand(cloud, first, 'deploy')).error).toBeUndefined();
    const { error } = await runCommand(cloud, first, 'message', '--content', 'no object', '--partition', '1');
    expect(error).toContain(`at ${name}+1+0, but the record was rejected: value_not_an_object`);
    const { printed } = await runCommand(cloud, first, 'info', '-o', 'default');
    expect(printed).toContain(`stands at ${name}+1+0 (value_not_an_object); past it, without losing it: s resume --skip ${name}+1+0`);
    expect(printed).toContain('lag 1\n    partition 0: at (nothing yet) of 0, lag 0\n    partition 1: at (nothing yet) of 1, lag 1');
    expect(printed).toMatch(/value_not_an_object: record rejected \S+\+1\+0 \((\d+ times, last )?request /);
    await runCommand(cloud, first, 'remove', '-y', '--with-topics');
  });

  test('a command that fails says nothing of the stream, and an instance that is gone hides no other connector', async () => {
    await json('pause');
    expect((await runCommand(cloud, props, 'message', '-c', 'a', '-p', '9')).error).toContain('there is no partition 9');
    expect(await json('info')).toMatchObject({ stream: 'not running: READY, paused' });
    const description = 'Elasticsearch sink connector gone of Kafka instance alikafka_pre-cn-gone, topic gone';
    const byHand = new FunctionsByHand(cloud, generation);
    await byHand.create('kafka-service-gone-abcd1234', description);
    const { connectors } = (await json('list')) as { connectors: object[] };
    expect(connectors).toMatchObject([
      { connector: topic, status: 'READY', lag: 0 },
      { connector: 'gone', lag: null },
    ]);
    await byHand.delete('kafka-service-gone-abcd1234');
    await json('resume');
  });

  test('nothing is skipped without an error destination', async () => {
    await takeVariable('ERROR_DATA_TOPIC');
    const { error } = await runCommand(cloud, props, 'resume', '--skip', `${topic}+0+0`);
    expect(error).toContain('--skip: the function has no error destination, so a skipped record would be lost.');
    expect((await runCommand(cloud, props, 'deploy')).error).toBeUndefined();
  });

  /** As somebody does in the console. */
  async function takeVariable(name: string): Promise<void> {
    const { [name]: _, ...rest } = await variables();
    await setVariables(rest);
  }

  async function variables(): Promise<{ readonly [name: string]: string }> {
    const byHand = new FunctionsByHand(cloud, generation);
    const [name = ''] = await byHand.names();
    return byHand.variables(name);
  }

  async function setVariables(environmentVariables: object): Promise<void> {
    const byHand = new FunctionsByHand(cloud, generation);
    const [name = ''] = await byHand.names();
    await byHand.updateFunction(name, { environmentVariables });
  }

  test.each([
    [['--since', 'yesterday'], "--since: 'yesterday' is not a time"],
    [['--error'], '--error is not an option of this command; did you mean --errors?'],
  ])('logs %j is refused', async (args, message) => {
    expect((await runCommand(cloud, props, 'logs', ...args)).error).toContain(message);
  });

  test('a connector that is not deployed is said to be so', async () => {
    for (const command of ['info', 'check', 'logs', 'pause', 'resume', 'message']) {
      const args = command === 'message' ? ['-c', 'a'] : [];
      expect((await runCommand(cloud, { ...props, name: 'nobody' }, command, ...args)).error).toContain('Run `s deploy` first');
    }
  });
}
