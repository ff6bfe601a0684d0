import { formatPosition, type Position } from '../../shared/position.ts';
import type { Record } from './decode.ts';

/** One operation of a bulk request. */
export interface Operation {
  readonly position: Position;
  readonly index: string;
  readonly id: string;
  /** The document, one JSON object on one line. */
  readonly document: Buffer;
}

const envelopeStart = Buffer.from('{"msg_body":');
const envelopeEnd = Buffer.from(',"doc_as_upsert":true}');

/**
 * Maps a record to the document that the console's Elasticsearch Sink Connector writes, under an id made of its position:
 * delivered again, it replaces itself.
 */
export function map(record: Record, index: string): Operation {
  const document = Buffer.concat([envelopeStart, record.json, envelopeEnd]);
  return { position: record.position, index, id: formatPosition(record.position), document };
}
