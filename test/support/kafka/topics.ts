import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Admin, Kafka, type KafkaMessage, logLevel, type Message, type Producer } from 'kafkajs';
import { makeTopic, topicEnds } from '../../../scripts/local/broker-topics.ts';

/** A message as a consumer sees it, as text. */
export interface Received {
  readonly partition: number;
  readonly offset: number;
  readonly key: string | null;
  readonly value: string | null;
  readonly timestamp: number;
  readonly headers: { readonly [name: string]: string };
}

/** Topics with random names on a real broker, filled and read by a plain Kafka client. */
export class Topics implements AsyncDisposable {
  readonly broker: string;
  readonly #kafka: Kafka;
  readonly #admin: Admin;
  readonly #producer: Producer;
  readonly #names: string[] = [];

  private constructor(broker: string) {
    this.broker = broker;
    this.#kafka = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING });
    this.#admin = this.#kafka.admin();
    this.#producer = this.#kafka.producer({ idempotent: true });
  }

  static async open(broker: string): Promise<Topics> {
    const topics = new Topics(broker);
    await Promise.all([topics.#admin.connect(), topics.#producer.connect()]);
    return topics;
  }

  /** Resolves to the topic's name once every partition has a leader; `settings` are Kafka's own. */
  async create(partitions: number, settings: { readonly [name: string]: string } = {}): Promise<string> {
    const topic = `topic-${randomBytes(4).toString('hex')}`;
    const configEntries = Object.entries(settings).map(([name, value]) => ({ name, value }));
    await makeTopic(this.#admin, { topic, numPartitions: partitions, configEntries });
    await topicEnds(this.#admin, topic);
    this.#names.push(topic);
    return topic;
  }

  async send(topic: string, messages: Message[], compression?: number): Promise<void> {
    await this.#producer.send({ topic, messages, ...(compression !== undefined && { compression }) });
  }

  /** Sends messages to one partition in a transaction, and commits or aborts it; resolves when its marker is in the topic, too. */
  async transact(topic: string, messages: Message[], end: 'commit' | 'abort'): Promise<void> {
    const transactionalId = `test-${randomBytes(4).toString('hex')}`;
    const countRecords = async () => (await topicEnds(this.#admin, topic)).reduce((sum, { high }) => sum + Number(high), 0);
    const count = (await countRecords()) + messages.length + 1;
    const producer = this.#kafka.producer({ idempotent: true, maxInFlightRequests: 1, transactionalId });
    await producer.connect();
    const transaction = await producer.transaction();
    await transaction.send({ topic, messages });
    await transaction[end]();
    await producer.disconnect();
    while ((await countRecords()) < count) await sleep(50);
  }

  /** Deletes a topic and makes one of the same name. */
  async makeAnew(topic: string, partitions: number): Promise<void> {
    await this.#admin.deleteTopics({ topics: [topic] });
    await makeTopic(this.#admin, { topic, numPartitions: partitions });
    await topicEnds(this.#admin, topic);
  }

  /** Deletes everything before that offset, as the end of its retention does. */
  async expire(topic: string, partition: number, offset: number): Promise<void> {
    await this.#admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(offset) }] });
  }

  /** All messages that the topic holds, by partition and offset. */
  async read(topic: string): Promise<Received[]> {
    const ends = await topicEnds(this.#admin, topic);
    const total = ends.reduce((sum, { high, low }) => sum + Number(high) - Number(low), 0);
    const received: Received[] = [];
    if (total === 0) return received;
    const groupId = `test-${randomBytes(4).toString('hex')}`;
    const consumer = this.#kafka.consumer({ groupId, maxWaitTimeInMs: 200 });
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      const eachMessage = async ({ message, partition }: { message: KafkaMessage; partition: number }) => {
        if (received.push(shown(partition, message)) === total) resolve();
      };
      consumer.run({ autoCommit: false, eachMessage }).catch(reject);
    });
    await consumer.disconnect();
    return received.sort((left, right) => left.partition - right.partition || left.offset - right.offset);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#admin.disconnect(), this.#producer.disconnect()]);
    // The one that has been used asks for every topic that it has met, and some are gone.
    const admin = this.#kafka.admin();
    if (this.#names.length > 0) await admin.deleteTopics({ topics: this.#names });
    await admin.disconnect();
  }
}

function shown(partition: number, { headers = {}, key, offset, timestamp, value }: KafkaMessage): Received {
  const texts = Object.entries(headers).map(([name, header]) => [name, String(header)]);
  return {
    partition,
    offset: Number(offset),
    key: key?.toString() ?? null,
    value: value?.toString() ?? null,
    timestamp: Number(timestamp),
    headers: Object.fromEntries(texts),
  };
}
