import { setTimeout as sleep } from 'node:timers/promises';

/** What a test switches on: the next calls are refused as too many, fail with a 5xx, are done but never answered, or are answered late (in ms). */
export type Fault =
  | { readonly kind: 'throttled' }
  | { readonly kind: 'internal-error' }
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'answer-lost' }
  | { readonly kind: 'latency'; readonly ms: number };

/** Which calls a fault meets: `*` stands for every action; `count` calls, then no more. */
export interface FaultRule {
  readonly product: string;
  readonly action: string;
  readonly fault: Fault;
  readonly count: number;
}

/** The faults that are switched on; there are none at first. */
export class Faults {
  #rules: { readonly rule: FaultRule; left: number }[] = [];

  add(rule: FaultRule): void {
    this.#rules.push({ rule, left: rule.count });
  }

  clear(): void {
    this.#rules = [];
  }

  /** The fault that this call meets; waits first when it is a latency, and then goes on to the next. */
  async meet(product: string, action: string): Promise<Exclude<Fault, { kind: 'latency' }> | undefined> {
    for (const entry of this.#rules.filter(({ rule }) => rule.product === product && (rule.action === action || rule.action === '*'))) {
      if (entry.left === 0) continue;
      entry.left -= 1;
      const { fault } = entry.rule;
      if (fault.kind !== 'latency') return fault;
      await sleep(fault.ms);
    }
    return undefined;
  }
}
