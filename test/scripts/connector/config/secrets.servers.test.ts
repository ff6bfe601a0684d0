import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { seededAccount } from '../../../../scripts/local/api/account.ts';
import { TestCloud } from '../../../support/cloud/local-cloud.ts';
import { stateOf } from '../../../support/cloud/run-command.ts';
import { ServerlessDevs } from '../../../support/cloud/serverless-devs.ts';

const topic = `secrets-${randomBytes(4).toString('hex')}`;

let cloud: TestCloud;
let devs: ServerlessDevs;

beforeAll(async () => {
  const servers = { broker: inject('broker'), elasticsearchUrl: inject('elasticsearchUrl'), topics: [{ topic, partitionNum: 2 }] };
  cloud = await TestCloud.start({ account: seededAccount(servers) });
  devs = await ServerlessDevs.create(cloud, topic, {});
});

afterAll(async () => {
  await cloud[Symbol.asyncDispose]();
  await devs[Symbol.asyncDispose]();
});

/** The variables of the connector's function, as the cloud has them. */
async function environment(): Promise<{ readonly [name: string]: string }> {
  const { fc } = cloud.clients();
  const { data } = await fc.listServices({ prefix: `kafka-service-${topic}-` });
  return (await fc.getFunction(data.services[0].serviceName, 'elasticsearch-sink')).data.environmentVariables;
}

test.each([
  ['of a template', 'a${b}c-canary', ['${b}c-canary']],
  ['of a template of JavaScript', 'canary<%= 1 %>', ['canary<%=', 'canary1']],
  ['of both, unfinished', 'canary${et<%9', ['canary${et']],
  ['of a template that is not there', 'S3cr${et}9-canary', ['S3cr${et}', '9-canary']],
  ['in Chinese', '密码canary钥匙', ['密码canary', '钥匙']],
  ['with quotes, a backslash and blanks', ' c"a\'n\\ary  # $HOME ', ['n\\ary', 'n\\\\ary']],
])('a password in the shape %s arrives unchanged, and is found nowhere', async (_what, password, parts) => {
  const printed: string[] = [];
  const run = async (...args: string[]) => {
    const ended = await devs.runWith({ ES_PASSWORD: password }, ...args);
    printed.push(ended.stdout, ended.stderr);
    return ended.exitCode;
  };
  expect(await run('verify')).toBe(0);
  expect(await run('plan')).toBe(0);
  expect(await run('deploy')).toBe(0);
  expect((await environment()).ES_PASSWORD).toBe(password);
  expect(await run('plan', '-o', 'json')).toBe(0);
  const yaml = await devs.edit(['onFailure: continue', 'onFailure: sometimes']);
  expect(await run('deploy')).toBe(101);
  await writeFile(devs.yamlFile, yaml);
  for (const part of [password, ...parts]) expect(printed.join('\n')).not.toContain(part);
  expect(await devs.filesWith(password, ...parts)).toEqual([]);
  const state = await stateOf(cloud);
  expect(Object.keys(state).filter((file) => state[file]?.includes(JSON.stringify(password).slice(1, -1)))).toEqual(['fc-functions.json']);
});

test('ES_API_KEY of the environment stands in for the password, and both together are refused with their names', async () => {
  expect(await devs.runWith({ ES_API_KEY: 'Y2FuYXJ5OmtleQ==' }, 'deploy')).toMatchObject({ exitCode: 0 });
  const variables = await environment();
  expect(variables.ES_API_KEY).toBe('Y2FuYXJ5OmtleQ==');
  expect(variables.ES_PASSWORD).toBeUndefined();
  const both = await devs.runWith({ ES_API_KEY: 'Y2FuYXJ5OmtleQ==', ES_PASSWORD: 'canary' }, 'plan');
  expect(both.exitCode).toBe(101);
  expect(both.stdout).toContain('elasticsearch.apiKey: is set, and so is elasticsearch.password');
  const neither = await devs.run('plan');
  expect(neither.exitCode).toBe(101);
  expect(neither.stdout).toContain('export ES_PASSWORD or ES_API_KEY');
  for (const { stdout } of [both, neither]) expect(stdout).not.toContain('Y2FuYXJ5');
});

test('KAFKA_PASSWORD of the environment is the password of kafka.username', async () => {
  const yaml = await devs.edit([
    '        consumerThreads: 6',
    '        username: sink\n        securityProtocol: SASL_PLAINTEXT\n        bootstrapServers: 127.0.0.1:1\n        consumerThreads: 6',
  ]);
  const password = 'k${af}ka-canary';
  const { exitCode, stdout, stderr } = await devs.runWith({ ES_PASSWORD: 'none', KAFKA_PASSWORD: password }, 'deploy');
  await writeFile(devs.yamlFile, yaml);
  // The function cannot reach that broker, which the deployment says at its end.
  expect([0, 101]).toContain(exitCode);
  expect((await environment()).KAFKA_PASSWORD).toBe(password);
  expect(`${stdout}${stderr}`).not.toContain('ka-canary');
  expect(await devs.filesWith('ka-canary')).toEqual([]);
  // Without a user it is somebody else's.
  expect((await devs.runWith({ ES_PASSWORD: 'none', KAFKA_PASSWORD: password }, 'plan')).exitCode).toBe(0);
});

test('a password in s.yaml still works, and wins over the environment', async () => {
  const yaml = await devs.edit(['        username: elastic', "        username: elastic\n        password: ${env('OWN')}"]);
  expect(await devs.runWith({ OWN: 'plain-canary', ES_PASSWORD: 'another', ES_API_KEY: 'YTpi' }, 'deploy')).toMatchObject({ exitCode: 0 });
  await writeFile(devs.yamlFile, yaml);
  const variables = await environment();
  expect(variables.ES_PASSWORD).toBe('plain-canary');
  expect(variables.ES_API_KEY).toBeUndefined();
});

test('what a message would repeat of the environment is starred, too', async () => {
  const { stdout, stderr } = await devs.runWith({ ES_PASSWORD: 'canary-x', CLOUD_ENDPOINT: 'canary-x' }, 'plan');
  expect(stdout).toContain("CLOUD_ENDPOINT: '***' is not an address");
  expect(`${stdout}${stderr}`).not.toContain('canary-x');
  expect(await devs.filesWith('canary-x')).toEqual([]);
});

test('a .env beside s.yaml is read by Serverless Devs, in the folder where s runs', async () => {
  await writeFile(join(devs.folder, '.env'), "ES_PASSWORD='dot-canary'\n");
  expect(await devs.runWith({ cwd: devs.folder }, 'deploy')).toMatchObject({ exitCode: 0 });
  expect((await environment()).ES_PASSWORD).toBe('dot-canary');
  // Its own doing, which docs/deploy.md tells: nothing keeps a $ there.
  await writeFile(join(devs.folder, '.env'), "ES_PASSWORD='dot\\$x-canary'\n");
  await devs.runWith({ cwd: devs.folder }, 'deploy');
  expect((await environment()).ES_PASSWORD).toBe('dot-canary');
});
