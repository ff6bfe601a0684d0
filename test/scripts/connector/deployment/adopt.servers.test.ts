import { Kafka, logLevel } from 'kafkajs';
import { expect, inject, test } from 'vitest';
import { ElasticIndex } from '../../../../scripts/demo/elastic-index.ts';
import { instanceId, openCloudWithTopic, serviceNames, small } from '../../../support/cloud/cloud-on-servers.ts';
import type { TestCloud } from '../../../support/cloud/local-cloud.ts';
import { propsFor, runCommand } from '../../../support/cloud/run-command.ts';
import { alikafka } from '../../../support/cloud/sdk-clients.ts';

const enable = { 'x-fc-enable-eventbridge-trigger': 'enable' };

/** Reads and commits as the console's connector of that name does, from its group and with its service. */
async function openConsoleConnector(cloud: TestCloud, topic: string) {
  const groupId = `connect-${topic}`;
  const request = { instanceId, regionId: 'cn-hangzhou', consumerId: groupId, remark: 'create_by_kafka_connector_do_not_delete' };
  await cloud.clients().kafka.createConsumerGroup(new alikafka.CreateConsumerGroupRequest(request));
  await cloud.clients().fc.createService(`kafka-service-${topic}-abcd1234`, { description: 'made by the console' });
  const consumer = new Kafka({ brokers: [inject('broker')], logLevel: logLevel.NOTHING }).consumer({ groupId });
  let read = 0;
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({
    eachMessage: async () => {
      read += 1;
    },
  });
  return { stop: () => consumer.disconnect(), read: () => read };
}

async function hasTrigger(cloud: TestCloud, serviceName: string): Promise<boolean> {
  return (await cloud.clients().fc.listTriggers(serviceName, 'elasticsearch-sink', {}, enable)).data.triggers.length > 0;
}

test("the console's connector is taken over where it stands, as soon as it is stopped, also after an interruption", async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic, topics } = deployment;
  const props = propsFor(topic, { name: topic, ...small });
  const index = await ElasticIndex.create({ url: inject('elasticsearchUrl'), username: 'elastic', password: 'none' }, topic);
  const original = await openConsoleConnector(cloud, topic);
  await topics.send(
    topic,
    ['1', '2', '3'].map((value) => ({ key: value, value })),
  );
  await expect.poll(original.read).toBe(3);

  const plain = await runCommand(cloud, props, 'deploy');
  expect(plain.error).toContain(
    `connect-${topic} is used by the connector of service kafka-service-${topic}-abcd1234, which reads ${topic}`,
  );
  expect(plain.error).toContain('Take it over with `s deploy --adopt`');
  expect(await serviceNames(cloud)).toEqual([`kafka-service-${topic}-abcd1234`]);

  const own = async () => (await serviceNames(cloud)).find((name) => !name.endsWith('abcd1234')) ?? '';
  const interrupted = runCommand(cloud, props, 'deploy', '--adopt');
  await expect.poll(own).not.toBe('');
  const refusal = { kind: 'refused', status: 400, code: 'BIZ_TEST_INTERRUPTED', message: 'interrupted' } as const;
  cloud.faults.add({ product: 'alikafka', action: 'GetConsumerProgress', fault: refusal, count: 1 });
  expect((await interrupted).error).toContain('BIZ_TEST_INTERRUPTED');
  expect(await hasTrigger(cloud, await own())).toBe(false);
  expect((await runCommand(cloud, props, 'deploy')).error).toContain('is used by');

  const adopting = runCommand(cloud, props, 'deploy', '--adopt');
  await new Promise((resolve) => setTimeout(resolve, 8000));
  expect(await hasTrigger(cloud, await own())).toBe(false);
  await original.stop();
  const adopted = await adopting;
  expect(adopted.error).toBeUndefined();
  expect(adopted.printed).toMatch(/STABLE, lag 0, \d+ s: pause or delete the connector that reads as it/);
  await topics.send(
    topic,
    ['4', '5'].map((value) => ({ key: value, value })),
  );
  await expect.poll(() => index.count()).toBe(2);
  expect((await runCommand(cloud, props, 'deploy', '--adopt')).steps.every(({ action }) => action === 'keep')).toBe(true);
  const removed = await runCommand(cloud, props, 'remove', '-y', '--with-topics');
  expect(removed.printed).toContain(`"name":"connect-${topic}","why":"this connector did not make it"`);
});

test('a group that is not there, or stands in another topic, cannot be taken over', async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic } = deployment;
  const props = propsFor(topic, { name: topic, ...small });
  expect((await runCommand(cloud, props, 'deploy', '--adopt')).error).toContain(`there is no group connect-${topic} to take over`);
  const elsewhere = await deployment.topics.create(1);
  await deployment.topics.send(elsewhere, [{ value: '1' }]);
  const admin = new Kafka({ brokers: [inject('broker')], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.setOffsets({ groupId: `connect-${topic}-b`, topic: elsewhere, partitions: [{ partition: 0, offset: '1' }] });
  await admin.disconnect();
  const group = { instanceId, regionId: 'cn-hangzhou', consumerId: `connect-${topic}-b`, remark: 'by-hand' };
  await cloud.clients().kafka.createConsumerGroup(new alikafka.CreateConsumerGroupRequest(group));
  const other = await runCommand(cloud, propsFor(topic, { name: `${topic}-b`, ...small }), 'deploy', '--adopt');
  expect(other.error).toContain(`connect-${topic}-b stands in ${elsewhere}, not in ${topic}`);
});
