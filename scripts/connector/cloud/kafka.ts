import type { Access } from './access.ts';
import { call, found, made } from './call.ts';
import { loadSdk, openClient } from './sdk.ts';
import { waitUntil } from './waiting.ts';

const product = 'ApsaraMQ for Kafka';
const rowsPerPage = 100;
/** `ServiceStatus` of an instance that runs. */
const runningStatus = 5;
/** `Status` of a topic that can be used; another one while it is made: https://www.alibabacloud.com/help/en/apsaramq-for-kafka/cloud-message-queue-for-kafka/developer-reference/api-alikafka-2019-09-16-gettopiclist */
const usableStatus = 0;
/** https://github.com/aliyun/terraform-provider-alicloud/blob/master/alicloud/resource_alicloud_alikafka_topic.go */
const [creationSeconds, deletionSeconds] = [300, 960];

/** A Kafka instance. */
export interface KafkaInstance {
  readonly instanceId: string;
  readonly name: string;
  readonly isRunning: boolean;
  /** `normal` (Standard Edition), `professional`, `professionalForHighRead`; serverless ones have other names. */
  readonly edition: string;
  readonly vpcId: string;
  readonly vSwitchId: string;
  readonly securityGroupId: string;
  /** Hours that messages are kept, unless a topic says otherwise. */
  readonly retentionHours: number;
  /** Hours that a group's offsets are kept when nobody reads as it; undefined: the instance does not tell. */
  readonly offsetRetentionHours: number | undefined;
  /** The Kafka version, for example `2.6.2`. */
  readonly version: string;
  /** `host:port,host:port` by the way to the brokers; undefined where the instance has none. */
  readonly endpoints: {
    /** The endpoint in its VPC. */
    readonly plaintext: string | undefined;
    /** The endpoint in its VPC that asks for a user. */
    readonly sasl: string | undefined;
    /** The endpoint on the Internet, with users and TLS. */
    readonly ssl: string | undefined;
  };
}

/** A topic as the cloud tells of it; undefined: it does not tell. */
export interface KafkaTopic {
  readonly topic: string;
  readonly partitions: number;
  readonly storage: 'local' | 'cloud' | undefined;
  readonly compact: boolean | undefined;
  /** What its maker wrote to it. */
  readonly remark: string;
}

/** A consumer group that is there. */
export interface ConsumerGroup {
  /** `STABLE`, `EMPTY`, `DEAD` and the states between; `UNKNOWN` when it has never consumed. */
  readonly state: string;
  /** What its maker wrote to it. */
  readonly remark: string;
  readonly topics: readonly string[];
  readonly partitions: readonly PartitionProgress[];
}

/** Whether somebody reads as the group, or is about to. */
export function isReadBySomebody(group: ConsumerGroup | undefined): boolean {
  return group !== undefined && !['EMPTY', 'DEAD', 'UNKNOWN', ''].includes(group.state.toUpperCase());
}

/** How far a group is in one partition; offsets are those of the next record. */
interface PartitionProgress {
  readonly topic: string;
  readonly partition: number;
  readonly committed: number;
  readonly end: number;
  /** The id of the group's member that reads it; absent where none does, or the API does not tell. */
  readonly member?: string;
}

/** What a partition holds: offsets of its first record, and of the next. */
export interface PartitionOffsets {
  readonly partition: number;
  readonly first: number;
  readonly end: number;
}

/** Instances, topics and consumer groups of ApsaraMQ for Kafka. */
export class KafkaApi {
  readonly #sdk = loadSdk('@alicloud/alikafka20190916');
  readonly #client;
  readonly #regionId: string;

  constructor(access: Access) {
    this.#client = openClient(this.#sdk, access);
    this.#regionId = access.region;
  }

