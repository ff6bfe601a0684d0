import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { seededAccount } from '../../../../scripts/local/api/account.ts';
import { crc64 } from '../../../../scripts/local/api/function-compute/crc64.ts';
import { refusal, TestCloud } from '../../../support/cloud/local-cloud.ts';
import { ecs, sls } from '../../../support/cloud/sdk-clients.ts';
import { zipOf } from '../../../support/cloud/zip.ts';

const role = 'acs:ram::1234567890123456:role/aliyunfcdefaultrole';
const vpcConfig = {
  vpcId: 'vpc-bp1local000000000000001',
  vSwitchIds: ['vsw-bp1local000000000000001'],
  securityGroupId: 'sg-bp1localkafka0000000001',
};
const instanceLifecycleConfig = { preStop: { handler: 'index.preStop', timeout: 3 } };
const hooks = 'exports.initialize = async () => {}; exports.preStop = async () => {};';
const echo = `${hooks} exports.handler = async (event) => { console.log("echoes"); return event; };`;
const fails = `${hooks} exports.handler = async () => { throw new TypeError("on purpose"); };`;

function functionOptions(changes: object = {}): { [name: string]: unknown } {
  return {
    functionName: 'sink',
    runtime: 'nodejs20',
    handler: 'index.handler',
    initializer: 'index.initialize',
    instanceLifecycleConfig,
    code: { zipFile: zipOf({ 'index.js': echo }) },
    ...changes,
  };
}

/** A cloud with the service `svc`, and in it the function `sink` with these changes. */
async function withFunction(changes: object = {}): Promise<TestCloud> {
  const cloud = await TestCloud.start();
  await cloud.clients().fc.createService('svc');
  await cloud.clients().fc.createFunction('svc', functionOptions(changes));
  return cloud;
}

async function refusedAs(call: Promise<unknown>): Promise<[string, number | undefined]> {
  const { code, status } = await refusal(call);
  return [code, status];
}

test('the checksum is the CRC-64 of ECMA-182, reflected, as a decimal text', () => {
  // The check value of CRC-64/XZ: https://reveng.sourceforge.io/crc-catalogue/17plus.htm
  expect(crc64(Buffer.from('123456789'))).toBe(String(0x995dc9bbdf1939fan));
  expect(crc64(Buffer.alloc(0))).toBe('0');
});

test('account settings name the zones that Function Compute can use', async () => {
  await using cloud = await TestCloud.start();
  const { data } = await cloud.clients().fc.getAccountSettings();
  expect(data.availableAZs).toEqual(['cn-hangzhou-f', 'cn-hangzhou-g', 'cn-hangzhou-i']);
});

test('a service is made with defaults, updated, listed and deleted', async () => {
  await using cloud = await TestCloud.start();
  const { fc } = cloud.clients();
  const { data } = await fc.createService('svc', { description: 'first' });
  expect(data).toMatchObject({ serviceName: 'svc', description: 'first', internetAccess: true, role: '', vpcConfig: { vpcId: '' } });
  await fc.updateService('svc', { description: 'second', internetAccess: false });
  expect((await fc.getService('svc')).data).toMatchObject({ description: 'second', internetAccess: false, serviceId: data.serviceId });
  expect(await refusedAs(fc.createService('svc'))).toEqual(['ServiceAlreadyExists', 409]);
  await fc.deleteService('svc');
  expect(await refusal(fc.getService('svc'))).toMatchObject({
    code: 'ServiceNotFound',
    status: 404,
    message: expect.stringContaining("'svc'"),
  });
});

test('lists come by name, in pages of 20 unless asked otherwise, by prefix', async () => {
  await using cloud = await TestCloud.start();
  const { fc } = cloud.clients();
  const names = Array.from({ length: 23 }, (_, number) => `svc-${String(number).padStart(2, '0')}`);
  for (const name of [...names].reverse()) await fc.createService(name);
  const list = async (options: object) => {
    const { data } = await fc.listServices({ ...options });
    return { names: data.services.map(({ serviceName }: { serviceName: string }) => serviceName), next: data.nextToken };
  };
  expect(await list({})).toEqual({ names: names.slice(0, 20), next: 'svc-20' });
  expect(await list({ nextToken: 'svc-20' })).toEqual({ names: names.slice(20), next: undefined });
  expect(await list({ prefix: 'svc-1', limit: 3 })).toEqual({ names: ['svc-10', 'svc-11', 'svc-12'], next: 'svc-13' });
});

test.each(['1svc', '-svc', 'svc.x', 'a'.repeat(129), ''])('the service name %s is refused', async (name) => {
  await using cloud = await TestCloud.start();
  expect(await refusedAs(cloud.clients().fc.createService(name))).toEqual(['InvalidArgument', 400]);
});

