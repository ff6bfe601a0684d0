import { randomBytes } from 'node:crypto';
import { describe, expect, inject, test } from 'vitest';
import { seededAccount } from '../../../../scripts/local/api/account.ts';
import type { TriggerStream } from '../../../../scripts/local/api/event-streams.ts';
import type { Generation } from '../../../../scripts/local/api/generation.ts';
import { type Fields, type FunctionApi, functionApi, generations, type Trigger } from '../../../support/cloud/function-apis.ts';
import { refusal, TestCloud } from '../../../support/cloud/local-cloud.ts';
import { alikafka, fc3, resourceManager } from '../../../support/cloud/sdk-clients.ts';
import { zipOf } from '../../../support/cloud/zip.ts';

const instanceId = 'alikafka_pre-cn-local0000001';
const inInstance = { instanceId, regionId: 'cn-hangzhou' };
const roles = ['sendevent-fc', 'source-kafka', 'connect-vpc'].map((name) => `${name}.eventbridge.aliyuncs.com`);

const code = { zipFile: zipOf({ 'index.js': '' }) };
const sink = { functionName: 'sink', runtime: 'nodejs20', handler: 'index.handler', code };

/** A stream that the test lets start, or fail: a real one cannot be made to wait at will. */
class HeldStream implements TriggerStream {
  state: TriggerStream['state'] = 'paused';
  #settle: (failure?: Error) => void = () => undefined;

  start(): Promise<void> {
    this.state = 'starting';
    return new Promise((resolve, reject) => {
      this.#settle = (failure) => {
        this.state = failure ? 'paused' : 'running';
        if (failure) reject(failure);
        else resolve();
      };
    });
  }

  settle(failure?: Error): void {
    this.#settle(failure);
  }

  async pause(): Promise<void> {
    this.state = 'paused';
  }

  async stop(): Promise<void> {
    this.state = 'stopped';
  }
}

/** A cloud with a topic and the function `sink`, whose streams are held. */
interface Setup extends AsyncDisposable {
  readonly cloud: TestCloud;
  readonly api: FunctionApi;
  readonly topic: string;
  readonly streams: HeldStream[];
  /** The trigger's options, with its configuration changed. */
  readonly options: (changes?: object, source?: object) => Fields;
}

async function setUp(generation: Generation, functionOptions: Fields = {}): Promise<Setup> {
  const streams: HeldStream[] = [];
  const hold = () => {
    const stream = new HeldStream();
    streams.push(stream);
    return stream;
  };
  const account = seededAccount({ broker: inject('broker'), elasticsearchUrl: inject('elasticsearchUrl') });
  const cloud = await TestCloud.start({ account, stream: hold });
  const topic = `test-${randomBytes(4).toString('hex')}`;
  const { kafka, resourceManager: client } = cloud.clients();
  await kafka.createTopic(new alikafka.CreateTopicRequest({ ...inInstance, topic, remark: 'a-remark', partitionNum: '2' }));
  for (const serviceName of roles)
    await client.createServiceLinkedRole(new resourceManager.CreateServiceLinkedRoleRequest({ serviceName }));
  const api = functionApi(generation, cloud);
  await api.create({ ...sink, ...functionOptions });
  const stop = async () => {
    await cloud.clients().kafka.deleteTopic(new alikafka.DeleteTopicRequest({ ...inInstance, topic }));
    await cloud[Symbol.asyncDispose]();
  };
  return { cloud, api, topic, streams, options: triggerOptions(topic), [Symbol.asyncDispose]: stop };
}

function triggerOptions(topic: string): Setup['options'] {
  return (changes = {}, source = {}) => ({
    triggerName: 'kafka',
    triggerType: 'eventbridge',
    triggerConfig: {
      triggerEnable: true,
      asyncInvocationType: false,
      eventRuleFilterPattern: '{}',
      eventSourceConfig: {
        eventSourceType: 'Kafka',
        eventSourceParameters: {
          sourceKafkaParameters: {
            RegionId: 'cn-hangzhou',
            InstanceId: instanceId,
            Topic: topic,
            ConsumerGroup: 'group',
            OffsetReset: 'earliest',
            ...source,
          },
        },
      },
      eventSinkConfig: { deliveryOption: { eventSchema: 'CloudEvents' } },
      runOptions: runOptions({}),
      ...changes,
    },
  });
}

