import type { Fall } from './target.ts';

/** The cases that one process checks: every `step`th from `first` to `last`. */
export interface WorkerCases {
  /** The URL of the target's module. */
  readonly module: string;
  readonly seed: number;
  readonly first: number;
  readonly last: number;
  readonly step: number;
  /** A file that holds the number of the case that is being checked, so that a process that hangs or dies has told it. */
  readonly caseFile: string;
}

/** What the process tells at its end. */
export interface WorkerResult {
  readonly fall?: Fall;
  /** The most resident memory that it ever had. */
  readonly memoryMb: number;
}