test('a vSwitch in a zone that Function Compute cannot use, or in another VPC, is refused', async () => {
  await using cloud = await TestCloud.start();
  const { fc } = cloud.clients();
  const create = (changes: object) => refusal(fc.createService('svc', { role, vpcConfig: { ...vpcConfig, ...changes } }));
  expect(await create({ vSwitchIds: ['vsw-bp1local000000000000002'] })).toMatchObject({
    code: 'InvalidArgument',
    message: expect.stringContaining('unsupported zone'),
  });
  expect(await create({ vSwitchIds: ['vsw-none'] })).toMatchObject({ code: 'InvalidArgument', status: 400 });
  expect(await create({ securityGroupId: 'sg-none' })).toMatchObject({ code: 'InvalidArgument', status: 400 });
  expect(await create({ securityGroupId: '' })).toMatchObject({ code: 'InvalidArgument', status: 400 });
  expect((await fc.createService('svc', { role, vpcConfig })).data).toMatchObject({ vpcConfig });
});

test('a service with a VPC or a log store needs a role', async () => {
  await using cloud = await TestCloud.start();
  const create = (options: object) => refusedAs(cloud.clients().fc.createService('svc', { ...options }));
  expect(await create({ vpcConfig })).toEqual(['InvalidArgument', 400]);
  expect(await create({ role: 'acs:ram::999:role/x', vpcConfig })).toEqual(['InvalidArgument', 400]);
  expect(await create({ role, logConfig: { project: 'none', logstore: 'none' } })).toEqual(['InvalidArgument', 400]);
});

test('a security group that a service uses is not deleted', async () => {
  await using cloud = await TestCloud.start();
  const { fc, ecs: client } = cloud.clients();
  const inRegion = { regionId: 'cn-hangzhou' };
  const { body } = await client.createSecurityGroup(new ecs.CreateSecurityGroupRequest({ ...inRegion, vpcId: vpcConfig.vpcId }));
  const securityGroupId = body?.securityGroupId ?? '';
  await fc.createService('svc', { role, vpcConfig: { ...vpcConfig, securityGroupId } });
  const remove = () => client.deleteSecurityGroup(new ecs.DeleteSecurityGroupRequest({ ...inRegion, securityGroupId }));
  expect(await refusedAs(remove())).toEqual(['DependencyViolation', 403]);
  await fc.deleteService('svc');
  await remove();
});

test('a function is made with defaults, and its code is measured and unpacked', async () => {
  await using cloud = await TestCloud.start();
  const { fc } = cloud.clients();
  await fc.createService('svc');
  const zipFile = zipOf({ 'index.js': echo, 'lib/deep/more.txt': 'more' });
  const { data } = await fc.createFunction('svc', functionOptions({ code: { zipFile } }));
  const archive = Buffer.from(zipFile, 'base64');
  expect(data).toMatchObject({
    functionName: 'sink',
    memorySize: 128,
    timeout: 3,
    initializationTimeout: 3,
    instanceConcurrency: 1,
    environmentVariables: {},
  });
  expect(data).toMatchObject({ codeSize: archive.length, codeChecksum: crc64(archive) });
  const unpacked = join(cloud.stateFolder, 'code/svc$sink', data.codeChecksum);
  expect(readFileSync(join(unpacked, 'lib/deep/more.txt'), 'utf8')).toBe('more');
  const { data: code } = await fc.getFunctionCode('svc', 'sink');
  expect(code.checksum).toBe(data.codeChecksum);
  expect(Buffer.from(await (await fetch(code.url)).arrayBuffer())).toEqual(archive);
});

test.each([
  ['leads out of it by ..', zipOf({ '../evil.js': 'x' })],
  ['leads out of it from within', zipOf({ 'a/../../evil.js': 'x' })],
  ['is absolute', zipOf({ '/tmp/evil.js': 'x' })],
  ['has a backslash', zipOf({ '..\\evil.js': 'x' })],
  ['is a symbolic link', zipOf({ link: '/etc/passwd' }, 0o120777)],
])('a code package with a name that %s is refused whole', async (_what, zipFile) => {
  await using cloud = await TestCloud.start();
  const { fc } = cloud.clients();
  await fc.createService('svc');
  expect(await refusedAs(fc.createFunction('svc', functionOptions({ code: { zipFile } })))).toEqual(['InvalidArgument', 400]);
  expect(existsSync(join(cloud.stateFolder, 'code/evil.js'))).toBe(false);
  expect(await refusedAs(fc.getFunction('svc', 'sink'))).toEqual(['FunctionNotFound', 404]);
});

