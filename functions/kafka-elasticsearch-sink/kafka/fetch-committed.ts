import type { KafkaMessage } from 'kafkajs';
import type { Broker } from 'kafkajs/src/cluster/index.js';
import Decoder from 'kafkajs/src/protocol/decoder.js';
import decodeMessageSet from 'kafkajs/src/protocol/messageSet/decoder.js';
import decodeRecordBatch from 'kafkajs/src/protocol/recordBatch/v0/decoder.js';
import fetchRequest from 'kafkajs/src/protocol/requests/fetch/v4/request.js';
import responseV4 from 'kafkajs/src/protocol/requests/fetch/v4/response.js';

/** What a broker sends of a partition from an offset on. */
export interface Fetched {
  /** The records that a consumer gets who reads what is committed, and perhaps some before the offset: a batch begins where it was made. */
  readonly records: readonly KafkaMessage[];
  /** The offsets, as far, of transaction markers and of records whose transaction was aborted, which nobody gets. */
  readonly hidden: readonly number[];
  /** The offset behind all that was sent, what compaction has taken away included; undefined where nothing was sent. */
  readonly next: number | undefined;
  /** The offset up to which the partition is committed (exclusive). */
  readonly end: number;
}

const readCommitted = 1;
const maxWaitTime = 500;

/**
 * Fetches from one partition, at least one batch of records. kafkajs's own fetch does not tell where a batch ends of which compaction has left
 * nothing, nor what was aborted; this reads the response, of version 4, which brokers from 0.11 on send, batch by batch.
 *
 * Source: https://kafka.apache.org/protocol#The_Messages_Fetch, https://kafka.apache.org/documentation/#recordbatch
 */
export async function fetchCommitted(broker: Broker, topic: string, partition: number, offset: number, maxBytes: number): Promise<Fetched> {
  const partitions = [{ partition, fetchOffset: String(offset), maxBytes }];
  const request = { replicaId: -1, maxWaitTime, minBytes: 1, maxBytes, topics: [{ topic, partitions }], isolationLevel: readCommitted };
  const response = { decode: decodeResponse, parse: responseV4.parse<Response> };
  const { responses } = await broker.connectionPool.send({ request: fetchRequest(request), response });
  const [found] = responses.flatMap((one) => one.partitions);
  if (!found) throw new Error(`the broker sent nothing of partition ${partition} of ${topic}`);
  const batches = await decodeBatches(found.recordSet);
  return { ...committedOf(batches, found.aborted), next: batches.at(-1)?.next, end: found.lastStableOffset };
}

interface Response {
  readonly responses: readonly { readonly topicName: string; readonly partitions: readonly PartitionResponse[] }[];
}

interface PartitionResponse {
  readonly partition: number;
  readonly errorCode: number;
  readonly lastStableOffset: number;
  readonly aborted: readonly AbortedTransaction[];
  readonly recordSet: Buffer;
}

interface AbortedTransaction {
  readonly producerId: string;
  readonly firstOffset: number;
}

async function decodeResponse(bytes: Buffer): Promise<Response> {
  const decoder = new Decoder(bytes);
  // How long the broker has held the request back.
  decoder.readInt32();
  const responses = decoder.readArray((one) => ({ topicName: one.readString(), partitions: one.readArray(decodePartition) }));
  return { responses };
}

function decodePartition(decoder: Decoder): PartitionResponse {
  const partition = decoder.readInt32();
  const errorCode = decoder.readInt16();
  // The high watermark: beyond the last stable offset a transaction is open.
  decoder.readInt64();
  const lastStableOffset = readOffset(decoder);
  const aborted = decoder.readArray((one) => ({ producerId: one.readInt64().toString(), firstOffset: readOffset(one) }));
  return { partition, errorCode, lastStableOffset, aborted, recordSet: decoder.readBytes() ?? Buffer.alloc(0) };
}

function readOffset(decoder: Decoder): number {
  return Number(decoder.readInt64().toString());
}

/** Records that were written together. */
interface Batch {
  readonly first: number;
  readonly next: number;
  readonly records: readonly KafkaMessage[];
  readonly isControl: boolean;
  /** The producer of the transaction that it is part of, or whose marker it is. */
  readonly transaction: string | undefined;
}

const batchHeaderBytes = 12;
const magicIndex = 16;
const currentMagic = 2;

async function decodeBatches(recordSet: Buffer): Promise<readonly Batch[]> {
  if (recordSet.length > magicIndex && recordSet[magicIndex] !== currentMagic) return decodeOldMessages(recordSet);
  const batches: Batch[] = [];
  for (let at = 0; at + batchHeaderBytes <= recordSet.length; ) {
    const end = at + batchHeaderBytes + recordSet.readInt32BE(at + 8);
    // The response is cut where its limit is.
    if (end > recordSet.length) break;
    const { firstOffset, inTransaction, isControlBatch, lastOffsetDelta, producerId, records } = await decodeRecordBatch(
      new Decoder(recordSet.subarray(at, end)),
    );
    const first = Number(firstOffset);
    const next = first + lastOffsetDelta + 1;
    batches.push({ first, next, records, isControl: isControlBatch, transaction: inTransaction ? producerId : undefined });
    at = end;
  }
  return batches;
}

/** Reads what topics hold in a format from before 0.11, which has neither batches nor transactions. */
async function decodeOldMessages(recordSet: Buffer): Promise<readonly Batch[]> {
  const records = await decodeMessageSet(new Decoder(recordSet), recordSet.length);
  const [first, last] = [records[0], records.at(-1)];
  if (!first || !last) return [];
  return [{ first: Number(first.offset), next: Number(last.offset) + 1, records, isControl: false, transaction: undefined }];
}

/** A marker's key holds its version and its type, 0 for an abort: https://kafka.apache.org/documentation/#controlbatch */
const abortMarkerKey = Buffer.from([0, 0, 0, 0]);

/** Tells records that are committed from what is not, as Java's consumer does: a producer's transaction ends at its marker. */
function committedOf(batches: readonly Batch[], aborted: readonly AbortedTransaction[]): Pick<Fetched, 'records' | 'hidden'> {
  const ahead = [...aborted].sort((left, right) => left.firstOffset - right.firstOffset);
  const aborting = new Set<string>();
  const records: KafkaMessage[] = [];
  const hidden: number[] = [];
  for (const batch of batches) {
    while (ahead[0] && ahead[0].firstOffset < batch.next) aborting.add(ahead.shift()?.producerId ?? '');
    const { isControl, transaction = '' } = batch;
    if (isControl || aborting.has(transaction)) hidden.push(...batch.records.map(({ offset }) => Number(offset)));
    else records.push(...batch.records);
    if (isControl && batch.records.some(isAbortMarker)) aborting.delete(transaction);
  }
  return { records, hidden };
}

function isAbortMarker({ key }: KafkaMessage): boolean {
  return key?.equals(abortMarkerKey) === true;
}
