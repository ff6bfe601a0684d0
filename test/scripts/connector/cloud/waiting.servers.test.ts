// What the real cloud answers while it is busy, and what it answers for good.
import { randomBytes } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import { AlibabaCloud } from '../../../../scripts/connector/cloud/alibaba-cloud.ts';
import { type Account, seededAccount } from '../../../../scripts/local/api/account.ts';
import { Secret } from '../../../../shared/secret.ts';
import { TestCloud } from '../../../support/cloud/local-cloud.ts';
import { changesOf, propsFor, runCommand, type TestProps } from '../../../support/cloud/run-command.ts';

async function openCloud(changes: Partial<Account> = {}): Promise<{ cloud: TestCloud; topic: string; props: TestProps }> {
  const topic = `patience-${randomBytes(4).toString('hex')}`;
  const servers = { broker: inject('broker'), elasticsearchUrl: inject('elasticsearchUrl'), topics: [{ topic, partitionNum: 6 }] };
  const cloud = await TestCloud.start({ account: seededAccount(servers, changes) });
  return { cloud, topic, props: propsFor(topic, { name: topic, kafka: { connectorTopics: 'off' } }) };
}

/** What a command talks to. */
function connectorCloud({ account, endpoint }: TestCloud): AlibabaCloud {
  const [{ accessKeyId, accessKeySecret } = { accessKeyId: '', accessKeySecret: '' }] = account.accessKeys;
  return new AlibabaCloud({
    accountId: account.accountId,
    region: account.region,
    accessKeyId,
    accessKeySecret: new Secret(accessKeySecret),
    securityToken: undefined,
    endpoint: new URL(endpoint),
  });
}

const withoutWhitelist = { privateNetworkIpWhiteList: ['10.0.0.0/8'] };

function refuse(cloud: TestCloud, product: string, action: string, code: string, count = 3, message = 'not now'): void {
  cloud.faults.add({ product, action, fault: { kind: 'refused', status: code === 'AccessDenied' ? 403 : 400, code, message }, count });
}

test('a deployment and a removal outlast every answer that the products give while they are busy', async () => {
  const servers = { broker: inject('broker'), elasticsearchUrl: inject('elasticsearchUrl') };
  const elasticsearch = seededAccount(servers).elasticsearch.map((instance) => ({ ...instance, ...withoutWhitelist }));
  const { cloud, props } = await openCloud({ elasticsearch });
  await using _cloud = cloud;
  // Often enough that the waits, which are random, are worth a line.
  refuse(cloud, 'alikafka', 'CreateTopic', 'ONS_SYSTEM_FLOW_CONTROL', 6);
  refuse(cloud, 'alikafka', 'CreateConsumerGroup', 'Throttling.User');
  refuse(cloud, 'sls', 'CreateIndex', 'LogStoreNotExist');
  refuse(cloud, 'elasticsearch', 'UpdatePrivateNetworkWhiteIps', 'InstanceStatusNotSupportCurrentAction');
  refuse(cloud, 'fc', 'CreateService', 'AccessDenied', 2, 'the role is not there');
  refuse(cloud, 'fc', 'CreateService', 'InvalidArgument', 2, "project 'p' does not exist");
  refuse(cloud, 'fc', 'CreateTrigger', 'AccessDenied', 2, "the caller is not authorized to perform 'eventbridge:CreateEventStreaming'");
  const first = await runCommand(cloud, props, 'deploy');
  expect(first.error).toBeUndefined();
  expect(first.printed).toMatch(/waiting for the Kafka instance, which takes few changes at a time, \d+ s/);
  const instance = await cloud.clients().elasticsearch.describeInstance('es-cn-local000000001');
  expect(instance.body?.result?.privateNetworkIpWhiteList).toEqual(['10.0.0.0/8', '192.168.1.0/24']);
  refuse(cloud, 'fc', 'UpdateFunction', 'ConcurrentUpdateError');
  expect((await runCommand(cloud, { ...props, function: { memorySize: 256 } }, 'deploy')).error).toBeUndefined();
  cloud.faults.delay({ networkInterfaces: 3000 });
  refuse(cloud, 'fc', 'DeleteFunction', 'FunctionNotEmpty');
  refuse(cloud, 'fc', 'DeleteService', 'ServiceNotEmpty');
  refuse(cloud, 'alikafka', 'DeleteTopic', 'ONS_SYSTEM_FLOW_CONTROL');
  const removed = await runCommand(cloud, props, 'remove', '-y', '--with-topics');
  expect(removed.error).toBeUndefined();
  expect(removed.printed).toMatch(/waiting for network interfaces, \d+ s/);
  expect((await runCommand(cloud, props, 'remove', '-y', '--with-topics')).steps).toEqual([]);
});

