import { setTimeout as sleep } from 'node:timers/promises';
import type { Topic } from '../demo/topic.ts';

/** How records are made: how many, and what is in each. */
export interface Load {
  readonly records: number;
  readonly perSecond: number;
  readonly value: (number: number) => string;
}

const chunk = 500;
const retryMs = 500;

/** Sends records steadily, from number `from` on; while the broker is away, it tries again, and goes on until `signal` is given. */
export async function produce(topic: Topic, { perSecond, records, value }: Load, from: number, signal?: AbortSignal): Promise<void> {
  for (let first = from; first < records && !signal?.aborted; first += chunk) {
    const due = sleep((chunk * 1000) / perSecond);
    const count = Math.min(chunk, records - first);
    await send(
      topic,
      Array.from({ length: count }, (_, at) => ({ key: `order-${first + at}`, value: value(first + at) })),
    );
    await due;
  }
}

/** What is sent again may be in the topic twice: records of their own, with positions of their own. */
async function send(topic: Topic, messages: Parameters<Topic['send']>[0]): Promise<void> {
  const limit = AbortSignal.timeout(120_000);
  for (;;) {
    try {
      return await topic.send(messages);
    } catch (error) {
      if (limit.aborted) throw error;
      await sleep(retryMs);
    }
  }
}
