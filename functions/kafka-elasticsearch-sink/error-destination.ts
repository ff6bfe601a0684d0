import { Failure } from '../../shared/errors.ts';
import { formatPosition, offsetAsText } from '../../shared/position.ts';
import type { Settings } from '../../shared/settings.ts';
import { decodeText, encode } from './byte-string.ts';
import { isTimestamp } from './document.ts';
import { Batcher } from './elasticsearch/batch.ts';
import { type BulkTarget, BulkWriter } from './elasticsearch/bulk.ts';
import { errorIndexBody } from './elasticsearch/index-bodies.ts';
import { noPipeline } from './elasticsearch/pipelines.ts';
import { RecentWrites } from './elasticsearch/recent-writes.ts';
import type { Session } from './elasticsearch/session.ts';
import { Targets } from './elasticsearch/targets.ts';
import { errorDocumentId } from './error-document-id.ts';
import type { InvocationContext } from './invocation-context.ts';
import type { ErrorRecord, MappedOperation } from './operation.ts';
import type { Element } from './record.ts';
import { redact } from './redact.ts';

/** Where records go that can never be written; throws `ErrorDestinationUnavailable` unless it has taken every one. */
export type ErrorDestination = (session: Session, records: readonly ErrorRecord[]) => Promise<void>;

/** The error destination of the settings, if there is one: `ERROR_DATA_TOPIC` or `ERROR_INDEX`. */
export function createErrorDestination({ ERROR_DATA_TOPIC: topic, ERROR_INDEX: index }: Settings): ErrorDestination | undefined {
  if (topic !== undefined) return withUnavailableFailure(topic, (session, records) => handOverToTopic(session, topic, records));
  if (index === undefined) return undefined;
  const recentWrites = new RecentWrites();
  const targets = new Targets(errorIndexBody, recentWrites);
  return withUnavailableFailure(index, (session, records) => handOverToIndex(session, { targets, recentWrites }, index, records));
}

/** Hands over until the later deadline, and makes whatever keeps it from that an `ErrorDestinationUnavailable`. */
function withUnavailableFailure(name: string, handOver: ErrorDestination): ErrorDestination {
  return async (session, records) => {
    try {
      await handOver({ ...session, deadline: session.handoverDeadline }, records);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Failure('ErrorDestinationUnavailable', `${records.length} records could not be handed to ${name}: ${reason}`);
    }
  };
}

async function handOverToTopic({ deadline, settings }: InvocationContext, topic: string, records: readonly ErrorRecord[]): Promise<void> {
  const { sendErrorRecords } = await import('./kafka/index.ts');
  await sendErrorRecords(settings, deadline.leftMs, topic, records);
}

interface ErrorIndex {
  readonly targets: Targets;
  readonly recentWrites: RecentWrites;
}

async function handOverToIndex(
  given: Session,
  { targets, recentWrites }: ErrorIndex,
  index: string,
  records: readonly ErrorRecord[],
): Promise<void> {
  // The documents are this package's own: what the user set for those of the topic does not apply.
  const session: Session = { ...given, settings: { ...given.settings, ES_PIPELINE: noPipeline, DOCUMENT_ID: 'position' } };
  const target: BulkTarget = {
    recentWrites,
    recreate: () => targets.recreate(session, index),
    requirementOf: () => undefined,
    stopRequiring: () => undefined,
  };
  // Loaded when first needed: few instances ever hand a record over.
  const { createHash } = await import('node:crypto');
  const documentId = (element: Element) => errorDocumentId(element, session.settings, createHash);
  const write = async (some: readonly ErrorRecord[], withValue: boolean) => {
    const batcher = new Batcher(session.settings, some.length * usualDocumentBytes);
    for (const record of some) batcher.add(errorOperationOf(record, index, withValue, documentId(record.element)));
    const writer = new BulkWriter(session, target);
    await writer.write(batcher.finish());
    const { dropped, rejected } = await writer.finish();
    if (dropped.count > 0) throw new Error(`its pipeline dropped ${dropped.count} of them`);
    return rejected;
  };
  await ensure(session, targets, index);
  const refused = await write(records, true);
  const tooLarge = new Set(refused.filter(({ type }) => type === 'too_large').map(({ element }) => element));
  const withoutValue = records.filter(({ element }) => tooLarge.has(element));
  const remaining = [...refused.filter(({ type }) => type !== 'too_large'), ...(await write(withoutValue, false))];
  const [first] = remaining;
  if (first) throw new Error(`${remaining.length} were refused, first ${formatPosition(first.element.position)}: ${first.type}`);
}

async function ensure(session: Session, targets: Targets, index: string): Promise<void> {
  const known = (await targets.ensure(session, [index])).get(index);
  const fault = known === 'not-ready' ? await targets.createWhenReady(session, index) : known;
  if (fault) throw new Error(redact(fault.reason, session.settings));
}

/** What an error record usually takes with its action line. */
const usualDocumentBytes = 1000;

function errorOperationOf({ element, type, reason }: ErrorRecord, index: string, withValue: boolean, id: string): MappedOperation {
  const record = element.kind === 'record' ? element : undefined;
  const value = record ? record.value : decodeText(element.json);
  const document = {
    // That of the record, for when it is delivered again.
    '@timestamp': new Date(isTimestamp(record?.timestamp) ? record.timestamp : Date.now()).toISOString(),
    ...element.position,
    key: record?.key,
    ...(withValue && record?.isOverflow !== true ? { value } : { valueOmitted: true }),
    ...(record && !isTimestamp(record.timestamp) && { timestampOmitted: true }),
    error: { type, reason },
  };
  const action = { index: { _index: index, _id: id } };
  const lines = [encode(`${JSON.stringify(action)}\n${JSON.stringify(document, offsetAsText)}\n`)];
  return { kind: 'mapped', operation: { kind: 'index', element, index, identity: undefined, isVersioned: false }, lines };
}
