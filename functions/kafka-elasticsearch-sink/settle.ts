import { Failure, failures } from '../../shared/errors.ts';
import { type RejectedRecordFields, recordRejectedMessage } from '../../shared/log-events.ts';
import { formatPosition, maxTopicLength, type Position } from '../../shared/position.ts';
import type { Settings } from '../../shared/settings.ts';
import type { BulkResult } from './elasticsearch/bulk.ts';
import type { AffectedRecords } from './elasticsearch/items.ts';
import type { Session } from './elasticsearch/session.ts';
import type { ErrorDestination } from './error-destination.ts';
import type { InvocationContext } from './invocation-context.ts';
import type { ErrorRecord, Rejected, Skipped } from './operation.ts';
import { handOver } from './overflow.ts';
import type { Element } from './record.ts';

/** The numbers of one invocation, in records; `received` is the sum of `written` to `rejected`, `retried` counts operations sent again. */
export interface Counts {
  readonly received: number;
  readonly written: number;
  readonly deleted: number;
  readonly unchanged: number;
  readonly skipped: number;
  readonly rejected: number;
  readonly retried: number;
}

/**
 * Settles all outcomes of a batch: names each rejected record in the log, then hands it to the error destination, or, where `ON_FAILURE` is
 * `stop`, throws `RecordsRejected`. It is the only place that makes the trigger deliver a batch again for a record's own fault.
 */
export async function settle(
  unwritten: readonly (Rejected | Skipped)[],
  { written, deleted, unchanged, retried, dropped, ...settled }: BulkResult,
  session: Session,
  destination: ErrorDestination | undefined,
): Promise<Counts> {
  const { log, settings } = session;
  const rejected = [...unwritten.filter((one) => one.kind === 'rejected'), ...settled.rejected];
  const skipped = unwritten.filter((one) => one.kind === 'skipped');
  const byPosition = skipped.filter(({ by }) => by === 'position');
  for (const { element, type } of rejected) log('error', recordRejectedMessage, rejectedFields(element, type));
  for (const { element } of byPosition) log('warn', 'record skipped, as SKIP_POSITIONS says', shown(element));
  warn(settled.stale, staleMessage(settings), session);
  warn(dropped, 'an ingest pipeline dropped documents, which are not in the index', session);
  warn(inFailureStore(rejected), 'documents are in the failure store of their data stream, not in the stream', session);
  if (rejected.length > 0 && settings.ON_FAILURE === 'stop') throw stopped(rejected);
  const errorRecords = [...rejected, ...byPosition.map(errorRecordOf)];
  if (destination && errorRecords.length > 0) await handOver(errorRecords, destination, session);
  const skippedCount = skipped.length + dropped.count;
  const received = written + deleted + unchanged + skippedCount + rejected.length;
  return { received, written, deleted, unchanged, skipped: skippedCount, rejected: rejected.length, retried };
}

function staleMessage({ DOCUMENT_ID }: Settings): string {
  return staleMessages[DOCUMENT_ID];
}

const staleMessages = {
  auto: 'records have the dimensions and time of a document that the time series holds already, themselves or others, and were left out',
  key: 'records older than what is indexed under their keys were left out',
  position: 'an ingest pipeline gave documents an id of its own that is taken already, by themselves or others, and they were left out',
} satisfies { readonly [Id in Settings['DOCUMENT_ID']]: string };

function errorRecordOf({ element }: Skipped): ErrorRecord {
  return { element, type: 'skipped', reason: 'named in SKIP_POSITIONS' };
}

const maxNamedRecords = 20;

function stopped(rejected: readonly Rejected[]): Failure {
  const named = rejected.slice(0, maxNamedRecords).map(({ element, type }) => `${positionOf(element)} (${type})`);
  const more = rejected.length > maxNamedRecords ? `, and ${rejected.length - maxNamedRecords} more` : '';
  const message = `${rejected.length} records can never be written: ${named.join(', ')}${more}`;
  return new Failure('RecordsRejected', `${message}; ${failures.RecordsRejected.remedy}`);
}

function inFailureStore(rejected: readonly Rejected[]): AffectedRecords {
  const stored = rejected.filter(({ type }) => type === 'failure_store');
  return { count: stored.length, first: stored[0]?.element };
}

function warn({ count, first }: AffectedRecords, message: string, { log }: InvocationContext): void {
  if (first) log('warn', message, { count, first: positionOf(first) });
}

function rejectedFields(element: Element, error: string): RejectedRecordFields {
  return { ...shown(element), error };
}

function shown({ position }: Element): Partial<Position> {
  return { ...position, ...(position.topic !== undefined && { topic: position.topic.slice(0, maxTopicLength) }) };
}

function positionOf({ position }: Element): string {
  return formatPosition(position.topic === undefined ? position : { ...position, topic: position.topic.slice(0, maxTopicLength) });
}
