import { formatPosition, type Position } from '../../shared/position.ts';
import type { Settings } from '../../shared/settings.ts';

/** The document id that a position is, with the prefix in front. */
export function positionId(position: Partial<Position>, { DOCUMENT_ID_PREFIX = '' }: Pick<Settings, 'DOCUMENT_ID_PREFIX'>): string {
  return `${DOCUMENT_ID_PREFIX}${formatPosition(position)}`;
}
