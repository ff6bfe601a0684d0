import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Message } from 'kafkajs';
import { packageFolder } from '../../../scripts/bundle/package.ts';
import { ElasticIndex } from '../../../scripts/demo/elastic-index.ts';
import { Topic } from '../../../scripts/demo/topic.ts';
import type { StreamConfig } from '../../../scripts/local/stream/config.ts';
import { type Connector, startConnector } from './local-connector.ts';

/** A topic, an index and a connector between them, with names of their own. */
export interface Delivery extends AsyncDisposable {
  readonly topic: Topic;
  readonly index: ElasticIndex;
  readonly connector: Connector;
  /** Why invocations failed. */
  readonly failures: unknown[];
  /** The log lines of the function. */
  readonly lines: string[];
}

/** `properties`: what the index's mapping says beforehand; `settings`: of the function, added; `trigger`: what it does otherwise. */
export async function startDelivery(
  broker: string,
  elasticsearchUrl: string,
  properties?: object,
  settings?: { readonly [name: string]: string },
  trigger?: Partial<StreamConfig>,
): Promise<Delivery> {
  const name = `test-${randomBytes(4).toString('hex')}`;
  const index = await ElasticIndex.create({ url: elasticsearchUrl, username: 'elastic', password: 'canary-Pa55' }, name, properties);
  const topic = await Topic.create(broker, name, 3);
  const failures: unknown[] = [];
  const lines: string[] = [];
  const connector = await startConnector({
    name,
    broker,
    topic: name,
    codePath: packageFolder,
    environmentVariables: {
      CONNECTOR_NAME: name,
      SOURCE_TOPIC: name,
      ES_ENDPOINT: elasticsearchUrl,
      ES_PASSWORD: 'canary-Pa55',
      ES_INDEX: name,
      ...settings,
    },
    onLog: ({ source, text }) => source === 'function' && lines.push(text),
    onFailure: (failure) => failures.push(failure),
    ...(trigger && { trigger }),
  });
  const stop = async () => {
    await connector[Symbol.asyncDispose]();
    await topic[Symbol.asyncDispose]();
  };
  return { topic, index, connector, failures, lines, [Symbol.asyncDispose]: stop };
}

/** Sends as many records, numbered, and returns their number. */
export async function sendRecords(topic: Topic, count: number): Promise<void> {
  const records = Array.from({ length: count }, (_, number): Message => ({ key: `key-${number}`, value: `value ${number} 杭州` }));
  for (let first = 0; first < count; first += 1000) await topic.send(records.slice(first, first + 1000));
}

/** Resolves when the records that are not delivered yet are as few as `lag`, to their number. */
export async function lagAtMost({ topic, connector }: Delivery, lag: number): Promise<number> {
  for (;;) {
    const now = await topic.lag(connector.consumerGroup).catch(() => Number.POSITIVE_INFINITY);
    if (now <= lag) return now;
    await sleep(50);
  }
}
