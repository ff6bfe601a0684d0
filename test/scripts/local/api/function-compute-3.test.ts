// What only Function Compute 3.0 has, and both generations in one region.
import { expect, test } from 'vitest';
import { seededAccount } from '../../../../scripts/local/api/account.ts';
import { type Fields, functionApi } from '../../../support/cloud/function-apis.ts';
import { refusal, TestCloud } from '../../../support/cloud/local-cloud.ts';
import { fc3, resourceManager } from '../../../support/cloud/sdk-clients.ts';
import { zipOf } from '../../../support/cloud/zip.ts';

const nowhere = { broker: '127.0.0.1:1', elasticsearchUrl: 'http://127.0.0.1:1' };
const vpcConfig = {
  vpcId: 'vpc-bp1local000000000000001',
  vSwitchIds: ['vsw-bp1local000000000000001'],
  securityGroupId: 'sg-bp1localkafka0000000001',
};
const arn = 'acs:fc:cn-hangzhou:1234567890123456:functions/sink';

function functionOptions(changes: Fields = {}): Fields {
  const code = { zipFile: zipOf({ 'index.js': 'exports.handler = async () => "done";' }) };
  return { functionName: 'sink', runtime: 'nodejs20', handler: 'index.handler', code, ...changes };
}

async function refusedAs(call: Promise<unknown>): Promise<[string, number | undefined]> {
  const { code, status } = await refusal(call);
  return [code, status];
}

test('a function has for itself what a service has in 2.0, and its state is told by GetFunction alone', async () => {
  await using cloud = await TestCloud.start();
  const api = functionApi('3.0', cloud);
  const role = 'acs:ram::1234567890123456:role/aliyunfcdefaultrole';
  await api.create(functionOptions({ role, vpcConfig, internetAccess: false, diskSize: 10_240, cpu: 0.1 }));
  expect(await api.get()).toMatchObject({
    role,
    vpcConfig,
    internetAccess: false,
    diskSize: 10_240,
    cpu: 0.1,
    functionArn: arn,
    state: 'Active',
  });
  const { body } = await cloud.clients().fc3.listFunctions(new fc3.ListFunctionsRequest({}));
  expect(body?.functions?.map(({ state }) => state)).toEqual([undefined]);
});

test('without a role, a VPC or a log store needs the service-linked role', async () => {
  await using cloud = await TestCloud.start();
  const api = functionApi('3.0', cloud);
  expect(await refusal(api.create(functionOptions({ vpcConfig })))).toMatchObject({
    code: 'AccessDenied',
    message: expect.stringContaining('AliyunServiceRoleForFC'),
  });
  const request = new resourceManager.CreateServiceLinkedRoleRequest({ serviceName: 'fc.aliyuncs.com' });
  await cloud.clients().resourceManager.createServiceLinkedRole(request);
  await api.create(functionOptions({ vpcConfig }));
});

test.each<[string, Fields]>([
  ['built-in runtime with two invocations at a time', { instanceConcurrency: 2 }],
  ['cpu that is no multiple of 0.05', { cpu: 0.12 }],
  ['cpu of more than 1 to 1 GB', { cpu: 0.5, memorySize: 448 }],
  ['cpu of less than 1 to 4 GB', { cpu: 0.05, memorySize: 256 }],
  ['cpu over 16', { cpu: 16.05, memorySize: 32_768 }],
  ['disk of another size', { diskSize: 1024 }],
  ['tag without a key', { tags: [new fc3.Tag({ value: 'x' })] }],
  ['tag that is given twice', { tags: [new fc3.Tag({ key: 'a' }), new fc3.Tag({ key: 'a' })] }],
  ['tag that begins with acs:', { tags: [new fc3.Tag({ key: 'acs:x' })] }],
  ['tag of 65 characters', { tags: [new fc3.Tag({ key: 'a'.repeat(65) })] }],
  ['21 tags', { tags: Array.from({ length: 21 }, (_, number) => new fc3.Tag({ key: `tag-${number}` })) }],
])('a function of 3.0 is refused for its %s', async (_what, changes) => {
  await using cloud = await TestCloud.start();
  expect(await refusedAs(functionApi('3.0', cloud).create(functionOptions(changes)))).toEqual(['InvalidArgument', 400]);
});

test('a function is tagged when it is made and afterwards, and found by its tags', async () => {
  await using cloud = await TestCloud.start();
  const { fc3: client } = cloud.clients();
  const api = functionApi('3.0', cloud);
  await api.create(functionOptions({ tags: [new fc3.Tag({ key: 'a', value: '1' })] }));
  const resources = { resourceType: 'function', resourceId: [arn] };
  const tag = [new fc3.Tag({ key: 'b', value: '2' })];
  await client.tagResources(new fc3.TagResourcesRequest({ body: new fc3.TagResourcesInput({ ...resources, tag }) }));
  expect((await api.get()).tags).toMatchObject([
    { key: 'a', value: '1' },
    { key: 'b', value: '2' },
  ]);
  const found = async (key: string, value: string) => {
    const { body } = await client.listFunctions(new fc3.ListFunctionsRequest({ tags: [new fc3.Tag({ key, value })] }));
    return body?.functions?.map(({ functionName }) => functionName);
  };
  expect([await found('b', '2'), await found('b', '3')]).toEqual([['sink'], []]);
  await client.untagResources(new fc3.UntagResourcesRequest({ ...resources, tagKey: ['a'] }));
  const { body } = await client.listTagResources(new fc3.ListTagResourcesRequest(resources));
  expect(body?.tagResources).toMatchObject([{ resourceId: arn, tagKey: 'b', tagValue: '2' }]);
});