  async instance(instanceId: string): Promise<KafkaInstance | undefined> {
    const request = new this.#sdk.GetInstanceListRequest({ regionId: this.#regionId, instanceId: [instanceId] });
    const { body } = await call(product, 'GetInstanceList', () => this.#client.getInstanceList(request));
    const instance = body?.instanceList?.instanceVO?.find((candidate) => candidate.instanceId === instanceId);
    return (
      instance && {
        instanceId,
        name: instance.name ?? '',
        isRunning: instance.serviceStatus === runningStatus,
        edition: instance.specType ?? '',
        vpcId: instance.vpcId ?? '',
        vSwitchId: instance.vSwitchId ?? '',
        securityGroupId: instance.securityGroup ?? '',
        retentionHours: instance.msgRetain ?? 72,
        offsetRetentionHours: offsetRetentionHours(instance.allConfig),
        version: instance.upgradeServiceDetailInfo?.current2OpenSourceVersion ?? '',
        endpoints: {
          plaintext: instance.domainEndpoint || instance.endPoint || undefined,
          sasl: instance.vpcSaslDomainEndpoint || instance.vpcSaslEndPoint || instance.saslDomainEndpoint || undefined,
          ssl: instance.sslDomainEndpoint || instance.sslEndPoint || undefined,
        },
      }
    );
  }

  /** All topics of the instance. */
  async topics(instanceId: string): Promise<KafkaTopic[]> {
    const topics: KafkaTopic[] = [];
    for (let page = 1, total = 1; topics.length < total; page += 1) {
      const request = new this.#sdk.GetTopicListRequest({
        instanceId,
        regionId: this.#regionId,
        currentPage: String(page),
        pageSize: String(rowsPerPage),
      });
      const { body } = await call(product, 'GetTopicList', () => this.#client.getTopicList(request));
      const rows = body?.topicList?.topicVO ?? [];
      if (rows.length === 0) break;
      total = body?.total ?? 0;
      topics.push(
        ...rows.map(({ topic = '', partitionNum = 0, localTopic, compactTopic, remark = '' }) => ({
          topic,
          partitions: partitionNum,
          storage: localTopic === undefined ? undefined : localTopic ? ('local' as const) : ('cloud' as const),
          compact: compactTopic,
          remark,
        })),
      );
    }
    return topics;
  }

