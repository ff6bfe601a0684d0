// What the cloud does some time after it has answered; here each for as long as a test needs to see it.
import { randomBytes } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import { seededAccount } from '../../../../scripts/local/api/account.ts';
import { functionApi, generations } from '../../../support/cloud/function-apis.ts';
import { refusal, TestCloud } from '../../../support/cloud/local-cloud.ts';
import { alikafka, ecs, elasticsearch, resourceManager, sls } from '../../../support/cloud/sdk-clients.ts';
import { zipOf } from '../../../support/cloud/zip.ts';

const inInstance = { instanceId: 'alikafka_pre-cn-local0000001', regionId: 'cn-hangzhou' };
const role = 'acs:ram::1234567890123456:role/aliyunfcdefaultrole';
const enable = { 'x-fc-enable-eventbridge-trigger': 'enable' };
const roles = ['sendevent-fc', 'source-kafka', 'connect-vpc'].map((name) => `${name}.eventbridge.aliyuncs.com`);
const code = { zipFile: zipOf({ 'index.js': 'exports.handler = async () => 1;' }) };
const sink = { functionName: 'sink', runtime: 'nodejs20', handler: 'index.handler', code };
/** Long enough to be seen on a slow machine. */
const ms = 4000;

async function startCloud(): Promise<TestCloud> {
  return TestCloud.start({ account: seededAccount({ broker: inject('broker'), elasticsearchUrl: inject('elasticsearchUrl') }) });
}

/** Tries until it is done. */
async function eventually<Result>(attempt: () => Promise<Result>): Promise<Result> {
  const results: Result[] = [];
  await expect.poll(async () => results.push(await attempt()) > 0, { interval: 200 }).toBe(true);
  return results[0] as Result;
}

async function makeRoles(cloud: TestCloud): Promise<void> {
  for (const serviceName of roles) {
    await cloud.clients().resourceManager.createServiceLinkedRole(new resourceManager.CreateServiceLinkedRoleRequest({ serviceName }));
  }
}

async function makeTopic(cloud: TestCloud): Promise<string> {
  const topic = `test-${randomBytes(4).toString('hex')}`;
  const request = new alikafka.CreateTopicRequest({ ...inInstance, topic, remark: 'a-remark', partitionNum: '2' });
  await cloud.clients().kafka.createTopic(request);
  return topic;
}

async function makeFunction(cloud: TestCloud): Promise<void> {
  await functionApi('2.0', cloud).create(sink);
}

function triggerOptions(topic: string): object {
  const sourceKafkaParameters = {
    InstanceId: inInstance.instanceId,
    Topic: topic,
    ConsumerGroup: `connect-${topic}`,
    OffsetReset: 'earliest',
  };
  return {
    triggerName: 'kafka',
    triggerType: 'eventbridge',
    triggerConfig: {
      triggerEnable: false,
      eventSourceConfig: { eventSourceType: 'Kafka', eventSourceParameters: { sourceKafkaParameters } },
      runOptions: { mode: 'event-streaming' },
    },
  };
}

test('a role that was just made is not known yet to who needs it', async () => {
  await using cloud = await startCloud();
  const topic = await makeTopic(cloud);
  await makeFunction(cloud);
  cloud.faults.delay({ roles: ms });
  await makeRoles(cloud);
  const create = () => cloud.clients().fc.createTrigger('svc', 'sink', { ...triggerOptions(topic) }, enable);
  expect(await refusal(create())).toMatchObject({ code: 'AccessDenied', status: 403 });
  await eventually(create);
  await cloud.clients().kafka.deleteTopic(new alikafka.DeleteTopicRequest({ ...inInstance, topic }));
});

test('a topic has a status of its own until it can be used, and is listed for a while after it was deleted', async () => {
  await using cloud = await startCloud();
  cloud.faults.delay({ topics: ms });
  const { kafka } = cloud.clients();
  const topic = await makeTopic(cloud);
  const statuses = async () => {
    const { body } = await kafka.getTopicList(new alikafka.GetTopicListRequest({ ...inInstance, topic }));
    return body?.topicList?.topicVO?.map(({ status }) => status);
  };
  expect(await statuses()).toEqual([1]);
  await expect.poll(statuses).toEqual([0]);
  await kafka.deleteTopic(new alikafka.DeleteTopicRequest({ ...inInstance, topic }));
  expect(await statuses()).toEqual([1]);
  await expect.poll(statuses).toEqual([]);
});

test('an instance takes one change after the other', async () => {
  await using cloud = await startCloud();
  cloud.faults.delay({ kafkaChanges: ms });
  const topic = await makeTopic(cloud);
  const { kafka } = cloud.clients();
  const remove = () => kafka.deleteTopic(new alikafka.DeleteTopicRequest({ ...inInstance, topic }));
  expect(await refusal(remove())).toMatchObject({ code: 'ONS_SYSTEM_FLOW_CONTROL', status: 400 });
  await eventually(remove);
});

