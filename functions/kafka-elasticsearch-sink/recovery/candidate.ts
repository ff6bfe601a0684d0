import type { Position } from '../../../shared/position.ts';
import type { Element } from '../record.ts';

/** What is to be delivered again: an error record, or a dead letter with all its records. */
export interface Candidate {
  /** Where it stands, for messages. */
  readonly name: string;
  readonly errorType: string;
  /** How often it was tried before. */
  readonly attempts: number;
  /** What is delivered of it; undefined: it is read from the source topic first. */
  readonly elements: readonly Element[] | undefined;
  /** The position of the one record that it is. */
  readonly position: Position | undefined;
  /** The record's own timestamp in ms, as far as it is known. */
  readonly timestamp: number | undefined;
}

/** What became of candidates. */
export interface Outcome<Source extends Candidate> {
  /** Each of their records is in the index, left out by a setting, or at the error destination. */
  readonly settled: readonly Source[];
  readonly failed: readonly Failed<Source>[];
}

export interface Failed<Source extends Candidate> {
  readonly candidate: Source;
  readonly type: string;
  readonly reason: string;
}
