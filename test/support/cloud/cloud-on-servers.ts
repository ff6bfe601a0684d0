import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { type Account, seededAccount } from '../../../scripts/local/api/account.ts';
import { Topics } from '../kafka/topics.ts';
import { TestCloud } from './local-cloud.ts';
import { alikafka } from './sdk-clients.ts';

/** The Kafka instance that a seeded account has. */
export const instanceId = 'alikafka_pre-cn-local0000001';
export const secondInstanceId = 'alikafka_pre-cn-local0000002';

/** Fewer things than the default, where a test is not about them. */
export const small = { kafka: { connectorTopics: 'off' } };

/** A local cloud on the shared servers, with a source topic of its own, from whose name all others come. */
export interface CloudWithTopic extends AsyncDisposable {
  readonly cloud: TestCloud;
  readonly topics: Topics;
  readonly topic: string;
}

/** `account` makes changes to the seeded one from itself. */
export async function openCloudWithTopic(
  account: (seeded: Account) => Partial<Account> = () => ({}),
  changes: Parameters<typeof TestCloud.start>[0] = {},
): Promise<CloudWithTopic> {
  const topic = `deploy-${randomBytes(4).toString('hex')}`;
  const servers = { broker: inject('broker'), elasticsearchUrl: inject('elasticsearchUrl'), topics: [{ topic, partitionNum: 2 }] };
  const cloud = await TestCloud.start({ ...changes, account: seededAccount(servers, account(seededAccount(servers))) });
  const topics = await Topics.open(inject('broker'));
  const close = async () => {
    await topics[Symbol.asyncDispose]();
    await cloud[Symbol.asyncDispose]();
  };
  return { cloud, topics, topic, [Symbol.asyncDispose]: close };
}

/** Makes a topic as a user does, in the console. */
export async function makeTopic(cloud: TestCloud, topic: string, instance = instanceId): Promise<void> {
  const request = { instanceId: instance, regionId: 'cn-hangzhou', topic, remark: 'made-by-hand', partitionNum: '2' };
  await cloud.clients().kafka.createTopic(new alikafka.CreateTopicRequest(request));
}

/** Names of the instance's topics. */
export async function topicNames(cloud: TestCloud): Promise<string[]> {
  const request = new alikafka.GetTopicListRequest({ instanceId, regionId: 'cn-hangzhou', pageSize: '100' });
  const { body } = await cloud.clients().kafka.getTopicList(request);
  return (body?.topicList?.topicVO ?? []).map(({ topic = '' }) => topic).sort();
}

/** Names of the account's services. */
export async function serviceNames(cloud: TestCloud): Promise<string[]> {
  const { data } = await cloud.clients().fc.listServices();
  return data.services.map(({ serviceName }: { serviceName: string }) => serviceName).sort();
}
