import { afterEach, expect, inject, test, vi } from 'vitest';
import { FunctionCompute2 } from '../../../../scripts/connector/cloud/function-compute/function-compute-2.ts';
import { ElasticIndex } from '../../../../scripts/demo/elastic-index.ts';
import type { StreamDeployment, TriggerStream } from '../../../../scripts/local/api/event-streams.ts';
import { makeTopic, openCloudWithTopic, serviceNames, small } from '../../../support/cloud/cloud-on-servers.ts';
import type { TestCloud } from '../../../support/cloud/local-cloud.ts';
import { changesOf, propsFor, runCommand } from '../../../support/cloud/run-command.ts';
import { startProxy } from '../../../support/elasticsearch/proxy.ts';
import { json as respond, type ScriptedServer, type SeenRequest } from '../../../support/elasticsearch/scripted-server.ts';

const enable = { 'x-fc-enable-eventbridge-trigger': 'enable' };

afterEach(() => {
  vi.restoreAllMocks();
});

/** A stream whose state a test sets, and that cannot start while there is a reason. */
class StagedStream implements TriggerStream {
  state: TriggerStream['state'] = 'paused';
  starts = 0;
  readonly #stage: Stage;

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  async start(): Promise<void> {
    this.starts += 1;
    if (this.#stage.problem !== undefined) throw new Error(this.#stage.problem);
    this.state = 'running';
  }

  async pause(): Promise<void> {
    this.state = 'paused';
  }

  async stop(): Promise<void> {
    this.state = 'stopped';
  }
}

class Stage {
  problem: string | undefined;
  readonly streams: StagedStream[] = [];
  readonly make = (_deployment: StreamDeployment): TriggerStream => {
    const stream = new StagedStream(this);
    this.streams.push(stream);
    return stream;
  };

