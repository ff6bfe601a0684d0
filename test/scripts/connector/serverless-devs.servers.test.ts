import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { seededAccount } from '../../../scripts/local/api/account.ts';
import { TestCloud } from '../../support/cloud/local-cloud.ts';
import { type Ended, ServerlessDevs } from '../../support/cloud/serverless-devs.ts';
import { Topics } from '../../support/kafka/topics.ts';

const canary = 'canary-4e1d';
const topic = `s-${randomBytes(4).toString('hex')}`;

/** As root, Serverless Devs says before all else that this is not recommended, before any component is loaded. */
const rootWarning = /^.*root user\.\n/;
/** Its environment variable for machines without a user, where it does not. */
const inCi = { SERVERLESS_DEVS_CICD: 'true' };

let cloud: TestCloud;
let devs: ServerlessDevs;
let folder: string;

beforeAll(async () => {
  const servers = { broker: inject('broker'), elasticsearchUrl: inject('elasticsearchUrl'), topics: [{ topic, partitionNum: 6 }] };
  cloud = await TestCloud.start({ account: seededAccount(servers) });
  devs = await ServerlessDevs.create(cloud, topic, { ES_PASSWORD: canary });
  folder = devs.folder;
});

afterAll(async () => {
  await cloud[Symbol.asyncDispose]();
  await devs[Symbol.asyncDispose]();
});

async function s(...args: string[]): Promise<Ended> {
  return devs.run(...args);
}

test('every command through the real s, offline, without a password anywhere', async () => {
  const printed: string[] = [];
  const run = async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await s(...args);
    printed.push(stdout, stderr);
    return { exitCode, stdout, stderr };
  };
  expect(await run('verify')).toMatchObject({ exitCode: 0 });
  expect(await run('plan')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('16 to create') });
  const plan = await run('plan', '-o', 'json');
  expect(JSON.parse(plan.stdout.replace(rootWarning, ''))).toMatchObject({ connector: topic, summary: '16 to create' });
  expect(await run('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 2, stdout: expect.stringContaining('16 to create') });
  const wrong = await devs.runWith({ KAFKA_INSTANCE_ID: 'nowhere' }, 'plan', '--detailed-exitcode');
  expect(wrong).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('nowhere is not in cn-hangzhou') });
  const deployed = await run('deploy');
  expect(await run('plan', '--detailed-exitcode')).toMatchObject({ exitCode: 0 });
  expect(deployed).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`Connector ${topic} is deployed`) });
  expect(deployed.stderr).toContain('create trigger kafka');
  expect(deployed.stdout).not.toContain('✔ create trigger kafka');
  expect(await run('deploy')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('nothing was changed') });
  expect(await run('list')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(new RegExp(`${topic}.*this package  RUNNING  lag 0`)),
  });
  expect(await run('invoke', '-f', 'test/events/connector.json')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('"rejected":0'),
  });
  expect(await run('local', 'invoke', '-f', 'test/events/connector.json')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('"unchanged":0'),
  });
  expect(await run('message', '--key', 'demo', '--content', '{"key": "test"}', '--partition', '0')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(new RegExp(`Sent to ${topic}\\+0\\+0; the document was there after \\d+ ms:\n\\{\n  "msg_body"`)),
  });
  const piped = await devs.runWith({ input: '{"from":"standard input"}\n' }, 'message', '--file', '-', '-o', 'json');
  expect(JSON.parse(piped.stdout.replace(rootWarning, ''))).toMatchObject({
    document: { msg_body: { value: '{"from":"standard input"}\n' } },
  });
  expect(await run('message', '-c', 'a', '--print', 'docker')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining("printf '%s' 'a' | docker run --rm -i edenhill/kcat:1.7.1 -P -b"),
  });
  expect(await run('check')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('✔ elasticsearch:') });
  expect(await run('pause')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('is paused') });
  expect(await run('info')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringMatching(/stream: not running: READY, paused\n.*EMPTY, lag 0/),
  });
  expect(await run('resume')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('runs.') });
  expect(await run('logs', '--search', 'delivered')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('"rejected":0') });
  expect(await run('remove')).toMatchObject({ exitCode: 101, stdout: expect.stringContaining('say yes with -y') });
  expect(await run('remove', '-y', '--with-topics')).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('is removed') });
  expect(printed.join('\n')).not.toContain(canary);
  expect(await devs.filesWith(canary)).toEqual([]);
  expect(existsSync(join(folder, 'connections-elsewhere'))).toBe(false);
});

