import { createHash } from 'node:crypto';
import type { KafkaMessage } from 'kafkajs';
import type { AuditCommand, AuditResponse } from '../../../shared/commands.ts';
import { formatPosition } from '../../../shared/position.ts';
import { encode } from '../byte-string.ts';
import type { Command } from '../decode.ts';
import { errorDocumentId } from '../error-document-id.ts';
import type { TopicReader } from '../kafka/index.ts';
import type { Piece } from '../kafka/topic-reader.ts';
import { ArgumentReader, openReader, type UnverifiedArguments } from './arguments.ts';
import { AuditTally, type Whereabouts } from './audit-tally.ts';
import { Documents, type Place } from './documents.ts';
import { type Elsewhere, readElsewhere } from './elsewhere.ts';
import { whyUnprovable } from './provable.ts';
import { contentOf, recordOf } from './record-of-message.ts';
import type { Tools } from './tools.ts';
import { Workers } from './workers.ts';

/**
 * Accounts for each record that the topic holds in `{topic, partition, from, to}`: in the index, at an error destination, in a dead letter, skipped,
 * or missing. Ends before the deadline, with `next`. Throws `EventInvalid`, `SettingsInvalid` without brokers, or what keeps it from looking.
 */
export async function audit(command: Command, tools: Tools): Promise<AuditResponse> {
  const range = readRange(command);
  const { DOCUMENT_ID } = tools.session.settings;
  if (DOCUMENT_ID !== 'position') return new AuditTally().response({ why: `with DOCUMENT_ID=${DOCUMENT_ID}, ids do not tell positions` });
  const why = await whyUnprovable(range.topic, tools);
  const reader = await openReader('audit', tools);
  try {
    const pass = new AuditPass(range, tools, reader);
    const next = await pass.run();
    return pass.tally.response({ next, why, repairs: range.repair });
  } finally {
    reader.close();
  }
}

interface AuditRange {
  readonly topic: string;
  readonly partition: number;
  readonly from: number;
  readonly to: number;
  readonly deadLetterTopic: string | undefined;
  readonly repair: boolean;
}

function readRange({ deadLetterTopic, from, partition, repair, to, topic }: UnverifiedArguments<AuditCommand>): AuditRange {
  const read = new ArgumentReader('audit');
  return {
    topic: read.topic('topic', topic),
    partition: read.count('partition', partition),
    from: read.count('from', from),
    to: read.count('to', to),
    deadLetterTopic: deadLetterTopic === undefined ? undefined : read.topic('deadLetterTopic', deadLetterTopic),
    repair: repair === true,
  };
}

/** A record of the topic, as much of it as is needed. */
interface Entry extends Place {
  readonly hasValue: boolean;
  /** The record itself, where it may be delivered. */
  readonly message: KafkaMessage | undefined;
}

/** Records that are looked up together, and offsets among them that no record has. */
interface Chunk {
  readonly entries: readonly Entry[];
  readonly hidden: readonly number[];
}

/** As many ids as a search takes, with some copies each. */
const maxChunkRecords = 1000;
/** How far behind the end of the topic documents are looked for that cannot be there. */
const maxBeyondEnd = 100_000;

/** Time for what is being looked up when no more is read, and for the error topics. */
function reserveOf(leftMs: number): number {
  return Math.max(leftMs / 4, Math.min(leftMs / 2, minimumReserveMs));
}

const minimumReserveMs = 3000;

/** One pass through a range, which reads on while others of its records are looked up. */
class AuditPass {
  readonly tally = new AuditTally();
  readonly #range: AuditRange;
  readonly #tools: Tools;
  readonly #reader: TopicReader;
  readonly #documents: Documents;
  readonly #workers: Workers;
  readonly #skippedPositions: ReadonlySet<string>;
  #elsewhere: Promise<Elsewhere> | undefined;
  #repairs: Promise<void> = Promise.resolve();

  constructor(range: AuditRange, tools: Tools, reader: TopicReader) {
    const { MAX_IN_FLIGHT, SKIP_POSITIONS } = tools.session.settings;
    this.#range = range;
    this.#tools = tools;
    this.#reader = reader;
    this.#documents = new Documents(tools);
    this.#workers = new Workers(MAX_IN_FLIGHT);
    this.#skippedPositions = new Set(SKIP_POSITIONS?.map(formatPosition));
  }

  /** Resolves to where the next pass begins, or to undefined when the range is done. */
  async run(): Promise<number | undefined> {
    const { from, partition, to, topic } = this.#range;
    const { deadline } = this.#tools.session;
    const reserveMs = reserveOf(deadline.leftMs);
    let at = from;
    try {
      while (at < to && !this.#workers.hasFailed && deadline.leftMs > reserveMs) {
        const piece = await this.#reader.read(topic, partition, at, deadline.leftMs);
        await this.#lookUp(piece ? chunksOf(piece, this.#range) : this.#beyondEnd(at));
        this.tally.expired += Math.min(piece?.expired ?? 0, to - at);
        at = piece?.next ?? to;
      }
    } finally {
      // No request may be on its way when the invocation fails.
      await this.#workers.settle();
    }
    this.#workers.throwFailure();
    return at < to ? at : undefined;
  }

