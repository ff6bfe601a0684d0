import { afterEach, expect, inject, test, vi } from 'vitest';
import { FunctionCompute3 } from '../../../../scripts/connector/cloud/function-compute/function-compute-3.ts';
import { ApplyContext } from '../../../../scripts/connector/deployment/apply.ts';
import { FoundStream } from '../../../../scripts/connector/deployment/found-stream.ts';
import { ElasticIndex } from '../../../../scripts/demo/elastic-index.ts';
import type { Generation } from '../../../../scripts/local/api/generation.ts';
import { makeTopic, openCloudWithTopic, small } from '../../../support/cloud/cloud-on-servers.ts';
import { FunctionsByHand } from '../../../support/cloud/functions-by-hand.ts';
import type { TestCloud } from '../../../support/cloud/local-cloud.ts';
import { changesOf, propsFor, runCommand, type TestProps } from '../../../support/cloud/run-command.ts';
import type { Topics } from '../../../support/kafka/topics.ts';

const quick = { ...small, trigger: { batchWindow: { TimeBasedWindow: 0 } } };
const ways: readonly (readonly [Generation, Generation])[] = [
  ['2.0', '3.0'],
  ['3.0', '2.0'],
];

afterEach(() => {
  vi.restoreAllMocks();
});

function propsOn(topic: string, api: Generation, changes: TestProps = {}): TestProps {
  return propsFor(topic, { name: topic, ...quick, ...changes, function: { api } });
}

/** Sends one record after the other until it is stopped, which resolves to how many were sent. */
function sendSteadily(topics: Topics, topic: string): AsyncDisposable & { stop(): Promise<number> } {
  let count = 0;
  let isOn = true;
  const sending = (async () => {
    while (isOn) {
      await topics.send(topic, [{ key: String(count), value: JSON.stringify({ n: count }) }]);
      count += 1;
    }
  })();
  const stop = async () => {
    isOn = false;
    await sending;
    return count;
  };
  return { stop, [Symbol.asyncDispose]: async () => void (await stop()) };
}

async function indexOf(topic: string): Promise<ElasticIndex> {
  return ElasticIndex.create({ url: inject('elasticsearchUrl'), username: 'elastic', password: 'none' }, topic);
}

async function expectOnlyIn(cloud: TestCloud, api: Generation): Promise<void> {
  const [there, left] = [new FunctionsByHand(cloud, api), new FunctionsByHand(cloud, api === '2.0' ? '3.0' : '2.0')];
  expect(await there.names()).toHaveLength(1);
  expect(await left.names()).toEqual([]);
}

test.each(ways)('a connector moves from %s to %s while records come: none is lost, none is doubled', async (from, to) => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic, topics } = deployment;
  const index = await indexOf(topic);
  expect((await runCommand(cloud, propsOn(topic, from), 'deploy')).error).toBeUndefined();
  await using sending = sendSteadily(topics, topic);
  const planned = await runCommand(cloud, propsOn(topic, to), 'plan');
  expect(planned.checks.find(({ title }) => title === 'Generation of Function Compute')?.detail).toContain(`moves from ${from}`);
  const moved = await runCommand(cloud, propsOn(topic, to), 'deploy');
  const count = await sending.stop();
  expect(moved.error).toBeUndefined();
  expect(changesOf(moved)).toEqual(changesOf(planned));
  await expectOnlyIn(cloud, to);
  await expect.poll(() => index.count(), { timeout: 60_000 }).toBe(count);
  expect(changesOf(await runCommand(cloud, propsOn(topic, to), 'plan'))).toEqual([]);
  expect((await runCommand(cloud, propsOn(topic, to), 'info')).printed).toContain(`"api":"${to}"`);
});

test.each(ways)('a move from %s to %s that is interrupted after any step is taken up by the next run', async (from, to) => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic, topics } = deployment;
  const index = await indexOf(topic);
  expect((await runCommand(cloud, propsOn(topic, from), 'deploy')).error).toBeUndefined();
  await using sending = sendSteadily(topics, topic);
  const planned = changesOf(await runCommand(cloud, propsOn(topic, to), 'plan'));
  const apply = ApplyContext.prototype.apply;
  const applied: string[] = [];
  vi.spyOn(ApplyContext.prototype, 'apply').mockImplementation(async function (this: ApplyContext, step) {
    await apply.call(this, step);
    applied.push(`${step.action} ${step.resource.kind}`);
    throw new Error('interrupted');
  });
  for (const _step of planned) expect((await runCommand(cloud, propsOn(topic, to), 'deploy')).error).toBe('interrupted');
  vi.restoreAllMocks();
  expect(applied).toEqual(planned.map((step) => step.split(' ').slice(0, -1).join(' ')));
  expect(changesOf(await runCommand(cloud, propsOn(topic, to), 'deploy'))).toEqual([]);
  const count = await sending.stop();
  await expectOnlyIn(cloud, to);
  await expect.poll(() => index.count(), { timeout: 60_000 }).toBe(count);
});

