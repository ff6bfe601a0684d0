import { setTimeout as sleepFor } from 'node:timers/promises';

/** Time as an argument: retries take up to a day. */
export interface Clock {
  /** The time in ms, from any point in time. */
  now(): number;
  /** Resolves after so many ms, or when the signal is given. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => sleepFor(ms, undefined, { signal }).catch(() => undefined),
};