test('a code package that is no archive, or a damaged one, is refused', async () => {
  await using cloud = await TestCloud.start();
  const { fc } = cloud.clients();
  await fc.createService('svc');
  const archive = Buffer.from(zipOf({ 'index.js': echo.repeat(20) }), 'base64');
  const damaged = Buffer.from(archive);
  damaged.fill(0xff, 40, 60);
  for (const bytes of [Buffer.from('not a zip'), archive.subarray(0, -30), damaged]) {
    const options = functionOptions({ code: { zipFile: bytes.toString('base64') } });
    expect(await refusedAs(fc.createFunction('svc', options))).toEqual(['InvalidArgument', 400]);
  }
});

test.each<[string, object]>([
  ['memorySize that is no multiple of 64', { memorySize: 200 }],
  ['memorySize under 128', { memorySize: 64 }],
  ['memorySize over 32768', { memorySize: 32_832 }],
  ['timeout over a day', { timeout: 86_401 }],
  ['initializationTimeout over 300 s', { initializationTimeout: 301 }],
  ['preStop timeout over 90 s', { instanceLifecycleConfig: { preStop: { handler: 'index.preStop', timeout: 91 } } }],
  ['runtime that is not offered', { runtime: 'nodejs22' }],
  ['handler without a function', { handler: 'index' }],
  ['name that begins with a digit', { functionName: '1sink' }],
  ['name of 65 characters', { functionName: 'a'.repeat(65) }],
  ['environment of more than 4 KB', { environmentVariables: { BIG: 'x'.repeat(4096) } }],
  ['environment variable that begins with FC_', { environmentVariables: { FC_REGION: 'x' } }],
  ['environment variable that is reserved', { environmentVariables: { accessKeyID: 'x' } }],
  ['environment variable that begins with a digit', { environmentVariables: { '1A': 'x' } }],
  ['code missing', { code: undefined }],
])('a function is refused for its %s', async (_what, changes) => {
  await using cloud = await TestCloud.start();
  const { fc } = cloud.clients();
  await fc.createService('svc');
  expect(await refusedAs(fc.createFunction('svc', functionOptions(changes)))).toEqual(['InvalidArgument', 400]);
});

test('a service has 50 functions at most', async () => {
  await using cloud = await TestCloud.start();
  const { fc } = cloud.clients();
  await fc.createService('svc');
  for (let number = 0; number < 50; number += 1) await fc.createFunction('svc', functionOptions({ functionName: `fn-${number}` }));
  expect(await refusedAs(fc.createFunction('svc', functionOptions()))).toEqual(['InvalidArgument', 400]);
});

test('what has something in it is not deleted, and what is not there is not found', async () => {
  await using cloud = await withFunction();
  const { fc } = cloud.clients();
  expect(await refusedAs(fc.deleteService('svc'))).toEqual(['ServiceNotEmpty', 409]);
  expect(await refusedAs(fc.createFunction('svc', functionOptions()))).toEqual(['FunctionAlreadyExists', 409]);
  await fc.deleteFunction('svc', 'sink');
  expect(await refusedAs(fc.getFunction('svc', 'sink'))).toEqual(['FunctionNotFound', 404]);
  expect(await refusedAs(fc.createFunction('none', functionOptions()))).toEqual(['ServiceNotFound', 404]);
  expect(await refusedAs(fc.invokeFunction('svc', 'sink', ''))).toEqual(['FunctionNotFound', 404]);
  await fc.deleteService('svc');
});

test('an update or a deletion by an ETag that is no longer true is refused', async () => {
  await using cloud = await withFunction();
  const { fc } = cloud.clients();
  const stale = (await fc.getFunction('svc', 'sink')).headers.etag ?? '';
  const { headers } = await fc.updateFunction('svc', 'sink', { description: 'newer' }, { 'if-match': stale });
  expect(headers.etag).not.toBe(stale);
  expect(await refusedAs(fc.updateFunction('svc', 'sink', { description: 'x' }, { 'if-match': stale }))).toEqual([
    'PreconditionFailed',
    412,
  ]);
  expect(await refusedAs(fc.deleteFunction('svc', 'sink', {}, { 'if-match': stale }))).toEqual(['PreconditionFailed', 412]);
  await fc.deleteFunction('svc', 'sink', {}, { 'if-match': headers.etag ?? '' });
});