function runOptions(changes: Fields): Fields {
  return {
    mode: 'event-streaming',
    maximumTasks: 2,
    errorsTolerance: 'ALL',
    retryStrategy: { PushRetryStrategy: 'EXPONENTIAL_DECAY_RETRY' },
    batchWindow: { CountBasedWindow: 1000, TimeBasedWindow: 1 },
    ...changes,
  };
}

/** The stream as EventBridge tells of it; its name is to be had from the trigger alone. */
async function streamOf({ api, cloud }: Setup): Promise<{ Status: string }> {
  return (await askEventBridge(cloud, 'GetEventStreaming', streamName(await api.getTrigger()))).Data;
}

function askEventBridge(cloud: TestCloud, action: string, name: string) {
  return cloud.clients().eventBridge(action, { body: { EventStreamingName: name } });
}

function streamName({ sourceArn }: Pick<Trigger, 'sourceArn'>): string {
  return sourceArn.replace('acs:eventbridge:cn-hangzhou:1234567890123456:eventstreaming/', '');
}

async function statusOf(setup: Setup): Promise<string> {
  return (await streamOf(setup)).Status;
}

async function isEnabled({ api }: Setup): Promise<unknown> {
  return (await api.getTrigger()).triggerConfig.triggerEnable;
}

describe.each(generations)('Function Compute %s', (generation) => {
  test('a trigger is made at once and its stream starts afterwards; triggerEnable is true only when it runs', async () => {
    await using setup = await setUp(generation);
    const { api, streams, options, topic } = setup;
    const made = await api.createTrigger(options());
    expect(made).toMatchObject({ triggerName: 'kafka', triggerType: 'eventbridge', qualifier: 'LATEST' });
    expect(made.sourceArn).toMatch(generation === '2.0' ? /eventstreaming\/svc-sink-kafka$/ : /eventstreaming\/sink-kafka-[0-9a-f]{8}$/);
    expect(made.triggerConfig.triggerEnable).toBe(false);
    expect(await statusOf(setup)).toBe('STARTING');
    streams[0]?.settle();
    await expect.poll(() => statusOf(setup)).toBe('RUNNING');
    expect(await isEnabled(setup)).toBe(true);
    expect(await streamOf(setup)).toMatchObject({
      Source: { SourceKafkaParameters: { InstanceId: instanceId, Topic: topic } },
      Sink: { SinkFcParameters: { FunctionName: { Value: 'sink' } } },
      RunOptions: { ErrorsTolerance: 'ALL' },
    });
  });

  test('a stream that cannot start says so', async () => {
    await using setup = await setUp(generation);
    await setup.api.createTrigger(setup.options());
    setup.streams[0]?.settle(new Error('no such topic'));
    await expect.poll(() => statusOf(setup)).toBe('START_FAILED');
    expect(await isEnabled(setup)).toBe(false);
  });

  test('a stream is paused and started through EventBridge, and by the trigger itself', async () => {
    await using setup = await setUp(generation);
    const { api, cloud, streams, options } = setup;
    const name = streamName(await api.createTrigger(options()));
    streams[0]?.settle();
    await expect.poll(() => statusOf(setup)).toBe('RUNNING');
    await askEventBridge(cloud, 'PauseEventStreaming', name);
    expect(await statusOf(setup)).toBe('READY');
    expect(await isEnabled(setup)).toBe(false);
    await askEventBridge(cloud, 'StartEventStreaming', name);
    expect(await statusOf(setup)).toBe('STARTING');
    streams[0]?.settle();
    await expect.poll(() => statusOf(setup)).toBe('RUNNING');
    const { triggerConfig } = options({ triggerEnable: false });
    await api.updateTrigger({ triggerConfig });
    expect(await statusOf(setup)).toBe('READY');
    expect(streams[0]?.state).toBe('stopped');
  });

  test('a blocked stream is READY, as a paused one', async () => {
    await using setup = await setUp(generation);
    const { api, streams, options } = setup;
    await api.createTrigger(options({ runOptions: runOptions({ errorsTolerance: 'NONE' }) }));
    streams[0]?.settle();
    await expect.poll(() => statusOf(setup)).toBe('RUNNING');
    if (streams[0]) streams[0].state = 'blocked';
    expect(await statusOf(setup)).toBe('READY');
    expect(await isEnabled(setup)).toBe(false);
  });

  test('after a restart the streams that ran start again, and those that were paused do not', async () => {
    await using setup = await setUp(generation);
    const { api, cloud, streams, options } = setup;
    const name = streamName(await api.createTrigger(options()));
    const status = async () => (await askEventBridge(cloud, 'GetEventStreaming', name)).Data.Status;
    await cloud.restart();
    expect(streams.map(({ state }) => state)).toEqual(['stopped', 'starting']);
    await askEventBridge(cloud, 'PauseEventStreaming', name);
    await cloud.restart();
    expect(streams).toHaveLength(2);
    expect(await status()).toBe('READY');
  });

  test('a trigger that is deleted takes its stream with it; a function with triggers is not deleted', async () => {
    await using setup = await setUp(generation);
    const { api, cloud, streams, options } = setup;
    const name = streamName(await api.createTrigger(options()));
    expect(await refusal(api.createTrigger(options()))).toMatchObject({ code: 'TriggerAlreadyExists', status: 409 });
    expect(await api.triggerNames()).toEqual(['kafka']);
    expect(await refusal(api.remove())).toMatchObject({ code: 'FunctionNotEmpty', status: 409 });
    streams[0]?.settle();
    await api.removeTrigger();
    expect(streams[0]?.state).toBe('stopped');
    expect(await refusal(api.getTrigger())).toMatchObject({ code: 'TriggerNotFound', status: 404 });
    const get = askEventBridge(cloud, 'GetEventStreaming', name);
    expect(await refusal(get)).toMatchObject({ code: 'EventStreamingNotExisted', message: expect.stringContaining('not existed!') });
    await api.remove();
    await api.removeRest();
  });

  test.each<[string, object, object]>([
    ['Kafka in event-driven mode', { runOptions: runOptions({ mode: 'event-driven' }) }, {}],
    ['an unknown tolerance', { runOptions: runOptions({ errorsTolerance: 'SOME' }) }, {}],
    ['an unknown retry strategy', { runOptions: runOptions({ retryStrategy: { PushRetryStrategy: 'NEVER' } }) }, {}],
    ['a window of no record', { runOptions: runOptions({ batchWindow: { CountBasedWindow: 0 } }) }, {}],
    ['a window of 10,001 records', { runOptions: runOptions({ batchWindow: { CountBasedWindow: 10_001 } }) }, {}],
    ['a window of 16 seconds', { runOptions: runOptions({ batchWindow: { TimeBasedWindow: 16 } }) }, {}],
    ['dead letters under NONE', { runOptions: runOptions({ errorsTolerance: 'NONE', deadLetterQueue: { Arn: 'acs:alikafka' } }) }, {}],
    ['a dead-letter queue that is no ARN', { runOptions: runOptions({ errorsTolerance: 'ALL', deadLetterQueue: { Arn: 'letters' } }) }, {}],
    ['a dead-letter queue without an ARN', { runOptions: runOptions({ errorsTolerance: 'ALL', deadLetterQueue: {} }) }, {}],
    ['301 invocations at a time', { eventSinkConfig: { deliveryOption: { concurrency: 301 } } }, {}],
    ['an unknown schema', { eventSinkConfig: { deliveryOption: { eventSchema: 'Xml' } } }, {}],
    ['an instance in another region', {}, { RegionId: 'cn-beijing' }],
    ['an unknown instance', {}, { InstanceId: 'alikafka_pre-cn-none' }],
    ['a topic that is not there', {}, { Topic: 'none' }],
    ['no consumer group', {}, { ConsumerGroup: '' }],
    ['a misspelt OffsetReset', {}, { OffsetReset: 'lastest' }],
    ['another source', { eventSourceConfig: { eventSourceType: 'MNS' } }, {}],
  ])('a trigger with %s is refused', async (_what, changes, source) => {
    await using setup = await setUp(generation);
    const { api, streams, options } = setup;
    expect(await refusal(api.createTrigger(options(changes, source)))).toMatchObject({ code: 'InvalidArgument', status: 400 });
    expect(streams).toEqual([]);
  });

  test('a function that may take longer than 300 s gets no trigger', async () => {
    await using setup = await setUp(generation, { timeout: 301 });
    const call = setup.api.createTrigger(setup.options());
    expect(await refusal(call)).toMatchObject({ code: 'InvalidArgument', message: expect.stringContaining('300 s') });
  });

  test('a trigger is refused while the service-linked roles are missing', async () => {
    const account = seededAccount({ broker: inject('broker'), elasticsearchUrl: inject('elasticsearchUrl') });
    await using cloud = await TestCloud.start({ account });
    const api = functionApi(generation, cloud);
    await api.create(sink);
    const call = api.createTrigger(triggerOptions('any')());
    expect(await refusal(call)).toMatchObject({ code: 'AccessDenied', status: 403, message: expect.stringContaining(roles.join(', ')) });
  });
});

