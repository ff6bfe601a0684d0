import { afterEach, expect, test, vi } from 'vitest';
import { FunctionCompute2 } from '../../../../scripts/connector/cloud/function-compute/function-compute-2.ts';
import {
  instanceId,
  makeTopic,
  openCloudWithTopic,
  secondInstanceId,
  serviceNames,
  small,
} from '../../../support/cloud/cloud-on-servers.ts';
import type { TestCloud } from '../../../support/cloud/local-cloud.ts';
import { changesOf, propsFor, runCommand } from '../../../support/cloud/run-command.ts';
import { ecs } from '../../../support/cloud/sdk-clients.ts';
import { ServerlessDevs } from '../../../support/cloud/serverless-devs.ts';

const enable = { 'x-fc-enable-eventbridge-trigger': 'enable' };

afterEach(() => {
  vi.restoreAllMocks();
});

/** Where two deployments wait for each other. */
function meeting(): () => Promise<void> {
  let arrived = 0;
  let open: () => void = () => undefined;
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  return async () => {
    arrived += 1;
    if (arrived === 2) open();
    await gate;
  };
}

async function triggers(cloud: TestCloud): Promise<string[]> {
  const found: string[] = [];
  for (const serviceName of await serviceNames(cloud)) {
    const { data } = await cloud.clients().fc.listTriggers(serviceName, 'elasticsearch-sink', {}, enable);
    found.push(...data.triggers.map(() => serviceName));
  }
  return found;
}

/** Another service of the connector, whole, as an earlier version or a lost look could leave it; its trigger does not run. */
async function makeTwin(cloud: TestCloud, topic: string, suffix: string): Promise<string> {
  const { fc } = cloud.clients();
  const [own = ''] = await serviceNames(cloud);
  const serviceName = own.replace(/-[a-z0-9]{8}$/, `-${suffix}`);
  await fc.createService(serviceName, { description: (await fc.getService(own)).data.description });
  const { functionName, runtime, handler, environmentVariables } = (await fc.getFunction(own, 'elasticsearch-sink')).data;
  const { url } = (await fc.getFunctionCode(own, functionName)).data;
  const zipFile = Buffer.from(await (await fetch(url)).arrayBuffer()).toString('base64');
  await fc.createFunction(serviceName, { functionName, runtime, handler, environmentVariables, code: { zipFile } });
  const sourceKafkaParameters = { InstanceId: instanceId, Topic: topic, ConsumerGroup: `connect-${topic}`, OffsetReset: 'earliest' };
  const triggerConfig = {
    triggerEnable: false,
    eventSourceConfig: { eventSourceType: 'Kafka', eventSourceParameters: { sourceKafkaParameters } },
    runOptions: { mode: 'event-streaming' },
  };
  await fc.createTrigger(serviceName, functionName, { triggerName: 'kafka', triggerType: 'eventbridge', triggerConfig }, enable);
  return serviceName;
}

test.each(['createService', 'createFunction', 'createTrigger'] as const)(
  'two deployments at once that meet before %s make one service with one trigger, and the other says what happened',
  async (step) => {
    await using deployment = await openCloudWithTopic();
    const { cloud, topic } = deployment;
    const props = propsFor(topic, { name: topic, ...small });
    const meet = meeting();
    const calls: { readonly [Name in typeof step]: (...args: never[]) => Promise<void> } = FunctionCompute2.prototype;
    const create = calls[step];
    vi.spyOn(calls, step).mockImplementation(async function (this: FunctionCompute2, ...args: never[]) {
      // Whoever has stepped back before does not come.
      await Promise.race([meet(), new Promise((resolve) => setTimeout(resolve, 15_000))]);
      await create.apply(this, args);
    });
    const runs = await Promise.all([runCommand(cloud, props, 'deploy'), runCommand(cloud, props, 'deploy')]);
    const errors = runs.flatMap(({ error }) => error ?? []);
    expect(errors.length).toBeLessThan(2);
    for (const error of errors) expect(error).toMatch(/Another deployment of connector .* has made service kafka-service-.* meanwhile/);
    const names = await serviceNames(cloud);
    expect(names).toHaveLength(1);
    expect(await triggers(cloud)).toEqual(names);
    expect(changesOf(await runCommand(cloud, props, 'plan'))).toEqual([]);
  },
);

test('two deployments at once that both make a security group use one, and leave no other', async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic } = deployment;
  const props = propsFor(topic, { name: topic, ...small });
  cloud.faults.add({ product: 'ecs', action: 'CreateSecurityGroup', fault: { kind: 'latency', ms: 2000 }, count: 2 });
  await Promise.all([runCommand(cloud, props, 'deploy'), runCommand(cloud, props, 'deploy')]);
  const request = new ecs.DescribeSecurityGroupsRequest({ regionId: 'cn-hangzhou', vpcId: cloud.account.vpc.vpcId });
  const { body } = await cloud.clients().ecs.describeSecurityGroups(request);
  const names = body?.securityGroups?.securityGroup?.map(({ securityGroupName }) => securityGroupName ?? '') ?? [];
  expect(names.filter((name) => name.startsWith('connect-'))).toHaveLength(1);
  expect(changesOf(await runCommand(cloud, props, 'plan'))).toEqual([]);
});

