// What both ways of the official client share: the same ids and documents as the function makes of an event.
import { Client } from '@elastic/elasticsearch';

/**
 * @typedef {{ readonly topic: string, readonly partition: number, readonly offset: number, readonly timestamp: number, readonly key?: string,
 *   readonly value?: string, readonly valueSize?: number, readonly data?: Element }} Element
 */

/** The function's own limit of a request. */
export const bulkRecords = 2000;

export const client = new Client({ node: process.env.ES_ENDPOINT ?? '' });

/**
 * @param {Buffer} event
 * @returns {Element[]}
 */
export function recordsOf(event) {
  return JSON.parse(event.toString());
}

/** @param {Element} record */
export function actionOf(record) {
  const { topic, partition, offset } = record.data ?? record;
  return { index: { _index: 'bench', _id: `${topic}+${partition}+${offset}` } };
}

/**
 * The console connector's envelope.
 * @param {Element} record
 */
export function documentOf(record) {
  if (record.valueSize !== undefined) return { msg_body: record, doc_as_upsert: true };
  const { key, offset, partition, timestamp, topic, value } = record.data ?? record;
  const body = { key, offset, overflowFlag: false, partition, timestamp, topic, value, valueSize: value?.length ?? 0 };
  return { msg_body: body, doc_as_upsert: true };
}

/** @param {readonly Element[]} records */
export function operationsOf(records) {
  return records.flatMap((record) => [actionOf(record), documentOf(record)]);
}
