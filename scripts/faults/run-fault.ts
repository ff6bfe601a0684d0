import { setTimeout as sleep } from 'node:timers/promises';
import { order } from '../demo/order.ts';
import { type Fault, holdMs } from './fault.ts';
import type { Seen } from './observer.ts';
import { produce } from './produce.ts';
import type { Servers } from './servers.ts';
import { type Audit, Testbed } from './testbed.ts';

/** What a fault did, as measured. */
export interface Outcome {
  readonly fault: Pick<Fault, 'name' | 'remedy'>;
  readonly seen: Seen;
  /** From the end of the fault until every record was delivered. */
  readonly catchUpSeconds: number;
  /** Records that were got back at the end; undefined where none had to be. */
  readonly recovered: number | undefined;
  readonly audit: Audit;
}

const perSecond = 2000;

/** Delivers records with a connector of its own, makes the fault in the middle of it, waits until all are delivered, and audits. */
export async function runFault(fault: Fault, servers: Servers, records: number): Promise<Outcome> {
  await using testbed = await Testbed.open(servers, fault);
  const value = (number: number) => fault.value?.(number, records) ?? order(number);
  const quarter = Math.floor(records / 4);
  await produce(testbed.topic, { perSecond, records: quarter, value }, 0);
  await testbed.begun();
  const rest = produce(testbed.topic, { perSecond, records, value }, quarter);
  // It is awaited below, unless the fault itself cannot be made.
  rest.catch(() => undefined);
  await makeFault(fault, testbed);
  const ended = performance.now();
  await rest;
  await testbed.caughtUp();
  const catchUpSeconds = (performance.now() - ended) / 1000;
  const seen = testbed.observer.take();
  const recovered = await fault.recover?.(testbed);
  const audit = await testbed.audit();
  return { fault, seen, catchUpSeconds, recovered, audit };
}

/** Lets a fault last, and ends it, however that goes: the next one needs the servers. */
export async function makeFault({ inject, lastsMs = holdMs, undo }: Fault, testbed: Testbed, signal?: AbortSignal): Promise<void> {
  await inject(testbed);
  await sleep(lastsMs, undefined, { signal }).catch(() => undefined);
  await undo?.(testbed);
}

/** Whether every record is in the index once, or rejected. */
export function isComplete({ audit }: Pick<Outcome, 'audit'>): boolean {
  return audit.missing === 0 && audit.extra === 0;
}
