import { inject } from 'vitest';
import { Topics } from '../kafka/topics.ts';
import type { BuiltFunction, FunctionOptions, Variables } from './built-function.ts';
import { connectorRecord } from './records.ts';
import { Sandbox } from './sandbox.ts';

/** A source topic on the shared broker, and a function that knows it and its brokers; both end with the test. */
export interface TopicSandbox extends AsyncDisposable {
  readonly sandbox: Sandbox;
  readonly topics: Topics;
  readonly topic: string;
  readonly sink: BuiltFunction;
}

interface Setup extends FunctionOptions {
  readonly partitions?: number;
  readonly variables?: Variables;
  /** Kafka's own. */
  readonly topicSettings?: { readonly [name: string]: string };
}

export async function openTopicSandbox({ partitions = 1, variables = {}, topicSettings, ...options }: Setup = {}): Promise<TopicSandbox> {
  const sandbox = new Sandbox(inject('elasticsearchUrl'));
  const topics = await Topics.open(inject('broker'));
  const topic = await topics.create(partitions, topicSettings);
  const own = { SOURCE_TOPIC: topic, KAFKA_BOOTSTRAP_SERVERS: inject('broker') };
  const sink = await sandbox.start({ ...own, ...variables }, options);
  const close = async () => {
    await sandbox[Symbol.asyncDispose]();
    await topics[Symbol.asyncDispose]();
  };
  return { sandbox, topics, topic, sink, [Symbol.asyncDispose]: close };
}

interface OverflowSandbox extends TopicSandbox {
  /** The record of that position as an event holds it whose value did not fit. */
  readonly overflowed: (partition: number, offset: number) => object;
}

/** Opens it with a topic for large messages, whose values the function fetches. */
export async function openOverflowSandbox(changes: Variables = {}): Promise<OverflowSandbox> {
  const variables = { OVERFLOW: 'fetch', ...changes };
  const opened = await openTopicSandbox({ partitions: 2, variables, topicSettings: { 'max.message.bytes': '10000000' }, timeout: 300 });
  const { topic } = opened;
  const overflowed = (partition: number, offset: number) =>
    connectorRecord({ topic, partition, offset, overflowFlag: true, value: '1', valueSize: 272687 });
  return { ...opened, overflowed };
}
