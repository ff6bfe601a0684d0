import { formatPosition, type Position } from '../../shared/position.ts';
import type { Settings } from '../../shared/settings.ts';
import type { Element, Record } from './decode.ts';
import { type Batch, Batcher } from './elasticsearch/batch.ts';
import { BulkWriter } from './elasticsearch/bulk.ts';
import { failureFrom, type Session } from './elasticsearch/session.ts';
import type { Company } from './elasticsearch/suspects.ts';
import type { Target } from './elasticsearch/target.ts';
import { checkVersion, type KnownVersion } from './elasticsearch/version.ts';
import type { ErrorDestination } from './error-destination.ts';
import type { Invocation } from './invocation.ts';
import type { Mapper } from './map.ts';
import type { Rejected, Skipped } from './operation.ts';
import { withOverflow } from './overflow.ts';
import { type Counts, settle } from './settle.ts';

/** What deliveries need and share, as long as the instance lives. */
export interface Sink {
  readonly mapper: Mapper;
  readonly target: Target;
  readonly company: Company;
  readonly errorDestination: ErrorDestination | undefined;
  version: KnownVersion;
}

/** Moves the elements of one event into Elasticsearch: fetch, map, cut into requests, write, settle. Resolves only when every record is accounted for. */
export async function deliver(decoded: readonly Element[], sink: Sink, session: Session): Promise<Counts> {
  const writer = createWriter(sink, session);
  const unwritten: (Rejected | Skipped)[] = [];
  const lossy: Position[] = [];
  for await (const elements of withOverflow(decoded, (record) => sink.mapper.isSkipped(record), session)) {
    const mapped = mapIntoBatches(elements, sink.mapper, session.settings);
    for (const element of elements) if (element.kind === 'record' && hasReplacement(element)) lossy.push(element.position);
    for (const one of mapped.unwritten) unwritten.push(one);
    if (mapped.batches.length > 0) await write(mapped.batches, writer, sink, session);
    // The brokers are not asked for more, and not blamed when no time is left for them.
    if (writer.isOver) break;
  }
  warnOfLostBytes(lossy, session);
  const counts = await settle(unwritten, await writer.finish(), session, sink.errorDestination);
  // Whatever mistake this package may hold, it must not let a record vanish behind a success.
  if (counts.received !== decoded.length) throw new Error(`${counts.received} of ${decoded.length} records are accounted for`);
  return counts;
}

/** What is to be written, in order and cut into bulk requests, and what is not. */
interface Mapped {
  readonly batches: readonly Batch[];
  readonly unwritten: readonly (Rejected | Skipped)[];
}

/** What an operation's lines usually hold beside the record's own JSON. */
const usualOverheadBytes = 200;

/** Maps elements in one pass, in which the lines of each become bytes of a request before the next is mapped. */
export function mapIntoBatches(elements: readonly Element[], mapper: Mapper, settings: Settings): Mapped {
  const expectedBytes = elements.reduce((bytes, { json }) => bytes + json.end - json.start + usualOverheadBytes, 0);
  const batcher = new Batcher(settings, expectedBytes);
  const unwritten: (Rejected | Skipped)[] = [];
  for (const element of elements) {
    const mapped = mapper.map(element);
    if (mapped.kind === 'planned') batcher.add(mapped);
    else unwritten.push(mapped);
  }
  return { batches: batcher.finish(), unwritten };
}

function createWriter(sink: Sink, session: Session): BulkWriter {
  const { CREATE_INDEX } = session.settings;
  return new BulkWriter(session, {
    company: sink.company,
    restore: async (index) =>
      CREATE_INDEX ? sink.target.restore(session, index) : { failure: 'IndexMissing', reason: 'the index does not exist' },
    giveUpAliases: () => sink.target.giveUpAliases(),
    isAlias: (index) => typeof sink.version === 'object' && sink.version.knowsRequireAlias && sink.target.isPlainAlias(index),
  });
}

/** An index that cannot be made holds up its own records alone. */
async function write(batches: readonly Batch[], writer: BulkWriter, sink: Sink, session: Session): Promise<void> {
  const { settings } = session;
  if (settings.ES_VERSION_CHECK) sink.version = await checkVersion(session, sink.version);
  if (!settings.CREATE_INDEX) return writer.write(batches);
  const names = indicesOf(batches);
  const obstacles = await sink.target.ensure(session, names);
  const ready = [...names].filter((name) => !obstacles.has(name));
  // Only a request for nothing but aliases can be kept from making an index of one that has just vanished.
  for (const isAlias of [false, true]) {
    const some = new Set(ready.filter((name) => sink.target.isPlainAlias(name) === isAlias));
    if (some.size > 0) await writer.write(some.size === names.size ? batches : filter(batches, (index) => some.has(index)));
  }
  for (const [name, obstacle] of obstacles) {
    const lasting = obstacle === 'not-yet' ? await sink.target.make(session, name) : obstacle;
    if (lasting) writer.fail(failureFrom(lasting.failure, lasting.reason, settings));
    else await writer.write(filter(batches, (index) => index === name));
  }
}

/** The operations whose index passes. */
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

/** Kafka's value was probably not UTF-8, and whoever made the event has put U+FFFD in place of what was not. */
function warnOfLostBytes(lossy: readonly Position[], { log }: Invocation): void {
  const [first] = lossy;
  if (first) log('warn', 'values hold U+FFFD: they were probably not UTF-8', { count: lossy.length, first: formatPosition(first) });
}

function hasReplacement({ value, isJsonValue }: Record): boolean {
  if (value === undefined) return false;
  // Parsed JSON keeps the escapes of its texts.
  return value.includes('\uFFFD') || (isJsonValue && /\\ufffd/i.test(value));
}
