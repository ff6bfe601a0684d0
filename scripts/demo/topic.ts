import { type Admin, Kafka, logLevel, type Message, type Producer } from 'kafkajs';
import { formatPosition } from '../../shared/position.ts';
import { makeTopic, topicEnds } from '../local/broker-topics.ts';

/** About two seconds: a broker that is there responds at once. */
const retries = 3;

/** The demo's topic: made, filled and measured with a plain Kafka client, as any user of Kafka would. */
export class Topic implements AsyncDisposable {
  readonly name: string;
  readonly #admin: Admin;
  readonly #producer: Producer;

  private constructor(name: string, kafka: Kafka) {
    this.name = name;
    this.#admin = kafka.admin();
    // Right after a topic is made, kafkajs may send a record twice otherwise.
    this.#producer = kafka.producer({ idempotent: true });
  }

  /** Makes the topic on the broker at `host:port`; `settings` are Kafka's own. */
  static async create(broker: string, name: string, partitions: number, settings: Readonly<Record<string, string>> = {}): Promise<Topic> {
    const topic = new Topic(name, new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING, retry: { retries } }));
    await topic.#admin.connect();
    await topic.#producer.connect();
    const configEntries = Object.entries(settings).map(([setting, value]) => ({ name: setting, value }));
    await makeTopic(topic.#admin, { topic: name, numPartitions: partitions, configEntries });
    await topicEnds(topic.#admin, name);
    return topic;
  }

  async send(messages: Message[]): Promise<void> {
    await this.#producer.send({ topic: this.name, messages });
  }

  /** The position of every record that the topic holds, by the broker's word, as text: its document's id. */
  async positions(): Promise<string[]> {
    const ranges = await topicEnds(this.#admin, this.name);
    return ranges.flatMap(({ partition, low, high }) => {
      const numbers = Array.from({ length: Number(high) - Number(low) }, (_, number) => Number(low) + number);
      return numbers.map((offset) => formatPosition({ topic: this.name, partition, offset }));
    });
  }

  /** The records that the group has not committed yet. */
  async lag(consumerGroup: string): Promise<number> {
    const ranges = await topicEnds(this.#admin, this.name);
    const [committed] = await this.#admin.fetchOffsets({ groupId: consumerGroup, topics: [this.name] });
    const next = new Map(committed?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
    // A group has -1 for a partition of which it has committed nothing.
    return ranges.reduce((sum, { partition, low, high }) => sum + Number(high) - Math.max(Number(low), next.get(partition) ?? 0), 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#producer.disconnect(), this.#admin.disconnect()]);
  }
}
