import { setTimeout as sleep } from 'node:timers/promises';

/** Time and chance, as arguments, so that tests need not wait for them. */
export interface Clock {
  /** The time in ms since a fixed point, whichever. */
  now(): number;
  sleep(ms: number): Promise<void>;
  /** A random number from 0 to below 1. */
  random(): number;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: async (ms) => {
    await sleep(ms);
  },
  random: Math.random,
};

/** The moment when work must stop, so that there is time to hand over what failed. */
export class Deadline {
  readonly #clock: Clock;
  readonly #at: number;

  /** `reserveMs` before the end of the function's `timeoutMs`, but never in the first half of it. */
  constructor(clock: Clock, timeoutMs: number, reserveMs: number) {
    this.#clock = clock;
    this.#at = clock.now() + timeoutMs - Math.min(reserveMs, timeoutMs / 2);
  }

  /** The time until then, 0 afterwards. */
  get leftMs(): number {
    return Math.max(0, this.#at - this.#clock.now());
  }
}
