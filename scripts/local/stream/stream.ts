import { setTimeout as sleep } from 'node:timers/promises';
import { type Consumer, type EachBatchPayload, Kafka, type KafkaMessage, logLevel } from 'kafkajs';

export interface StreamConfig {
  /** `host:port` */
  readonly broker: string;
  readonly topic: string;
  readonly consumerGroup: string;
  /** Records an event holds at most. */
  readonly batchSize: number;
  /** The wait before a failed event is sent again, in ms. */
  readonly retryDelayMs: number;
  /** Calls the function; a rejection means that the event is sent again. */
  readonly invoke: (event: Buffer) => Promise<unknown>;
  readonly onFailure: (error: unknown) => void;
}

const heartbeatMs = 3000;

/**
 * Reads a topic from its earliest record, hands the records to a function in the format of the Function Compute sink connector, batch by
 * batch in the order of each partition, and commits a batch's offsets after the function has taken it. A batch that fails is sent again.
 */
export class Stream implements AsyncDisposable {
  readonly #config: StreamConfig;
  readonly #consumer: Consumer;
  readonly #stopped = new AbortController();

  private constructor(config: StreamConfig) {
    const kafka = new Kafka({ brokers: [config.broker], logLevel: logLevel.NOTHING });
    this.#config = config;
    // Longer waits of the broker would delay the stop and every rebalance by as much.
    this.#consumer = kafka.consumer({ groupId: config.consumerGroup, maxWaitTimeInMs: 500 });
  }

  /** Joins the group and begins to read. */
  static async start(config: StreamConfig): Promise<Stream> {
    const stream = new Stream(config);
    await stream.#consumer.connect();
    await stream.#consumer.subscribe({ topic: config.topic, fromBeginning: true });
    await stream.#consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: (payload) => stream.#consume(payload) });
    return stream;
  }

  /** Ends after the invocation that runs; what was not committed is read again by the group's next consumer. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#consumer.disconnect();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #consume({ batch, resolveOffset, commitOffsetsIfNecessary, heartbeat, isRunning, isStale }: EachBatchPayload): Promise<void> {
    const { topic, partition, messages } = batch;
    const isOurs = () => isRunning() && !isStale() && !this.#stopped.signal.aborted;
    for (let start = 0; start < messages.length; start += this.#config.batchSize) {
      const records = messages.slice(start, start + this.#config.batchSize);
      const event = encodeEvent(topic, partition, records);
      while (!(await this.#deliver(event, heartbeat))) {
        await this.#pause();
        if (!isOurs()) return;
      }
      const next = Number(records.at(-1)?.offset) + 1;
      resolveOffset(String(next - 1));
      await commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset: String(next) }] }] });
      if (!isOurs()) return;
    }
  }

  /** Resolves to whether the function took the event. */
  async #deliver(event: Buffer, heartbeat: () => Promise<void>): Promise<boolean> {
    // Throws when the partition may have gone to another consumer.
    await heartbeat();
    const pulse = setInterval(() => void heartbeat().catch(() => undefined), heartbeatMs);
    try {
      await this.#config.invoke(event);
      return true;
    } catch (error) {
      this.#config.onFailure(error);
      return false;
    } finally {
      clearInterval(pulse);
    }
  }

  #pause(): Promise<void> {
    return sleep(this.#config.retryDelayMs, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
  }
}

/** The connector's own format; a null key or value is absent: https://github.com/AliwareMQ/aliyun-kafka-connectors/tree/master/kafka-connect-fc */
function encodeEvent(topic: string, partition: number, messages: readonly KafkaMessage[]): Buffer {
  const records = messages.map(({ key, offset, timestamp, value }) => ({
    key: key?.toString(),
    offset: Number(offset),
    overflowFlag: false,
    partition,
    timestamp: Number(timestamp),
    topic,
    value: value?.toString(),
    // In UTF-16 code units, as Java counts them.
    valueSize: value?.toString().length ?? 0,
  }));
  return Buffer.from(JSON.stringify(records));
}
