// What functions of both generations of Function Compute do alike, each by its own SDK.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { crc64 } from '../../../../scripts/local/api/function-compute/crc64.ts';
import { type Fields, type FunctionApi, functionApi, generations } from '../../../support/cloud/function-apis.ts';
import { refusal, TestCloud } from '../../../support/cloud/local-cloud.ts';
import { ecs, sls } from '../../../support/cloud/sdk-clients.ts';
import { zipOf } from '../../../support/cloud/zip.ts';

const role = 'acs:ram::1234567890123456:role/aliyunfcdefaultrole';
const vpcConfig = {
  vpcId: 'vpc-bp1local000000000000001',
  vSwitchIds: ['vsw-bp1local000000000000001'],
  securityGroupId: 'sg-bp1localkafka0000000001',
};
const instanceLifecycleConfig = { initializer: { handler: 'index.initialize' }, preStop: { handler: 'index.preStop', timeout: 3 } };
const hooks = 'exports.initialize = async () => { exports.isReady = true; }; exports.preStop = async () => {};';
const echo = `${hooks} exports.handler = async (event) => { console.log("echoes", exports.isReady); return event; };`;
const fails = `${hooks} exports.handler = async () => { throw new TypeError("on purpose"); };`;

function functionOptions(changes: Fields = {}): Fields {
  return {
    functionName: 'sink',
    runtime: 'nodejs20',
    handler: 'index.handler',
    instanceLifecycleConfig,
    code: { zipFile: zipOf({ 'index.js': echo }) },
    ...changes,
  };
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

describe.each(generations)('Function Compute %s', (generation) => {
  const id = generation === '2.0' ? 'svc$sink' : 'sink';
  const requestIds = generation === '2.0' ? /^[0-9a-f-]{36}$/ : /^1-[0-9a-f]{8}-[0-9a-f]{24}$/;

  /** A cloud with the function `sink` with these changes. */
  async function withFunction(changes: Fields = {}): Promise<{ cloud: TestCloud; api: FunctionApi } & AsyncDisposable> {
    const cloud = await TestCloud.start();
    const api = functionApi(generation, cloud);
    await api.create(functionOptions(changes));
    return { cloud, api, [Symbol.asyncDispose]: () => cloud[Symbol.asyncDispose]() };
  }

  test('lists of functions come by name, in pages of 20 unless asked otherwise, by prefix', async () => {
    await using cloud = await TestCloud.start();
    const api = functionApi(generation, cloud);
    const names = Array.from({ length: 23 }, (_, number) => `fn-${String(number).padStart(2, '0')}`);
    for (const functionName of [...names].reverse()) await api.create(functionOptions({ functionName }));
    expect(await api.names()).toEqual({ names: names.slice(0, 20), next: 'fn-20' });
    expect(await api.names({ nextToken: 'fn-20' })).toEqual({ names: names.slice(20), next: undefined });
    expect(await api.names({ prefix: 'fn-1', limit: 3 })).toEqual({ names: ['fn-10', 'fn-11', 'fn-12'], next: 'fn-13' });
  });

  test('a vSwitch in a zone that Function Compute cannot use, or in another VPC, is refused', async () => {
    await using cloud = await TestCloud.start();
    const api = functionApi(generation, cloud);
    const create = (changes: object) => refusal(api.create(functionOptions({ role, vpcConfig: { ...vpcConfig, ...changes } })));
    expect(await create({ vSwitchIds: ['vsw-bp1local000000000000002'] })).toMatchObject({
      code: 'InvalidArgument',
      message: expect.stringContaining('unsupported zone'),
    });
    expect(await create({ vSwitchIds: ['vsw-none'] })).toMatchObject({ code: 'InvalidArgument', status: 400 });
    expect(await create({ securityGroupId: 'sg-none' })).toMatchObject({ code: 'InvalidArgument', status: 400 });
    expect(await create({ securityGroupId: '' })).toMatchObject({ code: 'InvalidArgument', status: 400 });
    await api.create(functionOptions({ role, vpcConfig }));
  });

  test('a role, a log store and a VPC that are not there are refused', async () => {
    await using cloud = await TestCloud.start();
    const create = (changes: Fields) => refusedAs(functionApi(generation, cloud).create(functionOptions(changes)));
    expect(await create({ role: 'acs:ram::999:role/aliyunfcdefaultrole', vpcConfig })).toEqual(['InvalidArgument', 400]);
    expect(await create({ role: 'acs:ram::1234567890123456:role/none', vpcConfig })).toEqual(['InvalidArgument', 400]);
    expect(await create({ role, logConfig: { project: 'none', logstore: 'none' } })).toEqual(['InvalidArgument', 400]);
    expect(await create({ role, logConfig: { project: 'none' } })).toEqual(['InvalidArgument', 400]);
  });

  test('a security group that code uses is not deleted', async () => {
    await using cloud = await TestCloud.start();
    const api = functionApi(generation, cloud);
    const { ecs: client } = cloud.clients();
    const inRegion = { regionId: 'cn-hangzhou' };
    const { body } = await client.createSecurityGroup(new ecs.CreateSecurityGroupRequest({ ...inRegion, vpcId: vpcConfig.vpcId }));
    const securityGroupId = body?.securityGroupId ?? '';
    await api.create(functionOptions({ role, vpcConfig: { ...vpcConfig, securityGroupId } }));
    const remove = () => client.deleteSecurityGroup(new ecs.DeleteSecurityGroupRequest({ ...inRegion, securityGroupId }));
    expect(await refusedAs(remove())).toEqual(['DependencyViolation', 403]);
    await api.remove();
    await api.removeRest();
    await remove();
  });

  test('a function is made with defaults, and its code is measured and unpacked', async () => {
    await using cloud = await TestCloud.start();
    const api = functionApi(generation, cloud);
    const zipFile = zipOf({ 'index.js': echo, 'lib/deep/more.txt': 'more' });
    const made = await api.create(functionOptions({ code: { zipFile } }));
    const archive = Buffer.from(zipFile, 'base64');
    expect(made).toMatchObject({ functionName: 'sink', memorySize: 128, timeout: 3, instanceConcurrency: 1, environmentVariables: {} });
    expect(made).toMatchObject({ codeSize: archive.length, codeChecksum: crc64(archive) });
    expect(await api.get()).toEqual(made);
    const unpacked = join(cloud.stateFolder, 'code', id, String(made.codeChecksum));
    expect(readFileSync(join(unpacked, 'lib/deep/more.txt'), 'utf8')).toBe('more');
    const code = await api.code();
    expect(code.checksum).toBe(made.codeChecksum);
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
    const api = functionApi(generation, cloud);
    expect(await refusedAs(api.create(functionOptions({ code: { zipFile } })))).toEqual(['InvalidArgument', 400]);
    expect(existsSync(join(cloud.stateFolder, 'code/evil.js'))).toBe(false);
    expect(existsSync(join(cloud.stateFolder, 'code', id, 'evil.js'))).toBe(false);
    expect(await refusedAs(api.get())).toEqual(['FunctionNotFound', 404]);
  });

  test('a code package that is no archive, or a damaged one, is refused', async () => {
    await using cloud = await TestCloud.start();
    const archive = Buffer.from(zipOf({ 'index.js': echo.repeat(20) }), 'base64');
    const damaged = Buffer.from(archive);
    damaged.fill(0xff, 40, 60);
    for (const bytes of [Buffer.from('not a zip'), archive.subarray(0, -30), damaged]) {
      const options = functionOptions({ code: { zipFile: bytes.toString('base64') } });
      expect(await refusedAs(functionApi(generation, cloud).create(options))).toEqual(['InvalidArgument', 400]);
    }
  });

  test.each<[string, Fields]>([
    ['memorySize that is no multiple of 64', { memorySize: 200 }],
    ['memorySize under 128', { memorySize: 64 }],
    ['memorySize over 32768', { memorySize: 32_832 }],
    ['timeout over a day', { timeout: 86_401 }],
    ['initializer timeout over 300 s', { instanceLifecycleConfig: { initializer: { handler: 'index.initialize', timeout: 301 } } }],
    ['initializer without a function', { instanceLifecycleConfig: { initializer: { handler: 'index' } } }],
    ['preStop timeout over 90 s', { instanceLifecycleConfig: { preStop: { handler: 'index.preStop', timeout: 91 } } }],
    ['runtime that is not offered', { runtime: 'nodejs22' }],
    ['handler without a function', { handler: 'index' }],
    ['name that begins with a digit', { functionName: '1sink' }],
    ['name with a dollar sign', { functionName: 'svc$sink' }],
    ['name of 65 characters', { functionName: 'a'.repeat(65) }],
    ['environment of more than 4 KB', { environmentVariables: { BIG: 'x'.repeat(4096) } }],
    ['environment variable that begins with FC_', { environmentVariables: { FC_REGION: 'x' } }],
    ['environment variable that is reserved', { environmentVariables: { accessKeyID: 'x' } }],
    ['environment variable that begins with a digit', { environmentVariables: { '1A': 'x' } }],
    ['code missing', { code: undefined }],
    ['code that is not in the request', { code: {} }],
  ])('a function is refused for its %s', async (_what, changes) => {
    await using cloud = await TestCloud.start();
    const api = functionApi(generation, cloud);
    expect(await refusedAs(api.create(functionOptions(changes)))).toEqual(['InvalidArgument', 400]);
    expect(await refusedAs(api.get())).toEqual([expect.stringMatching(/NotFound$/), 404]);
  });

  test('a name is given once, and what is not there is not found', async () => {
    await using setup = await withFunction();
    const { api } = setup;
    expect(await refusedAs(api.create(functionOptions()))).toEqual(['FunctionAlreadyExists', 409]);
    await api.remove();
    const calls = [api.get, api.code, () => api.update({ timeout: 5 }), () => api.invoke(''), api.remove, api.triggerNames];
    for (const call of calls) expect(await refusedAs(call())).toEqual(['FunctionNotFound', 404]);
  });

  test('an invocation runs the code in a process, after its initializer, and answers its bytes', async () => {
    await using setup = await withFunction();
    const { data, headers } = await setup.api.invoke('bytes: 杭州');
    expect(data).toBe('bytes: 杭州');
    expect(headers['x-fc-request-id']).toMatch(requestIds);
    expect(headers['x-fc-error-type']).toBeUndefined();
  });

  test('a function that throws is a 200 with the error type in a header', async () => {
    await using setup = await withFunction({ code: { zipFile: zipOf({ 'index.js': fails }) } });
    const { data, headers } = await setup.api.invoke('');
    expect(headers['x-fc-error-type']).toBe('UnhandledInvocationError');
    expect(JSON.parse(data)).toMatchObject({ errorMessage: 'on purpose' });
  });

  test('the end of the log comes with the answer when it is asked for', async () => {
    await using setup = await withFunction();
    expect((await setup.api.invoke('')).headers['x-fc-log-result']).toBeUndefined();
    const { headers } = await setup.api.invoke('', { 'x-fc-log-type': 'Tail' });
    expect(Buffer.from(headers['x-fc-log-result'] ?? '', 'base64').toString()).toContain('echoes true');
  });

  test('a function sees its own generation', async () => {
    const code = `${hooks} exports.handler = async (event, { requestId, service }) => ({ requestId, service, variable: process.env.FC_SERVICE_NAME });`;
    await using setup = await withFunction({ code: { zipFile: zipOf({ 'index.js': code }) } });
    const { data, headers } = await setup.api.invoke('');
    const { requestId, service, variable } = JSON.parse(data);
    expect(requestId).toBe(headers['x-fc-request-id']);
    expect([service.name, variable]).toEqual(generation === '2.0' ? ['svc', 'svc'] : [undefined, undefined]);
  });

  test('the next invocation after an update runs the new code', async () => {
    await using setup = await withFunction();
    const { api, cloud } = setup;
    await api.invoke('old');
    await api.update({ code: { zipFile: zipOf({ 'index.js': `${hooks} exports.handler = async () => "new code";` }) } });
    expect((await api.invoke('old')).data).toBe('new code');
    await cloud.restart();
    expect((await functionApi(generation, cloud).invoke('old')).data).toBe('new code');
  });

  test('an update keeps what it does not name', async () => {
    await using setup = await withFunction({ description: 'first', environmentVariables: { A: '1' }, timeout: 7 });
    const before = await setup.api.get();
    const after = await setup.api.update({ description: 'second' });
    expect(after).toEqual({ ...before, description: 'second', lastModifiedTime: after.lastModifiedTime });
  });

  test('a payload of more than 32 MB, or 128 KB when asynchronous, is refused', async () => {
    await using setup = await withFunction();
    const { api } = setup;
    expect(await refusedAs(api.invoke(Buffer.alloc(32 * 1024 * 1024 + 1)))).toEqual(['EntityTooLarge', 400]);
    const asynchronous = { 'x-fc-invocation-type': 'Async' };
    expect(await refusedAs(api.invoke(Buffer.alloc(128 * 1024 + 1), asynchronous))).toEqual(['EntityTooLarge', 400]);
  });

  test('an asynchronous invocation is accepted at once and tried three times more when it fails; its lines are found in Log Service', {
    timeout: 60_000,
  }, async () => {
    await using cloud = await TestCloud.start();
    const api = functionApi(generation, cloud);
    const logConfig = { project: 'fc-logs', logstore: 'functions' };
    await makeLogstore(cloud, logConfig);
    const code = `${hooks} exports.handler = async () => { console.log("an attempt"); throw new Error("always"); };`;
    await api.create(functionOptions({ role, logConfig, code: { zipFile: zipOf({ 'index.js': code }) } }));
    const { headers, data } = await api.invoke('event', { 'x-fc-invocation-type': 'Async' });
    expect(headers['x-fc-request-id']).toMatch(requestIds);
    expect(data).toBe('');
    const topic = generation === '2.0' ? 'svc' : 'FCLogs:sink';
    const now = Math.floor(Date.now() / 1000);
    const attempts = async () => {
      const request = new sls.GetLogsRequest({ from: now - 60, to: now + 60, query: 'attempt', topic });
      return (await cloud.clients().sls(logConfig.project).getLogs(logConfig.project, logConfig.logstore, request)).body ?? [];
    };
    await expect.poll(async () => (await attempts()).length, { timeout: 30_000 }).toBe(4);
    const [line] = await attempts();
    expect(line).toMatchObject({ functionName: 'sink', qualifier: 'LATEST', instanceID: expect.any(String), __topic__: topic });
    expect(line?.serviceName).toBe(generation === '2.0' ? 'svc' : undefined);
  });
});

async function makeLogstore(cloud: TestCloud, { project, logstore }: { project: string; logstore: string }): Promise<void> {
  await cloud
    .clients()
    .sls()
    .createProject(new sls.CreateProjectRequest({ projectName: project, description: '' }));
  const client = cloud.clients().sls(project);
  await client.createLogStore(project, new sls.CreateLogStoreRequest({ logstoreName: logstore, ttl: 7, shardCount: 1 }));
  const index = new sls.Index({ line: new sls.IndexLine({ token: [' '], caseSensitive: false }) });
  await client.createIndex(project, logstore, new sls.CreateIndexRequest({ body: index }));
}
