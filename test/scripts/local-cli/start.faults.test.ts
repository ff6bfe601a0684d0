import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { expect, test } from 'vitest';
import { seededAccount } from '../../../scripts/local/api/account.ts';
import { propsFor, runCommand } from '../../support/cloud/run-command.ts';
import { alikafka, Clients } from '../../support/cloud/sdk-clients.ts';
import { Command } from '../../support/command.ts';

const instance = { instanceId: 'alikafka_pre-cn-local0000001', regionId: 'cn-hangzhou' };

/** Starts `npm run local:cloud`, gives what it has printed to `use`, and stops it as Ctrl-C does. */
async function withLocalCloud(folder: string, use: (printed: string) => Promise<void>): Promise<void> {
  await using command = await Command.create();
  const program = command.run('scripts/local-cli/start.ts', ['--state', relative('.', folder)]);
  await once(program.stdout, 'data');
  const { stdout } = program;
  let printed = '';
  stdout.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  await expect.poll(() => printed).toContain('Ctrl-C stops it.');
  await use(printed);
  program.kill('SIGINT');
  expect(await program).toMatchObject({ exitCode: 0 });
  await expect.poll(() => command.leftovers()).toEqual([]);
}

function find(printed: string, form: RegExp): string {
  return form.exec(printed)?.[1] ?? `${form} not found in ${printed}`;
}

test('the local cloud tells its address and what exists, runs what is deployed, and has it still after a restart', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'cloud-state-'));
  const made = { ...instance, topic: 'made-by-a-user' };
  let before = '';
  await withLocalCloud(folder, async (printed) => {
    before = printed;
    expect(printed).toContain('topic alikafka_pre-cn-local0000001/elasticsearch-test-input');
    const key = { accessKeyId: find(printed, /AccessKeyID=(\S+)/), accessKeySecret: find(printed, /AccessKeySecret=(\S+)/) };
    const { kafka } = new Clients(find(printed, /CLOUD_ENDPOINT=(\S+)/), key);
    await kafka.createTopic(new alikafka.CreateTopicRequest({ ...made, remark: 'test', partitionNum: '2' }));
    const producer = new Kafka({ brokers: [find(printed, /professional, at (\S+)/)], logLevel: logLevel.NOTHING }).producer();
    await producer.connect();
    await producer.send({ topic: made.topic, messages: [{ key: 'k', value: 'kept', partition: 1 }] });
    await producer.disconnect();
    const account = seededAccount({ broker: '', elasticsearchUrl: '' });
    const cloud = { account, endpoint: find(printed, /CLOUD_ENDPOINT=(\S+)/) };
    const deployed = await runCommand(cloud, propsFor('elasticsearch-test-input'), 'deploy');
    expect(deployed.printed).toContain('"functionChecks":[{"name":"settings","ok":true');
  });
  await withLocalCloud(folder, async (printed) => {
    expect(printed).toMatch(/function kafka-service-kafka-elasticsearch-sink-[a-z0-9]{8}\$elasticsearch-sink/);
    expect(find(printed, /CLOUD_ENDPOINT=(\S+)/)).toBe(find(before, /CLOUD_ENDPOINT=(\S+)/));
    expect(find(printed, /Elasticsearch instance (.*)/)).toBe(find(before, /Elasticsearch instance (.*)/));
    const key = { accessKeyId: find(printed, /AccessKeyID=(\S+)/), accessKeySecret: find(printed, /AccessKeySecret=(\S+)/) };
    const { kafka } = new Clients(find(printed, /CLOUD_ENDPOINT=(\S+)/), key);
    const { body } = await kafka.getTopicStatus(new alikafka.GetTopicStatusRequest({ ...made }));
    expect(body?.topicStatus?.totalCount).toBe(1);
  });
  await rm(folder, { recursive: true });
});