test('a log project that was just made is there, and not known yet to other calls and services', async () => {
  await using cloud = await startCloud();
  cloud.faults.delay({ logProjects: ms });
  const project = 'a-late-project';
  await cloud
    .clients()
    .sls()
    .createProject(new sls.CreateProjectRequest({ projectName: project, description: '' }));
  const client = cloud.clients().sls(project);
  expect((await client.getProject(project)).body?.projectName).toBe(project);
  const create = () => client.createLogStore(project, new sls.CreateLogStoreRequest({ logstoreName: 'lines', ttl: 7, shardCount: 1 }));
  expect(await refusal(create())).toMatchObject({ code: 'ProjectNotExist' });
  await eventually(create);
});

test('lines that have not been looked through yet make an answer Incomplete', async () => {
  await using cloud = await startCloud();
  const project = 'a-project';
  await cloud
    .clients()
    .sls()
    .createProject(new sls.CreateProjectRequest({ projectName: project, description: '' }));
  const client = cloud.clients().sls(project);
  await client.createLogStore(project, new sls.CreateLogStoreRequest({ logstoreName: 'lines', ttl: 7, shardCount: 1 }));
  const line = new sls.IndexLine({ token: [' '], caseSensitive: false, chn: false });
  await client.createIndex(project, 'lines', new sls.CreateIndexRequest({ body: new sls.Index({ line }) }));
  cloud.faults.delay({ logSearch: ms });
  const progress = async () => {
    const { headers } = await client.getLogs(project, 'lines', new sls.GetLogsRequest({ from: 1, to: 2 }));
    return headers?.['x-log-progress'];
  };
  expect(await progress()).toBe('Incomplete');
  await expect.poll(progress).toBe('Complete');
});

test.each(generations)('network interfaces of %s hold a security group after the code is gone', async (generation) => {
  await using cloud = await startCloud();
  cloud.faults.delay({ networkInterfaces: ms });
  const { ecs: client } = cloud.clients();
  const api = functionApi(generation, cloud);
  const vpcId = 'vpc-bp1local000000000000001';
  const where = { regionId: 'cn-hangzhou' };
  const { body } = await client.createSecurityGroup(new ecs.CreateSecurityGroupRequest({ ...where, vpcId }));
  const securityGroupId = body?.securityGroupId ?? '';
  await api.create({ ...sink, role, vpcConfig: { vpcId, vSwitchIds: ['vsw-bp1local000000000000001'], securityGroupId } });
  await api.remove();
  await api.removeRest();
  const remove = () => client.deleteSecurityGroup(new ecs.DeleteSecurityGroupRequest({ ...where, securityGroupId }));
  expect(await refusal(remove())).toMatchObject({ code: 'DependencyViolation', status: 403 });
  await eventually(remove);
});

test('a trigger that was deleted is there for a while, and its name and its function are taken', async () => {
  await using cloud = await startCloud();
  const topic = await makeTopic(cloud);
  await makeFunction(cloud);
  await makeRoles(cloud);
  const { fc } = cloud.clients();
  const create = () => fc.createTrigger('svc', 'sink', { ...triggerOptions(topic) }, enable);
  await create();
  cloud.faults.delay({ triggers: ms });
  await fc.deleteTrigger('svc', 'sink', 'kafka', {}, enable);
  expect((await fc.getTrigger('svc', 'sink', 'kafka', enable)).data).toMatchObject({ triggerName: 'kafka' });
  expect(await refusal(create())).toMatchObject({ code: 'TriggerAlreadyExists', status: 409 });
  expect(await refusal(fc.deleteFunction('svc', 'sink'))).toMatchObject({ code: 'FunctionNotEmpty', status: 409 });
  await eventually(() => fc.deleteFunction('svc', 'sink'));
  await cloud.clients().kafka.deleteTopic(new alikafka.DeleteTopicRequest({ ...inInstance, topic }));
});

test('a whitelist is appended to by group, and its instance is activating meanwhile and takes no other change', async () => {
  await using cloud = await startCloud();
  cloud.faults.delay({ whitelists: ms });
  const client = cloud.clients().elasticsearch;
  const id = 'es-cn-local000000001';
  const update = (ips: string[], modifyMode: string) => {
    const body = JSON.stringify({ whiteIpGroup: { groupName: 'default', ips, whiteIpType: 'PRIVATE_ES' } });
    const request = new elasticsearch.UpdatePrivateNetworkWhiteIpsRequest({ body, modifyMode });
    return client.updatePrivateNetworkWhiteIps(id, request);
  };
  await update(['192.168.2.0/24'], 'Append');
  const seen = async () => (await client.describeInstance(id)).body?.result;
  expect(await seen()).toMatchObject({ status: 'activating', privateNetworkIpWhiteList: ['192.168.1.0/24', '192.168.2.0/24'] });
  expect(await refusal(update(['192.168.3.0/24'], 'Append'))).toMatchObject({ code: 'InstanceStatusNotSupportCurrentAction', status: 400 });
  await eventually(() => update(['192.168.1.0/24'], 'Delete'));
  expect((await seen())?.privateNetworkIpWhiteList).toEqual(['192.168.2.0/24']);
  const both = JSON.stringify({ whiteIpGroup: { ips: [] }, privateNetworkIpWhiteList: [] });
  await expect.poll(async () => (await seen())?.status).toBe('active');
  const request = new elasticsearch.UpdatePrivateNetworkWhiteIpsRequest({ body: both });
  expect(await refusal(client.updatePrivateNetworkWhiteIps(id, request))).toMatchObject({ code: 'InvalidParameter', status: 400 });
});
