import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { expect, inject, test } from 'vitest';
import { packageFolder } from '../../../../scripts/bundle/package.ts';
import { ElasticIndex } from '../../../../scripts/demo/elastic-index.ts';
import { seededAccount } from '../../../../scripts/local/api/account.ts';
import type { Generation } from '../../../../scripts/local/api/generation.ts';
import type { Stream } from '../../../../scripts/local/stream/stream.ts';
import type { Unconfirmed } from '../../../../scripts/local/stream/unconfirmed.ts';
import { type Fields, functionApi } from '../../../support/cloud/function-apis.ts';
import { refusal, TestCloud } from '../../../support/cloud/local-cloud.ts';
import { alikafka, ecs, ram, resourceManager, sls, vpc } from '../../../support/cloud/sdk-clients.ts';
import { zipOf } from '../../../support/cloud/zip.ts';

const instanceId = 'alikafka_pre-cn-local0000001';
const inRegion = { regionId: 'cn-hangzhou' };
const inInstance = { instanceId, ...inRegion };
const logConfig = { project: 'connector-logs', logstore: 'function' };

function startCloud(options: Parameters<typeof TestCloud.start>[0] = {}): Promise<TestCloud> {
  const account = seededAccount({ broker: inject('broker'), elasticsearchUrl: inject('elasticsearchUrl') });
  return TestCloud.start({ account, ...options });
}

/** The built function, as a deployment sends it. */
function functionPackage(): string {
  const names = readdirSync(packageFolder).filter((name) => name.endsWith('.js') || name === 'package.json');
  return zipOf(Object.fromEntries(names.map((name) => [name, readFileSync(join(packageFolder, name))])));
}

async function makeLogStore(cloud: TestCloud): Promise<void> {
  await cloud
    .clients()
    .sls()
    .createProject(new sls.CreateProjectRequest({ projectName: logConfig.project, description: '' }));
  const client = cloud.clients().sls(logConfig.project);
  await client.createLogStore(
    logConfig.project,
    new sls.CreateLogStoreRequest({ logstoreName: logConfig.logstore, ttl: 7, shardCount: 1 }),
  );
  const line = new sls.IndexLine({ token: [' ', '"', ':', ',', '{', '}'], caseSensitive: false });
  await client.createIndex(logConfig.project, logConfig.logstore, new sls.CreateIndexRequest({ body: new sls.Index({ line }) }));
}

async function makeRoles(cloud: TestCloud): Promise<string> {
  for (const name of ['sendevent-fc', 'source-kafka', 'connect-vpc']) {
    const request = new resourceManager.CreateServiceLinkedRoleRequest({ serviceName: `${name}.eventbridge.aliyuncs.com` });
    await cloud.clients().resourceManager.createServiceLinkedRole(request);
  }
  const { body } = await cloud.clients().ram.getRole(new ram.GetRoleRequest({ roleName: 'AliyunFCDefaultRole' }));
  return body?.role?.arn ?? '';
}

/** Elasticsearch's own network, as it is looked up, and a security group made for the connector. */
async function findNetwork(cloud: TestCloud, name: string): Promise<{ vpcId: string; vSwitchIds: string[]; securityGroupId: string }> {
  const clients = cloud.clients();
  const { body } = await clients.elasticsearch.describeInstance('es-cn-local000000001');
  const { vpcId = '', vswitchId: vSwitchId = '' } = body?.result?.networkConfig ?? {};
  const vSwitch = await clients.vpc.describeVSwitchAttributes(new vpc.DescribeVSwitchAttributesRequest({ ...inRegion, vSwitchId }));
  const { data } = await clients.fc.getAccountSettings();
  expect(data.availableAZs).toContain(vSwitch.body?.zoneId);
  expect(body?.result?.privateNetworkIpWhiteList).toContain(vSwitch.body?.cidrBlock);
  const group = await clients.ecs.createSecurityGroup(new ecs.CreateSecurityGroupRequest({ ...inRegion, vpcId, securityGroupName: name }));
  return { vpcId, vSwitchIds: [vSwitchId], securityGroupId: group.body?.securityGroupId ?? '' };
}

/** `concurrency`: what 3.0 has instead of tasks. */
function triggerOptions(topic: string, group: string, concurrency: number): Fields {
  const source = { RegionId: 'cn-hangzhou', InstanceId: instanceId, Topic: topic, ConsumerGroup: group, OffsetReset: 'earliest' };
  const retryStrategy = { PushRetryStrategy: 'EXPONENTIAL_DECAY_RETRY' };
  return {
    triggerName: 'kafka',
    triggerType: 'eventbridge',
    triggerConfig: {
      eventSourceConfig: { eventSourceType: 'Kafka', eventSourceParameters: { sourceKafkaParameters: source } },
      eventSinkConfig: { deliveryOption: { concurrency } },
      runOptions: {
        mode: 'event-streaming',
        maximumTasks: 1,
        errorsTolerance: 'ALL',
        retryStrategy,
        batchWindow: { CountBasedWindow: 10, TimeBasedWindow: 1 },
      },
    },
  };
}

/** Records that the group has committed. */
async function consumed(cloud: TestCloud, consumerId: string): Promise<number> {
  const request = new alikafka.GetConsumerProgressRequest({ ...inInstance, consumerId });
  const { body } = await cloud.clients().kafka.getConsumerProgress(request);
  const offsets = body?.consumerProgress?.topicList?.topicList?.[0]?.offsetList?.offsetList ?? [];
  return offsets.reduce((sum, { consumerOffset = 0 }) => sum + consumerOffset, 0);
}

