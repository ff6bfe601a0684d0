import { Failure } from '../../shared/errors.ts';
import { type Position, positionOf } from '../../shared/position.ts';
import type { Command } from './decode.ts';
import { isRefusal } from './document.ts';
import { findDocument } from './elasticsearch/find-document.ts';
import type { Session } from './elasticsearch/session.ts';
import type { Mapper } from './map.ts';

/**
 * The document (`_source`) of the record at `{topic, partition, offset, key?, timestamp?}`, or null; `{found, reason}` where it has none. The key is needed where it is the id or
 * the routing; with the timestamp (ms) only one index of a date pattern is searched. Throws `EventInvalid` without a key that is needed.
 */
export async function find(command: Command, session: Session, mapper: Mapper): Promise<unknown> {
  const { key, timestamp } = command;
  const record = {
    position: positionIn(command),
    key: typeof key === 'string' ? key : undefined,
    timestamp: typeof timestamp === 'number' ? timestamp : undefined,
  };
  const index = mapper.indicesOf(record);
  const id = mapper.idOf(record);
  if (isRefusal(index)) throw invalid(index.refusal);
  if (isRefusal(id)) throw invalid(id.refusal);
  if (id === undefined) throw invalid('with DOCUMENT_ID=auto a document cannot be found by its position');
  // Of a lower version is an older record of the same key.
  const minimumVersion = session.settings.DOCUMENT_VERSION === 'offset' ? record.position.offset : 0;
  return (await findDocument(session, index, id, minimumVersion)) ?? null;
}

function positionIn({ topic, partition, offset }: Command): Position {
  const position = positionOf(topic, partition, offset);
  if (!position) throw invalid('topic, partition and offset of the record are needed');
  return position;
}

function invalid(reason: string): Failure {
  return new Failure('EventInvalid', `find: ${reason}`);
}
