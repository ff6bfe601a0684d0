import { topicEnds } from '../broker-topics.ts';
import { checkStream, type StreamConfig } from './config.ts';
import type { Statistics } from './push.ts';
import { kafkaClient, Task } from './task.ts';

/** `blocked`: all retries have failed, and errorsTolerance is NONE; `start` tries again. */
export type StreamState = 'starting' | 'running' | 'pausing' | 'paused' | 'blocked';

/** An event stream from a Kafka topic to a function. */
export class Stream implements AsyncDisposable {
  readonly #config: StreamConfig;
  readonly statistics: Statistics = { records: 0, batches: 0, bytes: 0, consumeMs: 0, invokeMs: 0 };
  #state: StreamState = 'paused';
  #tasks: readonly Task[] = [];
  #starting: Promise<void> = Promise.resolve();
  /** The end of the tasks after a block. */
  #change: Promise<void> = Promise.resolve();

  private constructor(config: StreamConfig) {
    this.#config = config;
  }

  /** One that does not run yet; throws when the configuration is not allowed. */
  static create(config: StreamConfig): Stream {
    checkStream(config);
    return new Stream(config);
  }

  /** Throws when the configuration is not allowed, or the topic is not there. */
  static async start(config: StreamConfig): Promise<Stream> {
    const stream = Stream.create(config);
    await stream.start();
    return stream;
  }

  get state(): StreamState {
    return this.#state;
  }

  /** How many consumers there are. */
  get tasks(): number {
    return this.#tasks.length;
  }

  /** Goes on where the group's offsets stand. */
  async start(): Promise<void> {
    if (this.#state === 'running' || this.#state === 'starting') return this.#starting;
    this.#starting = this.#begin();
    await this.#starting.catch(async (error: unknown) => {
      await this.pause();
      throw error;
    });
  }

  async #begin(): Promise<void> {
    this.#state = 'starting';
    await this.#change;
    const partitions = await this.#prepareOffsets();
    const { consumers, concurrency } = parallelism(this.#config);
    const newTask = () => Task.start({ ...this.#config, concurrency }, this.statistics, () => this.#block());
    const starts = await Promise.allSettled(Array.from({ length: Math.min(consumers, partitions) }, newTask));
    this.#tasks = starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : []));
    const failed = starts.find((start) => start.status === 'rejected');
    if (failed) throw failed.reason;
    // A task may have been blocked before the last one began.
    if (this.#isBlocked()) this.#change = this.#endTasks();
    else this.#state = 'running';
  }

  /** Ends after the invocations that run; nothing is lost. */
  async pause(): Promise<void> {
    // A start that is under way comes first.
    await this.#starting.catch(() => undefined);
    this.#state = 'pausing';
    await this.#endTasks();
    this.#state = 'paused';
  }

  /** Pauses for good. */
  async stop(): Promise<void> {
    await this.pause();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.pause();
  }

  #isBlocked(): boolean {
    return this.#state === 'blocked';
  }

  #block(): void {
    if (this.#isBlocked()) return;
    this.#state = 'blocked';
    this.#change = this.#endTasks();
  }

  async #endTasks(): Promise<void> {
    await Promise.all(this.#tasks.map((task) => task.stop()));
    this.#tasks = [];
  }

  /** Resolves to the number of partitions. A group that begins at the latest records begins there at once, not at its first fetch. */
  async #prepareOffsets(): Promise<number> {
    const { broker, ConsumerGroup: groupId, OffsetReset, Topic: topic } = this.#config;
    const admin = kafkaClient(broker).admin();
    await admin.connect();
    try {
      const ends = await topicEnds(admin, topic);
      if (OffsetReset === 'earliest') return ends.length;
      const [committed] = await admin.fetchOffsets({ groupId, topics: [topic] });
      const unknown = new Set(committed?.partitions.filter(({ offset }) => offset === '-1').map(({ partition }) => partition));
      const partitions = ends.filter(({ partition }) => unknown.has(partition)).map(({ offset, partition }) => ({ offset, partition }));
      if (partitions.length > 0) await admin.setOffsets({ groupId, topic, partitions });
      return ends.length;
    } finally {
      await admin.disconnect();
    }
  }
}

/** How many consumers there are, and the invocations at a time of each. */
function parallelism({ concurrency, maximumTasks, unconfirmed }: StreamConfig): { consumers: number; concurrency: number } {
  if (unconfirmed.concurrency === 'consumers') return { consumers: maximumTasks * concurrency, concurrency: 1 };
  return { consumers: maximumTasks, concurrency };
}