test('a move that is given up half way goes back where it came from', async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic, topics } = deployment;
  const index = await indexOf(topic);
  expect((await runCommand(cloud, propsOn(topic, '2.0'), 'deploy')).error).toBeUndefined();
  const refusal = { kind: 'refused', status: 400, code: 'InvalidArgument', message: 'not today' } as const;
  cloud.faults.add({ product: 'fc', generation: '3.0', action: 'CreateTrigger', fault: refusal, count: 1 });
  expect((await runCommand(cloud, propsOn(topic, '3.0'), 'deploy')).error).toContain('not today');
  expect((await runCommand(cloud, propsOn(topic, '2.0'), 'info')).printed).toContain('held back by a deployment');
  await topics.send(topic, [{ key: 'a', value: '{"n":1}' }]);
  const back = await runCommand(cloud, propsOn(topic, '2.0'), 'deploy');
  expect(back.error).toBeUndefined();
  expect(changesOf(back).map((step) => step.split(' ').slice(0, 2).join(' '))).toEqual(['change trigger', 'delete function']);
  await expectOnlyIn(cloud, '2.0');
  await expect.poll(() => index.count()).toBe(1);
});

test.each(ways)('a connector that is paused moves from %s to %s and stays paused, until it is resumed', async (from, to) => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic, topics } = deployment;
  const index = await indexOf(topic);
  await runCommand(cloud, propsOn(topic, from), 'deploy');
  await runCommand(cloud, propsOn(topic, from), 'pause');
  await topics.send(topic, [{ key: 'a', value: '{"n":1}' }]);
  const create = to === '3.0' ? 'create function' : 'create service';
  const apply = ApplyContext.prototype.apply;
  vi.spyOn(ApplyContext.prototype, 'apply').mockImplementationOnce(async function (this: ApplyContext, step) {
    await apply.call(this, step);
    throw new Error('interrupted');
  });
  expect((await runCommand(cloud, propsOn(topic, to), 'deploy')).error).toBe('interrupted');
  vi.restoreAllMocks();
  const moved = await runCommand(cloud, propsOn(topic, to), 'deploy');
  expect(moved.error).toBeUndefined();
  expect(changesOf(moved).join()).not.toContain(create);
  await expectOnlyIn(cloud, to);
  expect((await runCommand(cloud, propsOn(topic, to), 'info')).printed).toContain('not running: READY');
  expect(await index.count()).toBe(0);
  expect(changesOf(await runCommand(cloud, propsOn(topic, to), 'deploy'))).toEqual([]);
  await runCommand(cloud, propsOn(topic, to), 'resume');
  await expect.poll(() => index.count()).toBe(1);
});

test('a function that cannot do its work takes nothing over: the other generation goes on', async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic, topics } = deployment;
  const index = await indexOf(topic);
  await runCommand(cloud, propsOn(topic, '2.0'), 'deploy');
  const wrong = propsOn(topic, '3.0', { elasticsearch: { endpoint: '127.0.0.1', port: 1 } });
  const { error } = await runCommand(cloud, wrong, 'deploy');
  expect(error).toContain('The function cannot do its work yet.');
  expect(error).toContain('No trigger was made');
  await topics.send(topic, [{ key: 'a', value: '{"n":1}' }]);
  await expect.poll(() => index.count()).toBe(1);
  expect((await runCommand(cloud, propsOn(topic, '2.0'), 'info')).printed).toContain('"stream":"running"');
});

test('a move that changes the topic as well asks about what stays behind', async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic } = deployment;
  await runCommand(cloud, propsOn(topic, '2.0'), 'deploy');
  await makeTopic(cloud, `${topic}-b`);
  const other = propsOn(`${topic}-b`, '3.0', { name: topic });
  expect((await runCommand(cloud, other, 'deploy')).error).toContain(
    `${topic} of alikafka_pre-cn-local0000001 is no longer read, and 0 records`,
  );
  expect((await runCommand(cloud, other, 'deploy', '-y')).error).toBeUndefined();
  await expectOnlyIn(cloud, '3.0');
});

test('remove takes what is in either generation, also in the middle of a move', async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic } = deployment;
  await runCommand(cloud, propsOn(topic, '2.0'), 'deploy');
  const refusal = { kind: 'refused', status: 400, code: 'InvalidArgument', message: 'not today' } as const;
  cloud.faults.add({ product: 'fc', generation: '3.0', action: 'CreateTrigger', fault: refusal, count: 1 });
  await runCommand(cloud, propsOn(topic, '3.0'), 'deploy');
  expect((await runCommand(cloud, propsOn(topic, '3.0'), 'remove', '-y')).error).toBeUndefined();
  for (const generation of ['2.0', '3.0'] as const) expect(await new FunctionsByHand(cloud, generation).names()).toEqual([]);
});