test('tags of what is no function of the account are refused', async () => {
  await using cloud = await TestCloud.start();
  const { fc3: client } = cloud.clients();
  const list = (resourceType: string, id: string) =>
    refusedAs(client.listTagResources(new fc3.ListTagResourcesRequest({ resourceType, resourceId: [id] })));
  expect(await list('function', arn)).toEqual(['FunctionNotFound', 404]);
  expect(await list('function', 'sink')).toEqual(['InvalidArgument', 400]);
  expect(await list('layer', arn)).toEqual(['InvalidArgument', 400]);
});

test('functions of both generations stand side by side; 3.0 lists those of 2.0 as service$function unless told otherwise', async () => {
  await using cloud = await TestCloud.start();
  const [services, standalone] = [functionApi('2.0', cloud), functionApi('3.0', cloud)];
  const answering = (text: string) =>
    functionOptions({ code: { zipFile: zipOf({ 'index.js': `exports.handler = async () => "${text}";` }) } });
  await services.create(answering('of 2.0'));
  await standalone.create(answering('of 3.0'));
  expect([(await services.invoke('')).data, (await standalone.invoke('')).data]).toEqual(['of 2.0', 'of 3.0']);
  const { fc3: client } = cloud.clients();
  const list = async (fcVersion?: string) => {
    const { body } = await client.listFunctions(new fc3.ListFunctionsRequest(fcVersion === undefined ? {} : { fcVersion }));
    return body?.functions?.map(({ functionName }) => functionName);
  };
  expect([await list(), await list('v2'), await list('v3')]).toEqual([['sink', 'svc$sink'], ['svc$sink'], ['sink']]);
  expect(await refusedAs(list('v1'))).toEqual(['InvalidArgument', 400]);
  expect(await refusedAs(client.getFunction('svc$sink', new fc3.GetFunctionRequest({})))).toEqual(['FunctionNotFound', 404]);
  expect((await services.names()).names).toEqual(['sink']);
  await services.remove();
  expect((await standalone.invoke('')).data).toBe('of 3.0');
});

test('a version of a function that is not there is not found', async () => {
  await using cloud = await TestCloud.start();
  await functionApi('3.0', cloud).create(functionOptions());
  const get = (qualifier: string) => cloud.clients().fc3.getFunction('sink', new fc3.GetFunctionRequest({ qualifier }));
  expect((await get('LATEST')).body?.functionName).toBe('sink');
  expect(await refusedAs(get('7'))).toEqual(['VersionNotFound', 404]);
});

test('a path of 3.0 that there is not is refused, with a request id', async () => {
  await using cloud = await TestCloud.start();
  const call = cloud.clients().fc3.listLayers(new fc3.ListLayersRequest({}));
  expect(await refusal(call)).toMatchObject({
    code: 'PathNotSupported',
    status: 400,
    message: expect.stringMatching(/request id: 1-[0-9a-f]{8}-[0-9a-f]{24}$/),
  });
});

test.each(['2.0', '3.0'] as const)('an account without %s is refused every call of it', async (missing) => {
  const has = missing === '2.0' ? '3.0' : '2.0';
  const account = seededAccount(nowhere, { functionComputeGenerations: [has] });
  for (const missingGeneration of [undefined, { status: 404, code: 'ServiceNotFound' }]) {
    await using cloud = await TestCloud.start({ account, ...(missingGeneration && { missingGeneration }) });
    const { code, status } = missingGeneration ?? { code: 'AccessDenied', status: 403 };
    const api = functionApi(missing, cloud);
    const calls = [api.get, () => api.create(functionOptions()), () => api.names()];
    for (const call of calls) expect(await refusedAs(call())).toEqual([code, status]);
    await functionApi(has, cloud).create(functionOptions());
  }
});

test('a policy allows calls of 3.0 by the function that they name', async () => {
  const policy = [
    { Effect: 'Allow', Action: ['fc:CreateFunction', 'fc:GetFunction'], Resource: 'acs:fc:cn-hangzhou:1234567890123456:functions/sink' },
    { Effect: 'Allow', Action: ['fc:GetTrigger'], Resource: 'acs:fc:*:*:functions/sink/triggers/*' },
  ];
  await using cloud = await TestCloud.start({ account: seededAccount(nowhere, { policy }) });
  const api = functionApi('3.0', cloud);
  await api.create(functionOptions());
  expect(await refusedAs(api.getTrigger())).toEqual(['TriggerNotFound', 404]);
  expect(await refusedAs(api.create(functionOptions({ functionName: 'other' })))).toEqual(['AccessDenied', 403]);
  expect(await refusal(api.invoke(''))).toMatchObject({
    code: 'AccessDenied',
    message: expect.stringContaining("'fc:InvokeFunction' on resource 'acs:fc:cn-hangzhou:1234567890123456:functions/sink'"),
  });
});
