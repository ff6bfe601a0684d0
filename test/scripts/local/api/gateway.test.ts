import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { seededAccount } from '../../../../scripts/local/api/account.ts';
import { refusal, TestCloud } from '../../../support/cloud/local-cloud.ts';
import { alikafka, type Clients, fc3, ram, resourceManager, sls } from '../../../support/cloud/sdk-clients.ts';
import { zipOf } from '../../../support/cloud/zip.ts';
import { json, ScriptedServer } from '../../../support/elasticsearch/scripted-server.ts';

const aQuarterOfAnHour = 15 * 60 * 1000;
const roleRequest = new ram.GetRoleRequest({ roleName: 'AliyunFCDefaultRole' });

/** One harmless call of each way to sign. */
const calls: { readonly [scheme: string]: (clients: Clients) => Promise<unknown> } = {
  FC: ({ fc }) => fc.listServices(),
  'FC 3.0': (clients) => clients.fc3.listFunctions(new fc3.ListFunctionsRequest({})),
  'ACS3 RPC': (clients) => clients.ram.getRole(roleRequest),
  'ACS3 ROA': (clients) => clients.elasticsearch.describeInstance('es-cn-local000000001'),
  LOG: (clients) => clients.sls('a-project').getProject('a-project'),
};

const refusals = {
  FC: { key: ['InvalidAccessKeyID', 403], signature: ['SignatureNotMatch', 403], date: ['AccessDenied', 403] },
  'FC 3.0': { key: ['InvalidAccessKeyID', 403], signature: ['SignatureNotMatch', 403], date: ['AccessDenied', 403] },
  'ACS3 RPC': {
    key: ['InvalidAccessKeyId.NotFound', 404],
    signature: ['SignatureDoesNotMatch', 400],
    date: ['InvalidTimeStamp.Expired', 400],
  },
  'ACS3 ROA': {
    key: ['InvalidAccessKeyId.NotFound', 404],
    signature: ['SignatureDoesNotMatch', 400],
    date: ['InvalidTimeStamp.Expired', 400],
  },
  LOG: { key: ['Unauthorized', 401], signature: ['SignatureNotMatch', 401], date: ['RequestTimeExpired', 400] },
} as const;

async function refusedAs(call: Promise<unknown>): Promise<[string, number | undefined]> {
  const { code, status } = await refusal(call);
  return [code, status];
}

test.each(Object.entries(refusals))('%s: an access key that the account does not have is refused', async (scheme, { key }) => {
  await using cloud = await TestCloud.start();
  expect(await refusedAs(calls[scheme]?.(cloud.clients({ accessKeyId: 'LTAI5tUnknown' })) ?? Promise.resolve())).toEqual(key);
});

test.each(Object.entries(refusals))('%s: a signature made with another secret is refused', async (scheme, { signature }) => {
  await using cloud = await TestCloud.start();
  expect(await refusedAs(calls[scheme]?.(cloud.clients({ accessKeySecret: 'another' })) ?? Promise.resolve())).toEqual(signature);
});

test.each(Object.entries(refusals))('%s: a date more than 15 minutes off is refused, on either side', async (scheme, { date }) => {
  for (const skew of [aQuarterOfAnHour + 5000, -aQuarterOfAnHour - 5000]) {
    await using cloud = await TestCloud.start({ now: () => Date.now() + skew });
    expect(await refusedAs(calls[scheme]?.(cloud.clients()) ?? Promise.resolve())).toEqual(date);
  }
});

test('a date 14 minutes off is taken by every service', async () => {
  await using cloud = await TestCloud.start({ now: () => Date.now() + 14 * 60 * 1000 });
  const { fc, ram: client } = cloud.clients();
  expect((await fc.listServices()).data).toEqual({ services: [] });
  expect((await client.getRole(roleRequest)).body?.role?.roleName).toBe('AliyunFCDefaultRole');
  expect(await refusedAs(cloud.clients().sls('a-project').getProject('a-project'))).toEqual(['ProjectNotExist', 404]);
});

/** A signed request as the SDK sends it, changed on its way: what is answered. */
async function resent(cloud: TestCloud, call: () => Promise<unknown>, change: (seen: Seen) => void): Promise<string> {
  const seen = await capture(cloud, call);
  expect(await sent(cloud, seen)).not.toContain('Signature');
  const again = await capture(cloud, call);
  change(again);
  return sent(cloud, again);
}