test('an account that has 3.0 alone is told so where 2.0 is asked for, and is served by 3.0', async () => {
  await using deployment = await openCloudWithTopic(() => ({ functionComputeGenerations: ['3.0'] }));
  const { cloud, topic } = deployment;
  expect((await runCommand(cloud, propsOn(topic, '2.0'), 'plan')).error).toContain("set function.api to '3.0'");
  const deployed = await runCommand(cloud, propsOn(topic, '3.0'), 'deploy');
  expect(deployed.error).toBeUndefined();
  const told = deployed.checks.find(({ title }) => title === 'Generation of Function Compute');
  expect(told).toMatchObject({
    ok: null,
    detail: expect.stringMatching(/^Function Compute 2.0 cannot be looked at \(\w+\), which is right where/),
  });
  expect(changesOf(await runCommand(cloud, propsOn(topic, '3.0'), 'deploy'))).toEqual([]);
  expect((await runCommand(cloud, propsOn(topic, '3.0'), 'remove', '-y')).error).toBeUndefined();
});

test('documents that are named by keys are delivered one batch after the other in 3.0, and the plan says so', async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic } = deployment;
  const { checks, steps } = await runCommand(cloud, propsOn(topic, '3.0', { document: { id: 'key' } }), 'plan');
  expect(checks.find(({ title }) => title === 'Consumer threads')?.detail).toMatch(/^1 of 6: documents are named by keys/);
  const trigger = steps.find(({ kind }) => kind === 'trigger');
  expect(trigger?.changes).toContainEqual({ field: 'concurrency', after: 1 });
});

const unlisted = { kind: 'refused', status: 403, code: 'AccessDenied', message: 'not authorized' } as const;

/** Interrupts every deployment after its step. */
function interruptAfter(wanted: string): void {
  const apply = ApplyContext.prototype.apply;
  vi.spyOn(ApplyContext.prototype, 'apply').mockImplementation(async function (this: ApplyContext, step) {
    await apply.call(this, step);
    if (`${step.action} ${step.resource.kind}` === wanted) throw new Error('interrupted');
  });
}

test('a pause in the middle of a move holds on the way back, too', async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic } = deployment;
  await runCommand(cloud, propsOn(topic, '2.0'), 'deploy');
  interruptAfter('create trigger');
  await runCommand(cloud, propsOn(topic, '3.0'), 'deploy');
  vi.restoreAllMocks();
  expect((await runCommand(cloud, propsOn(topic, '3.0'), 'pause')).error).toBeUndefined();
  for (const _run of ['back', 'again']) expect((await runCommand(cloud, propsOn(topic, '2.0'), 'deploy')).error).toBeUndefined();
  expect((await runCommand(cloud, propsOn(topic, '2.0'), 'info')).printed).toContain('"stream":"not running: READY"');
  expect(changesOf(await runCommand(cloud, propsOn(topic, '2.0'), 'plan'))).toEqual([]);
});

test('a connector that was resumed in the middle of a move goes on with it, and runs', async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic, topics } = deployment;
  const index = await indexOf(topic);
  await runCommand(cloud, propsOn(topic, '2.0'), 'deploy');
  await runCommand(cloud, propsOn(topic, '2.0'), 'pause');
  interruptAfter('create trigger');
  await runCommand(cloud, propsOn(topic, '3.0'), 'deploy');
  vi.restoreAllMocks();
  await runCommand(cloud, propsOn(topic, '2.0'), 'resume');
  expect((await runCommand(cloud, propsOn(topic, '3.0'), 'resume')).error).toContain('reads as the group of this connector');
  expect((await runCommand(cloud, propsOn(topic, '3.0'), 'deploy')).error).toBeUndefined();
  await expectOnlyIn(cloud, '3.0');
  await topics.send(topic, [{ key: 'a', value: '{"n":1}' }]);
  await expect.poll(() => index.count(), { timeout: 30_000 }).toBe(1);
});

test('who pauses the former function while a move holds it back is not overridden', async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic } = deployment;
  await runCommand(cloud, propsOn(topic, '2.0'), 'deploy');
  const stop = FoundStream.prototype.stop;
  vi.spyOn(FoundStream.prototype, 'stop').mockImplementationOnce(async function (this: FoundStream, ...args) {
    await stop.apply(this, args);
    const byHand = new FunctionsByHand(cloud, '2.0');
    const [name = ''] = await byHand.names();
    await byHand.updateTrigger(name, { ...(await byHand.trigger(name)) }, 'paused by hand');
  });
  const moved = await runCommand(cloud, propsOn(topic, '3.0'), 'deploy');
  expect(moved.error).toContain('Somebody has changed the trigger of service');
  vi.restoreAllMocks();
  expect((await runCommand(cloud, propsOn(topic, '3.0'), 'deploy')).error).toBeUndefined();
  expect((await runCommand(cloud, propsOn(topic, '3.0'), 'info')).printed).toContain('"stream":"not running: READY"');
});