test('a deployment and a removal go on only when what they have asked for has come about, and say what they wait for', async () => {
  const servers = { broker: inject('broker'), elasticsearchUrl: inject('elasticsearchUrl') };
  const elasticsearch = seededAccount(servers).elasticsearch.map((instance) => ({ ...instance, ...withoutWhitelist }));
  const { cloud, props, topic } = await openCloud({ elasticsearch });
  await using _cloud = cloud;
  cloud.faults.delay({ roles: 20_000, topics: 3000, logProjects: 3000, triggers: 3000, whitelists: 3000 });
  const first = await runCommand(cloud, props, 'deploy');
  expect(first.error).toBeUndefined();
  for (const what of ['the roles', `topic connect-error-${topic}`, 'the log project', 'Elasticsearch to be active again']) {
    expect(first.printed).toMatch(new RegExp(`waiting for ${what}, \\d+ s`));
  }
  const removed = await runCommand(cloud, props, 'remove', '-y', '--with-topics');
  expect(removed.error).toBeUndefined();
  for (const what of ['the end of the trigger', `the end of topic connect-error-${topic}`]) {
    expect(removed.printed).toMatch(new RegExp(`waiting for ${what}, \\d+ s`));
  }
  // What is gone is seen to be gone by whoever comes next.
  expect((await runCommand(cloud, props, 'remove', '-y', '--with-topics')).steps).toEqual([]);
});

test('a trigger of the old source that is still going is not taken for the new one', async () => {
  const { cloud, props, topic } = await openCloud();
  await using _cloud = cloud;
  expect((await runCommand(cloud, props, 'deploy')).error).toBeUndefined();
  const second = `${topic}-b`;
  await cloud.clients().acs('2019-09-16', 'CreateTopic', {
    InstanceId: 'alikafka_pre-cn-local0000001',
    RegionId: 'cn-hangzhou',
    Topic: second,
    Remark: 'a-remark',
    PartitionNum: '6',
  });
  const moved = { ...props, kafka: { ...props.kafka, topic: second } };
  cloud.faults.delay({ triggers: 2500 });
  refuse(cloud, 'fc', 'CreateTrigger', 'TriggerAlreadyExists', 2);
  const { error, steps } = await runCommand(cloud, moved, 'deploy', '-y');
  expect(error).toBeUndefined();
  expect(steps.find(({ kind }) => kind === 'trigger')?.action).toBe('replace');
  expect(changesOf(await runCommand(cloud, moved, 'plan'))).toEqual([]);
});

test('a trigger that is there already is the one that was asked for only when it reads the same', async () => {
  const { cloud, props, topic } = await openCloud();
  await using _cloud = cloud;
  expect((await runCommand(cloud, props, 'deploy')).error).toBeUndefined();
  const { fc } = cloud.clients();
  const [{ serviceName }] = (await fc.listServices()).data.services;
  const enable = { 'x-fc-enable-eventbridge-trigger': 'enable' };
  const { triggerConfig } = (await fc.getTrigger(serviceName, 'elasticsearch-sink', 'kafka', enable)).data;
  const { functionCompute2 } = connectorCloud(cloud);
  // As after an answer that was lost.
  await functionCompute2.createTrigger(serviceName, triggerConfig);
  const source = { ...triggerConfig.eventSourceConfig.eventSourceParameters.sourceKafkaParameters, ConsumerGroup: `connect-${topic}-b` };
  const eventSourceConfig = { eventSourceType: 'Kafka', eventSourceParameters: { sourceKafkaParameters: source } };
  const creating = functionCompute2.createTrigger(serviceName, { ...triggerConfig, eventSourceConfig });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  await fc.deleteTrigger(serviceName, 'elasticsearch-sink', 'kafka', {}, enable);
  await creating;
  const { data } = await fc.getTrigger(serviceName, 'elasticsearch-sink', 'kafka', enable);
  expect(data.triggerConfig.eventSourceConfig).toEqual(eventSourceConfig);
});