  async #lookUp(chunks: AsyncIterable<Chunk> | Iterable<Chunk>): Promise<void> {
    for await (const chunk of chunks) await this.#workers.start(() => this.#account(chunk));
  }

  /** Documents behind the end are those of a topic that was made anew. */
  async *#beyondEnd(at: number): AsyncGenerator<Chunk> {
    const { partition, to, topic } = this.#range;
    const ranges = await this.#reader.ranges(topic, this.#tools.session.deadline.leftMs);
    const end = Math.max(at, ranges.find((range) => range.partition === partition)?.end ?? 0);
    const last = Math.min(to, end + maxBeyondEnd);
    for (let first = end; first < last; first += maxChunkRecords) {
      const length = Math.min(maxChunkRecords, last - first);
      yield { entries: [], hidden: Array.from({ length }, (_, index) => first + index) };
    }
  }

  async #account({ entries, hidden }: Chunk): Promise<void> {
    const { partition, topic } = this.#range;
    const withoutRecord = hidden.map((offset) => ({ topic, partition, offset }));
    const { extra, indexed } = await this.#documents.lookUp(entries, withoutRecord);
    this.tally.addIndexed(indexed.size);
    this.tally.addExtra(extra);
    const others = entries.filter((entry) => !indexed.has(entry));
    if (others.length === 0) return;
    const missing = await this.#accountElsewhere(others);
    if (!this.#range.repair || missing.length === 0) return;
    // One delivery at a time, as an instance has one event at a time.
    this.#repairs = this.#repairs.then(() => this.#repair(missing));
    await this.#repairs;
  }

  /** Resolves to those that are nowhere. */
  async #accountElsewhere(entries: readonly Entry[]): Promise<readonly Entry[]> {
    this.#elsewhere ??= readElsewhere(this.#tools, this.#reader, this.#topicsElsewhere, this.#range);
    const elsewhere = await this.#elsewhere;
    const inErrorIndex = await this.#inErrorIndex(entries);
    const missing: Entry[] = [];
    for (const entry of entries) {
      const whereabouts = inErrorIndex.has(entry) ? 'errors' : this.#whereaboutsOf(entry, elsewhere);
      if (whereabouts === 'missing') missing.push(entry);
      else this.tally.addElsewhere(whereabouts);
    }
    this.tally.addMissing(missing.map(({ position }) => position));
    return missing;
  }

  get #topicsElsewhere(): ReadonlySet<string> {
    const { ERROR_DATA_TOPIC } = this.#tools.session.settings;
    return new Set([ERROR_DATA_TOPIC, this.#range.deadLetterTopic].filter((topic) => topic !== undefined));
  }

  #whereaboutsOf({ hasValue, position }: Entry, { deadLettered, errors }: Elsewhere): Whereabouts {
    const offset = Number(position.offset);
    if (errors.has(offset)) return 'errors';
    if (deadLettered.has(offset)) return 'deadLettered';
    const isLeftOut = !hasValue && this.#tools.session.settings.NULL_VALUE === 'skip';
    return isLeftOut || this.#skippedPositions.has(formatPosition(position)) ? 'skipped' : 'missing';
  }

  async #inErrorIndex(entries: readonly Entry[]): Promise<ReadonlySet<Entry>> {
    const { settings } = this.#tools.session;
    if (settings.ERROR_INDEX === undefined) return new Set();
    const ids = new Map(entries.map((entry) => [entry, errorDocumentId({ ...entry, json: encode('') }, settings, createHash)]));
    const existing = await this.#documents.existing(settings.ERROR_INDEX, [...ids.values()]);
    return new Set(entries.filter((entry) => existing.has(ids.get(entry) ?? '')));
  }

  async #repair(missing: readonly Entry[]): Promise<void> {
    const records = missing.flatMap(({ message, position }) => (message ? [recordOf(position, contentOf(message))] : []));
    const { rejected } = await this.#tools.deliver(records, this.#tools.errorDestination);
    this.tally.repaired += records.length - rejected;
  }
}

/** What a piece has of the range, in parts that are looked up together. */
function* chunksOf({ hidden, records }: Piece, { partition, repair, to, topic }: AuditRange): Generator<Chunk> {
  const own = records.filter(({ offset }) => Number(offset) < to);
  const ownHidden = hidden.filter((offset) => offset < to);
  const count = Math.max(own.length, ownHidden.length);
  for (let start = 0; start < count; start += maxChunkRecords) {
    const some = own.slice(start, start + maxChunkRecords);
    const entries = some.map((message) => ({
      position: { topic, partition, offset: Number(message.offset) },
      key: message.key?.toString(),
      timestamp: Number(message.timestamp),
      hasValue: message.value !== null,
      message: repair ? message : undefined,
    }));
    yield { entries, hidden: ownHidden.slice(start, start + maxChunkRecords) };
  }
}
