import kafkajs, { type Admin, Kafka, logLevel } from 'kafkajs';
import { makeTopic, topicEnds } from '../../broker-topics.ts';
import { CloudError } from '../../cloud-error.ts';
import type { Account, KafkaInstance } from '../account.ts';
import { type AcsAction, type AcsProduct, type Parameters, page } from '../acs-product.ts';
import type { Later } from '../delays.ts';
import type { State } from '../state.ts';
import { queryMessages, type Start } from './messages.ts';
import { consumerProgress } from './progress.ts';
import { resetOffsets } from './reset-offsets.ts';
import { checkedName, configEntries, invalid, requestedTopic, type TopicRow } from './topics.ts';

interface GroupRow {
  readonly instanceId: string;
  readonly consumerId: string;
  readonly remark: string;
  /** When it was made, in ms since 1970. */
  readonly createTime: number;
}

const success = { Code: 200, Message: 'operation success.', Success: true };
const pageSize = 10;
const maxPageSize = 100;

/** ApsaraMQ for Kafka, API 2019-09-16, on real brokers: https://github.com/aliyun/alibabacloud-typescript-sdk/tree/master/alikafka-20190916 */
export class KafkaProduct implements AcsProduct {
  readonly name = 'alikafka';
  readonly version = '2019-09-16';
  readonly #account: Account;
  readonly #now: () => number;
  readonly #later: Later;
  readonly #topics;
  readonly #going = new Map<string, TopicRow>();
  readonly #groups;

  constructor(account: Account, state: State, now: () => number, later: Later) {
    this.#later = later;
    this.#account = account;
    this.#now = now;
    this.#topics = state.table<TopicRow>('kafka-topics');
    this.#groups = state.table<GroupRow>('kafka-groups');
  }

  readonly actions: { readonly [action: string]: AcsAction } = {
    GetInstanceList: ({ parameters }) => this.#getInstanceList(parameters),
    CreateTopic: ({ parameters }) => this.#createTopic(parameters),
    DeleteTopic: ({ parameters }) => this.#deleteTopic(parameters),
    GetTopicList: ({ parameters }) => this.#getTopicList(parameters),
    GetTopicStatus: ({ parameters }) => this.#getTopicStatus(parameters),
    CreateConsumerGroup: ({ parameters }) => this.#createConsumerGroup(parameters),
    DeleteConsumerGroup: ({ parameters }) => this.#deleteConsumerGroup(parameters),
    UpdateConsumerOffset: ({ parameters }) => this.#updateConsumerOffset(parameters),
    GetConsumerList: ({ parameters }) => this.#getConsumerList(parameters),
    GetConsumerProgress: ({ parameters }) => this.#getConsumerProgress(parameters),
    QueryMessage: ({ parameters }) => this.#queryMessage(parameters),
  };

  /** Whether the instance has this topic. */
  hasTopic(instanceId: string, topic: string): boolean {
    return this.#topics.get(`${instanceId}/${topic}`) !== undefined;
  }

  /** `<instance>/<topic>` of each. */
  topics(): string[] {
    return this.#topics.values().map(({ instanceId, topic }) => `${instanceId}/${topic}`);
  }

  /** Makes the topics that the account's instances hold from the beginning, where the broker does not have them yet. */
  async makeFirstTopics(): Promise<void> {
    for (const instance of this.#account.kafka) {
      for (const { topic, partitionNum } of instance.topics) {
        if (this.hasTopic(instance.instanceId, topic)) continue;
        const row = { instanceId: instance.instanceId, topic, remark: 'first-topic', localTopic: false, compactTopic: false };
        await this.#makeTopic(instance, { ...row, partitionNum, createTime: this.#now() });
        const partitions = (await withAdmin(instance, (admin) => topicEnds(admin, topic))).length;
        this.#topics.set(`${instance.instanceId}/${topic}`, { ...row, partitionNum: partitions, createTime: this.#now() });
      }
    }
  }