test('every call of 2.0 about a trigger needs the header that enables the type', async () => {
  await using setup = await setUp('2.0');
  const { api, cloud, options } = setup;
  const { fc } = cloud.clients();
  expect(await refusal(fc.createTrigger('svc', 'sink', { ...options() }))).toMatchObject({ code: 'InvalidArgument', status: 400 });
  await api.createTrigger(options());
  const calls = [
    () => fc.getTrigger('svc', 'sink', 'kafka'),
    () => fc.listTriggers('svc', 'sink'),
    () => fc.updateTrigger('svc', 'sink', 'kafka', {}),
    () => fc.deleteTrigger('svc', 'sink', 'kafka'),
  ];
  for (const call of calls)
    expect(await refusal(call())).toMatchObject({ code: 'InvalidArgument', message: expect.stringContaining('x-fc-enable') });
});

test('2.0 takes maximumTasks from 1, and tells it again', async () => {
  await using setup = await setUp('2.0');
  const { api, options } = setup;
  const none = api.createTrigger(options({ runOptions: runOptions({ maximumTasks: 0 }) }));
  expect(await refusal(none)).toMatchObject({ code: 'InvalidArgument', status: 400 });
  expect((await api.createTrigger(options())).triggerConfig.runOptions).toMatchObject({ maximumTasks: 2 });
  expect(await streamOf(setup)).toMatchObject({ RunOptions: { MaximumTasks: 2 } });
});