test('positions that are skipped in the middle of a move are skipped by the new function', async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic, topics } = deployment;
  const stopping = { onFailure: 'stop', document: { shape: 'value' } };
  await runCommand(cloud, propsOn(topic, '2.0', stopping), 'deploy');
  interruptAfter('create function');
  await runCommand(cloud, propsOn(topic, '3.0', stopping), 'deploy');
  vi.restoreAllMocks();
  await topics.send(topic, [{ key: 'a', value: 'no object', partition: 0 }]);
  expect((await runCommand(cloud, propsOn(topic, '2.0', stopping), 'pause')).error).toBeUndefined();
  const byHand = new FunctionsByHand(cloud, '2.0');
  const [name = ''] = await byHand.names();
  await byHand.updateFunction(name, { environmentVariables: { ...(await byHand.variables(name)), SKIP_POSITIONS: `${topic}+0+0` } });
  expect((await runCommand(cloud, propsOn(topic, '3.0', stopping), 'deploy')).error).toBeUndefined();
  const there = new FunctionsByHand(cloud, '3.0');
  expect((await there.variables((await there.names())[0] ?? '')).SKIP_POSITIONS).toBe(`${topic}+0+0`);
});

test('what a function that cannot be seen may use is not removed', async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic } = deployment;
  await runCommand(cloud, propsOn(topic, '2.0'), 'deploy');
  cloud.faults.add({ product: 'fc', generation: '2.0', action: 'ListServices', fault: unlisted, count: 100 });
  const running = await runCommand(cloud, propsOn(topic, '3.0'), 'remove', '-y', '--with-topics');
  expect(running.error).toBeUndefined();
  expect(changesOf(running)).toEqual([]);
  expect(running.printed).toContain(`somebody reads as connect-${topic}`);
  cloud.faults.clear();
  await runCommand(cloud, propsOn(topic, '2.0'), 'pause');
  cloud.faults.add({ product: 'fc', generation: '2.0', action: 'ListServices', fault: unlisted, count: 100 });
  const { printed } = await runCommand(cloud, propsOn(topic, '3.0'), 'plan');
  expect(printed).toContain('Function Compute 2.0 cannot be looked at (AccessDenied)');
});

test('a function of 3.0 whose description was changed is known by its tags', async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic } = deployment;
  await runCommand(cloud, propsOn(topic, '3.0'), 'deploy');
  const byHand = new FunctionsByHand(cloud, '3.0');
  await byHand.updateFunction((await byHand.names())[0] ?? '', { description: 'mine' });
  expect((await runCommand(cloud, propsOn(topic, '3.0'), 'info')).error).toBeUndefined();
  const { error, steps } = await runCommand(cloud, propsOn(topic, '3.0'), 'deploy');
  expect(error).toBeUndefined();
  expect(steps.find(({ kind }) => kind === 'function')?.changes).toEqual([
    { field: 'description', before: 'mine', after: expect.stringContaining('Elasticsearch sink connector') },
  ]);
});

test.each(['InvokeFunction', 'CreateTrigger'])('a function that is not known everywhere yet is waited for: %s', async (action) => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic } = deployment;
  const late = { kind: 'refused', status: 404, code: 'FunctionNotFound', message: 'does not exist' } as const;
  cloud.faults.add({ product: 'fc', generation: '3.0', action, fault: late, count: 2 });
  expect((await runCommand(cloud, propsOn(topic, '3.0'), 'deploy')).error).toBeUndefined();
});

test('before ids become those of keys the stream of 3.0 stops, and starts again with one delivery at a time', async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic } = deployment;
  await runCommand(cloud, propsOn(topic, '3.0'), 'deploy');
  const update = FunctionCompute3.prototype.updateFunction;
  const enabled: unknown[] = [];
  vi.spyOn(FunctionCompute3.prototype, 'updateFunction').mockImplementation(async function (this: FunctionCompute3, ...args) {
    enabled.push((await new FunctionsByHand(cloud, '3.0').trigger(args[0]))?.triggerEnable);
    await update.apply(this, args);
  });
  expect((await runCommand(cloud, propsOn(topic, '3.0', { document: { id: 'key' } }), 'deploy')).error).toBeUndefined();
  expect(enabled).toEqual([false]);
  expect((await runCommand(cloud, propsOn(topic, '3.0'), 'info')).printed).toContain('"stream":"running"');
});