test('day two through the real s, on Function Compute 3.0: a record stops the connector, is found by its request id, and is skipped without being lost', async () => {
  const yaml = await readFile(join(folder, 's.yaml'), 'utf8');
  await writeFile(
    join(folder, 's.yaml'),
    yaml
      .replace('onFailure: continue', 'onFailure: stop')
      .replace('shape: envelope', 'shape: value')
      .replace("# function: {api: '3.0'}", "function: {api: '3.0'}"),
  );
  expect(await s('deploy')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining(`is deployed, in function kafka-service-${topic}-`),
  });
  const following = devs.start({}, 'logs', '--tail', '-o', 'json', '-t', devs.yamlFile);
  const followed: string[] = [];
  following.stdout.on('data', (bytes: Buffer) => followed.push(bytes.toString()));
  expect(await s('message', '--key', 'k', '--content', '{"n":1}', '--partition', '3')).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('the document was there'),
  });
  await expect.poll(() => followed.join('')).toMatch(/^\{"time":\d+,"requestId":"[^"]+","line":".*delivered.*"\}$/m);
  following.kill('SIGINT');
  await following;
  const refused = await s('message', '--key', 'k', '--content', 'not JSON', '--partition', '3');
  expect(refused).toMatchObject({ exitCode: 101, stdout: expect.stringContaining('the record was rejected: value_not_an_object') });
  const [position = ''] = new RegExp(`${topic}\\+3\\+\\d+`).exec(refused.stdout) ?? [];

  expect((await s('info')).stdout).toContain(`s resume --skip ${position}`);
  const { lines } = JSON.parse((await s('logs', '--errors', '-o', 'json')).stdout.replace(rootWarning, '')) as {
    lines: { requestId: string }[];
  };
  const requestId = lines[0]?.requestId ?? '';
  const own = (await s('logs', '--request-id', requestId)).stdout;
  expect(own).toMatch(/FC Invoke Start[\s\S]*record rejected[\s\S]*RecordsRejected[\s\S]*FC Invoke End/);

  expect(await s('resume', '--skip', position)).toMatchObject({
    exitCode: 0,
    stdout: expect.stringContaining('handed to the error destination'),
  });
  await expect.poll(async () => (await s('info')).stdout, { interval: 1000 }).toContain('STABLE, lag 0');
  await using topics = await Topics.open(inject('broker'));
  expect(await topics.read(`connect-error-${topic}`)).toMatchObject([{ key: 'k', value: 'not JSON' }]);

  expect(await s('pause')).toMatchObject({ exitCode: 0 });
  expect((await s('message', '-c', '{"n":2}')).stdout).toContain('it will be delivered after `s resume`');
  expect(await s('resume')).toMatchObject({ exitCode: 0 });
  await expect.poll(async () => (await s('info')).stdout, { interval: 1000 }).toContain('STABLE, lag 0');
  expect(await s('remove', '-y', '--with-topics')).toMatchObject({ exitCode: 0 });
  await writeFile(join(folder, 's.yaml'), yaml);
});

test.each([
  [['plna'], 's plna: there is no such command; did you mean plan?'],
  [['deploy', '--wth-topics'], '--wth-topics is not an option of this command'],
  [['local', 'invoek'], 'did you mean invoke?'],
])('s %j fails, and names what was probably meant', async (args, message) => {
  const { exitCode, stdout } = await s(...args);
  expect(exitCode).toBe(101);
  expect(stdout).toContain(message);
  expect(stdout).not.toMatch(/\n {4}at /);
});

test('a reader that goes away, as in `s plan | head -1`, ends the command', async () => {
  const program = devs.start({}, 'plan', '-t', devs.yamlFile);
  program.stdout.once('data', () => program.stdout.destroy());
  expect((await program).exitCode).toBe(141);
});

test('a failure with -o json is told on standard error, and nothing on standard output', async () => {
  const { exitCode, stdout, stderr } = await s('invoke', '-o', 'json');
  expect(exitCode).toBe(101);
  expect(`${stdout}\n`.replace(rootWarning, '').trim()).toBe('');
  expect(stderr).toBe('There is no event: give -e EVENT or -f FILE, such as -f test/events/connector.json.');
});

test.each(['plan', 'list', 'info'])(
  's %s -o json is JSON alone on standard output, for root too, where SERVERLESS_DEVS_CICD is set',
  async (command) => {
    await s('deploy');
    const { exitCode, stdout } = await devs.runWith(inCi, command, '-o', 'json');
    expect(exitCode).toBe(0);
    expect(JSON.parse(stdout)).toBeTypeOf('object');
  },
);