  get last(): StagedStream {
    const last = this.streams.at(-1);
    if (!last) throw new Error('there is no stream');
    return last;
  }
}

/** A cloud whose streams are staged, and whose triggers say what was asked for, whatever their streams do. */
async function openStage() {
  const stage = new Stage();
  const deployment = await openCloudWithTopic(() => ({}), { stream: stage.make, triggerEnable: 'request' });
  return { ...deployment, stage, [Symbol.asyncDispose]: () => deployment[Symbol.asyncDispose]() };
}

async function triggersOf(cloud: TestCloud): Promise<object[]> {
  const [serviceName = ''] = await serviceNames(cloud);
  return (await cloud.clients().fc.listTriggers(serviceName, 'elasticsearch-sink', {}, enable)).data.triggers;
}

async function json(cloud: TestCloud, props: object, command: string): Promise<Record<string, unknown>> {
  const { error, printed } = await runCommand(cloud, props, command);
  expect(error).toBeUndefined();
  return JSON.parse(printed.slice(printed.indexOf('{"')));
}

test('a stream that has stopped is not taken for one that runs because its trigger is enabled, and resume starts it', async () => {
  await using deployment = await openStage();
  const { cloud, stage, topic } = deployment;
  const props = propsFor(topic, { name: topic, ...small });
  await runCommand(cloud, props, 'deploy');
  expect(await json(cloud, props, 'info')).toMatchObject({ stream: 'running' });
  stage.last.state = 'blocked';
  expect(await triggersOf(cloud)).toMatchObject([{ triggerConfig: { triggerEnable: true } }]);
  expect((await json(cloud, props, 'info')).stream).toMatch(/^not running: READY/);
  expect(await json(cloud, props, 'list')).toMatchObject({ connectors: [{ status: 'READY' }] });
  const planned = await runCommand(cloud, props, 'plan');
  expect(planned.checks).toContainEqual(expect.objectContaining({ title: 'Stream of the trigger', ok: null }));
  const sent = await runCommand(cloud, props, 'message', '-c', 'a');
  expect(sent.error).toBeUndefined();
  expect(await json(cloud, props, 'resume')).toMatchObject({ state: 'running' });
  expect(stage.last.state).toBe('running');
  expect(await json(cloud, props, 'info')).toMatchObject({ stream: 'running' });
});

test('why a stream cannot start is said at once by deploy, info and resume; deploying again starts it', async () => {
  await using deployment = await openStage();
  const { cloud, stage, topic } = deployment;
  const props = propsFor(topic, { name: topic, ...small });
  stage.problem = 'the group has no permission';
  const started = performance.now();
  const { error } = await runCommand(cloud, props, 'deploy');
  expect(error).toContain('could not start (START_FAILED: the group has no permission)');
  expect(performance.now() - started).toBeLessThan(60_000);
  expect((await json(cloud, props, 'info')).stream).toContain('START_FAILED: the group has no permission');
  expect((await runCommand(cloud, props, 'resume')).error).toContain('START_FAILED: the group has no permission');
  expect(changesOf(await runCommand(cloud, props, 'plan'))).toEqual(['change trigger kafka']);
  stage.problem = undefined;
  expect((await runCommand(cloud, props, 'deploy')).error).toBeUndefined();
  expect(stage.last.state).toBe('running');
});

test('a paused connector stays so through deployments that change or replace its trigger, and they say so', async () => {
  await using deployment = await openStage();
  const { cloud, stage, topic } = deployment;
  const props = propsFor(topic, { name: topic, ...small });
  await runCommand(cloud, props, 'deploy');
  await runCommand(cloud, props, 'pause');
  const unchanged = await runCommand(cloud, props, 'deploy', '-o', 'default');
  expect(unchanged.printed).toContain(
    'nothing was changed.\nIt stays paused, as it was found (READY): `s resume` or `s deploy --resume` starts it.',
  );
  const wider = propsFor(topic, { name: topic, ...small, trigger: { batchWindow: { CountBasedWindow: 10 } } });
  expect(changesOf(await runCommand(cloud, wider, 'deploy'))).toEqual(['change trigger kafka']);
  await makeTopic(cloud, `${topic}-b`);
  const moved = propsFor(`${topic}-b`, { name: topic, ...small });
  const replaced = await runCommand(cloud, moved, 'deploy', '-y', '-o', 'default');
  expect(replaced.printed).toContain('It stays paused, as it was found (READY)');
  expect(await triggersOf(cloud)).toMatchObject([{ triggerConfig: { triggerEnable: false } }]);
  expect(stage.streams.filter(({ state }) => state === 'running')).toEqual([]);
  const resumed = await runCommand(cloud, moved, 'deploy', '--resume');
  expect(changesOf(resumed)).toEqual(['change trigger kafka']);
  expect(stage.last.state).toBe('running');
  expect(changesOf(await runCommand(cloud, moved, 'plan'))).toEqual([]);
});

/** The shared Elasticsearch behind a guard that knows one password. */
async function openGuarded(password: string): Promise<ScriptedServer> {
  const expected = `Basic ${Buffer.from(`elastic:${password}`).toString('base64')}`;
  const refusal = { error: { type: 'security_exception', reason: 'unable to authenticate user' }, status: 401 };
  const refuse = ({ headers }: SeenRequest) => (headers.authorization === expected ? undefined : respond(401, refusal));
  return startProxy(inject('elasticsearchUrl'), { refuse });
}

test('with a password that Elasticsearch refuses no trigger is made and a stream that runs is held back: no record becomes a dead letter', async () => {
  await using guarded = await openGuarded('right');
  await using deployment = await openCloudWithTopic(({ elasticsearch }) => ({
    elasticsearch: elasticsearch.map((instance) => ({ ...instance, url: guarded.url, authorization: `Basic ${btoa('elastic:right')}` })),
  }));
  const { cloud, topic, topics } = deployment;
  const index = await ElasticIndex.create({ url: inject('elasticsearchUrl'), username: 'elastic', password: 'none' }, topic);
  const withPassword = (password: string) =>
    propsFor(topic, {
      name: topic,
      ...small,
      elasticsearch: { password },
      trigger: { retryStrategy: { PushRetryStrategy: 'BACKOFF_RETRY' } },
    });
  await topics.send(topic, [{ key: 'a', value: '1' }]);
  const first = await runCommand(cloud, withPassword('wrong'), 'deploy');
  expect(first.error).toMatch(/credentials: not accepted[\s\S]*No trigger was made[\s\S]*run `s deploy` again/);
  expect(first.error).not.toContain('wrong');
  expect(await triggersOf(cloud)).toEqual([]);
  expect((await runCommand(cloud, withPassword('right'), 'deploy')).error).toBeUndefined();
  await expect.poll(() => index.count()).toBe(1);

  const second = await runCommand(cloud, withPassword('wrong'), 'deploy');
  expect(second.error).toMatch(/credentials: not accepted[\s\S]*Its stream is held back until then/);
  expect((await json(cloud, withPassword('right'), 'info')).stream).toContain('held back by a deployment');
  expect((await runCommand(cloud, withPassword('wrong'), 'resume')).error).toContain('The stream was not started');
  await topics.send(topic, [{ key: 'b', value: '2' }]);
  const third = await runCommand(cloud, withPassword('right'), 'deploy');
  expect(third.error).toBeUndefined();
  expect(changesOf(third)).toEqual(['change function elasticsearch-sink', 'change trigger kafka']);
  await expect.poll(() => index.count()).toBe(2);
  expect(await topics.read(`connect-error-${topic}`)).toEqual([]);
});

test('records of a topic that is given up do not go where those of its successor go, and an interrupted move is taken up', async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic, topics } = deployment;
  const next = `${topic}-b`;
  const [props, moved] = [propsFor(topic, { name: topic, ...small }), propsFor(next, { name: topic, ...small })];
  const url = inject('elasticsearchUrl');
  const [index, nextIndex] = await Promise.all(
    [topic, next].map((name) => ElasticIndex.create({ url, username: 'elastic', password: 'none' }, name)),
  );
  await makeTopic(cloud, next);
  await runCommand(cloud, props, 'deploy');
  await topics.send(topic, [{ key: 'a', value: '1' }]);
  await expect.poll(() => index?.count(), { timeout: 30_000 }).toBe(1);
  const update = FunctionCompute2.prototype.updateFunction;
  vi.spyOn(FunctionCompute2.prototype, 'updateFunction').mockImplementationOnce(async function (this: FunctionCompute2, ...args) {
    await update.apply(this, args);
    await topics.send(topic, [{ key: 'b', value: '2' }]);
    // A stream that still ran would have delivered it by then.
    await new Promise((resolve) => setTimeout(resolve, 5000));
    throw new Error('interrupted');
  });
  expect((await runCommand(cloud, moved, 'deploy', '-y')).error).toContain('interrupted');
  expect((await json(cloud, moved, 'info')).stream).toContain('held back by a deployment');
  expect((await runCommand(cloud, moved, 'resume')).error).toContain('Run `s deploy`');
  expect(await nextIndex?.count()).toBe(0);
  expect(changesOf(await runCommand(cloud, moved, 'deploy', '-y'))).toEqual(['replace trigger kafka']);
  await topics.send(next, [{ key: 'c', value: '3' }]);
  await expect.poll(() => nextIndex?.count(), { timeout: 30_000 }).toBe(1);
  expect(await index?.count()).toBe(1);
  expect(changesOf(await runCommand(cloud, moved, 'plan'))).toEqual([]);
});

