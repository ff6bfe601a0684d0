import type { ReplayCommand } from '../../../shared/commands.ts';
import type { Position } from '../../../shared/position.ts';
import type { ArgumentReader, UnverifiedArguments } from './arguments.ts';

/** Which records are wanted. */
export interface Choice {
  readonly sourcePartition: number | undefined;
  readonly errorType: string | undefined;
  /** In ms since 1970. */
  readonly since: number;
  readonly until: number;
}

export function readChoice({ errorType, since, sourcePartition, until }: UnverifiedArguments<ReplayCommand>, read: ArgumentReader): Choice {
  return {
    sourcePartition: sourcePartition === undefined ? undefined : read.count('sourcePartition', sourcePartition),
    errorType: errorType === undefined ? undefined : read.text('errorType', errorType),
    since: since === undefined ? Number.NEGATIVE_INFINITY : read.time('since', since),
    until: until === undefined ? Number.POSITIVE_INFINITY : read.time('until', until),
  };
}

/** What is known of a record that may be wanted. */
interface Choosable {
  readonly position: Partial<Position> | undefined;
  readonly timestamp: number | undefined;
}

/** Whether a record is wanted; one whose timestamp is not known is not when times are given. */
export function isChosen({ since, sourcePartition, until }: Choice, { position, timestamp }: Choosable): boolean {
  const isInTime = (timestamp ?? Number.NaN) >= since && (timestamp ?? Number.NaN) < until;
  const isAnyTime = since === Number.NEGATIVE_INFINITY && until === Number.POSITIVE_INFINITY;
  return (isAnyTime || isInTime) && (sourcePartition === undefined || sourcePartition === position?.partition);
}
