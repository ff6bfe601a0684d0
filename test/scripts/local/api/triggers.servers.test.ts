import { randomBytes } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import { seededAccount } from '../../../../scripts/local/api/account.ts';
import type { TriggerStream } from '../../../../scripts/local/api/event-streams.ts';
import { refusal, TestCloud } from '../../../support/cloud/local-cloud.ts';
import { alikafka, resourceManager } from '../../../support/cloud/sdk-clients.ts';
import { zipOf } from '../../../support/cloud/zip.ts';

const instanceId = 'alikafka_pre-cn-local0000001';
const inInstance = { instanceId, regionId: 'cn-hangzhou' };
const enable = { 'x-fc-enable-eventbridge-trigger': 'enable' };
const streamName = 'svc-sink-kafka';
const roles = ['sendevent-fc', 'source-kafka', 'connect-vpc'].map((name) => `${name}.eventbridge.aliyuncs.com`);

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

/** A cloud with a topic and the function `svc/sink`, whose streams are held. */
interface Setup extends AsyncDisposable {
  readonly cloud: TestCloud;
  readonly topic: string;
  readonly streams: HeldStream[];
  /** The trigger's options, with its configuration changed. */
  readonly options: (changes?: object, source?: object) => { [name: string]: unknown };
}

async function setUp(functionOptions: object = {}): Promise<Setup> {
  const streams: HeldStream[] = [];
  const hold = () => {
    const stream = new HeldStream();
    streams.push(stream);
    return stream;
  };
  const account = seededAccount({ broker: inject('broker'), elasticsearchUrl: inject('elasticsearchUrl') });
  const cloud = await TestCloud.start({ account, stream: hold });
  const topic = `test-${randomBytes(4).toString('hex')}`;
  const { fc, kafka, resourceManager: client } = cloud.clients();
  await kafka.createTopic(new alikafka.CreateTopicRequest({ ...inInstance, topic, remark: 'a-remark', partitionNum: '2' }));
  for (const serviceName of roles)
    await client.createServiceLinkedRole(new resourceManager.CreateServiceLinkedRoleRequest({ serviceName }));
  await fc.createService('svc');
  const code = { zipFile: zipOf({ 'index.js': '' }) };
  await fc.createFunction('svc', { functionName: 'sink', runtime: 'nodejs20', handler: 'index.handler', code, ...functionOptions });
  const stop = async () => {
    await cloud.clients().kafka.deleteTopic(new alikafka.DeleteTopicRequest({ ...inInstance, topic }));
    await cloud[Symbol.asyncDispose]();
  };
  return { cloud, topic, streams, options: triggerOptions(topic), [Symbol.asyncDispose]: stop };
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

function runOptions(changes: object): object {
  return {
    mode: 'event-streaming',
    maximumTasks: 2,
    errorsTolerance: 'ALL',
    retryStrategy: { PushRetryStrategy: 'EXPONENTIAL_DECAY_RETRY' },
    batchWindow: { CountBasedWindow: 1000, TimeBasedWindow: 1 },
    ...changes,
  };
}

async function statusOf(cloud: TestCloud): Promise<string> {
  const body = await cloud.clients().eventBridge('GetEventStreaming', { body: { EventStreamingName: streamName } });
  return body.Data.Status;
}

async function isEnabled(cloud: TestCloud): Promise<boolean> {
  return (await cloud.clients().fc.getTrigger('svc', 'sink', 'kafka', enable)).data.triggerConfig.triggerEnable;
}

test('a trigger is made at once and its stream starts afterwards; triggerEnable is true only when it runs', async () => {
  await using setup = await setUp();
  const { cloud, streams, options, topic } = setup;
  const { data } = await cloud.clients().fc.createTrigger('svc', 'sink', options(), enable);
  expect(data).toMatchObject({
    triggerName: 'kafka',
    sourceArn: `acs:eventbridge:cn-hangzhou:1234567890123456:eventstreaming/${streamName}`,
  });
  expect(data.triggerConfig.triggerEnable).toBe(false);
  expect(await statusOf(cloud)).toBe('STARTING');
  streams[0]?.settle();
  await expect.poll(() => statusOf(cloud)).toBe('RUNNING');
  expect(await isEnabled(cloud)).toBe(true);
  const { Data } = await cloud.clients().eventBridge('GetEventStreaming', { body: { EventStreamingName: streamName } });
  expect(Data).toMatchObject({
    Source: { SourceKafkaParameters: { InstanceId: instanceId, Topic: topic } },
    Sink: { SinkFcParameters: { FunctionName: { Value: 'sink' } } },
    RunOptions: { MaximumTasks: 2, ErrorsTolerance: 'ALL' },
  });
});

test('a stream that cannot start says so', async () => {
  await using setup = await setUp();
  const { cloud, streams, options } = setup;
  await cloud.clients().fc.createTrigger('svc', 'sink', options(), enable);
  streams[0]?.settle(new Error('no such topic'));
  await expect.poll(() => statusOf(cloud)).toBe('START_FAILED');
  expect(await isEnabled(cloud)).toBe(false);
});

test('a stream is paused and started through EventBridge, and by the trigger itself', async () => {
  await using setup = await setUp();
  const { cloud, streams, options } = setup;
  const { fc, eventBridge } = bound(cloud);
  await fc.createTrigger('svc', 'sink', options(), enable);
  streams[0]?.settle();
  await expect.poll(() => statusOf(cloud)).toBe('RUNNING');
  await eventBridge('PauseEventStreaming', { body: { EventStreamingName: streamName } });
  expect(await statusOf(cloud)).toBe('READY');
  expect(await isEnabled(cloud)).toBe(false);
  await eventBridge('StartEventStreaming', { body: { EventStreamingName: streamName } });
  expect(await statusOf(cloud)).toBe('STARTING');
  streams[0]?.settle();
  await expect.poll(() => statusOf(cloud)).toBe('RUNNING');
  const { triggerConfig } = options({ triggerEnable: false });
  await fc.updateTrigger('svc', 'sink', 'kafka', { triggerConfig }, enable);
  expect(await statusOf(cloud)).toBe('READY');
  expect(streams[0]?.state).toBe('stopped');
});

function bound(cloud: TestCloud) {
  const clients = cloud.clients();
  return { fc: clients.fc, eventBridge: clients.eventBridge.bind(clients) };
}

test('a blocked stream is READY, as a paused one', async () => {
  await using setup = await setUp();
  const { cloud, streams, options } = setup;
  await cloud.clients().fc.createTrigger('svc', 'sink', options({ runOptions: runOptions({ errorsTolerance: 'NONE' }) }), enable);
  streams[0]?.settle();
  await expect.poll(() => statusOf(cloud)).toBe('RUNNING');
  if (streams[0]) streams[0].state = 'blocked';
  expect(await statusOf(cloud)).toBe('READY');
  expect(await isEnabled(cloud)).toBe(false);
});

test('after a restart the streams that ran start again, and those that were paused do not', async () => {
  await using setup = await setUp();
  const { cloud, streams, options } = setup;
  await cloud.clients().fc.createTrigger('svc', 'sink', options(), enable);
  await cloud.restart();
  expect(streams.map(({ state }) => state)).toEqual(['stopped', 'starting']);
  await cloud.clients().eventBridge('PauseEventStreaming', { body: { EventStreamingName: streamName } });
  await cloud.restart();
  expect(streams).toHaveLength(2);
  expect(await statusOf(cloud)).toBe('READY');
});

test('a trigger that is deleted takes its stream with it; a function with triggers is not deleted', async () => {
  await using setup = await setUp();
  const { cloud, streams, options } = setup;
  const { fc, eventBridge } = bound(cloud);
  await fc.createTrigger('svc', 'sink', options(), enable);
  expect(await refusal(fc.createTrigger('svc', 'sink', options(), enable))).toMatchObject({ code: 'TriggerAlreadyExists', status: 409 });
  expect((await fc.listTriggers('svc', 'sink', {}, enable)).data.triggers).toMatchObject([{ triggerName: 'kafka' }]);
  expect(await refusal(fc.deleteFunction('svc', 'sink'))).toMatchObject({ code: 'FunctionNotEmpty', status: 409 });
  streams[0]?.settle();
  await fc.deleteTrigger('svc', 'sink', 'kafka', {}, enable);
  expect(streams[0]?.state).toBe('stopped');
  expect(await refusal(fc.getTrigger('svc', 'sink', 'kafka', enable))).toMatchObject({ code: 'TriggerNotFound', status: 404 });
  const get = eventBridge('GetEventStreaming', { body: { EventStreamingName: streamName } });
  expect(await refusal(get)).toMatchObject({ code: 'EventStreamingNotExisted', message: expect.stringContaining('not existed!') });
  await fc.deleteFunction('svc', 'sink');
  await fc.deleteService('svc');
});

test('every call about a trigger needs the header that enables the type', async () => {
  await using setup = await setUp();
  const { cloud, options } = setup;
  const { fc } = cloud.clients();
  expect(await refusal(fc.createTrigger('svc', 'sink', options()))).toMatchObject({ code: 'InvalidArgument', status: 400 });
  await fc.createTrigger('svc', 'sink', options(), enable);
  const calls = [
    fc.getTrigger('svc', 'sink', 'kafka'),
    fc.listTriggers('svc', 'sink'),
    fc.updateTrigger('svc', 'sink', 'kafka', {}),
    fc.deleteTrigger('svc', 'sink', 'kafka'),
  ];
  for (const call of calls)
    expect(await refusal(call)).toMatchObject({ code: 'InvalidArgument', message: expect.stringContaining('x-fc-enable') });
});

test.each<[string, object, object]>([
  ['Kafka in event-driven mode', { runOptions: runOptions({ mode: 'event-driven' }) }, {}],
  ['no consumer', { runOptions: runOptions({ maximumTasks: 0 }) }, {}],
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
  await using setup = await setUp();
  const { cloud, streams, options } = setup;
  const call = cloud.clients().fc.createTrigger('svc', 'sink', options(changes, source), enable);
  expect(await refusal(call)).toMatchObject({ code: 'InvalidArgument', status: 400 });
  expect(streams).toEqual([]);
});

test('a function that may take longer than 300 s gets no trigger', async () => {
  await using setup = await setUp({ timeout: 301 });
  const call = setup.cloud.clients().fc.createTrigger('svc', 'sink', setup.options(), enable);
  expect(await refusal(call)).toMatchObject({ code: 'InvalidArgument', message: expect.stringContaining('300 s') });
});

test('a trigger is refused while the service-linked roles are missing', async () => {
  const account = seededAccount({ broker: inject('broker'), elasticsearchUrl: inject('elasticsearchUrl') });
  await using cloud = await TestCloud.start({ account });
  const { fc } = cloud.clients();
  await fc.createService('svc');
  const code = { zipFile: zipOf({ 'index.js': '' }) };
  await fc.createFunction('svc', { functionName: 'sink', runtime: 'nodejs20', handler: 'index.handler', code });
  const call = fc.createTrigger('svc', 'sink', triggerOptions('any')(), enable);
  expect(await refusal(call)).toMatchObject({ code: 'AccessDenied', status: 403, message: expect.stringContaining(roles.join(', ')) });
});
