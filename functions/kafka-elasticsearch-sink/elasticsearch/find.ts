import { Failure } from '../../../shared/errors.ts';
import { type Position, parsePosition } from '../../../shared/position.ts';
import type { Command } from '../decode.ts';
import { isRefusal } from '../document.ts';
import type { Mapper } from '../map.ts';
import { ask, failureFrom, type Session } from './session.ts';

/**
 * The document (`_source`) of the record at `{topic, partition, offset, key?, timestamp?}`, or null. The key is needed where it is the id or
 * the routing; with the timestamp (ms) only one index of a date pattern is searched. Throws `EventInvalid` without a key that is needed.
 */
export async function find(command: Command, session: Session, mapper: Mapper): Promise<unknown> {
  const { key, timestamp } = command;
  const record = {
    position: positionOf(command),
    key: typeof key === 'string' ? key : undefined,
    timestamp: typeof timestamp === 'number' ? timestamp : undefined,
  };
  const index = mapper.indicesOf(record);
  const id = mapper.idOf(record);
  if (isRefusal(index)) throw invalid(index.refusal);
  if (isRefusal(id)) throw invalid(id.refusal);
  if (id === undefined) throw invalid('with DOCUMENT_ID=auto a document cannot be found by its position');
  // By search: an alias or a data stream may stand for several indices, of which a document cannot be got by its id.
  const encoded = encodeURIComponent(index).replaceAll('%2A', '*');
  await ask(session, { method: 'POST', path: `/${encoded}/_refresh` });
  const body = { query: { ids: { values: [id] } }, version: true };
  const path = `/${encoded}/_search`;
  const answer = await ask(session, { method: 'POST', path, query: { filter_path: 'hits.hits._source,hits.hits._version' }, body });
  if (answer.status === 404) return null;
  if (answer.status !== 200) throw failureFrom('IndexUnavailable', `${answer.node}${path}: status ${answer.status}`, session.settings);
  const { hits } = (answer.json ?? {}) as { hits?: { hits?: readonly { _source: unknown; _version: number }[] } };
  const [hit] = hits?.hits ?? [];
  // Under its key stands an older record's.
  const isOlder = session.settings.DOCUMENT_VERSION === 'offset' && hit !== undefined && hit._version < record.position.offset;
  return hit && !isOlder ? hit._source : null;
}

function positionOf({ topic, partition, offset }: Command): Position {
  const position = parsePosition(`${topic}+${partition}+${offset}`);
  if (!position) throw invalid('topic, partition and offset of the record are needed');
  return position;
}

function invalid(reason: string): Failure {
  return new Failure('EventInvalid', `find: ${reason}`);
}
