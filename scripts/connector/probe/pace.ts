import { setTimeout as sleep } from 'node:timers/promises';
import { reportProgress } from '../../terminal/report.ts';
import type { Limits } from './limits.ts';
import { NotMeasured } from './not-measured.ts';

/** Waits that end at an interruption, and work that is done once. */
export class Pace {
  readonly limits: Limits;
  readonly #signal: AbortSignal;
  readonly #made = new Map<string, Promise<unknown>>();

  constructor(limits: Limits, signal: AbortSignal) {
    this.limits = limits;
    this.#signal = signal;
  }

  /** Throws once the probe is interrupted: nothing is to be made then. */
  goOn(): void {
    this.#signal.throwIfAborted();
  }

  /** Does it the first time that it is asked for; later, and after a failure too, the outcome is the same. Throws once the probe is interrupted. */
  async once<Result>(name: string, make: () => Promise<Result>): Promise<Result> {
    this.goOn();
    const made = this.#made.get(name) ?? make();
    this.#made.set(name, made);
    return made as Promise<Result>;
  }

  /** Looks until there is something; resolves to it, and to how long that took. Throws `NotMeasured` after so many seconds, and at an interruption. */
  async until<Found>(
    what: string,
    seconds: number,
    look: () => Promise<Found | undefined>,
  ): Promise<{ readonly found: Found; readonly ms: number }> {
    const started = performance.now();
    for (;;) {
      this.goOn();
      const found = await look();
      const ms = performance.now() - started;
      if (found !== undefined) return { found, ms };
      if (ms >= seconds * 1000) throw new NotMeasured(`${what} did not come about within ${seconds} s`);
      reportProgress(`waiting for ${what}, ${Math.round(ms / 1000)} s`);
      await this.rest(this.limits.poll);
    }
  }

  /** Waits so many seconds, or until an interruption. */
  async rest(seconds: number): Promise<void> {
    await sleep(seconds * 1000, undefined, { signal: this.#signal }).catch(() => undefined);
  }

  /** The same, where it is an answer, too, that nothing comes. */
  async within<Found>(what: string, seconds: number, look: () => Promise<Found | undefined>): Promise<Found | undefined> {
    try {
      return (await this.until(what, seconds, look)).found;
    } catch (error) {
      if (error instanceof NotMeasured) return undefined;
      throw error;
    }
  }
}