/** Sends exactly these headers, the host as it was signed too. */
async function sent(cloud: TestCloud, { url, method, headers, body }: Seen): Promise<string> {
  const outgoing = request(`${cloud.endpoint}${url}`, { method, headers });
  outgoing.end(body);
  const [incoming] = await once(outgoing, 'response');
  return text(incoming);
}

interface Seen {
  url: string;
  method: string;
  headers: Record<string, string>;
  body: string;
}

/** Takes what the SDK sends from the wire, by standing in front of the cloud. */
async function capture(cloud: TestCloud, call: () => Promise<unknown>): Promise<Seen> {
  await using front = await ScriptedServer.start(json(200, {}));
  cloud.redirect(front.url);
  await call();
  cloud.redirect(undefined);
  const [seen] = front.requests;
  if (!seen) throw new Error('nothing was sent');
  const headers = Object.entries(seen.headers).filter(([name]) => !['connection', 'content-length', 'transfer-encoding'].includes(name));
  const texts = Object.fromEntries(headers.map(([name, value]) => [name, String(value)]));
  return { url: seen.path, method: seen.method, headers: texts, body: seen.body };
}

test('a body that is not the signed one is refused by every service', async () => {
  await using cloud = await TestCloud.start();
  const change = (seen: Seen) => {
    seen.body = seen.body.replace('honest', 'forged');
  };
  expect(await resent(cloud, () => cloud.clients().fc.createService('honest'), change)).toContain('"ErrorCode":"SignatureNotMatch"');
  const code = new fc3.InputCodeLocation({ zipFile: zipOf({ 'index.js': '' }) });
  const input = { functionName: 'honest', runtime: 'nodejs20', handler: 'index.handler', code };
  const make = new fc3.CreateFunctionRequest({ body: new fc3.CreateFunctionInput(input) });
  expect(await resent(cloud, () => cloud.clients().fc3.createFunction(make), change)).toContain('"Code":"SignatureNotMatch"');
  const eventBridge = () => cloud.clients().eventBridge('PauseEventStreaming', { body: { EventStreamingName: 'honest' } });
  expect(await resent(cloud, eventBridge, change)).toContain('"Code":"SignatureDoesNotMatch"');
  const wanted = new sls.CreateProjectRequest({ projectName: 'honest', description: '' });
  expect(await resent(cloud, () => cloud.clients().sls().createProject(wanted), change)).toContain('"errorCode":"SignatureNotMatch"');
});

test('a query, a path or a header that is not the signed one is refused', async () => {
  await using cloud = await TestCloud.start();
  const getRole = () => cloud.clients().ram.getRole(roleRequest);
  const otherRole = (seen: Seen) => {
    seen.url = seen.url.replace('AliyunFC', 'AliyunXX');
  };
  const otherAction = (seen: Seen) => {
    seen.headers['x-acs-action'] = 'CreateServiceLinkedRole';
  };
  const moreHeaders = (seen: Seen) => {
    seen.headers['x-acs-security-token'] = 'token';
  };
  for (const change of [otherRole, otherAction, moreHeaders]) {
    expect(await resent(cloud, getRole, change)).toContain('"Code":"SignatureDoesNotMatch"');
  }
  const otherPath = (seen: Seen) => {
    seen.url = '/2016-08-15/account-settings';
  };
  expect(await resent(cloud, () => cloud.clients().fc.listServices(), otherPath)).toContain('"ErrorCode":"SignatureNotMatch"');
  const otherFunction = (seen: Seen) => {
    seen.url = seen.url.replace('functions', 'functions/another');
  };
  const otherPage = (seen: Seen) => {
    seen.url = seen.url.replace('limit=5', 'limit=6');
  };
  const listFunctions = () => cloud.clients().fc3.listFunctions(new fc3.ListFunctionsRequest({ limit: 5 }));
  for (const change of [otherFunction, otherPage, moreHeaders]) {
    expect(await resent(cloud, listFunctions, change)).toContain('"Code":"SignatureNotMatch"');
  }
  const otherProject = (seen: Seen) => {
    seen.headers['x-log-project'] = 'another-project';
  };
  const getProject = () => cloud.clients().sls('a-project').getProject('a-project');
  expect(await resent(cloud, getProject, otherProject)).toContain('"errorCode":"SignatureNotMatch"');
});

test('a request that was sent once is refused when it is sent again', async () => {
  await using cloud = await TestCloud.start();
  const seen = await capture(cloud, () => cloud.clients().ram.getRole(roleRequest));
  expect(await sent(cloud, seen)).toContain('"RoleName":"AliyunFCDefaultRole"');
  expect(await sent(cloud, seen)).toContain('"Code":"SignatureNonceUsed"');
});

