import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { seededAccount } from '../../../../../scripts/local/api/account.ts';
import { TestCloud } from '../../../../support/cloud/local-cloud.ts';
import { propsFor, type Run, runCommand } from '../../../../support/cloud/run-command.ts';
import { findKcat } from '../../../../support/kafka/kcat.ts';
import { Topics } from '../../../../support/kafka/topics.ts';

const props = (topic: string, changes: object = {}) =>
  propsFor(topic, { name: topic, kafka: { connectorTopics: 'off' }, trigger: { batchWindow: { TimeBasedWindow: 0 } }, ...changes });

let cloud: TestCloud;
let topics: Topics;
let topic: string;
let folder: string;

beforeAll(async () => {
  topics = await Topics.open(inject('broker'));
  topic = await topics.create(3);
  folder = await mkdtemp(join(tmpdir(), 'message-'));
  const servers = { broker: inject('broker'), elasticsearchUrl: inject('elasticsearchUrl'), topics: [{ topic, partitionNum: 3 }] };
  cloud = await TestCloud.start({ account: seededAccount(servers) });
  expect((await runCommand(cloud, props(topic), 'deploy')).error).toBeUndefined();
});

afterAll(async () => {
  await runCommand(cloud, props(topic), 'remove', '-y', '--with-topics');
  await cloud[Symbol.asyncDispose]();
  await topics[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});

function message(...args: string[]): Promise<Run> {
  return runCommand(cloud, props(topic), 'message', ...args);
}

function resultOf({ error, printed }: Run): Record<string, unknown> {
  expect(error).toBeUndefined();
  return JSON.parse(printed.slice(printed.lastIndexOf('\n{') + 1));
}

async function values(): Promise<(string | null)[]> {
  return (await topics.read(topic)).map(({ value }) => value);
}

test('a message is sent by the function, and its document is waited for and shown', async () => {
  const sent = resultOf(await message('--key', 'demo', '--content', '{"key": "测试"}', '--partition', '1'));
  const body = {
    key: 'demo',
    offset: 0,
    overflowFlag: false,
    partition: 1,
    timestamp: expect.any(Number),
    topic,
    value: '{"key": "测试"}',
    valueSize: 13,
  };
  expect(sent).toEqual({ topic, partition: 1, offset: 0, tookMs: expect.any(Number), document: { msg_body: body, doc_as_upsert: true } });
  const { printed } = await message('-k', 'demo', '-c', 'second', '-p', '1', '-o', 'default');
  expect(printed).toMatch(new RegExp(`Sent to ${topic}\\+1\\+1; the document was there after \\d+ ms:\\n\\{\\n  "msg_body": \\{`));
});

test('the content comes from a file, as it is', async () => {
  const content = '{\n  "lines": 2\n}\n';
  await writeFile(join(folder, 'content.json'), content);
  resultOf(await message('--file', join(folder, 'content.json')));
  expect(await values()).toContain(content);
});

test('a burst is sent as often as was asked for, with progress, and waited for', async () => {
  const before = (await values()).length;
  const run = await message('--content', '{"burst":true}', '--count', '2500');
  expect(resultOf(run)).toMatchObject({ topic, sent: 2500, delivered: true });
  expect(run.printed).toMatch(/1000 of 2500 sent[\s\S]*2500 of 2500 sent[\s\S]*2500 of 2500 delivered/);
  expect((await values()).length - before).toBe(2500);
});

test('a paused connector is not waited for', async () => {
  expect((await runCommand(cloud, props(topic), 'pause')).error).toBeUndefined();
  const { printed } = await message('-c', 'while paused', '-o', 'default');
  expect(printed).toContain('The connector does not run: it will be delivered after `s resume`.');
  expect(await values()).toContain('while paused');
  expect((await runCommand(cloud, props(topic), 'resume')).error).toBeUndefined();
});

test('a message that becomes no document is said to be in the topic, with the reason', async () => {
  const strict = props(topic, { document: { shape: 'value' } });
  await runCommand(cloud, strict, 'deploy');
  const { error } = await runCommand(cloud, strict, 'message', '-c', 'no object', '-p', '2');
  expect(error).toMatch(/^The message is in the topic, at topic-\w+\+2\+\d+, but the record was rejected: value_not_an_object\./);
  expect((await topics.read(`connect-error-${topic}`)).map(({ value }) => value)).toEqual(['no object']);
  await runCommand(cloud, props(topic), 'deploy');
});

test("with documents named by their keys, an older record's document is not taken for the message's", async () => {
  const byKey = props(topic, { document: { shape: 'value', id: 'key' } });
  await runCommand(cloud, byKey, 'deploy');
  const send = (...args: string[]) => runCommand(cloud, byKey, 'message', '-p', '0', ...args);
  expect(resultOf(await send('-k', 'twice', '-c', '{"n":1}'))).toMatchObject({ document: { n: 1 } });
  expect(resultOf(await send('-k', 'twice', '-c', '{"n":2}'))).toMatchObject({ document: { n: 2 } });
  expect((await send('-k', 'twice', '-c', 'no object')).error).toContain('but the record was rejected: value_not_an_object');
  expect((await send('-c', '{"n":3}')).error).toContain('but the record was rejected: key_missing');
  await runCommand(cloud, props(topic), 'deploy');
});

test('a log that cannot be read does not hide the document', async () => {
  cloud.faults.add({ product: 'sls', action: 'GetLogs', fault: { kind: 'unavailable' }, count: 20 });
  const run = await message('-c', 'where is it');
  cloud.faults.clear();
  expect(resultOf(run)).toMatchObject({ document: { msg_body: { value: 'where is it' } } });
});

test('how far a burst is may not be known, and it is not to be sent again for that', async () => {
  cloud.faults.add({ product: 'alikafka', action: 'GetConsumerProgress', fault: { kind: 'unavailable' }, count: 20 });
  const { error } = await message('-c', 'burst', '-n', '2');
  cloud.faults.clear();
  expect(error).toMatch(
    /^All 2 were sent, but how far they are could not be asked: .*GetConsumerProgress failed.* do not send them again\.$/,
  );
  expect(error).not.toContain('Run the command again');
});

test('an answer that is lost is no reason to send again, and is said', async () => {
  const content = `lost ${randomBytes(4).toString('hex')}`;
  cloud.faults.add({ product: 'fc', action: 'InvokeFunction', fault: { kind: 'response-lost' }, count: 1 });
  const { error } = await message('-c', content);
  expect(error).toMatch(/InvokeFunction failed .*It is not clear whether it was done: look before you run the command again/);
  expect((await values()).filter((value) => value === content)).toHaveLength(1);
});

test.each([
  [[], 'There is no content: give --content TEXT, or --file FILE'],
  [['-c', 'a', '-f', 'b'], '--content and --file: give one of them'],
  [['-f', '/nowhere'], "--file: '/nowhere' cannot be read (ENOENT)"],
  [['-c', 'a', '-p', 'first'], "--partition: 'first' is not an integer from 0 to 100000"],
  [['-c', 'a', '-p', '9'], 'there is no partition 9 in topic-'],
  [['-c', 'a', '-n', '0'], "--count: '0' is not an integer from 1 to 1000000"],
  [['-c', 'a', '--print', 'podman'], "--print: 'podman' is not known; give docker"],
  [['-c', 'a', '--print', 'docker', '-n', '2'], 'leave out --count'],
  [['-c', '', '--print', 'docker'], 'kcat cannot send an empty content'],
  [['-c', 'a', '-k', '\x1b[31m', '--print', 'docker'], 'a key with control characters'],
  [['--contnt', 'a'], '--contnt is not an option of this command; did you mean --content?'],
])('%j is refused', async (args, reason) => {
  expect((await message(...args)).error).toContain(reason);
});

test('a file that is not UTF-8 is refused: the trigger could not deliver it', async () => {
  await writeFile(join(folder, 'binary'), Buffer.from([0xff, 0xfe]));
  expect((await message('--file', join(folder, 'binary'))).error).toContain('is not UTF-8 text');
});

test.each([
  ['{"key": "test"}', 'demo', '1'],
  ['two\nlines, it\'s $HOME `here` \\n "quoted" 测试', "a key, isn't it", undefined],
  ['no key', undefined, '2'],
  ['ends with a line break\n', '', '0'],
  ['\x1b[31m red \\0101 \x9b \u202e 中 \n', 'k', undefined],
])('--print docker: what it prints sends %j with kcat, as the function does', async (content, key, partition) => {
  const args = [
    '--content',
    content,
    ...(key === undefined ? [] : ['--key', key]),
    ...(partition === undefined ? [] : ['--partition', partition]),
  ];
  const before = await topics.read(topic);
  const { command } = resultOf(await message(...args, '--print', 'docker')) as { command: string };
  expect(await topics.read(topic), 'nothing is sent').toEqual(before);
  const kcat = await findKcat();
  const [docker = ''] = /docker run --rm -i edenhill\/kcat:\S+/.exec(command) ?? [];
  await execa('sh', ['-c', command.replace(docker, kcat.command)], { env: kcat.env });
  resultOf(await message(...args));
  const added = (await topics.read(topic)).filter(
    (one) => !before.some(({ offset, partition: where }) => where === one.partition && offset === one.offset),
  );
  const [byKcat, byFunction] = added;
  expect(added).toHaveLength(2);
  expect(byKcat).toMatchObject({ key: key ?? null, value: content });
  if (partition !== undefined || key !== undefined) expect(byKcat?.partition).toBe(byFunction?.partition);
});

test('--print docker names user and protocol, and never a password', async () => {
  const kafka = {
    connectorTopics: 'off',
    bootstrapServers: 'b:9093',
    securityProtocol: 'SASL_SSL',
    username: "o'user",
    password: 'canary',
  };
  const environmentVariables = { KAFKA_CA: 'ca.pem' };
  const { printed } = await runCommand(
    cloud,
    props(topic, { kafka, function: { environmentVariables } }),
    'message',
    '-c',
    'a',
    '--print',
    'docker',
    '-o',
    'default',
  );
  expect(printed).toContain(
    `-X security.protocol=SASL_SSL -X sasl.mechanisms=PLAIN -X 'sasl.username=o'\\''user' -X sasl.password="$KAFKA_PASSWORD"`,
  );
  expect(printed).toContain('docker run --rm -i -v "$PWD/ca.pem:/ca.pem:ro" edenhill/kcat');
  expect(printed).not.toContain('canary');
});

test('a function that reaches no broker is said to, with what to do', async () => {
  const elsewhere = cloud.account.kafka.map((instance) => ({ ...instance, vpcId: 'vpc-elsewhere' }));
  const servers = { broker: inject('broker'), elasticsearchUrl: inject('elasticsearchUrl') };
  await using other = await TestCloud.start({ account: seededAccount(servers, { kafka: elsewhere }) });
  const name = `${topic}-b`;
  const own = props(topic, { name });
  expect((await runCommand(other, own, 'deploy')).error).toBeUndefined();
  const { error } = await runCommand(other, own, 'message', '-c', 'a');
  expect(error).toMatch(/The function reaches no broker.*Set kafka\.bootstrapServers.*--print docker/s);
  await runCommand(other, own, 'remove', '-y');
});
