import type Cluster from 'kafkajs/src/cluster/index.js';
import type { Broker } from 'kafkajs/src/cluster/index.js';
import type { Settings } from '../../../shared/settings.ts';
import { leaderOf, openCluster } from './cluster.ts';
import { registerCodecs } from './codecs.ts';
import { brokerErrorType, type Connection, OpenConnection } from './connection.ts';
import { type Fetched, fetchCommitted } from './fetch-committed.ts';

const maxResponseBytes = 1024 * 1024;
const maxEmptyResponses = 3;

/** The offsets that a partition holds. */
export interface PartitionRange {
  readonly partition: number;
  /** The first that has not expired. */
  readonly first: number;
  /** The one behind the last. */
  readonly end: number;
}

/** A part of a partition, from the requested offset on, and where the next one begins. */
export interface Piece extends Pick<Fetched, 'records' | 'hidden'> {
  readonly next: number;
  /** How many of the offsets had expired. */
  readonly expired: number;
}

/**
 * Reads topics from any offset on, what is committed alone, and in no consumer group: groups must exist beforehand in ApsaraMQ, and the trigger's is
 * its own. Whoever makes it closes it before the invocation ends.
 */
export class TopicReader {
  readonly #connection: OpenConnection;
  #cluster: Cluster | undefined;

  constructor(settings: Settings) {
    registerCodecs();
    this.#connection = new OpenConnection(settings);
  }

  /** The partitions of a topic, ascending; throws `KafkaUnavailable`, also where there is no such topic. */
  async ranges(topic: string, limitMs: number): Promise<readonly PartitionRange[]> {
    return this.#connection.use(limitMs, async ({ kafka }) => {
      const admin = kafka.admin();
      await admin.connect();
      const found = await admin.fetchTopicOffsets(topic);
      const ranges = found.map(({ high, low, partition }) => ({ partition, first: Number(low), end: Number(high) }));
      return ranges.sort((left, right) => left.partition - right.partition);
    });
  }

  /**
   * Reads a piece, which is not empty unless something has expired; undefined where nothing is committed from the offset on. Throws
   * `KafkaUnavailable`.
   */
  async read(topic: string, partition: number, offset: number, limitMs: number): Promise<Piece | undefined> {
    const piece = await this.#connection.use(limitMs, async (connection) => {
      const broker = await leaderOf(await this.#open(connection), topic, partition);
      if (!broker) throw new Error(`${topic} has no partition ${partition}`);
      return readPiece(broker, topic, partition, offset).catch(unlessOutOfRange);
    });
    if (piece !== 'out-of-range') return piece;
    const first = (await this.ranges(topic, limitMs)).find((range) => range.partition === partition)?.first ?? 0;
    return first > offset ? { records: [], hidden: [], next: first, expired: first - offset } : undefined;
  }

  close(): void {
    this.#connection.close();
  }

  async #open(connection: Connection): Promise<Cluster> {
    this.#cluster ??= await openCluster(connection);
    return this.#cluster;
  }
}

async function readPiece(broker: Broker, topic: string, partition: number, offset: number): Promise<Piece | undefined> {
  for (let attempt = 1; ; attempt++) {
    const fetched = await fetchCommitted(broker, topic, partition, offset, maxResponseBytes);
    const { end, next } = fetched;
    if (next !== undefined && next > offset) return { ...from(offset, fetched), next, expired: 0 };
    if (offset >= end) return undefined;
    if (attempt < maxEmptyResponses) continue;
    // Where compaction has left nothing up to the end, the end sends nothing either.
    const last = await fetchCommitted(broker, topic, partition, end - 1, maxResponseBytes);
    if (last.next === undefined) return undefined;
    throw new Error(`nothing came of ${topic}+${partition}+${offset}, which is before the end, ${end}`);
  }
}

function unlessOutOfRange(error: unknown): 'out-of-range' {
  if (brokerErrorType(error) === 'OFFSET_OUT_OF_RANGE') return 'out-of-range';
  throw error;
}

function from(offset: number, { hidden, records }: Fetched): Pick<Piece, 'records' | 'hidden'> {
  return { records: records.filter((record) => Number(record.offset) >= offset), hidden: hidden.filter((one) => one >= offset) };
}