test('what another adds to the whitelist at the same time stays there', async () => {
  const servers = { broker: inject('broker'), elasticsearchUrl: inject('elasticsearchUrl') };
  const elasticsearch = seededAccount(servers).elasticsearch.map((instance) => ({ ...instance, ...withoutWhitelist }));
  const { cloud, props } = await openCloud({ elasticsearch });
  await using _cloud = cloud;
  // Whoever comes between the deployment's look and its change.
  cloud.faults.add({ product: 'elasticsearch', action: 'UpdatePrivateNetworkWhiteIps', fault: { kind: 'latency', ms: 3000 }, count: 1 });
  const deploying = runCommand(cloud, props, 'deploy');
  await expect.poll(async () => cloud.faults.isMet('elasticsearch', 'UpdatePrivateNetworkWhiteIps'), { interval: 50 }).toBe(true);
  await cloud.clients().addToWhitelist('es-cn-local000000001', '10.1.0.0/16');
  expect((await deploying).error).toBeUndefined();
  const { body } = await cloud.clients().elasticsearch.describeInstance('es-cn-local000000001');
  expect(body?.result?.privateNetworkIpWhiteList).toEqual(['10.0.0.0/8', '10.1.0.0/16', '192.168.1.0/24']);
});

test('where whitelist groups are not known, the list is written, with all that was in it', async () => {
  const servers = { broker: inject('broker'), elasticsearchUrl: inject('elasticsearchUrl') };
  const elasticsearch = seededAccount(servers).elasticsearch.map((instance) => ({ ...instance, ...withoutWhitelist }));
  const { cloud, props } = await openCloud({ elasticsearch });
  await using _cloud = cloud;
  refuse(cloud, 'elasticsearch', 'UpdatePrivateNetworkWhiteIps', 'InvalidParameter', 1);
  expect((await runCommand(cloud, props, 'deploy')).error).toBeUndefined();
  const { body } = await cloud.clients().elasticsearch.describeInstance('es-cn-local000000001');
  expect(body?.result?.privateNetworkIpWhiteList).toEqual(['10.0.0.0/8', '192.168.1.0/24']);
});

test('the function is asked again when it was refused for the rate of calls', async () => {
  const { cloud, props } = await openCloud();
  await using _cloud = cloud;
  cloud.faults.add({ product: 'fc', action: 'InvokeFunction', fault: { kind: 'throttled' }, count: 2 });
  expect((await runCommand(cloud, props, 'deploy')).error).toBeUndefined();
});

test.each([
  ['sls', 'CreateProject', 'ProjectQuotaExceed', 'projects of Log Service'],
  ['alikafka', 'CreateTopic', 'BIZ_TOPIC_QUOTA_EXCEEDED', 'topics and partitions of the Kafka instance'],
  ['ecs', 'CreateSecurityGroup', 'QuotaExceed.SecurityGroup', 'security groups of ECS'],
])('%s: %s at its quota ends the deployment at once, names the quota, and is taken up afterwards', async (product, action, code, quota) => {
  const { cloud, props } = await openCloud();
  await using _cloud = cloud;
  refuse(cloud, product, action, code, 1);
  const { error } = await runCommand(cloud, props, 'deploy');
  expect(error).toContain(`This is a quota, of ${quota}`);
  expect((await runCommand(cloud, props, 'deploy')).error).toBeUndefined();
});

test('a permission that is missing is named as RAM names it', async () => {
  const policy = [
    { Effect: 'Allow', Action: ['fc:*', 'ram:*', 'elasticsearch:*', 'vpc:*', 'ecs:*', 'log:*', 'eventbridge:*'], Resource: '*' },
  ];
  const { cloud, props } = await openCloud({ policy });
  await using _cloud = cloud;
  const { error } = await runCommand(cloud, props, 'plan');
  expect(error).toContain('Allow this user alikafka:ListInstance: ram-policy.json lists all that is needed.');
});

test('what Log Service has not looked through yet is asked for again', async () => {
  const { cloud, props } = await openCloud();
  await using _cloud = cloud;
  expect((await runCommand(cloud, props, 'deploy')).error).toBeUndefined();
  expect((await runCommand(cloud, props, 'check')).error).toBeUndefined();
  cloud.faults.delay({ logSearch: 2000 });
  const { printed } = await runCommand(cloud, props, 'logs');
  expect(printed).toContain('FC Invoke End RequestId');
});
