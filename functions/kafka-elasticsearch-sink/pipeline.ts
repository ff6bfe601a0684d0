import { formatPosition, type Position } from '../../shared/position.ts';
import type { Settings } from '../../shared/settings.ts';
import { encode } from './byte-string.ts';
import { type Batch, Batcher } from './elasticsearch/batch.ts';
import { BulkWriter } from './elasticsearch/bulk.ts';
import type { RecentWrites } from './elasticsearch/recent-writes.ts';
import type { Session } from './elasticsearch/session.ts';
import type { Obstacle, Targets } from './elasticsearch/targets.ts';
import { checkVersion, type KnownVersion, type Requirement } from './elasticsearch/version.ts';
import type { ErrorDestination } from './error-destination.ts';
import type { InvocationContext } from './invocation-context.ts';
import type { Mapper } from './map.ts';
import type { Rejected, Skipped } from './operation.ts';
import { withOverflowValues } from './overflow.ts';
import type { Element, Record } from './record.ts';
import { redactedFailure } from './redact.ts';
import { type Counts, settle } from './settle.ts';

/** What deliveries need and share, as long as the instance lives. */
export interface Sink {
  readonly mapper: Mapper;
  readonly targets: Targets;
  readonly recentWrites: RecentWrites;
  readonly errorDestination: ErrorDestination | undefined;
  version: KnownVersion;
}

/** Moves the elements of one event into Elasticsearch: fetch, map, cut into requests, write, settle. Resolves only when every record is accounted for. */
export async function deliver(decoded: readonly Element[], sink: Sink, session: Session): Promise<Counts> {
  const writer = createWriter(sink, session);
  const unwritten: (Rejected | Skipped)[] = [];
  const withLostBytes: Position[] = [];
  for await (const elements of withOverflowValues(decoded, (record) => sink.mapper.isSkipped(record), session)) {
    const mapped = mapIntoBatches(elements, sink.mapper, session.settings);
    for (const element of elements) if (element.kind === 'record' && hasReplacement(element)) withLostBytes.push(element.position);
    for (const one of mapped.unwritten) unwritten.push(one);
    if (mapped.batches.length > 0) await write(mapped.batches, writer, sink, session);
    // The brokers are not asked for more, and not blamed when no time is left for them.
    if (writer.isOver) break;
  }
  warnOfLostBytes(withLostBytes, session);
  const counts = await settle(unwritten, await writer.finish(), session, sink.errorDestination);
  // Whatever mistake this package may hold, it must not let a record vanish behind a success.
  if (counts.received !== decoded.length) throw new Error(`${counts.received} of ${decoded.length} records are accounted for`);
  return counts;
}

/** What is to be written, in order and cut into bulk requests, and what is not. */
interface MappedBatches {
  readonly batches: readonly Batch[];
  readonly unwritten: readonly (Rejected | Skipped)[];
}

/** What an operation's lines usually hold beside the record's own JSON. */
const usualOverheadBytes = 200;

/** Maps elements in one pass, in which the lines of each become bytes of a request before the next is mapped. */
export function mapIntoBatches(elements: readonly Element[], mapper: Mapper, settings: Settings): MappedBatches {
  const expectedBytes = elements.reduce((bytes, { json }) => bytes + json.length + usualOverheadBytes, 0);
  const batcher = new Batcher(settings, expectedBytes);
  const unwritten: (Rejected | Skipped)[] = [];
  for (const element of elements) {
    const mapped = mapper.map(element);
    if (mapped.kind === 'mapped') batcher.add(mapped);
    else unwritten.push(mapped);
  }
  return { batches: batcher.finish(), unwritten };
}

function createWriter(sink: Sink, session: Session): BulkWriter {
  return new BulkWriter(session, {
    recentWrites: sink.recentWrites,
    recreate: (index) => sink.targets.recreate(session, index),
    stopRequiring: () => sink.targets.stopRequiring(),
    requirementOf: (index) => requirementOf(index, sink, session),
  });
}