test('Function Compute 3.0 refuses a request that was sent once, and one without a signature', async () => {
  await using cloud = await TestCloud.start();
  const seen = await capture(cloud, () => cloud.clients().fc3.listFunctions(new fc3.ListFunctionsRequest({})));
  expect(JSON.parse(await sent(cloud, seen))).toEqual({ functions: [] });
  expect(await sent(cloud, seen)).toContain('"Code":"SignatureNonceUsed"');
  const { authorization: _, ...headers } = seen.headers;
  expect(JSON.parse(await sent(cloud, { ...seen, headers }))).toMatchObject({
    Code: 'MissingRequiredHeader',
    RequestId: expect.stringMatching(/^1-/),
  });
});

test('an action, an API version and a path that no product has are refused, with a request id', async () => {
  await using cloud = await TestCloud.start();
  const clients = cloud.clients();
  expect(await refusedAs(clients.acs('2015-05-01', 'NoSuchAction', {}))).toEqual(['InvalidAction.NotFound', 404]);
  expect(await refusedAs(clients.acs('1999-01-01', 'GetRole', {}))).toEqual(['InvalidVersion', 400]);
  expect(await refusedAs(clients.fc.get('/nowhere'))).toEqual(['PathNotSupported', 400]);
  const { message } = await refusal(clients.acs('2015-05-01', 'NoSuchAction', {}));
  expect(message).toMatch(/request id: [0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/);
  expect((await refusal(clients.fc.get('/nowhere'))).message).toMatch(/requestid: [0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12},/);
});

test('a parameter that is required and not given is named', async () => {
  await using cloud = await TestCloud.start();
  const call = cloud.clients().acs('2015-05-01', 'GetRole', {});
  expect(await refusal(call)).toMatchObject({ code: 'MissingParameter', status: 400, message: expect.stringContaining('"RoleName"') });
});

test('a service answers throttling, its 5xx or late when that is switched on, for as many calls as were asked for', async () => {
  await using cloud = await TestCloud.start();
  const { fc, ram: client } = cloud.clients();
  cloud.faults.add({ product: 'ram', action: 'GetRole', fault: { kind: 'throttled' }, count: 2 });
  expect(await refusedAs(client.getRole(roleRequest))).toEqual(['Throttling.User', 400]);
  expect(await refusedAs(client.getRole(roleRequest))).toEqual(['Throttling.User', 400]);
  expect((await client.getRole(roleRequest)).statusCode).toBe(200);
  cloud.faults.add({ product: 'fc', action: '*', fault: { kind: 'throttled' }, count: 1 });
  cloud.faults.add({ product: 'fc', action: 'ListServices', fault: { kind: 'unavailable' }, count: 1 });
  cloud.faults.add({ product: 'fc', action: 'ListServices', fault: { kind: 'internal-error' }, count: 1 });
  expect(await refusedAs(fc.listServices())).toEqual(['ResourceExhausted', 429]);
  expect(await refusedAs(fc.listServices())).toEqual(['ResourceThrottled', 503]);
  expect(await refusedAs(fc.listServices())).toEqual(['InternalServerError', 500]);
  cloud.faults.add({ product: 'ram', action: 'GetRole', fault: { kind: 'internal-error' }, count: 1 });
  expect(await refusedAs(client.getRole(roleRequest))).toEqual(['InternalError', 500]);
  cloud.faults.add({ product: 'sls', action: '*', fault: { kind: 'unavailable' }, count: 1 });
  expect(await refusedAs(cloud.clients().sls('a-project').getProject('a-project'))).toEqual(['ServerBusy', 503]);
  cloud.faults.add({ product: 'ram', action: '*', fault: { kind: 'latency', ms: 300 }, count: 5 });
  const begin = Date.now();
  await client.getRole(roleRequest);
  expect(Date.now() - begin).toBeGreaterThanOrEqual(290);
  cloud.faults.clear();
  cloud.faults.add({ product: 'alikafka', action: 'GetInstanceList', fault: { kind: 'throttled' }, count: 1 });
  const list = new alikafka.GetInstanceListRequest({ regionId: 'cn-hangzhou' });
  expect(await refusedAs(cloud.clients().kafka.getInstanceList(list))).toEqual(['Throttling.User', 400]);
});

test('a fault meets one generation of Function Compute, or either', async () => {
  await using cloud = await TestCloud.start();
  const { fc, fc3: client } = cloud.clients();
  const both = async () => [await refusedAs(fc.listServices()), await refusedAs(client.listFunctions(new fc3.ListFunctionsRequest({})))];
  const fault = { product: 'fc', action: '*', fault: { kind: 'throttled' }, count: 1 } as const;
  const throttled = ['ResourceExhausted', 429];
  const fine = ['', undefined];
  cloud.faults.add({ ...fault, generation: '3.0' });
  expect(await both()).toEqual([fine, throttled]);
  cloud.faults.add({ ...fault, generation: '2.0' });
  expect(await both()).toEqual([throttled, fine]);
  cloud.faults.add({ ...fault, count: 2 });
  expect(await both()).toEqual([throttled, throttled]);
});

test('any code of a product is answered when that is switched on, in the words of its protocol', async () => {
  await using cloud = await TestCloud.start();
  const refused = (product: string, action: string, status: number, code: string) =>
    cloud.faults.add({ product, action, fault: { kind: 'refused', status, code, message: 'no' }, count: 1 });
  refused('sls', 'GetProject', 400, 'ProjectQuotaExceed');
  refused('fc', 'ListServices', 409, 'ConcurrentUpdateError');
  refused('ram', 'GetRole', 403, 'LimitExceeded.Role');
  expect(await refusedAs(cloud.clients().sls('a-project').getProject('a-project'))).toEqual(['ProjectQuotaExceed', 400]);
  expect(await refusedAs(cloud.clients().fc.listServices())).toEqual(['ConcurrentUpdateError', 409]);
  expect(await refusedAs(cloud.clients().ram.getRole(roleRequest))).toEqual(['LimitExceeded.Role', 403]);
});

test('a user may do what its policy allows, to what it names, and nothing else', async () => {
  const policy = [
    { Effect: 'Allow', Action: ['fc:List*', 'log:GetProject'], Resource: 'acs:log:*:*:project/kafka-*' },
    { Effect: 'Allow', Action: ['alikafka:ListInstance'], Resource: '*' },
  ];
  const seeded = seededAccount({ broker: '127.0.0.1:1', elasticsearchUrl: 'http://127.0.0.1:1' });
  await using cloud = await TestCloud.start({ account: { ...seeded, policy } });
  const { fc, kafka, ram: client } = cloud.clients();
  expect((await fc.listServices()).data.services).toEqual([]);
  await kafka.getInstanceList(new alikafka.GetInstanceListRequest({ regionId: 'cn-hangzhou' }));
  expect(await refusal(fc.createService('svc'))).toMatchObject({
    code: 'AccessDenied',
    status: 403,
    message: expect.stringContaining("not authorized to perform 'fc:CreateService'"),
  });
  expect(await refusedAs(client.getRole(roleRequest))).toEqual(['NoPermission', 403]);
  expect(await refusedAs(cloud.clients().acs('2014-05-26', 'DescribeSecurityGroups', { RegionId: 'x' }))).toEqual(['Forbidden.RAM', 403]);
  expect(await refusedAs(cloud.clients().sls('kafka-x').getProject('kafka-x'))).toEqual(['ProjectNotExist', 404]);
  expect(await refusedAs(cloud.clients().sls('other').getProject('other'))).toEqual(['Unauthorized', 401]);
});

test('what was made is there after a restart, and no secret of the account is in the folder', async () => {
  await using cloud = await TestCloud.start();
  const wanted = new resourceManager.CreateServiceLinkedRoleRequest({ serviceName: 'connect-vpc.eventbridge.aliyuncs.com' });
  await cloud.clients().resourceManager.createServiceLinkedRole(wanted);
  await cloud.clients().fc.createService('kept', { description: 'still here' });
  await cloud.restart();
  expect((await cloud.clients().fc.getService('kept')).data).toMatchObject({ serviceName: 'kept', description: 'still here' });
  expect(await refusedAs(cloud.clients().resourceManager.createServiceLinkedRole(wanted))).toEqual(['EntityAlreadyExists.Role', 409]);
  const files = readdirSync(cloud.stateFolder).filter((name) => name.endsWith('.json'));
  const texts = files.map((name) => readFileSync(join(cloud.stateFolder, name), 'utf8')).join('');
  expect(texts).toContain('still here');
  expect(texts).not.toContain(cloud.account.accessKeys[0]?.accessKeySecret);
});