  /** How many topics the instance has, and how many of them a first page of this size holds. */
  async topicPage(instanceId: string, pageSize: number): Promise<{ readonly rows: number; readonly total: number }> {
    const page = { instanceId, regionId: this.#regionId, currentPage: '1', pageSize: String(pageSize) };
    const request = new this.#sdk.GetTopicListRequest(page);
    const { body } = await call(product, 'GetTopicList', () => this.#client.getTopicList(request));
    return { rows: body?.topicList?.topicVO?.length ?? 0, total: body?.total ?? 0 };
  }

  /** Each partition of a topic; empty when there is no such topic. */
  async offsets(instanceId: string, topic: string): Promise<PartitionOffsets[]> {
    const request = new this.#sdk.GetTopicStatusRequest({ instanceId, regionId: this.#regionId, topic });
    const response = await found(
      call(product, 'GetTopicStatus', () => this.#client.getTopicStatus(request)),
      'BIZ_TOPIC_NOT_FOUND',
    );
    const rows = response?.body?.topicStatus?.offsetTable?.offsetTable ?? [];
    return rows.map(({ partition = 0, minOffset = 0, maxOffset = 0 }) => ({ partition, first: minOffset, end: maxOffset }));
  }

  async createTopic(instanceId: string, { topic, partitions, storage, compact, remark }: KafkaTopic): Promise<void> {
    const request = new this.#sdk.CreateTopicRequest({
      instanceId,
      regionId: this.#regionId,
      topic,
      remark,
      partitionNum: String(partitions),
      localTopic: storage === 'local',
      compactTopic: compact ?? false,
    });
    await made(
      call(product, 'CreateTopic', () => this.#client.createTopic(request)),
      'BIZ_TOPIC_EXISTED',
    );
    const isUsable = async () => (await this.#topicStatus(instanceId, topic)) === usableStatus;
    if (!(await waitUntil(`topic ${topic}`, creationSeconds, isUsable))) throw notYet(`topic ${topic} cannot be used`, creationSeconds);
  }

  /** The topic's status; undefined when there is no such topic. One without a status can be used. */
  async #topicStatus(instanceId: string, topic: string): Promise<number | undefined> {
    const request = new this.#sdk.GetTopicListRequest({
      instanceId,
      regionId: this.#regionId,
      topic,
      currentPage: '1',
      pageSize: String(rowsPerPage),
    });
    const { body } = await call(product, 'GetTopicList', () => this.#client.getTopicList(request));
    const row = body?.topicList?.topicVO?.find((candidate) => candidate.topic === topic);
    return row && (row.status ?? usableStatus);
  }

  async deleteTopic(instanceId: string, topic: string): Promise<void> {
    const request = new this.#sdk.DeleteTopicRequest({ instanceId, regionId: this.#regionId, topic });
    await found(
      call(product, 'DeleteTopic', () => this.#client.deleteTopic(request)),
      'BIZ_TOPIC_NOT_FOUND',
    );
    // A deployment that still sees it would keep it, and then be without it.
    const isGone = async () => (await this.#topicStatus(instanceId, topic)) === undefined;
    if (!(await waitUntil(`the end of topic ${topic}`, deletionSeconds, isGone))) throw notYet(`topic ${topic} is there`, deletionSeconds);
  }

  async consumerGroup(instanceId: string, consumerId: string): Promise<ConsumerGroup | undefined> {
    const where = { instanceId, regionId: this.#regionId, consumerId };
    const listed = await this.#listedGroup(instanceId, consumerId);
    if (!listed) return undefined;
    const request = new this.#sdk.GetConsumerProgressRequest(where);
    const progress = await found(
      call(product, 'GetConsumerProgress', () => this.#client.getConsumerProgress(request)),
      'BIZ_SUBSCRIPTION_NOT_FOUND',
    );
    const { state = 'UNKNOWN', topicList } = progress?.body?.consumerProgress ?? {};
    const topics = topicList?.topicList ?? [];
    return {
      state,
      remark: listed.remark ?? '',
      topics: topics.map(({ topic = '' }) => topic),
      partitions: topics.flatMap(({ topic = '', offsetList }) =>
        (offsetList?.offsetList ?? []).map(({ partition = 0, consumerOffset = 0, brokerOffset = 0, memberId }) => ({
          topic,
          partition,
          committed: consumerOffset,
          end: brokerOffset,
          ...(memberId && { member: memberId }),
        })),
      ),
    };
  }

  /** Lets a group that nobody reads as begin at the end of a topic: https://www.alibabacloud.com/help/en/apsaramq-for-kafka/cloud-message-queue-for-kafka/developer-reference/api-alikafka-2019-09-16-updateconsumeroffset */
  async moveGroupToEnd(instanceId: string, consumerId: string, topic: string): Promise<void> {
    const where = { instanceId, regionId: this.#regionId, consumerId, topic };
    const request = new this.#sdk.UpdateConsumerOffsetRequest({ ...where, resetType: 'timestamp', time: '-1' });
    await call(product, 'UpdateConsumerOffset', () => this.#client.updateConsumerOffset(request));
  }

  async createConsumerGroup(instanceId: string, consumerId: string, remark: string): Promise<void> {
    const request = new this.#sdk.CreateConsumerGroupRequest({ instanceId, regionId: this.#regionId, consumerId, remark });
    await made(
      call(product, 'CreateConsumerGroup', () => this.#client.createConsumerGroup(request)),
      'BIZ_SUBSCRIPTION_EXISTED',
    );
    const isThere = () => this.#hasConsumerGroup(instanceId, consumerId);
    if (!(await waitUntil(`group ${consumerId}`, creationSeconds, isThere)))
      throw notYet(`group ${consumerId} is not there`, creationSeconds);
  }

  async #hasConsumerGroup(instanceId: string, consumerId: string): Promise<boolean> {
    return (await this.#listedGroup(instanceId, consumerId)) !== undefined;
  }

  async #listedGroup(instanceId: string, consumerId: string): Promise<{ readonly remark?: string } | undefined> {
    const request = new this.#sdk.GetConsumerListRequest({
      instanceId,
      regionId: this.#regionId,
      consumerId,
      currentPage: 1,
      pageSize: rowsPerPage,
    });
    const { body } = await call(product, 'GetConsumerList', () => this.#client.getConsumerList(request));
    return body?.consumerList?.consumerVO?.find((group) => group.consumerId === consumerId);
  }

  async deleteConsumerGroup(instanceId: string, consumerId: string): Promise<void> {
    const request = new this.#sdk.DeleteConsumerGroupRequest({ instanceId, regionId: this.#regionId, consumerId });
    await found(
      call(product, 'DeleteConsumerGroup', () => this.#client.deleteConsumerGroup(request)),
      'BIZ_SUBSCRIPTION_NOT_FOUND',
    );
    const isGone = async () => !(await this.#hasConsumerGroup(instanceId, consumerId));
    if (!(await waitUntil(`the end of group ${consumerId}`, creationSeconds, isGone)))
      throw notYet(`group ${consumerId} is there`, creationSeconds);
  }
}

/** What has not come about in time, though it was asked for and accepted. */
function notYet(what: string, seconds: number): Error {
  return new Error(`${product}: ${what} even after ${seconds} s. Look at the instance in its console, and run the command again.`);
}

/** The names are of https://www.alibabacloud.com/help/en/apsaramq-for-kafka/developer-reference/api-alikafka-2019-09-16-updateinstanceconfig */
function offsetRetentionHours(allConfig: string | undefined): number | undefined {
  try {
    const config: { readonly [name: string]: unknown } = JSON.parse(allConfig ?? '{}');
    const minutes = Number(config['kafka.offsets.retention.minutes'] ?? config['offsets.retention.minutes']);
    return minutes > 0 ? minutes / 60 : undefined;
  } catch {
    return undefined;
  }
}
