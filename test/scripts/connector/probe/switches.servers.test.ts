import { Kafka } from 'kafkajs';
import { afterEach, expect, inject, test, vi } from 'vitest';
import { ElasticsearchApi } from '../../../../scripts/connector/cloud/elasticsearch.ts';
import { EventBridgeApi } from '../../../../scripts/connector/cloud/event-bridge.ts';
import { FunctionCompute2 } from '../../../../scripts/connector/cloud/function-compute/function-compute-2.ts';
import { FunctionCompute3 } from '../../../../scripts/connector/cloud/function-compute/function-compute-3.ts';
import { KafkaApi } from '../../../../scripts/connector/cloud/kafka.ts';
import { LogServiceApi } from '../../../../scripts/connector/cloud/log-service.ts';
import { Stream } from '../../../../scripts/local/stream/stream.ts';
import type { Unconfirmed } from '../../../../scripts/local/stream/unconfirmed.ts';
import { openCloudWithTopic } from '../../../support/cloud/cloud-on-servers.ts';
import { kafkaInstance } from '../../../support/cloud/run-command.ts';
import { findingOf, hurriedClock, probeFor } from '../../../support/cloud/run-probe.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

interface Expected {
  readonly found: RegExp;
  readonly holds: boolean | null;
}

/** Each switch of a stream, set to what is not thought likeliest; the whole probe is run with the other in probe.servers.test.ts. */
const switches: readonly (readonly [name: string, switched: Partial<Unconfirmed>, expected: Expected])[] = [
  ['function-errors', { functionErrors: 'pass' }, { found: /^not pushed again within/, holds: false }],
  ['elements', { elements: 'text' }, { found: /^a text$/, holds: false }],
  ['headers', { headers: 'named' }, { found: /^\[\{"probe-header":"a"\},\{"probe-other":"b"\}\]$/, holds: false }],
  ['large-records', { largeRecords: 'fail' }, { found: /^not delivered within/, holds: false }],
  ['order', { order: 'none' }, { found: /^pushes of one partition overlap/, holds: null }],
  ['order', { order: 'partition' }, { found: /^pushes of one partition wait for each other/, holds: null }],
  ['dead-letter', { deadLetter: 'element' }, { found: /^\{specversion: string, .*; without a key/, holds: true }],
  ['dead-letter', { deadLetter: 'event' }, { found: /^\[\{specversion: string, .*; without a key/, holds: true }],
];

test.each(switches)('%s is found as the cloud has it: %o', async (name, unconfirmed, { found, holds }) => {
  await using deployment = await openCloudWithTopic(() => ({}), { clock: hurriedClock, unconfirmed });
  // What never comes is waited for until the limit.
  const limits = holds === false ? { retry: 8, delivery: 15 } : {};
  const report = await probeFor(deployment.cloud, deployment.topic, [name], { api: '3.0', limits });
  expect(findingOf(report, name)).toMatchObject({ holds, found: expect.stringMatching(found) });
  expect(report.left).toEqual([]);
});

test.each([
  ['moved', (move: () => Promise<void>) => move(), { holds: true, found: 'position 1 after 1 record' }],
  ['left where it is', async () => undefined, { holds: false, found: 'accepted; no position is told within 3 s' }],
] as const)('whether a new group can be given a position is told: it is %s', async (_how, act, expected) => {
  await using deployment = await openCloudWithTopic();
  const move = KafkaApi.prototype.moveGroupToEnd;
  vi.spyOn(KafkaApi.prototype, 'moveGroupToEnd').mockImplementation(async function (this: KafkaApi, ...args) {
    await act(() => move.apply(this, args));
  });
  const report = await probeFor(deployment.cloud, deployment.topic, ['group-position'], { limits: { retry: 3 } });
  expect(findingOf(report, 'group-position')).toMatchObject(expected);
});

test('how many consumers a stream has is told', async () => {
  const consumers = async (api: '2.0' | '3.0', concurrency: Unconfirmed['concurrency']) => {
    await using deployment = await openCloudWithTopic(() => ({}), { unconfirmed: { concurrency } });
    return findingOf(await probeFor(deployment.cloud, deployment.topic, ['consumers'], { api }), 'consumers');
  };
  expect(await consumers('2.0', 'pushes')).toMatchObject({ holds: true, found: '2 for 2 partitions' });
  expect(await consumers('3.0', 'pushes')).toMatchObject({ holds: true, found: '1 for 2 partitions' });
  expect(await consumers('3.0', 'consumers')).toMatchObject({ holds: true, found: '2 for 2 partitions' });
});

test('a group that a new trigger begins anew, and a stream that does not start again, are told', async () => {
  await using deployment = await openCloudWithTopic(() => ({}), { clock: hurriedClock });
  const { cloud, topic } = deployment;
  const remove = FunctionCompute3.prototype.deleteTrigger;
  vi.spyOn(FunctionCompute3.prototype, 'deleteTrigger').mockImplementationOnce(async function (this: FunctionCompute3, name) {
    await remove.call(this, name);
    const admin = new Kafka({ brokers: [inject('broker')] }).admin();
    await admin.connect();
    await admin.deleteGroups([name.replace('-receiver', '')]);
    await admin.disconnect();
  });
  vi.spyOn(EventBridgeApi.prototype, 'start').mockResolvedValue();
  const limits = { delivery: 15 };
  const report = await probeFor(cloud, topic, ['position-kept', 'start-again'], { api: '3.0', limits });
  expect(findingOf(report, 'position-kept')).toMatchObject({
    holds: false,
    found: expect.stringMatching(/^the first record came [2-9] times$/),
  });
  expect(findingOf(report, 'start-again')).toMatchObject({ holds: false, found: 'not pushed again; READY' });
});

test('how often commits are made is told', async () => {
  const commits = async (commit: Unconfirmed['commit']) => {
    await using deployment = await openCloudWithTopic(() => ({}), { unconfirmed: { commit } });
    const report = await probeFor(deployment.cloud, deployment.topic, ['commits']);
    const { found, holds } = findingOf(report, 'commits');
    expect(holds).toBe(true);
    return Number(/(\d+) commits for 11 pushes/.exec(found)?.[1]);
  };
  // After each of 11 pushes, or once a second, in which more than one of the short ones end.
  const [each, everySecond] = [await commits('each-batch'), await commits('every-second')];
  expect(each).toBeGreaterThan(everySecond);
});

test.each(['stream', 'request'] as const)(
  'triggerEnable of a stream that has given up or failed is told: by the %s',
  async (triggerEnable) => {
    await using deployment = await openCloudWithTopic(() => ({}), { clock: hurriedClock, triggerEnable });
    const report = await probeFor(deployment.cloud, deployment.topic, ['given-up', 'start-failed']);
    const enabled = triggerEnable === 'request';
    expect(findingOf(report, 'given-up')).toMatchObject({ holds: true, found: `READY; triggerEnable ${enabled}` });
    expect(findingOf(report, 'start-failed').found).toMatch(new RegExp(`^START_FAILED: .+; triggerEnable ${enabled}$`));
  },
);

test('what an account has of Function Compute is told, and a probe of what it has not measures nothing', async () => {
  await using deployment = await openCloudWithTopic(() => ({ functionComputeGenerations: ['3.0'] }));
  const { cloud, topic } = deployment;
  const report = await probeFor(cloud, topic, ['generations', 'code-checksum'], { api: '3.0' });
  expect(findingOf(report, 'generations')).toMatchObject({ holds: true, found: '2.0: no, AccessDenied; 3.0: yes' });
  expect(findingOf(report, 'code-checksum').holds).toBe(true);
  const other = await probeFor(cloud, topic, ['code-checksum'], { api: '2.0' });
  expect(findingOf(other, 'code-checksum')).toMatchObject({ holds: null, found: expect.stringMatching(/^not measured: .*AccessDenied/) });
  expect(other.left).toEqual([]);
});

test('how long the cloud takes is told', async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic } = deployment;
  cloud.faults.delay({ logSearch: 2000, triggers: 2500, networkInterfaces: 3000 });
  const report = await probeFor(cloud, topic, ['log-delay', 'trigger-again', 'network-interfaces']);
  const secondsIn = (name: string) => Number(/(\d+\.\d) s/.exec(findingOf(report, name).found)?.[1]);
  expect(secondsIn('log-delay')).toBeGreaterThanOrEqual(2);
  expect(secondsIn('trigger-again')).toBeGreaterThanOrEqual(2.4);
  expect(secondsIn('network-interfaces')).toBeGreaterThanOrEqual(2.4);
});

test('zones without network, another edition, a shorter page and no whitelist are told', async () => {
  await using deployment = await openCloudWithTopic(() => ({ functionComputeZones: ['cn-hangzhou-x'] }));
  vi.spyOn(KafkaApi.prototype, 'topicPage').mockResolvedValue({ rows: 10, total: 12 });
  vi.spyOn(KafkaApi.prototype, 'instance').mockImplementation(async () => ({ ...kafkaInstance, edition: 'serverless' }));
  vi.spyOn(ElasticsearchApi.prototype, 'whitelistForms').mockResolvedValue({ hasList: false, groups: ['PUBLIC_ES'] });
  const report = await probeFor(deployment.cloud, deployment.topic, ['zones', 'edition', 'topic-page', 'whitelist']);
  expect(report.findings).toMatchObject([
    { name: 'zones', holds: false, found: '1 zones, those of Kafka and Elasticsearch are not among them' },
    { name: 'edition', holds: false, found: 'serverless' },
    { name: 'topic-page', holds: false, found: '10 of 12 topics' },
    { name: 'whitelist', holds: false, found: 'list: no; groups: 1 of PUBLIC_ES' },
  ]);
});

test('a whole first page is told', async () => {
  await using deployment = await openCloudWithTopic();
  vi.spyOn(KafkaApi.prototype, 'topicPage').mockResolvedValue({ rows: 100, total: 150 });
  expect(findingOf(await probeFor(deployment.cloud, deployment.topic, ['topic-page']), 'topic-page').holds).toBe(true);
});

test('another checksum, another topic of the log, a failure without its header and a slow start are told', async () => {
  await using deployment = await openCloudWithTopic();
  const [read, lines, invoke, start] = [
    FunctionCompute3.prototype.function,
    LogServiceApi.prototype.lines,
    FunctionCompute3.prototype.invoke,
    Stream.prototype.start,
  ];
  vi.spyOn(FunctionCompute3.prototype, 'function').mockImplementation(async function (this: FunctionCompute3, name) {
    const row = await read.call(this, name);
    return row && { ...row, codeChecksum: '1' };
  });
  vi.spyOn(LogServiceApi.prototype, 'lines').mockImplementation(async function (this: LogServiceApi, ...args) {
    return (await lines.apply(this, args)).map((line) => ({ ...line, topic: 'elsewhere' }));
  });
  vi.spyOn(FunctionCompute3.prototype, 'invoke').mockImplementation(async function (this: FunctionCompute3, ...args) {
    return { ...(await invoke.apply(this, args)), errorType: undefined };
  });
  vi.spyOn(Stream.prototype, 'start').mockImplementation(async function (this: Stream) {
    await new Promise((resolve) => setTimeout(resolve, 2000));
    return start.call(this);
  });
  const names = ['code-checksum', 'error-type', 'log-topic', 'stream-start'];
  const report = await probeFor(deployment.cloud, deployment.topic, names, { api: '3.0' });
  expect(report.findings).toMatchObject([
    { name: 'code-checksum', holds: false },
    { name: 'error-type', holds: false, found: expect.stringMatching(/^absent/) },
    { name: 'log-topic', holds: false, found: 'elsewhere' },
    { name: 'stream-start', holds: false, found: expect.stringMatching(/^READY after .* RUNNING after [2-9]/) },
  ]);
});

test('a trigger that does not return what it was given, and a group that is still read, are told', async () => {
  await using deployment = await openCloudWithTopic();
  const trigger = FunctionCompute2.prototype.trigger;
  vi.spyOn(FunctionCompute2.prototype, 'trigger').mockImplementation(async function (this: FunctionCompute2, name) {
    const row = await trigger.call(this, name);
    return row && { ...row, triggerConfig: { ...Object(row.triggerConfig), runOptions: { mode: 'event-streaming' } } };
  });
  const group = KafkaApi.prototype.consumerGroup;
  vi.spyOn(KafkaApi.prototype, 'consumerGroup').mockImplementation(async function (this: KafkaApi, ...args) {
    const there = await group.apply(this, args);
    return there && { ...there, state: 'STABLE' };
  });
  const report = await probeFor(deployment.cloud, deployment.topic, ['trigger-fields', 'group-state'], { limits: { other: 3 } });
  expect(findingOf(report, 'trigger-fields')).toMatchObject({
    holds: false,
    found: expect.stringContaining('of the configuration differ runOptions.maximumTasks'),
  });
  expect(findingOf(report, 'group-state')).toMatchObject({
    holds: null,
    found: 'not measured: the group to be left did not come about within 3 s',
  });
});
