import { setTimeout as sleep } from 'node:timers/promises';
import { deliveredMessage, type LogFields, recordRejectedMessage } from '../../shared/log-events.ts';
import type { CloudEvent } from './cloud.ts';

/** Numbers by name. */
export type Counts = Readonly<Record<string, number>>;

/** What was seen of a connector from outside: why invocations failed, and what its log says. */
export interface Seen {
  /** Failed invocations by the error's name. */
  readonly failures: Counts;
  /** Rejections by their type; a record that is delivered again is rejected again. */
  readonly rejections: Counts;
  /** Operations that invocations sent again. */
  readonly retried: number;
  /** Records of the invocations that succeeded. */
  readonly received: number;
}

const nothing: Seen = { failures: {}, rejections: {}, retried: 0, received: 0 };
const failureLimitMs = 120_000;

export class Observer {
  readonly #messages: string[] = [];
  #seen = nothing;

  readonly see = ({ failure, line }: CloudEvent): void => {
    if (failure !== undefined) {
      this.#add({ failures: { [failure.split(':')[0] ?? '']: 1 } });
      this.#messages.push(failure);
    }
    if (line?.startsWith('{')) this.#read(JSON.parse(line));
  };

  /** What was seen since the last `take`. */
  get seen(): Seen {
    return this.#seen;
  }

  /** The same, from which on it begins anew. */
  take(): Seen {
    const seen = this.#seen;
    this.#seen = nothing;
    return seen;
  }

  /** Resolves to the message of the first failure of this name, when there is one. */
  async failure(name: string): Promise<string> {
    const limit = AbortSignal.timeout(failureLimitMs);
    for (;;) {
      const message = this.#messages.find((one) => one.startsWith(`${name}:`));
      if (message !== undefined) return message;
      if (limit.aborted) throw new Error(`no invocation has failed with ${name}`);
      await sleep(100);
    }
  }

  #read({ error = '', message, received = 0, retried = 0 }: LogFields & { readonly received?: number; readonly retried?: number }): void {
    if (message === deliveredMessage) this.#add({ received, retried });
    if (message === recordRejectedMessage) this.#add({ rejections: { [error]: 1 } });
  }

  #add(more: Partial<Seen>): void {
    this.#seen = together(this.#seen, { ...nothing, ...more });
  }
}

/** What was seen at two times. */
export function together(one: Seen, other: Seen = nothing): Seen {
  return {
    failures: sum(one.failures, other.failures),
    rejections: sum(one.rejections, other.rejections),
    retried: one.retried + other.retried,
    received: one.received + other.received,
  };
}

function sum(one: Counts, other: Counts): Counts {
  return Object.fromEntries(Object.keys({ ...one, ...other }).map((name) => [name, (one[name] ?? 0) + (other[name] ?? 0)]));
}