test('an invocation runs the code in a process and answers its bytes', async () => {
  await using cloud = await withFunction();
  const { data, headers } = await cloud.clients().fc.invokeFunction('svc', 'sink', 'bytes: 杭州');
  expect(data).toBe('bytes: 杭州');
  expect(headers['x-fc-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  expect(headers['x-fc-error-type']).toBeUndefined();
});

test('a function that throws is a 200 with the error type in a header', async () => {
  await using cloud = await withFunction({ code: { zipFile: zipOf({ 'index.js': fails }) } });
  const { data, headers } = await cloud.clients().fc.invokeFunction('svc', 'sink', '');
  expect(headers['x-fc-error-type']).toBe('UnhandledInvocationError');
  expect(JSON.parse(data)).toMatchObject({ errorMessage: 'on purpose' });
});

test('the end of the log comes with the answer when it is asked for', async () => {
  await using cloud = await withFunction();
  const { fc } = cloud.clients();
  expect((await fc.invokeFunction('svc', 'sink', '')).headers['x-fc-log-result']).toBeUndefined();
  const { headers } = await fc.invokeFunction('svc', 'sink', '', { 'x-fc-log-type': 'Tail' });
  expect(Buffer.from(headers['x-fc-log-result'] ?? '', 'base64').toString()).toContain('echoes');
});

test('the next invocation after an update runs the new code', async () => {
  await using cloud = await withFunction();
  const { fc } = cloud.clients();
  await fc.invokeFunction('svc', 'sink', 'old');
  await fc.updateFunction('svc', 'sink', {
    code: { zipFile: zipOf({ 'index.js': `${hooks} exports.handler = async () => "new code";` }) },
  });
  expect((await fc.invokeFunction('svc', 'sink', 'old')).data).toBe('new code');
  await cloud.restart();
  expect((await cloud.clients().fc.invokeFunction('svc', 'sink', 'old')).data).toBe('new code');
});

test('a payload of more than 32 MB, or 128 KB when asynchronous, is refused', async () => {
  await using cloud = await withFunction();
  const { fc } = cloud.clients();
  expect(await refusedAs(fc.invokeFunction('svc', 'sink', Buffer.alloc(32 * 1024 * 1024 + 1)))).toEqual(['EntityTooLarge', 400]);
  const asynchronous = { 'x-fc-invocation-type': 'Async' };
  expect(await refusedAs(fc.invokeFunction('svc', 'sink', Buffer.alloc(128 * 1024 + 1), asynchronous))).toEqual(['EntityTooLarge', 400]);
});

test('an asynchronous invocation is accepted at once and tried three times more when it fails; its lines are found in Log Service', {
  timeout: 20_000,
}, async () => {
  await using cloud = await TestCloud.start();
  const { fc } = cloud.clients();
  const logConfig = { project: 'fc-logs', logstore: 'functions' };
  await cloud
    .clients()
    .sls()
    .createProject(new sls.CreateProjectRequest({ projectName: logConfig.project, description: '' }));
  const client = cloud.clients().sls(logConfig.project);
  await client.createLogStore(
    logConfig.project,
    new sls.CreateLogStoreRequest({ logstoreName: logConfig.logstore, ttl: 7, shardCount: 1 }),
  );
  const index = new sls.Index({ line: new sls.IndexLine({ token: [' '], caseSensitive: false }) });
  await client.createIndex(logConfig.project, logConfig.logstore, new sls.CreateIndexRequest({ body: index }));
  await fc.createService('svc', { role, logConfig });
  const code = `${hooks} exports.handler = async () => { console.log("an attempt"); throw new Error("always"); };`;
  await fc.createFunction('svc', functionOptions({ code: { zipFile: zipOf({ 'index.js': code }) } }));
  const { headers, data } = await fc.invokeFunction('svc', 'sink', 'event', { 'x-fc-invocation-type': 'Async' });
  expect(headers['x-fc-request-id']).toMatch(/^[0-9a-f-]{36}$/);
  expect(data).toBe('');
  const now = Math.floor(Date.now() / 1000);
  const attempts = async () => {
    const request = new sls.GetLogsRequest({ from: now - 60, to: now + 60, query: 'attempt', topic: 'svc' });
    return (await client.getLogs(logConfig.project, logConfig.logstore, request)).body ?? [];
  };
  await expect.poll(async () => (await attempts()).length, { timeout: 15_000 }).toBe(4);
  expect((await attempts())[0]).toMatchObject({ functionName: 'sink', serviceName: 'svc', __topic__: 'svc' });
});

test('a version of a service that is not there is not found', async () => {
  const servers = { broker: '127.0.0.1:1', elasticsearchUrl: 'http://127.0.0.1:1' };
  await using cloud = await TestCloud.start({ account: seededAccount(servers) });
  await cloud.clients().fc.createService('svc');
  expect((await cloud.clients().fc.getService('svc', {}, 'LATEST')).data.serviceName).toBe('svc');
  expect(await refusedAs(cloud.clients().fc.getService('svc', {}, '7'))).toEqual(['VersionNotFound', 404]);
});
