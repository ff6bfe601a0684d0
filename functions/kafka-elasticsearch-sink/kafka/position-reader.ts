import type { KafkaMessage } from 'kafkajs';
import type Cluster from 'kafkajs/src/cluster/index.js';
import { formatPosition, type Position, parseOffset } from '../../../shared/position.ts';
import type { Settings } from '../../../shared/settings.ts';
import { leaderOf, openCluster } from './cluster.ts';
import { DecompressionFailed, registerCodecs } from './codecs.ts';
import { brokerErrorType, withKafka } from './connection.ts';

/** The isolation level that keeps nothing back: what has been delivered is committed. */
const readUncommitted = 0;
const maxWaitTime = 500;
/** The broker sends at least one batch of records, even where it is larger. */
const maxResponseBytes = 1024 * 1024;
/** The values of one piece: what is done with them takes several times their memory. */
const maxPieceBytes = 8 * 1024 * 1024;
/** The responses of which messages are kept for later. */
const maxKeptBytes = 32 * 1024 * 1024;

/** What stands at a position, or why nothing does that can be read. */
export type ReadResult = KafkaMessage | { readonly missing: string };

const notInTopic: ReadResult = { missing: 'it is not in the topic, or not any more' };
/** Error types that no later attempt would change; that a topic is unknown is also said by a broker that has just started. */
const absentErrorTypes = ['OFFSET_OUT_OF_RANGE', 'INVALID_TOPIC_EXCEPTION'];

/**
 * Reads records by their positions, in pieces that fit in memory, and in no consumer group: groups must exist beforehand in ApsaraMQ, and the
 * trigger's is its own.
 */
export class PositionReader {
  readonly #settings: Settings;
  readonly #positions: readonly Position[];
  readonly #fetched: FetchedMessages;
  #readCount = 0;

  constructor(settings: Settings, positions: readonly Position[]) {
    this.#settings = settings;
    this.#positions = positions;
    this.#fetched = new FetchedMessages(positions);
  }

  /**
   * Resolves to one result each for the next positions, one at least, as many as fit in a piece. Nothing of it goes on afterwards: the next piece
   * has a connection of its own. Throws `KafkaUnavailable`.
   */
  async next(limitMs: number): Promise<ReadResult[]> {
    registerCodecs();
    return withKafka(this.#settings, limitMs, async (connection) => this.#readPiece(await openCluster(connection)));
  }

  async #readPiece(cluster: Cluster): Promise<ReadResult[]> {
    const piece: ReadResult[] = [];
    let bytes = 0;
    for (const position of this.#positions.slice(this.#readCount)) {
      const found = this.#fetched.take(position) ?? (await read(cluster, position, this.#fetched));
      bytes += sizeOf(found);
      if (piece.length > 0 && bytes > maxPieceBytes) {
        this.#fetched.putBack(position, found);
        break;
      }
      piece.push(found);
    }
    this.#readCount += piece.length;
    return piece;
  }
}

/** Messages that came together with a requested one: the records of one compressed batch always do, however they are requested. */
class FetchedMessages {
  readonly #wanted: ReadonlySet<string>;
  readonly #found = new Map<string, ReadResult>();
  #bytes = 0;

  constructor(positions: readonly Position[]) {
    this.#wanted = new Set(positions.map(formatPosition));
  }

  take(position: Position): ReadResult | undefined {
    const name = formatPosition(position);
    const found = this.#found.get(name);
    this.#found.delete(name);
    if (this.#found.size === 0) this.#bytes = 0;
    return found;
  }

  putBack(position: Position, found: ReadResult): void {
    this.#found.set(formatPosition(position), found);
  }

  /** Keeps the messages that are requested later, in the place of all others where there are too many. */
  keep({ partition, topic }: Position, messages: readonly KafkaMessage[]): void {
    const bytes = messages.reduce((sum, message) => sum + sizeOf(message), 0);
    if (this.#bytes + bytes > maxKeptBytes) this.#clear();
    // Each of them keeps the memory of the whole response.
    this.#bytes += bytes;
    for (const message of messages) {
      const name = formatPosition({ topic, partition, offset: parseOffset(message.offset) });
      if (this.#wanted.has(name)) this.#found.set(name, message);
    }
  }

  #clear(): void {
    this.#found.clear();
    this.#bytes = 0;
  }
}

function sizeOf(found: ReadResult): number {
  return 'missing' in found ? 0 : (found.value?.length ?? 0);
}

async function read(cluster: Cluster, position: Position, fetched: FetchedMessages): Promise<ReadResult> {
  try {
    const messages = await fetch(cluster, position, maxResponseBytes).catch((error) => {
      // It may be that of a batch behind it.
      if (error instanceof DecompressionFailed) return fetch(cluster, position, 1);
      throw error;
    });
    fetched.keep(position, messages);
    return fetched.take(position) ?? notInTopic;
  } catch (error) {
    if (absentErrorTypes.includes(brokerErrorType(error) ?? '')) return notInTopic;
    if (error instanceof DecompressionFailed) return { missing: error.message };
    throw error;
  }
}

/** Fetches messages from the position on, and perhaps some before it: a batch begins where it was made. */
async function fetch(cluster: Cluster, { topic, partition, offset }: Position, maxBytes: number): Promise<readonly KafkaMessage[]> {
  const broker = await leaderOf(cluster, topic, partition);
  if (!broker) return [];
  const partitions = [{ partition, fetchOffset: String(offset), maxBytes }];
  const response = await broker.fetch({
    topics: [{ topic, partitions }],
    maxBytes,
    minBytes: 1,
    maxWaitTime,
    isolationLevel: readUncommitted,
  });
  return response.responses.flatMap((response) => response.partitions.flatMap((one) => one.messages));
}
