// No command of `s` tells a secret, or what a record holds, whatever becomes of it and whatever the cloud quotes.
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import type { Generation } from '../../scripts/local/api/generation.ts';
import { type CloudWithTopic, openCloudWithTopic, small } from '../support/cloud/cloud-on-servers.ts';
import { propsFor, type TestProps } from '../support/cloud/run-command.ts';
import { packageFiles } from './built-package.ts';
import { hatch } from './canaries.ts';
import { filesThatTell, runWatched, type Shown } from './command-stage.ts';
import { type CommandScenario, commandScenarios } from './commands.ts';
import { EchoingCloud } from './echoing-cloud.ts';

// A call that is tried again for a minute is not what these tests are about.
const patience = vi.hoisted(() => ({ isShort: false }));
vi.mock('../../scripts/connector/cloud/waiting.ts', async (importOriginal) => {
  const original = await importOriginal<typeof import('../../scripts/connector/cloud/waiting.ts')>();
  const waitFor: typeof original.waitFor = async (what, waitedMs, ms) =>
    patience.isShort ? waitedMs + 3_600_000 : original.waitFor(what, waitedMs, ms);
  return { ...original, waitFor };
});

/** Every command on a connector in one generation of Function Compute. */
export function testCommands(generation: Generation): void {
  const canaries = hatch('awkward');
  const { content, secret } = canaries;
  const accessKeySecret = secret.accessKeySecret;
  const scenarios: readonly (readonly [string, CommandScenario])[] = Object.entries(commandScenarios);

  let folder: string;
  let opened: CloudWithTopic;
  let echoing: EchoingCloud;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'canary-commands-'));
    await mkdir(join(folder, 'tmp'));
    vi.stubEnv('TMPDIR', join(folder, 'tmp'));
    vi.stubEnv('DEBUG', '*');
    vi.stubEnv('ES_PASSWORD', secret.esPassword);
    vi.stubEnv('SOMEBODY_ELSES_TOKEN', secret.machine);
    opened = await openCloudWithTopic(() => ({ accessKeys: [{ accessKeyId: 'LTAI5tCanary', accessKeySecret }] }));
    echoing = await EchoingCloud.start(opened.cloud.endpoint, canaries);
  });

  afterAll(async () => {
    await echoing[Symbol.asyncDispose]();
    await opened[Symbol.asyncDispose]();
    vi.unstubAllEnvs();
    await rm(folder, { recursive: true });
  });

  function propsWith(changes: TestProps = {}): object {
    return propsFor(opened.topic, {
      ...small,
      name: opened.topic,
      document: { shape: 'value' },
      trigger: { batchWindow: { TimeBasedWindow: 0 } },
      ...changes,
      elasticsearch: { password: secret.esPassword, ...changes.elasticsearch },
      function: { ...changes.function, api: generation },
    });
  }

  function run(command: string, args: readonly string[], changes: Partial<Parameters<typeof runWatched>[0]> = {}): Promise<Shown> {
    return runWatched(
      { account: opened.cloud.account, endpoint: echoing.endpoint, props: propsWith(), accessKeySecret, ...changes },
      command,
      args,
    );
  }

  function expectNothingToldBy({ text }: Shown, { showsContent }: CommandScenario): void {
    const told = showsContent ? canaries.secretsIn(text) : canaries.tellsIn(text);
    expect(told, canaries.firstIn(text)).toEqual([]);
  }

  const removals = ['remove'];

  test.each(scenarios.filter(([name]) => !removals.includes(name)))('s %s succeeds, and tells nothing', async (name, scenario) => {
    if (name === 'check')
      await opened.topics.send(opened.topic, [
        { key: content.key, value: content.value, headers: { [content.headerName]: content.headerValue } },
      ]);
    for (const output of [[], ['-o', 'json']]) {
      const shown = await run(name, [...scenario.args(canaries, opened.topic), ...output]);
      expect(shown.hasFailed, shown.text).toBe(false);
      expectNothingToldBy(shown, scenario);
    }
  });

  const failing: readonly (readonly [string, (name: string, args: readonly string[]) => Promise<Shown>])[] = [
    ['with a key that is not accepted', (name, args) => run(name, args, { accessKeySecret: `${accessKeySecret}!` })],
    ['where nothing listens', (name, args) => run(name, args, { endpoint: 'http://127.0.0.1:1' })],
    [
      'where everything is forbidden',
      async (name, args) => {
        const fault = {
          kind: 'refused',
          status: 403,
          code: 'Forbidden.RAM',
          message: `User not authorized: ${secret.esPassword}`,
        } as const;
        for (const product of forbiddenProducts) opened.cloud.faults.add({ product, action: '*', fault, count: 100 });
        return run(name, args).finally(() => opened.cloud.faults.clear());
      },
    ],
    ['with a cloud that echoes', (name, args) => inMood('echoing', () => run(name, args, { securityToken: secret.securityToken }))],
    [
      'with a cloud that echoes what holds a secret or a record',
      (name, args) => inMood('echoing-bodies', () => run(name, args, { props: propsWith(changed) })),
    ],
    ['with properties that are wrong, secrets in them', (name, args) => run(name, args, { props: wrongProps() })],
    ['with an option that it does not have', (name, args) => run(name, [...args, '--pasword', secret.esPassword])],
  ];

  const forbiddenProducts = ['fc', 'alikafka', 'eventbridge', 'elasticsearch', 'vpc', 'ecs', 'ram', 'sls', 'resourcemanager'];
  /** So that there is something to deploy, with every secret in it. */
  const changed = {
    kafka: {
      ...small.kafka,
      username: 'sink',
      password: secret.kafkaPassword,
      securityProtocol: 'SASL_PLAINTEXT',
      bootstrapServers: '127.0.0.1:1',
    },
    function: { memorySize: 640 },
  };

  async function inMood(mood: EchoingCloud['mood'], work: () => Promise<Shown>): Promise<Shown> {
    echoing.mood = mood;
    return work().finally(() => {
      echoing.mood = 'serving';
    });
  }

  function wrongProps(): object {
    const { esPassword, kafkaPassword, userInfo } = secret;
    return {
      ...propsWith({
        kafka: { consumerThreads: kafkaPassword, bootstrapServers: `sink:${userInfo}@b:9092`, pasword: kafkaPassword },
        elasticsearch: { endpoint: `http://elastic:${userInfo}@127.0.0.1:9200`, port: esPassword, protocol: esPassword },
        function: { environmentVariables: { ES_PASSWORD: esPassword, MAX_IN_FLIGHT: esPassword }, memorySize: esPassword },
      }),
      onFailure: esPassword,
    };
  }

  const failures = scenarios.flatMap(([name, scenario]) => failing.map(([how, fail]) => [name, how, scenario, fail] as const));
  const testFailures = (some: typeof failures) =>
    test.each(some)('s %s %s fails, and tells nothing', async (name, how, scenario, fail) => {
      patience.isShort = true;
      try {
        for (const output of [[], ['-o', 'json']]) {
          const shown = await fail(name, [...scenario.args(canaries, opened.topic), ...output]);
          if (!how.includes('what holds')) expect(shown.hasFailed, shown.text).toBe(true);
          expectNothingToldBy(shown, { ...scenario, args: scenario.args });
        }
      } finally {
        patience.isShort = false;
      }
    });

  testFailures(failures.filter(([name]) => !removals.includes(name)));

  test('the cloud was given secrets and records to echo', () => {
    expect(echoing.echoed.join('\n')).toMatch(/PUT \S*\/functions\/|UpdateFunction/);
  });

  test('what the cloud holds of the connector, its code, and every file that was written, tell nothing but the passwords of the settings', async () => {
    const { stateFolder } = opened.cloud;
    const functionsFile = join(stateFolder, 'fc-functions.json');
    const environments: unknown[] = [];
    const functions = JSON.parse(await readFile(functionsFile, 'utf8'), (field, value) => {
      if (field !== 'environmentVariables') return value;
      environments.push(value);
      return undefined;
    });
    expect(canaries.tellsIn(JSON.stringify(functions))).toEqual([]);
    expect(canaries.tellsIn(JSON.stringify(environments))).toEqual(['esPassword']);
    expect(await filesThatTell(folder, canaries, (path) => path === functionsFile)).toEqual([]);
    expect(await uploadedFiles(stateFolder)).toEqual(packageFiles);
  });

  // A removal may do its work before it fails.
  testFailures(failures.filter(([name]) => removals.includes(name)));

  test.each(scenarios.filter(([name]) => removals.includes(name)))(
    's %s succeeds at the end, and tells nothing',
    async (name, scenario) => {
      for (const output of [[], ['-o', 'json']])
        expectNothingToldBy(await run(name, [...scenario.args(canaries, opened.topic), ...output]), scenario);
    },
  );
}

/** The names of the files in the code that the cloud has received. */
async function uploadedFiles(stateFolder: string): Promise<string[]> {
  const files = await readdir(join(stateFolder, 'code'), { recursive: true, withFileTypes: true });
  return [...new Set(files.filter((file) => file.isFile() && !file.name.endsWith('.zip')).map(({ name }) => name))].sort();
}
