import { setTimeout as sleep } from 'node:timers/promises';
import { type Delays, Later } from './delays.ts';
import type { Generation } from './generation.ts';

/** What a test switches on: the next calls are refused as too many, or with any code of the product, fail with a 5xx, are done but never answered, or are answered late (in ms). */
export type Fault =
  | { readonly kind: 'throttled' }
  | { readonly kind: 'internal-error' }
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'response-lost' }
  | { readonly kind: 'refused'; readonly status: number; readonly code: string; readonly message: string }
  | { readonly kind: 'latency'; readonly ms: number };

/** A call that may meet a fault. */
interface Call {
  readonly product: string;
  readonly generation?: Generation;
  readonly action: string;
}

/** Which calls a fault meets: `*` stands for every action; `count` calls, then no more. */
export interface FaultRule {
  readonly product: string;
  /** Of Function Compute; either when absent. */
  readonly generation?: Generation;
  readonly action: string;
  readonly fault: Fault;
  readonly count: number;
}

/** The faults that are switched on; there are none at first. */
export class Faults {
  /** What is seen later than it was done. */
  readonly later = new Later();
  #rules: { readonly rule: FaultRule; left: number }[] = [];

  add(rule: FaultRule): void {
    this.#rules.push({ rule, left: rule.count });
  }

  /** Lets what is named be done so much later than it is responded to, from now on. */
  delay(delays: Partial<Delays>): void {
    this.later.set(delays);
  }

  /** Whether a rule for this call has been met. */
  isMet(product: string, action: string): boolean {
    return this.#rules.some(({ left, rule }) => rule.product === product && rule.action === action && left < rule.count);
  }

  clear(): void {
    this.#rules = [];
    this.later.set({});
  }

  /** The fault that this call meets; waits first when it is a latency, and then goes on to the next. */
  async meet(call: Call): Promise<Exclude<Fault, { kind: 'latency' }> | undefined> {
    for (const entry of this.#rules.filter(({ rule }) => isFor(rule, call))) {
      if (entry.left === 0) continue;
      entry.left -= 1;
      const { fault } = entry.rule;
      if (fault.kind !== 'latency') return fault;
      await sleep(fault.ms);
    }
    return undefined;
  }
}

function isFor(rule: FaultRule, { product, generation, action }: Call): boolean {
  const isGeneration = rule.generation === undefined || rule.generation === generation;
  return rule.product === product && isGeneration && (rule.action === action || rule.action === '*');
}