test("the Elasticsearch instance tells the real server's address, version and network", async () => {
  await using cloud = await startCloud();
  const { body } = await cloud.clients().elasticsearch.describeInstance('es-cn-local000000001');
  const { hostname, port } = new URL(inject('elasticsearchUrl'));
  expect(body?.result).toMatchObject({
    instanceId: 'es-cn-local000000001',
    status: 'active',
    esVersion: '7.10_with_X-Pack',
    protocol: 'HTTP',
    domain: hostname,
    port: Number(port),
    networkConfig: { vpcId: 'vpc-bp1local000000000000001', vswitchId: 'vsw-bp1local000000000000001', vsArea: 'cn-hangzhou-i' },
    esConfig: { 'action.auto_create_index': '+.*,-*' },
  });
});

test.each<[Generation, number, Partial<Unconfirmed>]>([
  ['2.0', 1, {}],
  ['3.0', 1, {}],
  ['3.0', 4, { order: 'partition' }],
  ['3.0', 4, { order: 'none' }],
  ['3.0', 4, { concurrency: 'consumers' }],
])(
  'a connector of %s with %i deliveries at a time (%o), deployed by the official SDKs, delivers records, its log is found, and all of it is removed again',
  async (generation, concurrency, unconfirmed) => {
    const streams: Stream[] = [];
    await using cloud = await startCloud({ unconfirmed, onStream: (stream) => streams.push(stream) });
    const api = functionApi(generation, cloud);
    const { kafka, ecs: ecsClient } = cloud.clients();
    const name = `test-${randomBytes(4).toString('hex')}`;
    const group = `connect-${name}`;
    const index = await ElasticIndex.create({ url: inject('elasticsearchUrl'), username: 'elastic', password: 'canary-Pa55' }, name);

    const role = await makeRoles(cloud);
    await kafka.createConsumerGroup(new alikafka.CreateConsumerGroupRequest({ ...inInstance, consumerId: group }));
    await kafka.createTopic(new alikafka.CreateTopicRequest({ ...inInstance, topic: name, remark: 'source', partitionNum: '2' }));
    await makeLogStore(cloud);
    const vpcConfig = await findNetwork(cloud, name);
    const environmentVariables = {
      CONNECTOR_NAME: name,
      ES_ENDPOINT: inject('elasticsearchUrl'),
      ES_PASSWORD: 'canary-Pa55',
      ES_INDEX: name,
    };
    await api.create({
      functionName: 'sink',
      runtime: 'nodejs20',
      handler: 'index.handler',
      instanceLifecycleConfig: {
        initializer: { handler: 'index.initialize', timeout: 60 },
        preStop: { handler: 'index.preStop', timeout: 3 },
      },
      memorySize: 512,
      timeout: 60,
      environmentVariables,
      role,
      logConfig,
      vpcConfig,
      code: { zipFile: functionPackage() },
    });
    expect((await api.invoke('{"command":"check"}')).data).toContain('{"name":"elasticsearch","ok":true');
    await api.createTrigger(triggerOptions(name, group, concurrency));

    const producer = new Kafka({ brokers: [inject('broker')], logLevel: logLevel.NOTHING }).producer();
    await producer.connect();
    await producer.send({
      topic: name,
      messages: Array.from({ length: 100 }, (_, number) => ({ key: `key-${number}`, value: `value ${number}` })),
    });
    await producer.disconnect();
    await expect.poll(() => consumed(cloud, group), { timeout: 60_000 }).toBe(100);
    expect(await index.count()).toBe(100);
    // The topic has two partitions.
    expect(streams.map(({ tasks }) => tasks)).toEqual([unconfirmed.concurrency === 'consumers' ? 2 : 1]);

    const now = Math.floor(Date.now() / 1000);
    const topic = generation === '2.0' ? 'svc' : 'FCLogs:sink';
    const request = new sls.GetLogsRequest({ from: now - 300, to: now + 60, query: 'delivered and written', topic });
    const { body: logs } = await cloud.clients().sls(logConfig.project).getLogs(logConfig.project, logConfig.logstore, request);
    const written = (logs ?? []).map(({ message }) => Number(/"written":(\d+)/.exec(message ?? '')?.[1]));
    expect(written.reduce((sum, count) => sum + count, 0)).toBe(100);

    await api.removeTrigger();
    await api.remove();
    await api.removeRest();
    await cloud.clients().sls(logConfig.project).deleteProject(logConfig.project, new sls.DeleteProjectRequest({}));
    await ecsClient.deleteSecurityGroup(new ecs.DeleteSecurityGroupRequest({ ...inRegion, securityGroupId: vpcConfig.securityGroupId }));
    await kafka.deleteTopic(new alikafka.DeleteTopicRequest({ ...inInstance, topic: name }));
    await kafka.deleteConsumerGroup(new alikafka.DeleteConsumerGroupRequest({ ...inInstance, consumerId: group }));
    expect(await refusal(api.get())).toMatchObject({ code: generation === '2.0' ? 'ServiceNotFound' : 'FunctionNotFound' });
    expect(readdirSync(join(cloud.stateFolder, 'code'))).toEqual([]);
  },
);
