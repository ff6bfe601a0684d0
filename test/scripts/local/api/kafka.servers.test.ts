import { randomBytes } from 'node:crypto';
import { Kafka, logLevel, type Message } from 'kafkajs';
import { expect, inject, test } from 'vitest';
import { type KafkaInstance, seededAccount } from '../../../../scripts/local/api/account.ts';
import { refusal, TestCloud } from '../../../support/cloud/local-cloud.ts';
import { alikafka } from '../../../support/cloud/sdk-clients.ts';

const instanceId = 'alikafka_pre-cn-local0000001';
const inInstance = { instanceId, regionId: 'cn-hangzhou' };

/** The cloud on the real broker, with the instance changed. */
async function startCloud(changes: Partial<KafkaInstance> = {}): Promise<TestCloud> {
  const seeded = seededAccount({ broker: inject('broker'), elasticsearchUrl: inject('elasticsearchUrl') });
  return TestCloud.start({ account: { ...seeded, kafka: seeded.kafka.map((instance) => ({ ...instance, ...changes })) } });
}

function uniqueName(): string {
  return `test-${randomBytes(4).toString('hex')}`;
}

/** What a CreateTopic is refused with, or `made`; topics that were made are deleted. */
async function createTopic(cloud: TestCloud, changes: object): Promise<string> {
  const { kafka } = cloud.clients();
  const topic = uniqueName();
  const wanted = { ...inInstance, topic, remark: 'a-remark', ...changes };
  try {
    await kafka.createTopic(new alikafka.CreateTopicRequest(wanted));
  } catch (error) {
    return (await refusal(Promise.reject(error))).code;
  }
  await kafka.deleteTopic(new alikafka.DeleteTopicRequest({ ...inInstance, topic: wanted.topic }));
  return 'made';
}

async function withTopic(cloud: TestCloud, use: (topic: string) => Promise<void>, changes: object = {}): Promise<void> {
  const { kafka } = cloud.clients();
  const topic = uniqueName();
  await kafka.createTopic(new alikafka.CreateTopicRequest({ ...inInstance, topic, remark: 'a-remark', partitionNum: '2', ...changes }));
  await use(topic);
  await kafka.deleteTopic(new alikafka.DeleteTopicRequest({ ...inInstance, topic }));
}

async function send(topic: string, messages: Message[]): Promise<void> {
  const producer = new Kafka({ brokers: [inject('broker')], logLevel: logLevel.NOTHING }).producer();
  await producer.connect();
  await producer.send({ topic, messages });
  await producer.disconnect();
}

test('an instance tells its network, edition, address, version and state', async () => {
  await using cloud = await startCloud();
  const { kafka } = cloud.clients();
  const list = async (changes: object) =>
    (await kafka.getInstanceList(new alikafka.GetInstanceListRequest({ regionId: 'cn-hangzhou', ...changes }))).body?.instanceList
      ?.instanceVO;
  expect(await list({})).toMatchObject([
    {
      instanceId,
      vpcId: 'vpc-bp1local000000000000001',
      vSwitchId: 'vsw-bp1local000000000000001',
      securityGroup: 'sg-bp1localkafka0000000001',
      endPoint: inject('broker'),
      serviceStatus: 5,
      specType: 'professional',
      deployType: 5,
      autoCreateTopicEnable: false,
      upgradeServiceDetailInfo: { current2OpenSourceVersion: '2.6.2' },
    },
  ]);
  expect(await list({ instanceId: [instanceId] })).toHaveLength(1);
  expect(await list({ instanceId: ['alikafka_pre-cn-none'] })).toEqual([]);
  expect(await list({ regionId: 'cn-beijing' })).toEqual([]);
});

