import type { createHash } from 'node:crypto';
import { formatPosition } from '../../shared/position.ts';
import type { Settings } from '../../shared/settings.ts';
import { decodeText } from './byte-string.ts';
import { isTooLong } from './map.ts';
import type { Element } from './record.ts';

/**
 * The id of an error record's document, with the prefix in front, so that the records of a topic that was made anew do not replace the former one's.
 * `newHash` is Node's `createHash`, handed in, as what delivers loads it only when it is needed.
 */
export function errorDocumentId(
  { json, position }: Pick<Element, 'json' | 'position'>,
  { DOCUMENT_ID_PREFIX = '' }: Pick<Settings, 'DOCUMENT_ID_PREFIX'>,
  newHash: typeof createHash,
): string {
  const hash = (text: string) => newHash('sha256').update(text).digest('hex');
  const isWhole = position.topic !== undefined && position.partition !== undefined && position.offset !== undefined;
  const id = `${DOCUMENT_ID_PREFIX}${isWhole ? formatPosition(position) : hash(decodeText(json))}`;
  return isTooLong(id) ? hash(id) : id;
}
