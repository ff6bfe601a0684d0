import { formatPosition } from '../../shared/position.ts';
import type { Settings } from '../../shared/settings.ts';
import { decodeText } from './byte-string.ts';
import { isTooLong } from './map.ts';
import type { Element } from './record.ts';

/**
 * The id of an error record's document, with the prefix in front, so that the records of a topic that was made anew do not replace the former one's;
 * `hash` makes 64 characters of any text.
 */
export function errorDocumentId(
  { json, position }: Pick<Element, 'json' | 'position'>,
  { DOCUMENT_ID_PREFIX = '' }: Pick<Settings, 'DOCUMENT_ID_PREFIX'>,
  hash: (text: string) => string,
): string {
  const isWhole = position.topic !== undefined && position.partition !== undefined && position.offset !== undefined;
  const id = `${DOCUMENT_ID_PREFIX}${isWhole ? formatPosition(position) : hash(decodeText(json))}`;
  return isTooLong(id) ? hash(id) : id;
}