  #getInstanceList(parameters: Parameters): object {
    const requestedIds = parameters.list('InstanceId');
    const isRequested = ({ instanceId }: KafkaInstance) => requestedIds.length === 0 || requestedIds.includes(instanceId);
    const isHere = parameters.required('RegionId') === this.#account.region;
    const instances = isHere ? this.#account.kafka.filter(isRequested).map((instance) => this.#describe(instance)) : [];
    return { ...success, InstanceList: { InstanceVO: instances } };
  }

  async #createTopic(parameters: Parameters): Promise<object> {
    const instance = this.#running(parameters);
    const row = requestedTopic(parameters, instance, this.#now());
    const key = `${instance.instanceId}/${row.topic}`;
    this.#change(instance);
    const existed = new CloudError(400, 'BIZ_TOPIC_EXISTED', `the topic ${row.topic} exists`);
    if (this.hasTopic(instance.instanceId, row.topic) || this.#isGoing(key)) throw existed;
    if (!(await this.#makeTopic(instance, row))) throw existed;
    this.#topics.set(key, row);
    this.#later.begin('topics', key);
    // Whoever hears that it is there may use it.
    await withAdmin(instance, (admin) => topicEnds(admin, row.topic));
    return success;
  }

  /** Resolves to whether the broker did not have it. */
  #makeTopic(instance: KafkaInstance, row: TopicRow): Promise<boolean> {
    const topic = { topic: row.topic, numPartitions: row.partitionNum, replicationFactor: 1, configEntries: configEntries(row) };
    return withAdmin(instance, (admin) => makeTopic(admin, topic));
  }

  async #deleteTopic(parameters: Parameters): Promise<object> {
    const { instance, row } = this.#topic(parameters);
    const key = `${instance.instanceId}/${row.topic}`;
    this.#change(instance);
    await withAdmin(instance, (admin) => admin.deleteTopics({ topics: [row.topic] }));
    this.#topics.delete(key);
    this.#going.set(key, row);
    this.#later.begin('topics', key);
    return success;
  }

  #getTopicList(parameters: Parameters): object {
    const { instanceId } = this.#instance(parameters);
    const name = parameters.get('Topic');
    const going = [...this.#going].filter(([key]) => this.#isGoing(key) && !this.#topics.get(key)).map(([, row]) => row);
    const rows = [...this.#topics.values(), ...going].filter(
      (row) => row.instanceId === instanceId && (name === undefined || row.topic === name),
    );
    const isPending = (row: TopicRow) => this.#later.isPending('topics', `${instanceId}/${row.topic}`);
    const view = (row: TopicRow) => ({
      ...topicView(this.#account.region)(row),
      ...(isPending(row) && { Status: 1, StatusName: 'Pending' }),
    });
    return { ...success, ...this.#paged(rows, parameters, (TopicVO) => ({ TopicList: { TopicVO } }), view) };
  }

  #isGoing(key: string): boolean {
    return this.#going.has(key) && this.#later.isPending('topics', key);
  }

  /** Changes of one instance follow each other at a distance. */
  #change({ instanceId }: KafkaInstance): void {
    if (this.#later.isPending('kafkaChanges', instanceId)) {
      throw new CloudError(400, 'ONS_SYSTEM_FLOW_CONTROL', 'The request is denied due to flow control of the system.');
    }
    this.#later.begin('kafkaChanges', instanceId);
  }

  async #getTopicStatus(parameters: Parameters): Promise<object> {
    const { instance, row } = this.#topic(parameters);
    const offsets = await withAdmin(instance, (admin) => topicEnds(admin, row.topic));
    const partitions = offsets.map(({ partition, high, low }) => ({
      Topic: row.topic,
      Partition: partition,
      MinOffset: Number(low),
      MaxOffset: Number(high),
      LastUpdateTimestamp: -1,
    }));
    const totalCount = partitions.reduce((sum, { MinOffset, MaxOffset }) => sum + MaxOffset - MinOffset, 0);
    const table = partitions.sort((left, right) => left.Partition - right.Partition);
    return { ...success, TopicStatus: { TotalCount: totalCount, LastTimeStamp: -1, OffsetTable: { OffsetTable: table } } };
  }

  #createConsumerGroup(parameters: Parameters): object {
    const instance = this.#running(parameters);
    const { instanceId } = instance;
    const consumerId = checkedName(parameters.required('ConsumerId'), 'ConsumerId');
    this.#change(instance);
    const key = `${instanceId}/${consumerId}`;
    if (this.#groups.get(key)) throw new CloudError(400, 'BIZ_SUBSCRIPTION_EXISTED', `the consumer group ${consumerId} exists`);
    this.#groups.set(key, { instanceId, consumerId, remark: parameters.get('Remark') ?? consumerId, createTime: this.#now() });
    return success;
  }

  async #deleteConsumerGroup(parameters: Parameters): Promise<object> {
    const { instance, row } = this.#group(parameters);
    this.#change(instance);
    await withAdmin(instance, (admin) => deleteOffsets(admin, row.consumerId));
    this.#groups.delete(`${instance.instanceId}/${row.consumerId}`);
    return success;
  }

  async #updateConsumerOffset(parameters: Parameters): Promise<object> {
    const { instance } = this.#topic(parameters);
    const { row } = this.#group(parameters);
    await withAdmin(instance, (admin) => resetOffsets(client(instance), admin, row.consumerId, parameters));
    return success;
  }

  #getConsumerList(parameters: Parameters): object {
    const { instanceId } = this.#instance(parameters);
    const id = parameters.get('ConsumerId');
    const rows = this.#groups.values().filter((row) => row.instanceId === instanceId && (id === undefined || row.consumerId === id));
    const view = ({ consumerId, remark, createTime }: GroupRow) => ({
      InstanceId: instanceId,
      ConsumerId: consumerId,
      Remark: remark,
      CreateTime: createTime,
      RegionId: this.#account.region,
      AutomaticallyCreatedGroup: false,
      Tags: { TagVO: [] },
    });
    return { ...success, ...this.#paged(rows, parameters, (ConsumerVO) => ({ ConsumerList: { ConsumerVO } }), view) };
  }

  async #getConsumerProgress(parameters: Parameters): Promise<object> {
    const { instance, row } = this.#group(parameters);
    return { ...success, ConsumerProgress: await withAdmin(instance, (admin) => consumerProgress(admin, row.consumerId)) };
  }

  async #queryMessage(parameters: Parameters): Promise<object> {
    const { instance, row } = this.#topic(parameters);
    const starts = await this.#starts(parameters, instance, row.topic);
    return { ...success, MessageList: await queryMessages(client(instance), row.topic, starts) };
  }

  async #starts(parameters: Parameters, instance: KafkaInstance, topic: string): Promise<Start[]> {
    const type = parameters.required('QueryType');
    if (type === 'byOffset') return [{ partition: Number(parameters.required('Partition')), offset: parameters.required('Offset') }];
    if (type !== 'byTimestamp') throw invalid('QueryType', 'give byOffset or byTimestamp');
    const beginTime = Number(parameters.required('BeginTime'));
    const partition = parameters.get('Partition');
    const starts = await withAdmin(instance, (admin) => admin.fetchTopicOffsetsByTimestamp(topic, beginTime));
    return starts.filter((start) => partition === undefined || start.partition === Number(partition));
  }

  #instance(parameters: Parameters): KafkaInstance {
    const instanceId = parameters.required('InstanceId');
    const instance = this.#account.kafka.find((candidate) => candidate.instanceId === instanceId);
    if (instance) return instance;
    throw new CloudError(400, 'BIZ_INSTANCE_NOT_FOUND', `the instance ${instanceId} does not exist`);
  }

  #running(parameters: Parameters): KafkaInstance {
    const instance = this.#instance(parameters);
    if (instance.serviceStatus === 5) return instance;
    throw new CloudError(400, 'BIZ.INSTANCE.STATUS.ERROR', `the instance ${instance.instanceId} is not running`);
  }

  #topic(parameters: Parameters): { instance: KafkaInstance; row: TopicRow } {
    const instance = this.#instance(parameters);
    const topic = parameters.required('Topic');
    const row = this.#topics.get(`${instance.instanceId}/${topic}`);
    if (row) return { instance, row };
    throw new CloudError(400, 'BIZ_TOPIC_NOT_FOUND', `the topic ${topic} does not exist`);
  }

  #group(parameters: Parameters): { instance: KafkaInstance; row: GroupRow } {
    const instance = this.#instance(parameters);
    const consumerId = parameters.required('ConsumerId');
    const row = this.#groups.get(`${instance.instanceId}/${consumerId}`);
    if (row) return { instance, row };
    throw new CloudError(400, 'BIZ_SUBSCRIPTION_NOT_FOUND', `the consumer group ${consumerId} does not exist`);
  }

  #paged<Row>(rows: readonly Row[], parameters: Parameters, list: (views: object[]) => object, view: (row: Row) => object): object {
    const number = parameters.integer('CurrentPage', 1);
    const size = parameters.integer('PageSize', pageSize, 1, maxPageSize);
    return { ...list(page(rows, number, size).map(view)), CurrentPage: number, PageSize: size, Total: rows.length };
  }

  #describe(instance: KafkaInstance): object {
    const { instanceId, name, broker, vpcId, vSwitchId, securityGroupId, edition, serviceStatus, version } = instance;
    const topics = this.#topics.values().filter((row) => row.instanceId === instanceId);
    return {
      InstanceId: instanceId,
      Name: name,
      RegionId: this.#account.region,
      VpcId: vpcId,
      VSwitchId: vSwitchId,
      VSwitchIds: { VSwitchIds: [vSwitchId] },
      ZoneId: this.#account.vSwitches.find((vSwitch) => vSwitch.vSwitchId === vSwitchId)?.zoneId ?? '',
      SecurityGroup: securityGroupId,
      EndPoint: broker,
      DomainEndpoint: broker,
      DeployType: 5,
      ServiceStatus: serviceStatus,
      SpecType: edition,
      Series: 'v2',
      PaidType: 1,
      AllConfig: JSON.stringify({
        'enable.acl': 'false',
        'kafka.message.max.bytes': '1048576',
        'kafka.log.retention.hours': '72',
        'kafka.offsets.retention.minutes': '10080',
      }),
      MsgRetain: 72,
      AutoCreateTopicEnable: false,
      TopicNumLimit: 50,
      UsedTopicCount: topics.length,
      UsedPartitionCount: topics.reduce((sum, { partitionNum }) => sum + partitionNum, 0),
      UsedGroupCount: this.#groups.values().filter((row) => row.instanceId === instanceId).length,
      UpgradeServiceDetailInfo: { Current2OpenSourceVersion: version },
      Tags: { TagVO: [] },
    };
  }
}

