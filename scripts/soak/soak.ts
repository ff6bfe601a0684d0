import { setTimeout as sleep } from 'node:timers/promises';
import { order } from '../demo/order.ts';
import type { Fault } from '../faults/fault.ts';
import { healing } from '../faults/faults.ts';
import { type Seen, together } from '../faults/observer.ts';
import { produce } from '../faults/produce.ts';
import { makeFault } from '../faults/run-fault.ts';
import type { Servers } from '../faults/servers.ts';
import { type Audit, Testbed } from '../faults/testbed.ts';
import type { SoakOptions } from './options.ts';

/** What the faults of one kind did. */
interface Kind {
  readonly name: string;
  readonly times: number;
  readonly seen: Seen;
}

export interface SoakResult {
  readonly kinds: readonly Kind[];
  readonly catchUpSeconds: number;
  readonly audit: Audit;
}

/** A response that never comes would hold an invocation up for longer than most faults last. */
const settings = { function: { environmentVariables: { ES_REQUEST_TIMEOUT_MS: '3000' } } };
const perSecond = 5000;
/** Of the time, for records and faults, and until all are delivered; the rest is for the audit. */
const productionShare = 0.6;
const deliveryShare = 0.85;

/** Delivers while faults are made at random, then audits; `onFault` gets each one as it is made. */
export async function soak(
  { minutes, records, seed }: SoakOptions,
  servers: Servers,
  onFault: (name: string) => void,
): Promise<SoakResult> {
  await using testbed = await Testbed.open(servers, { usesProxy: true, settings });
  const minuteMs = 60_000;
  const late = AbortSignal.timeout(minutes * minuteMs * deliveryShare);
  const over = new AbortController();
  const timer = setTimeout(() => over.abort(), minutes * minuteMs * productionShare);
  const production = produce(testbed.topic, { perSecond, records, value: order }, 0, over.signal).finally(() => {
    clearTimeout(timer);
    over.abort();
  });
  // It is awaited below, unless a fault cannot be made.
  production.catch(() => undefined);
  const kinds = await makeFaults(testbed, randomNumbers(seed), over.signal, onFault);
  const ended = performance.now();
  await production;
  await testbed.caughtUp(late);
  const catchUpSeconds = (performance.now() - ended) / 1000;
  return { kinds, catchUpSeconds, audit: await testbed.audit() };
}

/** One fault after the other until the signal is given; a fault is charged with what is seen until the next one. */
async function makeFaults(
  testbed: Testbed,
  random: () => number,
  over: AbortSignal,
  onFault: (name: string) => void,
): Promise<readonly Kind[]> {
  const kinds = new Map<string, Kind>();
  while (!over.aborted) {
    await sleep(1000 + random() * 3000, undefined, { signal: over }).catch(() => undefined);
    if (over.aborted) break;
    const fault = choose(random);
    onFault(fault.name);
    testbed.observer.take();
    await makeFault(fault, testbed, over);
    await sleep(1000);
    const { times = 0, seen } = kinds.get(fault.name) ?? {};
    kinds.set(fault.name, { name: fault.name, times: times + 1, seen: together(testbed.observer.take(), seen) });
  }
  return [...kinds.values()];
}

/** How long a fault lasts is as random as which one it is. */
function choose(random: () => number): Fault {
  const fault = healing[Math.floor(random() * healing.length)];
  if (!fault) throw new Error('there are no faults');
  return { ...fault, lastsMs: 500 + random() * 3500 };
}

/** Numbers in [0, 1), the same for the same seed: mulberry32, https://github.com/cprosche/mulberry32 */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
