import type { Workbench } from './workbench.ts';

/** One thing that no document confirms, and how the probe finds it out. */
export interface Finding {
  readonly name: string;
  readonly question: string;
  /** What this package takes for granted, or what it has been built for. */
  readonly assumed: string;
  readonly how: string;
  /** What follows for this package where it is not as assumed. */
  readonly otherwise: string;
  /** Throws for what could not be measured. */
  measure(workbench: Workbench): Promise<Measured>;
}

/** What was found. */
export interface Measured {
  readonly found: string;
  /** Whether it is as assumed; null where that cannot be told. */
  readonly holds: boolean | null;
}

/** A time in ms as seconds, with one decimal. */
export function seconds(ms: number): string {
  return (ms / 1000).toFixed(1);
}
