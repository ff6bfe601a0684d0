import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { estypes } from '@elastic/elasticsearch';
import type { Message } from 'kafkajs';
import { ElasticIndex } from '../../../scripts/demo/elastic-index.ts';
import { Topic } from '../../../scripts/demo/topic.ts';
import { LocalFunction } from '../../../scripts/local/runtime/local-function.ts';
import { systemClock } from '../../../scripts/local/stream/clock.ts';
import { defaultStream, type StreamConfig } from '../../../scripts/local/stream/config.ts';
import { Stream } from '../../../scripts/local/stream/stream.ts';
import { functionConfig, type Variables } from '../function/built-function.ts';
import { environment } from '../function/environment.ts';
import { password } from '../function/secrets.ts';

/** A topic, an index, and between them the built function with its Kafka trigger, on this machine, with names of their own. */
export interface Delivery extends AsyncDisposable {
  readonly topic: Topic;
  readonly index: ElasticIndex;
  readonly consumerGroup: string;
  readonly function: LocalFunction;
  /** Why invocations failed; their records are delivered again. */
  readonly failures: Error[];
  /** The log lines of the function. */
  readonly lines: string[];
}

/** `properties`: what the index's mapping says beforehand; `settings`: of the function, added; `trigger`: what it does otherwise. */
export async function startDelivery(
  broker: string,
  elasticsearchUrl: string,
  properties?: { readonly [field: string]: estypes.MappingProperty },
  settings?: Variables,
  trigger?: Partial<StreamConfig>,
): Promise<Delivery> {
  const name = `test-${randomBytes(4).toString('hex')}`;
  const index = await ElasticIndex.create({ url: elasticsearchUrl, username: 'elastic', password }, name, properties);
  const topic = await Topic.create(broker, name, 3);
  const failures: Error[] = [];
  const lines: string[] = [];
  const own = { CONNECTOR_NAME: name, SOURCE_TOPIC: name, ES_ENDPOINT: elasticsearchUrl, ES_INDEX: name };
  const fn = new LocalFunction(functionConfig(environment({ ...own, ...settings })), {
    onLog: ({ source, text }) => source === 'function' && lines.push(text),
  });
  const consumerGroup = `connect-${name}`;
  const stream = await Stream.start({
    ...defaultStream,
    broker,
    Topic: name,
    ConsumerGroup: consumerGroup,
    OffsetReset: 'earliest',
    maximumTasks: 6,
    eventSchema: 'Connector',
    batchWindow: { CountBasedWindow: 1000, TimeBasedWindow: 0 },
    retryStrategy: { PushRetryStrategy: 'EXPONENTIAL_DECAY_RETRY' },
    clock: systemClock,
    invoke: (event) => fn.invoke(event),
    onFailure: (failure) => failures.push(failure),
    onWarning: () => undefined,
    ...trigger,
  });
  const stop = async () => {
    await stream.pause();
    await fn.stop();
    await topic[Symbol.asyncDispose]();
  };
  return { topic, index, consumerGroup, function: fn, failures, lines, [Symbol.asyncDispose]: stop };
}

/** Sends as many records, numbered, and returns their number. */
export async function sendRecords(topic: Topic, count: number): Promise<void> {
  const records = Array.from({ length: count }, (_, number): Message => ({ key: `key-${number}`, value: `value ${number} 杭州` }));
  for (let first = 0; first < count; first += 1000) await topic.send(records.slice(first, first + 1000));
}

/** Resolves when the records that are not delivered yet are as few as `lag`, to their number. */
export async function lagAtMost({ topic, consumerGroup }: Delivery, lag: number): Promise<number> {
  for (;;) {
    const now = await topic.lag(consumerGroup).catch(() => Number.POSITIVE_INFINITY);
    if (now <= lag) return now;
    await sleep(50);
  }
}