test('checks that have failed are JSON on standard output, too, and words on standard error', async () => {
  const yaml = await devs.edit([`topic: ${topic}`, 'topic: nowhere']);
  for (const command of ['plan', 'deploy']) {
    const { exitCode, stderr, stdout } = await devs.runWith(inCi, command, '-o', 'json');
    expect(exitCode).toBe(101);
    const { checks, cloud: place } = JSON.parse(stdout);
    expect(place).toBe(cloud.endpoint);
    expect(checks).toContainEqual(expect.objectContaining({ title: 'Source topic', ok: false }));
    expect(checks).toContainEqual(expect.objectContaining({ title: 'Access key', ok: true }));
    expect(stderr).toContain('Nothing was changed: 1 of ');
  }
  await writeFile(devs.yamlFile, yaml);
});

test('plan and deploy say that CLOUD_ENDPOINT is set', async () => {
  for (const command of ['plan', 'deploy']) {
    const { stdout, stderr } = await s(command);
    expect(stdout).toContain(`Not Alibaba Cloud: CLOUD_ENDPOINT is set to ${cloud.endpoint}`);
    expect(stderr).toContain(`at ${cloud.endpoint}, by CLOUD_ENDPOINT`);
  }
});

test('what is wrong in s.yaml is told in words, by verify and by every other command', async () => {
  const yaml = await devs.edit([`name: ${topic}\n      kafka`, 'name: Kafka_Sink\n      kafka']);
  for (const command of ['verify', 'plan']) {
    const { exitCode, stdout } = await s(command);
    expect(exitCode).not.toBe(0);
    expect(stdout).toContain('digits, lowercase letters and `-`, not first a `-`, at most 48 characters');
    expect(stdout).not.toMatch(/pattern|\^\[/);
  }
  await writeFile(devs.yamlFile, yaml);
});

test('numbers in s.yaml are taken as text where a text is meant', async () => {
  const yaml = await devs.edit(
    [`index: ${topic}`, 'index: 2024'],
    [
      'onFailure: continue',
      'onFailure: continue\n      function: {environmentVariables: {ES_REQUEST_TIMEOUT_MS: 12000, ES_VERSION_CHECK: false}}',
    ],
  );
  expect(await s('verify')).toMatchObject({ exitCode: 0 });
  const { exitCode, stdout } = await devs.runWith(inCi, 'plan', '-o', 'json');
  expect(exitCode).toBe(0);
  expect(stdout).toContain('"after": "2024"');
  expect(stdout).toContain('"after": "12000"');
  await writeFile(devs.yamlFile, yaml);
});

test('from another folder, a component by path(…) is found beside s.yaml', async () => {
  const yaml = await devs.edit([`component: ${resolve('scripts')}`, "component: ${path('./component')}"]);
  await symlink(resolve('scripts'), join(folder, 'component'));
  await mkdir(join(folder, 'stages'));
  const { exitCode, stdout } = await devs.runWith({ cwd: join(folder, 'stages'), ...inCi }, 'plan', '-o', 'json');
  await rm(join(folder, 'component'));
  await writeFile(devs.yamlFile, yaml);
  expect(exitCode).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ connector: topic });
});

test('without CLOUD_ENDPOINT every call goes to Alibaba Cloud, by https alone', async () => {
  const { exitCode } = await devs.runWith({ CLOUD_ENDPOINT: '' }, 'plan');
  expect(exitCode).toBe(101);
  const file = join(folder, 'connections-elsewhere');
  expect((await readFile(file, 'utf8')).trim().split('\n')).toEqual(['1234567890123456.cn-hangzhou.fc.aliyuncs.com:443']);
  await rm(file);
});

test('without credentials, and with an address that is none, the message says what to do', async () => {
  const without = await devs.runWith({ AccountID: undefined, AccessKeyID: undefined, AccessKeySecret: undefined }, 'plan');
  expect(without.exitCode).not.toBe(0);
  expect(without.stdout).toContain('There are no credentials (Not found access: default). Add them with `s config add`, or set AccountID');
  const { exitCode, stdout } = await devs.runWith({ CLOUD_ENDPOINT: 'nowhere' }, 'plan');
  expect(exitCode).toBe(101);
  expect(stdout).toContain("CLOUD_ENDPOINT: 'nowhere' is not an address; give http://host:port");
});

test('s sink --help names the component and its version', async () => {
  const { version, description }: { version: string; description: string } = JSON.parse(await readFile('package.json', 'utf8'));
  const { exitCode, stdout } = await s('sink', '--help');
  expect(exitCode).toBe(0);
  expect(stdout).toContain(`kafka-elasticsearch-sink@${version}: ${description}`);
});

test.each(['plan', 'deploy', 'logs', 'message', 'resume', 'local'])('s %s --help shows what it does and its options', async (command) => {
  const { exitCode, stdout } = await s(command, '--help');
  expect(exitCode).toBe(0);
  expect(stdout).toContain(`s ${command}`);
});
