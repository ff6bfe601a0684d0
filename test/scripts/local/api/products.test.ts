import { expect, test } from 'vitest';
import { seededAccount } from '../../../../scripts/local/api/account.ts';
import { refusal, TestCloud } from '../../../support/cloud/local-cloud.ts';
import { ecs, elasticsearch, ram, resourceManager, vpc } from '../../../support/cloud/sdk-clients.ts';

const vpcId = 'vpc-bp1local000000000000001';
const inRegion = { regionId: 'cn-hangzhou' };

test('VPC: a vSwitch tells its VPC, zone and addresses; one that is not there is not found', async () => {
  await using cloud = await TestCloud.start();
  const client = cloud.clients().vpc;
  const describe = (vSwitchId: string) =>
    client.describeVSwitchAttributes(new vpc.DescribeVSwitchAttributesRequest({ ...inRegion, vSwitchId }));
  const { body } = await describe('vsw-bp1local000000000000001');
  expect(body).toMatchObject({ vpcId, zoneId: 'cn-hangzhou-i', cidrBlock: '192.168.1.0/24', status: 'Available' });
  expect(await refusal(describe('vsw-none'))).toMatchObject({ code: 'InvalidVSwitchId.NotFound', status: 404 });
});

test('VPC: a VPC tells its addresses and vSwitches', async () => {
  await using cloud = await TestCloud.start();
  const client = cloud.clients().vpc;
  const { body } = await client.describeVpcAttribute(new vpc.DescribeVpcAttributeRequest({ ...inRegion, vpcId }));
  expect(body).toMatchObject({
    cidrBlock: '192.168.0.0/16',
    vSwitchIds: { vSwitchId: cloud.account.vSwitches.map(({ vSwitchId }) => vSwitchId) },
  });
  const other = client.describeVpcAttribute(new vpc.DescribeVpcAttributeRequest({ ...inRegion, vpcId: 'vpc-none' }));
  expect(await refusal(other)).toMatchObject({ code: 'InvalidVpcId.NotFound', status: 404 });
});

test('ECS: a security group is made, found by name, survives a restart, and is deleted', async () => {
  await using cloud = await TestCloud.start();
  const create = new ecs.CreateSecurityGroupRequest({
    ...inRegion,
    vpcId,
    securityGroupName: 'connector-demo',
    description: 'made by a test',
  });
  const { body } = await cloud.clients().ecs.createSecurityGroup(create);
  const securityGroupId = body?.securityGroupId ?? '';
  expect(securityGroupId).toMatch(/^sg-bp1\w{17}$/);
  await cloud.restart();
  const client = cloud.clients().ecs;
  const byName = new ecs.DescribeSecurityGroupsRequest({ ...inRegion, vpcId, securityGroupName: 'connector-demo' });
  const found = await client.describeSecurityGroups(byName);
  expect(found.body).toMatchObject({ totalCount: 1, pageSize: 10, securityGroups: { securityGroup: [{ securityGroupId, vpcId }] } });
  await client.deleteSecurityGroup(new ecs.DeleteSecurityGroupRequest({ ...inRegion, securityGroupId }));
  expect((await client.describeSecurityGroups(byName)).body?.totalCount).toBe(0);
  const again = client.deleteSecurityGroup(new ecs.DeleteSecurityGroupRequest({ ...inRegion, securityGroupId }));
  expect(await refusal(again)).toMatchObject({ code: 'InvalidSecurityGroupId.NotFound', status: 404 });
});

test('ECS: security groups come in pages of 10 unless asked otherwise', async () => {
  await using cloud = await TestCloud.start();
  const client = cloud.clients().ecs;
  const create = (number: number) =>
    client.createSecurityGroup(new ecs.CreateSecurityGroupRequest({ ...inRegion, vpcId, securityGroupName: `group-${number}` }));
  for (let number = 0; number < 11; number += 1) await create(number);
  const names = async (paging: object) => {
    const { body } = await client.describeSecurityGroups(new ecs.DescribeSecurityGroupsRequest({ ...inRegion, vpcId, ...paging }));
    return body?.securityGroups?.securityGroup?.map(({ securityGroupName }) => securityGroupName);
  };
  // The Kafka instance brought the first.
  expect(await names({})).toHaveLength(10);
  expect(await names({ pageNumber: 2 })).toEqual(['group-9', 'group-10']);
  expect(await names({ pageNumber: 2, pageSize: 5 })).toEqual(['group-4', 'group-5', 'group-6', 'group-7', 'group-8']);
});

