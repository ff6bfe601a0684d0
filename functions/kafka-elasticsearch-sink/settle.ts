import { Failure } from '../../shared/errors.ts';
import { formatPosition } from '../../shared/position.ts';
import type { Outcome } from './elasticsearch/bulk.ts';
import type { Log } from './log.ts';

/** Numbers of one invocation, in records. */
export interface Result {
  readonly received: number;
  readonly written: number;
}

const shownAtMost = 10;

/** Judges all outcomes of a batch: only when every record is written is the invocation a success, else the trigger delivers it again. */
export function settle(outcomes: readonly Outcome[], log: Log): Result {
  const refused = outcomes.filter((outcome) => outcome.kind === 'refused');
  if (refused.length === 0) return { received: outcomes.length, written: outcomes.length };
  for (const { operation, status, type } of refused) log('error', 'record rejected', { ...operation.position, status, error: type });
  const shown = refused
    .slice(0, shownAtMost)
    .map(({ operation, status, type }) => `${formatPosition(operation.position)} (${status} ${type})`);
  const more = refused.length > shownAtMost ? `, and ${refused.length - shownAtMost} more` : '';
  throw new Failure('RecordsRejected', `Elasticsearch refused ${refused.length} of ${outcomes.length} records: ${shown.join(', ')}${more}`);
}
