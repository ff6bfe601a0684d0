import type { estypes } from '@elastic/elasticsearch';
import { redactedFailure } from '../redact.ts';
import { sendWithRetries } from './send.ts';
import type { Session } from './session.ts';
import { unverified } from './unverified.ts';

/**
 * The document (`_source`) of this id in the indices that `index` names, which may hold `*`; undefined where there is none, or only one of a
 * lower version. Where the index keeps no `_source`, a word that it is there. Throws `IndexUnavailable`, or `ElasticsearchUnavailable` at the deadline.
 */
export async function findDocument(session: Session, index: string, id: string, minimumVersion: number | bigint): Promise<unknown> {
  // By search: an alias or a data stream may stand for several indices, of which a document cannot be got by its id.
  const encoded = encodeURIComponent(index).replaceAll('%2A', '*');
  await sendWithRetries(session, { method: 'POST', path: `/${encoded}/_refresh` });
  const body = { query: { ids: { values: [id] } }, version: true } satisfies estypes.SearchRequest;
  const path = `/${encoded}/_search`;
  const response = await sendWithRetries(session, {
    method: 'POST',
    path,
    query: { filter_path: 'hits.hits._source,hits.hits._version' },
    body,
  });
  if (response.status === 404) return undefined;
  if (response.status !== 200)
    throw redactedFailure('IndexUnavailable', `${response.node}${path}: status ${response.status}`, session.settings);
  const { hits } = unverified<estypes.SearchHitsMetadata>(unverified<estypes.SearchResponse>(response.json).hits);
  const [hit]: readonly unknown[] = Array.isArray(hits) ? hits : [];
  if (hit === undefined) return undefined;
  const { _source, _version } = unverified<estypes.SearchHit>(hit);
  // Beyond 2^53 both have lost the same digits.
  if (typeof _version === 'number' && _version < Number(minimumVersion)) return undefined;
  return _source ?? withoutSource;
}

const withoutSource = { found: true, reason: 'the document is there; it cannot be shown, since its index keeps no `_source`' };