test('a topic is made on the broker with the partitions asked for, listed, and deleted there', async () => {
  await using cloud = await startCloud();
  const { kafka } = cloud.clients();
  const admin = new Kafka({ brokers: [inject('broker')], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const topic = uniqueName();
  const { body } = await kafka.createTopic(
    new alikafka.CreateTopicRequest({ ...inInstance, topic, remark: 'a-remark', partitionNum: '6' }),
  );
  expect(body).toMatchObject({ code: 200, success: true });
  expect((await admin.fetchTopicMetadata({ topics: [topic] })).topics[0]?.partitions).toHaveLength(6);
  await cloud.restart();
  const list = new alikafka.GetTopicListRequest({ ...inInstance, topic });
  const found = await cloud.clients().kafka.getTopicList(list);
  const row = { topic, remark: 'a-remark', partitionNum: 6, localTopic: false, compactTopic: false, status: 0, autoCreate: false };
  expect(found.body?.topicList?.topicVO).toMatchObject([row]);
  const again = cloud.clients().kafka.createTopic(new alikafka.CreateTopicRequest({ ...inInstance, topic, remark: 'a-remark' }));
  expect(await refusal(again)).toMatchObject({ code: 'BIZ_TOPIC_EXISTED' });
  await cloud.clients().kafka.deleteTopic(new alikafka.DeleteTopicRequest({ ...inInstance, topic }));
  await expect.poll(() => admin.listTopics()).not.toContain(topic);
  const gone = cloud.clients().kafka.deleteTopic(new alikafka.DeleteTopicRequest({ ...inInstance, topic }));
  expect(await refusal(gone)).toMatchObject({ code: 'BIZ_TOPIC_NOT_FOUND' });
  await admin.disconnect();
});

test('a topic has 12 partitions unless asked otherwise', async () => {
  await using cloud = await startCloud();
  const topic = uniqueName();
  const { kafka } = cloud.clients();
  await kafka.createTopic(new alikafka.CreateTopicRequest({ ...inInstance, topic, remark: 'a-remark' }));
  const { body } = await kafka.getTopicList(new alikafka.GetTopicListRequest({ ...inInstance, topic }));
  expect(body?.topicList?.topicVO?.[0]?.partitionNum).toBe(12);
  await kafka.deleteTopic(new alikafka.DeleteTopicRequest({ ...inInstance, topic }));
});

test.each<[string, object, string]>([
  ['cloud storage with one partition', { partitionNum: '1' }, 'InvalidParameter'],
  ['local storage with one partition', { partitionNum: '1', localTopic: true }, 'made'],
  ['no partition', { partitionNum: '0' }, 'InvalidParameter'],
  ['361 partitions', { partitionNum: '361' }, 'InvalidParameter'],
  ['compact with cloud storage', { compactTopic: true }, 'InvalidParameter'],
  ['compact with local storage', { compactTopic: true, localTopic: true, partitionNum: '1' }, 'made'],
  ['a name of 2 characters', { topic: 'ab' }, 'InvalidParameter'],
  ['a name of 65 characters', { topic: 'a'.repeat(65) }, 'InvalidParameter'],
  ['a name with a space', { topic: 'two words' }, 'InvalidParameter'],
  ['a remark of 2 characters', { remark: 'ab' }, 'InvalidParameter'],
  ['a remark with a full stop', { remark: 'a.remark' }, 'InvalidParameter'],
  ['no remark', { remark: '' }, 'MissingParameter'],
])('a topic with %s: %o is %s', async (_what, changes, outcome) => {
  await using cloud = await startCloud();
  expect(await createTopic(cloud, changes)).toBe(outcome);
});

test('a Standard Edition instance has cloud storage only', async () => {
  await using cloud = await startCloud({ edition: 'normal' });
  expect(await createTopic(cloud, { localTopic: true })).toBe('InvalidParameter');
  expect(await createTopic(cloud, {})).toBe('made');
});

test('nothing is made on an instance that is not running, or is not there', async () => {
  await using cloud = await startCloud({ serviceStatus: 1 });
  expect(await createTopic(cloud, {})).toBe('BIZ.INSTANCE.STATUS.ERROR');
  expect(await createTopic(cloud, { instanceId: 'alikafka_pre-cn-none' })).toBe('BIZ_INSTANCE_NOT_FOUND');
});

test('a compact topic is compact on the broker', async () => {
  await using cloud = await startCloud();
  const admin = new Kafka({ brokers: [inject('broker')], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  const check = async (topic: string) => {
    const { resources } = await admin.describeConfigs({ resources: [{ type: 2, name: topic }], includeSynonyms: false });
    const policy = resources[0]?.configEntries.find(({ configName }) => configName === 'cleanup.policy');
    expect(policy?.configValue).toBe('compact');
  };
  await withTopic(cloud, check, { compactTopic: true, localTopic: true });
  await admin.disconnect();
});

test('a topic that nobody made is not made by asking for it', async () => {
  await using cloud = await startCloud();
  const status = cloud.clients().kafka.getTopicStatus(new alikafka.GetTopicStatusRequest({ ...inInstance, topic: uniqueName() }));
  expect(await refusal(status)).toMatchObject({ code: 'BIZ_TOPIC_NOT_FOUND' });
});

test('lists of topics come in pages', async () => {
  await using cloud = await startCloud();
  const { kafka } = cloud.clients();
  const topics = ['a', 'b', 'c'].map((letter) => `${uniqueName()}-${letter}`);
  for (const topic of topics)
    await kafka.createTopic(new alikafka.CreateTopicRequest({ ...inInstance, topic, remark: 'a-remark', partitionNum: '2' }));
  const { body } = await kafka.getTopicList(new alikafka.GetTopicListRequest({ ...inInstance, currentPage: '2', pageSize: '2' }));
  expect(body).toMatchObject({ total: 3, currentPage: 2, pageSize: 2, topicList: { topicVO: [{ topic: topics[2] }] } });
  for (const topic of topics) await kafka.deleteTopic(new alikafka.DeleteTopicRequest({ ...inInstance, topic }));
});

test('a topic tells the offsets of each partition', async () => {
  await using cloud = await startCloud();
  await withTopic(cloud, async (topic) => {
    await send(topic, [
      { value: 'a', partition: 1 },
      { value: 'b', partition: 1 },
    ]);
    const { body } = await cloud.clients().kafka.getTopicStatus(new alikafka.GetTopicStatusRequest({ ...inInstance, topic }));
    expect(body?.topicStatus?.totalCount).toBe(2);
    expect(body?.topicStatus?.offsetTable?.offsetTable).toMatchObject([
      { partition: 0, minOffset: 0, maxOffset: 0 },
      { partition: 1, minOffset: 0, maxOffset: 2 },
    ]);
  });
});

test('a group is made, listed, kept over a restart, and deleted', async () => {
  await using cloud = await startCloud();
  const consumerId = uniqueName();
  const create = () => cloud.clients().kafka.createConsumerGroup(new alikafka.CreateConsumerGroupRequest({ ...inInstance, consumerId }));
  await create();
  await cloud.restart();
  expect(await refusal(create())).toMatchObject({ code: 'BIZ_SUBSCRIPTION_EXISTED' });
  const { kafka } = cloud.clients();
  const list = new alikafka.GetConsumerListRequest({ ...inInstance, consumerId });
  expect((await kafka.getConsumerList(list)).body?.consumerList?.consumerVO).toMatchObject([
    { consumerId, automaticallyCreatedGroup: false },
  ]);
  await kafka.deleteConsumerGroup(new alikafka.DeleteConsumerGroupRequest({ ...inInstance, consumerId }));
  expect((await kafka.getConsumerList(list)).body?.consumerList?.consumerVO).toEqual([]);
  const bad = kafka.createConsumerGroup(new alikafka.CreateConsumerGroupRequest({ ...inInstance, consumerId: 'a b' }));
  expect(await refusal(bad)).toMatchObject({ code: 'InvalidParameter' });
});

test('the progress of a group is the lag on the broker, partition by partition, with who reads it; a group that reads is not deleted', async () => {
  await using cloud = await startCloud();
  const consumerId = uniqueName();
  const { kafka } = cloud.clients();
  await kafka.createConsumerGroup(new alikafka.CreateConsumerGroupRequest({ ...inInstance, consumerId }));
  const progress = async () =>
    (await kafka.getConsumerProgress(new alikafka.GetConsumerProgressRequest({ ...inInstance, consumerId }))).body?.consumerProgress;
  await withTopic(cloud, async (topic) => {
    await send(topic, [{ value: 'a', partition: 0 }]);
    const consumer = new Kafka({ brokers: [inject('broker')], clientId: 'a-client', logLevel: logLevel.NOTHING }).consumer({
      groupId: consumerId,
    });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const read = new Promise<void>((resolve) => void consumer.run({ eachMessage: async () => resolve() }));
    await read;
    await expect.poll(async () => (await progress())?.totalDiff).toBe(0);
    const [reading] = (await progress())?.topicList?.topicList ?? [];
    expect((await progress())?.state).toBe('STABLE');
    expect(reading?.offsetList?.offsetList?.[0]).toMatchObject({
      partition: 0,
      brokerOffset: 1,
      consumerOffset: 1,
      accumulate: 0,
      clientId: 'a-client',
    });
    expect(reading?.offsetList?.offsetList?.[0]?.memberId).toMatch(/^a-client-/);
    const remove = () => kafka.deleteConsumerGroup(new alikafka.DeleteConsumerGroupRequest({ ...inInstance, consumerId }));
    expect(await refusal(remove())).toMatchObject({ code: 'BIZ_CONSUMER_ONLINE' });
    await consumer.disconnect();
    await send(topic, [
      { value: 'b', partition: 0 },
      { value: 'c', partition: 0 },
    ]);
    expect(await progress()).toMatchObject({ state: 'EMPTY', totalDiff: 2, topicList: { topicList: [{ topic, totalDiff: 2 }] } });
    await remove();
    expect(await refusal(progress())).toMatchObject({ code: 'BIZ_SUBSCRIPTION_NOT_FOUND' });
  });
});

test('a message is found by offset or by time, and shown to 1 KB', async () => {
  await using cloud = await startCloud();
  const { kafka } = cloud.clients();
  const query = async (topic: string, changes: object) =>
    (await kafka.queryMessage(new alikafka.QueryMessageRequest({ ...inInstance, topic, ...changes }))).body?.messageList;
  await withTopic(cloud, async (topic) => {
    await send(topic, [
      { key: 'k', value: 'x'.repeat(1025), partition: 1, timestamp: '1700000000000' },
      { key: 'l', value: 'short', partition: 1, timestamp: '1700000001000' },
      { value: null, partition: 0, timestamp: '1700000002000' },
    ]);
    const byOffset = await query(topic, { queryType: 'byOffset', partition: '1', offset: '0' });
    expect(byOffset).toMatchObject([
      { offset: 0, key: 'k', value: 'x'.repeat(1024), valueTruncated: true, serializedValueSize: 1025, truncatedValueSize: 1024 },
      { offset: 1, key: 'l', value: 'short', valueTruncated: false, timestamp: 1_700_000_001_000 },
    ]);
    const byTime = await query(topic, { queryType: 'byTimestamp', beginTime: 1_700_000_001_000 });
    expect(byTime?.map(({ partition, offset }) => [partition, offset]).sort()).toEqual([
      [0, 0],
      [1, 1],
    ]);
    expect(await refusal(query(topic, { queryType: 'byOffset', partition: '1' }))).toMatchObject({ code: 'MissingParameter' });
    expect(await refusal(query(topic, { queryType: 'byKey' }))).toMatchObject({ code: 'InvalidParameter' });
  });
});
