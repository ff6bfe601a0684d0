import { appendFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CloudWithTopic, openCloudWithTopic, serviceNames, small } from '../../support/cloud/cloud-on-servers.ts';
import { propsFor, runForPeople, type TestProps } from '../../support/cloud/run-command.ts';
import { ServerlessDevs } from '../../support/cloud/serverless-devs.ts';
import { hostileTexts, obeyed } from '../../support/hostile-texts.ts';

const hostile = hostileTexts.join(' ');
let on: CloudWithTopic;
let props: TestProps;

beforeAll(async () => {
  on = await openCloudWithTopic();
  props = propsFor(on.topic, { name: on.topic, kafka: small.kafka, trigger: { batchWindow: { TimeBasedWindow: 0 } } });
  expect((await runForPeople(on.cloud, props, 'deploy', '-y')).error).toBeUndefined();
});

afterAll(async () => {
  await runForPeople(on.cloud, props, 'remove', '-y', '--with-topics');
  await on[Symbol.asyncDispose]();
});

/** What a command shows, of which nothing may be obeyed. */
async function shown(...[command = '', ...args]: readonly string[]): Promise<string> {
  const { printed } = await runForPeople(on.cloud, props, command, ...args);
  expect(printed).not.toMatch(obeyed);
  return printed;
}

/** Writes a line as Log Service keeps it, of the connector's function. */
async function logs(...messages: readonly string[]): Promise<void> {
  const [topic = ''] = (await serviceNames(on.cloud)).filter((name) => name.includes(on.topic));
  const folder = join(on.cloud.stateFolder, 'logs');
  const [file = ''] = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.jsonl'));
  const time = Math.floor(Date.now() / 1000);
  const lines = messages.map((message) => `${JSON.stringify({ time, topic, source: hostile, contents: { message } })}\n`);
  await appendFile(join(folder, file), lines.join(''));
}

test('lines of the log are shown, whatever is in them, and their fields, whatever they are', async () => {
  const odd: readonly unknown[] = [null, 1, [], {}, { toString: 1 }, 'constructor', '__proto__', hostile];
  const fields = odd.map((value) => ({ level: 'error', requestId: value, message: value, error: value, topic: value, offset: value }));
  await runForPeople(on.cloud, props, 'invoke', '-e', '[]');
  await logs(
    ...hostileTexts,
    ...fields.map((one) => JSON.stringify(one)),
    JSON.stringify({ level: 'error', error: 'toString', message: 'm' }),
  );
  expect(await shown('logs')).toContain('\\u001b]52;c;ZXZpbA==\\u0007clipboard');
  expect(await shown('logs', '--errors')).toContain('\\u202e');
  const info = await shown('info');
  expect(info).toContain('\\u001b[2J');
  expect(info).not.toContain('undefined\n');
  expect(await shown('check')).toContain('✔ elasticsearch');
});

test('what a record says is shown with its document, and by an invocation', async () => {
  expect(await shown('message', '--content', hostile, '--key', hostile)).toMatch(/\\\\?u001b\[2J/);
  expect(await shown('invoke', '-e', hostile)).toContain('EventInvalid');
});

test('names and reasons of the cloud are shown', async () => {
  const mark = `Elasticsearch sink connector x${hostile.replaceAll(/\s/g, '')} of Kafka instance i\x1b[31m, topic t\x9b31m`;
  const services = on.cloud.clients().fc;
  await services.createService('kafka-service-x-12345678', { description: mark });
  expect(await shown('list')).toContain('x\\u001b[2J');
  await using devs = await ServerlessDevs.create(on.cloud, on.topic, { ES_PASSWORD: 'none', SERVERLESS_DEVS_CICD: 'true' });
  for (const args of [['-o', 'json'], ['-o', 'yaml'], ['-o', 'raw'], []]) {
    const { exitCode, stdout, stderr } = await devs.run('list', ...args);
    expect(exitCode).toBe(0);
    expect(`${stdout}${stderr}`).not.toMatch(obeyed);
    if (args[1] !== 'json') continue;
    expect(JSON.parse(stdout).connectors).toContainEqual(expect.objectContaining({ topic: 't\x9b31m' }));
  }
  await services.deleteService('kafka-service-x-12345678');
  for (const product of ['alikafka', 'fc', 'sls', 'elasticsearch'] as const) {
    on.cloud.faults.add({ product, action: '*', fault: { kind: 'refused', status: 400, code: 'Odd', message: hostile }, count: 1000 });
    for (const command of ['plan', 'info', 'list', 'logs', 'check', 'pause', 'audit', 'replay', 'remove']) await shown(command, '-y');
    on.cloud.faults.clear();
  }
});

test('what is typed is shown in errors', async () => {
  for (const command of ['plan', 'logs', 'message', 'audit', 'replay', 'resume', 'probe', 'invoke', 'local', hostile]) {
    await shown(command, hostile);
    await shown(command, `--${hostile}`);
    for (const option of ['--since', '--partition', '--skip', '--api', '--only', '-f', '--source', '--print'])
      await shown(command, option, hostile);
  }
  await expect(runForPeople(on.cloud, { ...props, [hostile]: 1 }, 'plan')).resolves.toMatchObject({
    error: expect.not.stringMatching(obeyed),
  });
});