test('a deployment that finds the trigger of a younger service steps back, though it is the older', async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic } = deployment;
  const props = propsFor(topic, { name: topic, ...small });
  const create = FunctionCompute2.prototype.createFunction;
  vi.spyOn(FunctionCompute2.prototype, 'createFunction').mockImplementationOnce(async function (this: FunctionCompute2, ...args) {
    await create.apply(this, args);
    await makeTwin(cloud, topic, 'zzzzzzzz');
  });
  const { error } = await runCommand(cloud, props, 'deploy');
  expect(error).toContain(`has made service kafka-service-${topic}-zzzzzzzz meanwhile`);
  expect(await serviceNames(cloud)).toEqual([`kafka-service-${topic}-zzzzzzzz`]);
});

test('two services of one connector are named by every command, and one removal takes both', async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic } = deployment;
  const props = propsFor(topic, { name: topic, ...small });
  await runCommand(cloud, props, 'deploy');
  const [first = ''] = await serviceNames(cloud);
  const second = await makeTwin(cloud, topic, 'twintwin');
  for (const command of ['plan', 'deploy', 'info', 'check', 'pause', 'resume']) {
    const { error } = await runCommand(cloud, props, command);
    expect(error, command).toContain(first);
    expect(error, command).toContain(second);
    expect(error, command).toContain('Run `s remove`, which takes all of them');
  }
  expect((await runCommand(cloud, props, 'remove', '-y')).error).toBeUndefined();
  expect(await serviceNames(cloud)).toEqual([]);
  expect((await runCommand(cloud, props, 'deploy')).error).toBeUndefined();
});

test('a renamed connector is told of the one that it leaves behind', async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic } = deployment;
  await runCommand(cloud, propsFor(topic, { name: topic, ...small }), 'deploy');
  const [old] = await serviceNames(cloud);
  const { checks, error } = await runCommand(cloud, propsFor(topic, { name: `${topic}-new`, ...small }), 'deploy');
  expect(error).toBeUndefined();
  expect(checks).toContainEqual(
    expect.objectContaining({
      title: 'Other connectors',
      ok: null,
      detail: expect.stringContaining(`connector ${topic} of service ${old}`),
    }),
  );
});

test.each([
  ['the same index', {}],
  ['an index by topic', { index: '${topic}' }],
])(
  'a connector of another instance that would overwrite the documents of an equally named topic is refused without a prefix: %s',
  async (_what, elasticsearch) => {
    await using deployment = await openCloudWithTopic(({ kafka }) => ({
      kafka: [...kafka, ...kafka.map((instance) => ({ ...instance, instanceId: secondInstanceId }))],
    }));
    const { cloud, topic } = deployment;
    const errors = (name: string) => ({ connectorTopics: 'off', deadLetterTopic: `${topic}-${name}`, errorDataTopic: `${topic}-${name}` });
    await runCommand(cloud, propsFor(topic, { name: topic, kafka: errors('e1') }), 'deploy');
    const [first] = await serviceNames(cloud);
    const second = { name: topic, elasticsearch, kafka: { instanceId: secondInstanceId, ...errors('e2') } };
    const { error } = await runCommand(cloud, propsFor(topic, second), 'deploy');
    expect(error).toContain(`service ${first}`);
    expect(error).toContain('Set document.idPrefix');
    expect(await serviceNames(cloud)).toEqual([first]);
    const prefixed = await runCommand(cloud, propsFor(topic, { ...second, document: { idPrefix: 'second+' } }), 'deploy');
    expect(prefixed.error).toBeUndefined();
    expect(prefixed.checks).toContainEqual(expect.objectContaining({ title: 'Other connectors', ok: null }));
  },
);

test('what a replaced trigger leaves behind is asked about', async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic, topics } = deployment;
  const props = propsFor(topic, { name: topic, ...small });
  await runCommand(cloud, props, 'deploy');
  await runCommand(cloud, props, 'pause');
  await topics.send(topic, [
    { key: 'a', value: '1' },
    { key: 'b', value: '2' },
  ]);
  await makeTopic(cloud, `${topic}-b`);
  const moved = propsFor(`${topic}-b`, { name: topic, ...small });
  const refused = await runCommand(cloud, moved, 'deploy');
  expect(refused.error).toContain(`${topic} of ${instanceId} is no longer read, and 2 records that have not been delivered stay behind`);
  expect(refused.error).toContain('say yes with -y');
  expect(changesOf(await runCommand(cloud, props, 'plan'))).toEqual([]);
  expect(changesOf(await runCommand(cloud, moved, 'deploy', '-y'))).toContain('replace trigger kafka');
});

test('two deployments at once through the real s leave one service with one trigger', async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic } = deployment;
  await using devs = await ServerlessDevs.create(cloud, topic, { ES_PASSWORD: 'none' });
  const runs = await Promise.all([devs.run('deploy'), devs.run('deploy')]);
  for (const { exitCode, stdout } of runs.filter((run) => run.exitCode !== 0)) {
    expect(stdout).toContain('meanwhile; this one stopped before it made a trigger');
    expect(exitCode).toBe(101);
  }
  expect(runs.some(({ exitCode }) => exitCode === 0)).toBe(true);
  const names = await serviceNames(cloud);
  expect(names).toHaveLength(1);
  expect(await triggers(cloud)).toEqual(names);
  expect(await devs.run('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
});