test('3.0 takes what only 2.0 knows of a trigger, and forgets it', async () => {
  await using setup = await setUp('3.0');
  const { api, options } = setup;
  const retryStrategy = { PushRetryStrategy: 'BACKOFF_RETRY', MaximumEventAgeInSeconds: 1, MaximumRetryAttempts: 1 };
  const { triggerConfig } = await api.createTrigger(options({ runOptions: runOptions({ retryStrategy, maximumTasks: 0 }) }));
  const { maximumTasks: _, ...others } = runOptions({ retryStrategy: { PushRetryStrategy: 'BACKOFF_RETRY' } });
  expect(triggerConfig.runOptions).toEqual(others);
});

test('in 3.0 a configuration is a text of a JSON object, and a trigger names its function', async () => {
  await using setup = await setUp('3.0');
  const { fc3: client } = setup.cloud.clients();
  const create = (triggerConfig: unknown) => {
    const body = new fc3.CreateTriggerInput({ ...setup.options(), triggerConfig });
    return client.createTrigger('sink', new fc3.CreateTriggerRequest({ body }));
  };
  for (const config of ['{', '[]', setup.options().triggerConfig])
    expect(await refusal(create(config))).toMatchObject({ code: 'InvalidArgument', message: expect.stringContaining('triggerConfig') });
  await create(JSON.stringify(setup.options().triggerConfig));
  const { body } = await client.getTrigger('sink', 'kafka');
  expect(body).toMatchObject({ triggerConfig: expect.any(String), targetArn: 'acs:fc:cn-hangzhou:1234567890123456:functions/sink' });
});

test.each([
  ['2.0', 10],
  ['3.0', 50],
] as const)('a function of %s has %i triggers at most', async (generation, most) => {
  await using setup = await setUp(generation);
  const { api, options } = setup;
  for (let number = 0; number < most; number += 1) await api.createTrigger({ ...options(), triggerName: `kafka-${number}` });
  expect(await refusal(api.createTrigger(options()))).toMatchObject({
    code: 'InvalidArgument',
    message: expect.stringContaining(`${most}`),
  });
});
