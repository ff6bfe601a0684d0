// What only Function Compute 2.0 has: services, ETags, account settings.
import { expect, test } from 'vitest';
import { refusal, TestCloud } from '../../../support/cloud/local-cloud.ts';
import { zipOf } from '../../../support/cloud/zip.ts';

const vpcConfig = {
  vpcId: 'vpc-bp1local000000000000001',
  vSwitchIds: ['vsw-bp1local000000000000001'],
  securityGroupId: 'sg-bp1localkafka0000000001',
};

function functionOptions(changes: object = {}): { [name: string]: unknown } {
  const code = { zipFile: zipOf({ 'index.js': '' }) };
  return { functionName: 'sink', runtime: 'nodejs20', handler: 'index.handler', code, ...changes };
}

async function refusedAs(call: Promise<unknown>): Promise<[string, number | undefined]> {
  const { code, status } = await refusal(call);
  return [code, status];
}

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

test('a service with a VPC or a log store needs a role', async () => {
  await using cloud = await TestCloud.start();
  const create = (options: object) => refusedAs(cloud.clients().fc.createService('svc', { ...options }));
  expect(await create({ vpcConfig })).toEqual(['InvalidArgument', 400]);
});

test('a service has 50 functions at most', async () => {
  await using cloud = await TestCloud.start();
  const { fc } = cloud.clients();
  await fc.createService('svc');
  for (let number = 0; number < 50; number += 1) await fc.createFunction('svc', functionOptions({ functionName: `fn-${number}` }));
  expect(await refusedAs(fc.createFunction('svc', functionOptions()))).toEqual(['InvalidArgument', 400]);
});

test('what has something in it is not deleted, and what is not there is not found', async () => {
  await using cloud = await TestCloud.start();
  const { fc } = cloud.clients();
  await fc.createService('svc');
  await fc.createFunction('svc', functionOptions());
  expect(await refusedAs(fc.deleteService('svc'))).toEqual(['ServiceNotEmpty', 409]);
  expect(await refusedAs(fc.createFunction('svc', functionOptions()))).toEqual(['FunctionAlreadyExists', 409]);
  await fc.deleteFunction('svc', 'sink');
  expect(await refusedAs(fc.getFunction('svc', 'sink'))).toEqual(['FunctionNotFound', 404]);
  expect(await refusedAs(fc.createFunction('none', functionOptions()))).toEqual(['ServiceNotFound', 404]);
  expect(await refusedAs(fc.invokeFunction('svc', 'sink', ''))).toEqual(['FunctionNotFound', 404]);
  await fc.deleteService('svc');
});

test('an update or a deletion by an ETag that is no longer true is refused', async () => {
  await using cloud = await TestCloud.start();
  const { fc } = cloud.clients();
  await fc.createService('svc');
  await fc.createFunction('svc', functionOptions());
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

test('a version of a service that is not there is not found', async () => {
  await using cloud = await TestCloud.start();
  await cloud.clients().fc.createService('svc');
  expect((await cloud.clients().fc.getService('svc', {}, 'LATEST')).data.serviceName).toBe('svc');
  expect(await refusedAs(cloud.clients().fc.getService('svc', {}, '7'))).toEqual(['VersionNotFound', 404]);
});