test('ECS: a security group in an unknown VPC, or with a bad name, is refused', async () => {
  await using cloud = await TestCloud.start();
  const create = (changes: object) =>
    refusal(cloud.clients().ecs.createSecurityGroup(new ecs.CreateSecurityGroupRequest({ ...inRegion, vpcId, ...changes })));
  expect(await create({ vpcId: 'vpc-none' })).toMatchObject({ code: 'InvalidVpcId.NotFound', status: 404 });
  expect(await create({ securityGroupName: 'http://name' })).toMatchObject({ code: 'InvalidSecurityGroupName.Malformed', status: 400 });
});

test('RAM: a role tells its ARN; one that is not there is not found', async () => {
  await using cloud = await TestCloud.start();
  const client = cloud.clients().ram;
  const { body } = await client.getRole(new ram.GetRoleRequest({ roleName: 'AliyunFCDefaultRole' }));
  expect(body?.role?.arn).toBe('acs:ram::1234567890123456:role/aliyunfcdefaultrole');
  expect(await refusal(client.getRole(new ram.GetRoleRequest({ roleName: 'None' })))).toMatchObject({
    code: 'EntityNotExist.Role',
    status: 404,
  });
});

test('Resource Management: a service-linked role is made once', async () => {
  await using cloud = await TestCloud.start();
  const client = cloud.clients().resourceManager;
  const create = (serviceName: string) =>
    client.createServiceLinkedRole(new resourceManager.CreateServiceLinkedRoleRequest({ serviceName }));
  const { body } = await create('sendevent-fc.eventbridge.aliyuncs.com');
  expect(body?.role).toMatchObject({ roleName: 'AliyunServiceRoleForEventBridgeSendToFC' });
  expect(await refusal(create('sendevent-fc.eventbridge.aliyuncs.com'))).toMatchObject({ code: 'EntityAlreadyExists.Role', status: 409 });
  expect(await refusal(create('nothing.aliyuncs.com'))).toMatchObject({ code: 'InvalidParameter.ServiceName', status: 400 });
});

test('EventBridge makes the same service-linked roles, by their own names', async () => {
  await using cloud = await TestCloud.start();
  const roleName = 'AliyunServiceRoleForEventBridgeConnectVPC';
  const create = () => cloud.clients().eventBridge('CreateServiceLinkedRoleForProduct', { query: { ProductName: roleName } });
  expect(await create()).toMatchObject({ Code: 'Success', Data: { StsRoleName: roleName } });
  expect((await cloud.clients().ram.getRole(new ram.GetRoleRequest({ roleName }))).body?.role?.roleName).toBe(roleName);
  expect(await refusal(create())).toMatchObject({ code: 'EntityAlreadyExists.Role', status: 409 });
});

test('Elasticsearch: an instance whose server does not answer is activating; one that is not there is not found', async () => {
  await using cloud = await TestCloud.start();
  const client = cloud.clients().elasticsearch;
  expect((await client.describeInstance('es-cn-local000000001')).body?.result?.status).toBe('activating');
  expect(await refusal(client.describeInstance('es-cn-none'))).toMatchObject({ code: 'InstanceNotFound', status: 404 });
});

test('Elasticsearch: the private whitelist is replaced, and kept over a restart', async () => {
  await using cloud = await TestCloud.start();
  const update = (ips: string[]) => {
    const request = new elasticsearch.UpdatePrivateNetworkWhiteIpsRequest({ body: JSON.stringify({ privateNetworkIpWhiteList: ips }) });
    return cloud.clients().elasticsearch.updatePrivateNetworkWhiteIps('es-cn-local000000001', request);
  };
  const list = async () => {
    const { body } = await cloud.clients().elasticsearch.describeInstance('es-cn-local000000001');
    return body?.result?.privateNetworkIpWhiteList;
  };
  expect(await list()).toEqual(['192.168.1.0/24']);
  await update(['192.168.1.0/24', '192.168.2.7']);
  await cloud.restart();
  expect(await list()).toEqual(['192.168.1.0/24', '192.168.2.7']);
  expect(await refusal(update(['everybody']))).toMatchObject({ code: 'InvalidParameter', status: 400 });
});

test('what the account holds can be given otherwise', async () => {
  const servers = { broker: '127.0.0.1:1', elasticsearchUrl: 'http://127.0.0.1:1' };
  await using cloud = await TestCloud.start({ account: seededAccount(servers, { roles: ['own-role'] }) });
  const client = cloud.clients().ram;
  expect((await client.getRole(new ram.GetRoleRequest({ roleName: 'own-role' }))).body?.role?.roleName).toBe('own-role');
  expect(await refusal(client.getRole(new ram.GetRoleRequest({ roleName: 'AliyunFCDefaultRole' })))).toMatchObject({
    code: 'EntityNotExist.Role',
  });
});
