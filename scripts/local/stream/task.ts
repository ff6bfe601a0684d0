import { setTimeout as sleep } from 'node:timers/promises';
import { type Consumer, type EachBatchPayload, Kafka, logLevel } from 'kafkajs';
import type { StreamConfig } from './config.ts';
import { giveUp } from './dead-letter.ts';
import { encodeEvent, encodeRecord, type StreamRecord } from './encode.ts';
import { Offsets } from './offsets.ts';
import { push, type Statistics } from './push.ts';
import { RecordQueue } from './queue.ts';

const heartbeatMs = 3000;
/** Until the group takes the partitions of a consumer that is not heard of. */
const sessionMs = 10_000;
const commitMs = 1000;
const largeRecord = 256 * 1024;

/** A client that outlives a restart of the broker. */
export function kafkaClient(broker: string): Kafka {
  const retry = { initialRetryTime: 100, maxRetryTime: 2000, retries: 30 };
  return new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING, retry });
}

interface Batch {
  readonly records: readonly StreamRecord[];
  /** Is to be called when all of them have been delivered. */
  readonly done: () => void;
  /** Given when the records may be another task's. */
  readonly lost: AbortSignal;
}

/** One consumer of a stream: reads ahead into a queue, and delivers from it batch by batch. */
export class Task {
  readonly #config: StreamConfig;
  readonly #statistics: Statistics;
  readonly #onBlocked: () => void;
  readonly #kafka: Kafka;
  readonly #consumer: Consumer;
  readonly #queue: RecordQueue;
  readonly #offsets = new Offsets();
  readonly #stopped = new AbortController();
  #workers: Promise<unknown> = Promise.resolve();
  /** Given when partitions are assigned anew: what was read before may be another task's now. */
  #generation = new AbortController();