function topicView(regionId: string): (row: TopicRow) => object {
  return ({ instanceId, topic, remark, partitionNum, localTopic, compactTopic, createTime }) => ({
    InstanceId: instanceId,
    RegionId: regionId,
    Topic: topic,
    Remark: remark,
    PartitionNum: partitionNum,
    LocalTopic: localTopic,
    CompactTopic: compactTopic,
    CreateTime: createTime,
    Status: 0,
    StatusName: 'Running',
    AutoCreate: false,
    TopicConfig: JSON.stringify(compactTopic ? { 'cleanup.policy': 'compact' } : {}),
    Tags: { TagVO: [] },
  });
}

function client({ broker }: KafkaInstance): Kafka {
  return new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING });
}

async function withAdmin<Result>(instance: KafkaInstance, use: (admin: Admin) => Promise<Result>): Promise<Result> {
  const admin = client(instance).admin();
  await admin.connect();
  try {
    return await use(admin);
  } finally {
    await admin.disconnect();
  }
}

/** https://kafka.apache.org/protocol.html#protocol_error_codes */
const groupIdNotFound = 69;

/** A group that never consumed is not known to the broker; one that consumes cannot be deleted. */
async function deleteOffsets(admin: Admin, groupId: string): Promise<void> {
  const { groups } = await admin.describeGroups([groupId]);
  const state = groups[0]?.state ?? 'Dead';
  if (state === 'Dead') return;
  if (state !== 'Empty') throw new CloudError(400, 'BIZ_CONSUMER_ONLINE', `the consumer group ${groupId} has consumers`);
  await admin.deleteGroups([groupId]).catch((error: unknown) => {
    // The broker drops a group by itself once the last of its topics is gone.
    const codes = error instanceof kafkajs.KafkaJSDeleteGroupsError ? error.groups.map(({ errorCode }) => errorCode) : [];
    if (!codes.every((code) => code === groupIdNotFound) || codes.length === 0) throw error;
  });
}