/** What the target is required to be, where the server can be told so. */
function requirementOf(index: string, { targets, version }: Sink, { settings }: Session): Requirement | undefined {
  const requirement = targets.requirementOf(index);
  // What goes through a pipeline may go to another target.
  if (settings.ES_PIPELINE !== undefined) return undefined;
  // A data stream takes nothing but `create`, and says so only where it is not required.
  if (requirement === 'require_data_stream' && settings.WRITE_MODE !== 'create') return undefined;
  const isKnown = requirement !== undefined && typeof version === 'object' && version.requirements.includes(requirement);
  return isKnown ? requirement : undefined;
}

/** Writes batches to targets that exist or can be created; one that does not and cannot holds up its own records alone. */
async function write(batches: readonly Batch[], writer: BulkWriter, sink: Sink, session: Session): Promise<void> {
  const { CREATE_INDEX, ES_PIPELINE } = session.settings;
  // What goes through a pipeline may go to another index: that of the name need not be there.
  const names = CREATE_INDEX || ES_PIPELINE === undefined ? indicesOf(batches) : undefined;
  await checkServer(names, sink, session);
  if (!names) return writer.write(batches);
  const obstacles = await sink.targets.ensure(session, names);
  const ready = [...names].filter((name) => !obstacles.has(name));
  for (const some of groupByRequirement(ready, sink, session)) {
    await writer.write(some.size === names.size ? batches : filter(batches, (index) => some.has(index)));
  }
  for (const [name, obstacle] of obstacles) {
    const own = filter(batches, (index) => index === name);
    const fault = obstacle === 'not-ready' ? await sink.targets.createWhenReady(session, name) : obstacle;
    if (fault) settleObstructed(own, fault, writer, session);
    else await writer.write(own);
  }
}

/** Only a request for nothing but aliases, or data streams, can be kept from making an index of one that has just vanished. */
function groupByRequirement(names: readonly string[], sink: Sink, session: Session): Iterable<ReadonlySet<string>> {
  const groups = new Map<Requirement | undefined, Set<string>>();
  for (const name of names) {
    const requirement = requirementOf(name, sink, session);
    groups.set(requirement, (groups.get(requirement) ?? new Set()).add(name));
  }
  return groups.values();
}

function settleObstructed(
  batches: readonly Batch[],
  { failure, isAbsent, reason }: Obstacle,
  writer: BulkWriter,
  { settings }: Session,
): void {
  if (isAbsent && writer.settleDeletions(batches).length === 0) return;
  writer.fail(redactedFailure(failure, reason, settings));
}

/** Checks the server's version and looks at new targets, side by side. */
async function checkServer(names: Iterable<string> | undefined, sink: Sink, session: Session): Promise<void> {
  const looks = names && sink.targets.lookAhead(session, names);
  try {
    if (session.settings.ES_VERSION_CHECK) sink.version = await checkVersion(session, sink.version);
  } finally {
    // No request may be on its way when the invocation fails.
    await looks;
  }
}

/** The batches with only the operations whose index passes. */
function filter(batches: readonly Batch[], passes: (index: string) => boolean): readonly Batch[] {
  return batches.map((batch) => batch.filter(({ index }) => passes(index))).filter(({ operations }) => operations.length > 0);
}

function indicesOf(batches: readonly Batch[]): Set<string> {
  const indices = new Set<string>();
  for (const { operations } of batches) {
    for (const { index } of operations) indices.add(index);
  }
  return indices;
}

/** Warns of values that were probably not UTF-8 in Kafka, so that whoever made the event has put U+FFFD in place of what was not. */
function warnOfLostBytes(withLostBytes: readonly Position[], { log }: InvocationContext): void {
  const [first] = withLostBytes;
  if (first) log('warn', 'values hold U+FFFD: they were probably not UTF-8', { count: withLostBytes.length, first: formatPosition(first) });
}

const replacementBytes = encode('\uFFFD');
/** Matches the escape of U+FFFD, unless its backslash is itself escaped. */
const escapedReplacement = /(?<!\\)(?:\\\\)*\\ufffd/i;

function hasReplacement({ valueJson }: Record): boolean {
  if (valueJson === undefined) return false;
  return valueJson.includes(replacementBytes) || (valueJson.includes('\\u') && escapedReplacement.test(valueJson));
}
