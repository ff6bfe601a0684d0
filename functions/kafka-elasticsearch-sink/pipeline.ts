import { formatPosition, type Position } from '../../shared/position.ts';
import type { Element, Record } from './decode.ts';
import type { Batch } from './elasticsearch/batch.ts';
import { BulkWriter, type Written } from './elasticsearch/bulk.ts';
import { documentIndex } from './elasticsearch/mapping.ts';
import type { Session } from './elasticsearch/session.ts';
import { checkVersion, type Target } from './elasticsearch/target.ts';
import type { ErrorDestination } from './error-destination.ts';
import type { Mapper, Rejected, Skipped } from './map.ts';
import { withOverflow, withoutFetchedValue } from './overflow.ts';
import { type Counts, settle } from './settle.ts';

/** What deliveries need and share, as long as the instance lives. */
export interface Sink {
  readonly mapper: Mapper;
  readonly target: Target;
  readonly errorDestination: ErrorDestination | undefined;
  /** The server has been asked for its version, and answered. */
  hasCheckedVersion: boolean;
}

/** Moves the elements of one event into Elasticsearch: fetch, map, write, settle. Resolves only when every record is accounted for. */
export async function deliver(decoded: readonly Element[], sink: Sink, session: Session): Promise<Counts> {
  const unwritten: (Rejected | Skipped)[][] = [];
  const written: Written[] = [];
  const lossy: Position[] = [];
  for await (const elements of withOverflow(decoded, (record) => sink.mapper.isSkipped(record), session)) {
    const mapped = sink.mapper.mapAll(elements);
    for (const element of elements) if (element.kind === 'record' && hasReplacement(element)) lossy.push(element.position);
    unwritten.push(mapped.unwritten.map(released));
    written.push(await write(mapped.batches, sink, session));
  }
  warnOfLostBytes(lossy, session);
  const counts = await settle(unwritten.flat(), sumOf(written), session, sink.errorDestination);
  // Whatever mistake this package may hold, it must not let a record vanish behind a success.
  if (counts.received !== decoded.length) throw new Error(`${counts.received} of ${decoded.length} records are accounted for`);
  return counts;
}

function released<Outcome extends { readonly element: Element }>(outcome: Outcome): Outcome {
  return { ...outcome, element: withoutFetchedValue(outcome.element) };
}

function sumOf(pieces: readonly Written[]): Written {
  const sum = (count: (piece: Written) => number) => pieces.reduce((total, piece) => total + count(piece), 0);
  return {
    written: sum(({ written }) => written),
    deleted: sum(({ deleted }) => deleted),
    unchanged: sum(({ unchanged }) => unchanged),
    retried: sum(({ retried }) => retried),
    stale: pieces.flatMap(({ stale }) => stale),
    rejected: pieces.flatMap(({ rejected }) => rejected),
  };
}

async function write(batches: readonly Batch[], sink: Sink, session: Session): Promise<Written> {
  if (batches.length === 0) return { written: 0, deleted: 0, unchanged: 0, stale: [], rejected: [], retried: 0 };
  const { settings } = session;
  if (settings.ES_VERSION_CHECK && !sink.hasCheckedVersion) sink.hasCheckedVersion = await checkVersion(session);
  const body = documentIndex(settings);
  if (settings.CREATE_INDEX) await sink.target.ensure(session, indicesOf(batches), body);
  const restored = new Map<string, Promise<boolean>>();
  const restore = (index: string): Promise<boolean> => {
    const restoring = restored.get(index) ?? (settings.CREATE_INDEX ? sink.target.create(session, index, body) : Promise.resolve(false));
    restored.set(index, restoring);
    return restoring;
  };
  const { stale, rejected, ...counts } = await new BulkWriter(session, restore).write(batches);
  return { ...counts, stale: stale.map(withoutFetchedValue), rejected: rejected.map(released) };
}

function indicesOf(batches: readonly Batch[]): Set<string> {
  const indices = new Set<string>();
  for (const { operations } of batches) {
    for (const { index } of operations) indices.add(index);
  }
  return indices;
}

/** Kafka's value was probably not UTF-8, and whoever made the event has put U+FFFD in place of what was not. */
function warnOfLostBytes(lossy: readonly Position[], { log }: Session): void {
  const [first] = lossy;
  if (first) log('warn', 'values hold U+FFFD: they were probably not UTF-8', { count: lossy.length, first: formatPosition(first) });
}

function hasReplacement({ value, isJsonValue }: Record): boolean {
  if (value === undefined) return false;
  // Parsed JSON keeps the escapes of its texts.
  return value.includes('\uFFFD') || (isJsonValue && /\\ufffd/i.test(value));
}
