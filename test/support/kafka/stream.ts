import { randomBytes } from 'node:crypto';
import { Topic } from '../../../scripts/demo/topic.ts';
import type { Clock } from '../../../scripts/local/stream/clock.ts';
import { defaultStream, type InvocationResponse, type StreamConfig } from '../../../scripts/local/stream/config.ts';
import { Stream } from '../../../scripts/local/stream/stream.ts';

/** An element of an event, in the format of the console's connector. */
interface Element {
  readonly key?: string;
  readonly offset: number;
  readonly partition: number;
  readonly value?: string;
  readonly overflowFlag: boolean;
  readonly valueSize: number;
}

/** A topic, and what a stream from it does; the function is played by the test: the stream is what is looked at. */
export interface Streaming extends AsyncDisposable {
  readonly topic: Topic;
  readonly group: string;
  /** The events that the function took, parsed. */
  readonly events: Element[][];
  readonly failures: string[];
  readonly warnings: string[];
  start(changes?: Partial<StreamConfig>): Promise<Stream>;
  /** All elements that the function took, as `partition+offset`, in that order. */
  positions(): string[];
}

/** A response of a function that did its work. */
export const success: InvocationResponse = { statusCode: 200, body: Buffer.from('{}') };

/** A response of a function that threw. */
export const failure: InvocationResponse = {
  statusCode: 200,
  functionError: 'UnhandledInvocationError',
  body: Buffer.from('{"errorMessage":"no","errorType":"Refused"}'),
};

/** A clock whose waits are over at once, and which counts them, in ms. */
export function hurriedClock(): Clock & { readonly waits: number[] } {
  const waits: number[] = [];
  let time = 0;
  const sleep = async (ms: number) => {
    waits.push(ms);
    time += ms;
    await new Promise((resolve) => setTimeout(resolve, 1));
  };
  return { now: () => time, sleep, waits };
}

export async function openStreaming(broker: string, partitions = 3, topicSettings: Record<string, string> = {}): Promise<Streaming> {
  const name = `stream-${randomBytes(4).toString('hex')}`;
  const topic = await Topic.create(broker, name, partitions, topicSettings);
  const events: Element[][] = [];
  const failures: string[] = [];
  const warnings: string[] = [];
  const streams: Stream[] = [];
  const start = async ({ invoke = async () => success, ...changes }: Partial<StreamConfig> = {}) => {
    const stream = await Stream.start({
      ...defaultStream,
      broker,
      Topic: name,
      ConsumerGroup: `connect-${name}`,
      OffsetReset: 'earliest',
      eventSchema: 'Connector',
      clock: { now: () => performance.now(), sleep: waitFor },
      onFailure: ({ message }) => failures.push(message),
      onWarning: (message) => warnings.push(message),
      ...changes,
      invoke: async (event) => {
        const response = await invoke(event);
        if (response.statusCode === 200 && response.functionError === undefined) events.push(JSON.parse(event.toString()) as Element[]);
        return response;
      },
    });
    streams.push(stream);
    return stream;
  };
  const positions = () => events.flat().map(({ partition, offset }) => `${partition}+${offset}`);
  const dispose = async () => {
    await Promise.all(streams.map((stream) => stream.pause()));
    await topic[Symbol.asyncDispose]();
  };
  return { topic, group: `connect-${name}`, events, failures, warnings, start, positions, [Symbol.asyncDispose]: dispose };
}

async function waitFor(ms: number, signal: AbortSignal): Promise<void> {
  const { setTimeout: sleep } = await import('node:timers/promises');
  await sleep(ms, undefined, { signal }).catch(() => undefined);
}