test('a paused connector stays so when the replacement of its trigger is interrupted, however often', async () => {
  await using deployment = await openStage();
  const { cloud, stage, topic } = deployment;
  await makeTopic(cloud, `${topic}-b`);
  const moved = propsFor(`${topic}-b`, { name: topic, ...small });
  await runCommand(cloud, propsFor(topic, { name: topic, ...small }), 'deploy');
  await runCommand(cloud, propsFor(topic, { name: topic, ...small }), 'pause');
  vi.spyOn(FunctionCompute2.prototype, 'createTrigger')
    .mockRejectedValueOnce(new Error('interrupted'))
    .mockRejectedValueOnce(new Error('interrupted'));
  expect((await runCommand(cloud, moved, 'deploy', '-y')).error).toContain('interrupted');
  expect(await triggersOf(cloud)).toEqual([]);
  expect((await runCommand(cloud, moved, 'deploy')).error).toContain('interrupted');
  const taken = await runCommand(cloud, moved, 'deploy', '-o', 'default');
  expect(taken.printed).toContain('It stays paused, as it was found: `s resume`');
  expect(await triggersOf(cloud)).toMatchObject([{ triggerConfig: { triggerEnable: false } }]);
  expect(stage.last.state).not.toBe('running');
  expect(changesOf(await runCommand(cloud, moved, 'plan'))).toEqual([]);
  await runCommand(cloud, moved, 'resume');
  expect(stage.last.state).toBe('running');
});

test('a stream that runs is held back as soon as a check of the function fails, and goes on when it succeeds', async () => {
  await using deployment = await openStage();
  const { cloud, stage, topic } = deployment;
  await runCommand(cloud, propsFor(topic, { name: topic, ...small }), 'deploy');
  const larger = propsFor(topic, { name: topic, ...small, function: { memorySize: 256 } });
  const invoke = FunctionCompute2.prototype.invoke;
  const running: number[] = [];
  const answer = { checks: [{ name: 'elasticsearch', ok: false, detail: 'not reached' }] };
  vi.spyOn(FunctionCompute2.prototype, 'invoke')
    .mockResolvedValueOnce({ body: JSON.stringify(answer), errorType: undefined, log: '', requestId: '' })
    .mockImplementationOnce(async function (this: FunctionCompute2, ...args) {
      running.push(stage.streams.filter(({ state }) => state === 'running').length);
      return invoke.apply(this, args);
    });
  const deployed = await runCommand(cloud, larger, 'deploy');
  expect(deployed.error).toBeUndefined();
  expect(changesOf(deployed)).toEqual(['change function elasticsearch-sink']);
  expect(running).toEqual([0]);
  expect(stage.last.state).toBe('running');
  expect(changesOf(await runCommand(cloud, larger, 'plan'))).toEqual([]);
});
