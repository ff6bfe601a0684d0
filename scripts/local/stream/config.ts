import type { Clock } from './clock.ts';
import { defaultUnconfirmed, type Unconfirmed } from './unconfirmed.ts';

/** What Function Compute answers to an invocation; a function that failed is an answer with status 200, too. */
export interface InvocationResponse {
  readonly statusCode: number;
  /** The header `X-Fc-Error-Type`. */
  readonly functionError?: string;
  readonly body: Buffer;
}

/**
 * The trigger of a function by a Kafka topic; the names are those of Function Compute's API, which keeps them in nested objects. Sources:
 * https://alibabacloud.com/help/en/functioncompute/fc-3-0/developer-reference/api-fc-2023-03-30-struct-runoptions,
 * https://www.alibabacloud.com/help/en/functioncompute/fc/advanced-features-of-triggers
 */
export interface StreamConfig {
  /** `host:port` */
  readonly broker: string;
  readonly Topic: string;
  readonly ConsumerGroup: string;
  /** Where a group that has no offsets yet begins. */
  readonly OffsetReset: 'earliest' | 'latest';
  /** Consumers; never more than partitions. */
  readonly maximumTasks: number;
  /** Invocations at a time, of a task. */
  readonly concurrency: number;
  /** `Connector` is the format of the console's Function Compute sink connector, which the trigger does not know. */
  readonly eventSchema: 'CloudEvents' | 'RawData' | 'Connector';
  readonly batchWindow: {
    /** Records. */
    readonly CountBasedWindow: number;
    /** Seconds; 0: whatever is there. */
    readonly TimeBasedWindow: number;
  };
  /** Whether the stream goes on when all retries have failed. */
  readonly errorsTolerance: 'ALL' | 'NONE';
  readonly retryStrategy: {
    readonly PushRetryStrategy: 'BACKOFF_RETRY' | 'EXPONENTIAL_DECAY_RETRY';
    readonly MaximumRetryAttempts?: number;
    readonly MaximumEventAgeInSeconds?: number;
  };
  /** A Kafka topic, `acs:alikafka:<region>:<account>:instance/<instance>/topic/<topic>`. */
  readonly deadLetterQueue?: { readonly Arn: string };
  /** The most bytes of an event. */
  readonly bodyLimit: number;
  readonly unconfirmed: Unconfirmed;
  readonly clock: Clock;
  /** Calls the function; rejects when Function Compute does not take the call. */
  readonly invoke: (event: Buffer) => Promise<InvocationResponse>;
  /** Gets why an invocation failed. */
  readonly onFailure: (failure: Error) => void;
  /** Gets what a person should know, such as records that were discarded. */
  readonly onWarning: (message: string) => void;
}

/** The most that a synchronous invocation takes. */
const maxBodyBytes = 32 * 1024 * 1024;

/** Throws when a value is outside of what the API takes. */
export function checkStream({ batchWindow, bodyLimit, concurrency, deadLetterQueue, errorsTolerance, maximumTasks }: StreamConfig): void {
  checkRange('batchWindow.CountBasedWindow', batchWindow.CountBasedWindow, 1, 10_000);
  checkRange('batchWindow.TimeBasedWindow', batchWindow.TimeBasedWindow, 0, 15);
  checkRange('maximumTasks', maximumTasks, 1, Number.MAX_SAFE_INTEGER);
  checkRange('concurrency', concurrency, 1, 300);
  checkRange('bodyLimit', bodyLimit, 1, maxBodyBytes);
  if (!deadLetterQueue) return;
  if (errorsTolerance === 'NONE') throw new Error('deadLetterQueue: works only with errorsTolerance ALL');
  deadLetterTopic(deadLetterQueue.Arn);
}

/** The topic of a dead-letter queue; throws when the Arn is not one of a Kafka topic. */
export function deadLetterTopic(arn: string): string {
  const topic = /^acs:alikafka:[^:]*:[^:]*:\/?instances?\/[^/]+\/topics?\/([\w.-]+)$/i.exec(arn)?.[1];
  if (topic) return topic;
  throw new Error('deadLetterQueue.Arn: is not acs:alikafka:<region>:<account>:instance/<instance>/topic/<topic>');
}

function checkRange(name: string, value: number, least: number, most: number): void {
  if (!Number.isInteger(value) || value < least || value > most)
    throw new Error(`${name}: ${value} is not an integer from ${least} to ${most}`);
}

/** What a trigger does when nothing is said, but for what only the caller knows. */
export const defaultStream = {
  OffsetReset: 'latest',
  maximumTasks: 1,
  concurrency: 1,
  eventSchema: 'CloudEvents',
  batchWindow: { CountBasedWindow: 100, TimeBasedWindow: 0 },
  errorsTolerance: 'NONE',
  retryStrategy: { PushRetryStrategy: 'BACKOFF_RETRY' },
  bodyLimit: maxBodyBytes,
  unconfirmed: defaultUnconfirmed,
} as const satisfies Partial<StreamConfig>;