  private constructor(config: StreamConfig, statistics: Statistics, onBlocked: () => void) {
    const { batchWindow, bodyLimit, broker, clock, ConsumerGroup } = config;
    this.#config = config;
    this.#statistics = statistics;
    this.#onBlocked = onBlocked;
    this.#kafka = kafkaClient(broker);
    // Longer waits of the broker would delay the stop and every rebalance by as much.
    this.#consumer = this.#kafka.consumer({
      groupId: ConsumerGroup,
      maxWaitTimeInMs: 500,
      heartbeatInterval: heartbeatMs,
      sessionTimeout: sessionMs,
    });
    const window = { count: batchWindow.CountBasedWindow, ms: batchWindow.TimeBasedWindow * 1000, bytes: bodyLimit };
    this.#queue = new RecordQueue(window, clock);
  }

  /** Joins the group and begins to deliver; `onBlocked` is called when the stream must not go on. */
  static async start(config: StreamConfig, statistics: Statistics, onBlocked: () => void): Promise<Task> {
    const task = new Task(config, statistics, onBlocked);
    await task.#join();
    task.#workers = Promise.all(Array.from({ length: config.concurrency }, () => task.#work()));
    return task;
  }

  /** Ends after the invocations that run, whose success is committed; the rest is read again by the group's next consumer. */
  async stop(): Promise<void> {
    this.#stopped.abort();
    await this.#workers;
    await this.#commit();
    await this.#consumer.disconnect();
  }

  async #join(): Promise<void> {
    const { Topic, OffsetReset } = this.#config;
    const consumer = this.#consumer;
    for (const event of [consumer.events.GROUP_JOIN, consumer.events.REBALANCING]) consumer.on(event, () => this.#forget());
    consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
      if (restart) return;
      this.#config.onWarning(`a consumer has crashed: ${error.message}`);
      this.#block();
    });
    await consumer.connect();
    await consumer.subscribe({ topic: Topic, fromBeginning: OffsetReset === 'earliest' });
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 16,
      eachBatch: (payload) => this.#read(payload),
    });
    if (this.#config.unconfirmed.commit === 'every-second') void this.#commitNowAndThen();
  }

  #forget(): void {
    this.#generation.abort();
    this.#generation = new AbortController();
    this.#offsets.reset();
    this.#queue.keep(() => false);
  }

  /** Puts what has been fetched into the queue, as soon as there is room. */
  async #read({ batch, heartbeat, isRunning, isStale, resolveOffset }: EachBatchPayload): Promise<void> {
    const signal = AbortSignal.any([this.#stopped.signal, this.#generation.signal]);
    const isOurs = () => isRunning() && !isStale() && !signal.aborted;
    while (isOurs() && !this.#queue.hasRoom) {
      await Promise.race([this.#queue.change(signal), sleep(heartbeatMs)]);
      // Throws when the partition may have gone to another consumer.
      await heartbeat();
    }
    if (!isOurs()) return;
    this.#queue.put(batch.messages.map((message) => encodeRecord(batch.partition, message, this.#config)));
    resolveOffset(batch.lastOffset());
  }

  async #work(): Promise<void> {
    const { signal } = this.#stopped;
    const isAllowed = (partition: number) => this.#config.unconfirmed.order === 'none' || !this.#offsets.isBusy(partition);
    while (!signal.aborted) {
      const started = performance.now();
      const claim = (records: readonly StreamRecord[]) => ({ records, done: this.#offsets.begin(records), lost: this.#generation.signal });
      const batch = await this.#queue.collect(isAllowed, claim, signal);
      this.#statistics.consumeMs += performance.now() - started;
      if (batch) await this.#deliver(batch);
    }
  }

  async #deliver({ done, lost, records }: Batch): Promise<void> {
    const isDelivered = await this.#deliverOrGiveUp(records, AbortSignal.any([this.#stopped.signal, lost]));
    if (!isDelivered) return;
    this.#statistics.records += records.length;
    this.#statistics.batches++;
    if (lost.aborted) return;
    done();
    // Another worker may wait for these partitions.
    this.#queue.keep(() => true);
    if (this.#config.unconfirmed.commit === 'each-batch') await this.#commit();
  }

  /** Resolves to whether the records have gone somewhere. */
  async #deliverOrGiveUp(all: readonly StreamRecord[], signal: AbortSignal): Promise<boolean> {
    const isRefused = ({ valueBytes }: StreamRecord) => this.#config.unconfirmed.largeRecords === 'fail' && valueBytes > largeRecord;
    const records = all.filter((record) => !isRefused(record));
    const event = encodeEvent(records);
    this.#statistics.bytes += event.length;
    const pushed = records.length === 0 ? 'delivered' : await push(event, this.#config, this.#statistics, signal);
    if (pushed === 'stopped') return false;
    const failed = pushed === 'failed' ? all : all.filter(isRefused);
    if (failed.length === 0) return true;
    return this.#config.errorsTolerance === 'ALL' ? this.#giveUp(failed) : this.#block();
  }

  async #giveUp(records: readonly StreamRecord[]): Promise<boolean> {
    try {
      await giveUp(this.#kafka, records, this.#config);
      return true;
    } catch (error) {
      this.#config.onWarning(`the dead-letter queue takes no records: ${error instanceof Error ? error.message : error}`);
      return this.#block();
    }
  }

  #block(): false {
    this.#stopped.abort();
    this.#onBlocked();
    return false;
  }

  async #commitNowAndThen(): Promise<void> {
    while (!this.#stopped.signal.aborted) {
      await sleep(commitMs, undefined, { signal: this.#stopped.signal }).catch(() => undefined);
      await this.#commit();
    }
  }

  /** What cannot be committed is read again. */
  async #commit(): Promise<void> {
    const due = this.#offsets.takeDue().map((one) => ({ topic: this.#config.Topic, ...one }));
    if (due.length > 0) await this.#consumer.commitOffsets(due).catch(() => undefined);
  }
}
