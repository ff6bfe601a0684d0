import { isUtf8 } from 'node:buffer';
import { Failure } from '../../shared/errors.ts';
import { formatPosition, type Position } from '../../shared/position.ts';
import { elementBytes } from './elements.ts';

/** One record of the event: where it stands in Kafka, and its own bytes, which are never parsed and written anew. */
export interface Record {
  readonly position: Position;
  /** One JSON object, UTF-8, without a raw line break. */
  readonly json: Buffer;
}

/**
 * Reads an event in the format of the Function Compute sink connector, a JSON array of
 * `{key?, offset, overflowFlag, partition, timestamp, topic, value?, valueSize}`; throws `EventInvalid` for anything else.
 *
 * Source: https://github.com/AliwareMQ/aliyun-kafka-connectors/tree/master/kafka-connect-fc
 */
export function decode(event: Buffer): Record[] {
  const elements = parseArray(event);
  const bytes = elementBytes(onOneLine(event), elements.length);
  return bytes.map((json, index) => ({ position: positionOf(elements[index], index), json }));
}

function parseArray(event: Buffer): unknown[] {
  if (!isUtf8(event)) throw new Failure('EventInvalid', `the event, ${event.length} bytes, is not valid UTF-8`);
  const parsed = parseJson(event.toString());
  if (!Array.isArray(parsed)) throw new Failure('EventInvalid', `the event, ${event.length} bytes, is not a JSON array of records`);
  return parsed;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, and with it a record's content.
    throw new Failure('EventInvalid', `the event, ${text.length} characters, is not JSON`);
  }
}

function positionOf(element: unknown, index: number): Position {
  if (typeof element !== 'object' || element === null) throw invalid(index, 'is not an object');
  const { topic, partition, offset, overflowFlag } = element as { [name: string]: unknown };
  if (typeof topic !== 'string' || topic === '') throw invalid(index, 'has no `topic`, a text');
  if (!isCount(partition)) throw invalid(index, 'has no `partition`, an integer of 0 or more');
  if (!isCount(offset)) throw invalid(index, 'has no `offset`, an integer of 0 or more');
  const position = { topic, partition, offset };
  // The value of such a record is not in the event: written as it is, it would be lost behind a success.
  if (overflowFlag === true) throw invalid(index, `(${formatPosition(position)}) was too large for the event, which is not supported yet`);
  return position;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function invalid(index: number, reason: string): Failure {
  return new Failure('EventInvalid', `record ${index} of the event ${reason}`);
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;

/** A raw line break, which would end a line of the bulk body, is white space wherever JSON allows it: a text holds it escaped. */
function onOneLine(json: Buffer): Buffer {
  if (!json.includes(lineFeed) && !json.includes(carriageReturn)) return json;
  return Buffer.from(json.map((byte) => (byte === lineFeed || byte === carriageReturn ? space : byte)));
}
