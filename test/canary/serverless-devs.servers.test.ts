// What runs in processes of its own, as its user runs it: by the real `s`, with secrets in its environment, in a .env and in what it is given.
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type CloudWithTopic, openCloudWithTopic } from '../support/cloud/cloud-on-servers.ts';
import { type Ended, ServerlessDevs } from '../support/cloud/serverless-devs.ts';
import { hatch } from './canaries.ts';
import { filesThatTell } from './command-stage.ts';
import { type OwnProcessFailure, type OwnProcessScenario, ownProcessScenarios } from './commands.ts';
import { EchoingCloud } from './echoing-cloud.ts';

// Plain, since Serverless Devs itself runs what stands in s.yaml and .env as a template; without DEBUG, with which it prints credentials itself.
const canaries = hatch('plain');
const { content, secret } = canaries;
const scenarios: readonly (readonly [string, OwnProcessScenario])[] = Object.entries(ownProcessScenarios);

let folder: string;
let opened: CloudWithTopic;
let echoing: EchoingCloud;
let devs: ServerlessDevs;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'canary-s-'));
  vi.stubEnv('TMPDIR', folder);
  opened = await openCloudWithTopic(() => ({ accessKeys: [{ accessKeyId: 'LTAI5tCanary', accessKeySecret: secret.accessKeySecret }] }));
  echoing = await EchoingCloud.start(opened.cloud.endpoint, canaries);
  const environment = { ES_PASSWORD: secret.esPassword, KAFKA_PASSWORD: secret.kafkaPassword };
  devs = await ServerlessDevs.create({ account: opened.cloud.account, endpoint: echoing.endpoint }, opened.topic, environment);
  await writeFile(join(devs.folder, '.env'), `SOMEBODY_ELSES_TOKEN=${secret.machine}\n`);
  const record = { topic: opened.topic, partition: 0, offset: 1, timestamp: 1, overflowFlag: false, valueSize: 1 };
  const event = JSON.stringify([{ ...record, key: content.key, value: JSON.stringify({ [content.field]: content.value }) }]);
  await writeFile(join(devs.folder, 'event.json'), event);
  await writeFile(join(devs.folder, 'no-event.json'), event.slice(5));
});

afterAll(async () => {
  await devs[Symbol.asyncDispose]();
  await echoing[Symbol.asyncDispose]();
  await opened[Symbol.asyncDispose]();
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

/** Runs it in its user's folder. */
function run(name: string, args: readonly string[], environment: NodeJS.ProcessEnv = {}): Promise<Ended> {
  return devs.runWith({ cwd: devs.folder, ...environment }, ...name.split(' '), ...args);
}

async function expectNothingTold({ stderr, stdout }: Pick<Ended, 'stderr' | 'stdout'>): Promise<void> {
  const text = `${stdout}${stderr}`;
  expect(canaries.tellsIn(text), canaries.firstIn(text)).toEqual([]);
  const given = ['.env', 's.yaml', 'event.json', 'no-event.json'].map((file) => join(devs.folder, file));
  expect(await filesThatTell(devs.folder, canaries, (path) => given.includes(path))).toEqual([]);
}

test.each(scenarios.filter(([name]) => name !== 'local start'))('s %s succeeds, and tells nothing', async (name, { args }) => {
  const ended = await run(name, args);
  expect(ended.exitCode, `${ended.stdout}${ended.stderr}`).toBe(0);
  await expectNothingTold(ended);
});

test('s local start succeeds, and tells nothing', async () => {
  const state = join(devs.folder, 'local-start');
  const started = devs.start({ cwd: devs.folder }, 'local', 'start', '--state', state, '-t', devs.yamlFile);
  let printed = '';
  for (const stream of [started.stdout, started.stderr]) stream?.on('data', (bytes) => (printed += String(bytes)));
  await expect.poll(() => printed, { timeout: 240_000 }).toContain('Ctrl-C stops it.');
  // As Ctrl-C does, to both.
  const { stdout: pids } = await execa('pgrep', ['-f', `start.* --state ${state}`]);
  for (const pid of pids.split('\n')) process.kill(Number(pid), 'SIGINT');
  await started;
  await expectNothingTold({ stdout: printed, stderr: '' });
  await rm(state, { recursive: true, force: true });
});

const wrongProperties = ['onFailure: continue', `onFailure: ${secret.esPassword}`] as const;
const wrongSettings = [
  'shape: envelope',
  `shape: envelope\n      function: {environmentVariables: {MAX_IN_FLIGHT: ${secret.esPassword}, OVERFLOW: ${secret.userInfo}}}`,
] as const;

const failures: { readonly [how in OwnProcessFailure]: (name: string, args: readonly string[]) => Promise<Ended> } = {
  'an option that it does not have': (name, args) => run(name, [...args, '--pasword', secret.userInfo]),
  'an option of another value': (name, args) => run(name, [...args, '--api', secret.esPassword]),
  'properties that are wrong': (name, args) => edited(wrongProperties, () => run(name, args)),
  'settings that are wrong': (name, args) => edited(wrongSettings, () => run(name, args)),
  'a key that is not accepted': (name, args) => run(name, args, { AccessKeySecret: secret.securityToken }),
  'a cloud that echoes': async (name, args) => {
    echoing.mood = 'echoing';
    return run(name, args).finally(() => {
      echoing.mood = 'serving';
    });
  },
  'an event that is none': (name) => run(name, ['-f', 'no-event.json']),
};

async function edited(change: readonly [string, string], work: () => Promise<Ended>): Promise<Ended> {
  const before = await devs.edit(change);
  expect(await readFile(devs.yamlFile, 'utf8')).not.toBe(before);
  return work().finally(() => writeFile(devs.yamlFile, before));
}

test.each(scenarios.flatMap(([name, { args, failing }]) => failing.map((how) => [name, how, args] as const)))(
  's %s fails with %s, and tells nothing',
  async (name, how, args) => {
    const ended = await failures[how](name, args);
    expect(ended.exitCode, `${ended.stdout}${ended.stderr}`).not.toBe(0);
    await expectNothingTold(ended);
  },
);

test('of a .env, and of what s.yaml does not use, nothing gets into the plan, the code or the state of the cloud', async () => {
  const before = await devs.edit(['edition: 3.0.0', `edition: 3.0.0\nvars: {token: ${secret.securityToken}}`]);
  for (const [name, args] of [
    ['plan', ['-o', 'json']],
    ['deploy', ['-y']],
    ['plan', ['-o', 'json']],
    ['info', ['-o', 'json']],
  ] as const) {
    const ended = await run(name, args);
    expect(ended.exitCode, `${ended.stdout}${ended.stderr}`).toBe(0);
    await expectNothingTold(ended);
  }
  await writeFile(devs.yamlFile, before);
  const { stateFolder } = opened.cloud;
  const told = await filesThatTell(stateFolder, canaries, () => false);
  expect(told).toEqual([`${join(stateFolder, 'fc-functions.json')}: esPassword`]);
});
