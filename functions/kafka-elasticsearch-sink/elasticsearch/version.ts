import type { estypes } from '@elastic/elasticsearch';
import { redactedFailure } from '../redact.ts';
import { NoResponse, type Response } from './client.ts';
import { asNoResponse } from './send.ts';
import { requestLimitMs, type Session } from './session.ts';
import { unverified } from './unverified.ts';

/** What a server tells of its version; OpenSearch adds the name of its distribution. */
type VersionInfo = estypes.ElasticsearchVersionInfo & { readonly distribution?: string };

/** What a server tells of itself. */
export interface Version {
  readonly number: string;
  /** The server is older than the oldest that is supported. */
  readonly isTooOld: boolean;
  /** What the server can be told to write to only. */
  readonly requirements: readonly Requirement[];
}

/**
 * A bulk request's parameter that keeps a server from making an index of a name that is no alias, or no data stream, any more:
 * https://www.elastic.co/guide/en/elasticsearch/reference/8.19/docs-bulk.html
 */
export type Requirement = 'require_alias' | 'require_data_stream';

const minimumMajor = 7;

/** The version in the response to `GET /`; undefined where there is none. */
export function readVersion({ status, json }: Response): Version | undefined {
  const { number: text, distribution } = unverified<VersionInfo>(unverified<estypes.InfoResponse>(json).version);
  // It is shown, so nothing but a number is taken: a text may be anything.
  const [number] = /^\d{1,3}(\.\d{1,3}){1,2}/.exec(typeof text === 'string' ? text : '') ?? [];
  if (status !== 200 || number === undefined) return undefined;
  const [major = 0, minor = 0] = number.split('.').map((part) => Number.parseInt(part, 10));
  // OpenSearch names itself, counts its versions anew, and began as 7.10.
  const isOpenSearch = distribution !== undefined;
  const isSince = (itsMajor: number, itsMinor: number) => major > itsMajor || (major === itsMajor && minor >= itsMinor);
  return {
    number,
    isTooOld: !isOpenSearch && major < minimumMajor,
    requirements: [
      ...(isOpenSearch || isSince(7, 10) ? (['require_alias'] as const) : []),
      ...(!isOpenSearch && isSince(8, 13) ? (['require_data_stream'] as const) : []),
    ],
  };
}

/** What the instance knows of the server's version; `pending`: a request for it got no response yet. */
export type KnownVersion = Version | 'unknown' | 'not-requested' | 'pending';

/** A server that did not respond in a quarter of an invocation's time gets no longer the next times. */
const repeatedLimitMs = 2000;

/** Refuses a server older than 7.0, where its version can be read; throws `ElasticsearchUnsupported` or `ElasticsearchUnauthorized`. */
export async function checkVersion(session: Session, known: KnownVersion): Promise<KnownVersion> {
  if (known !== 'not-requested' && known !== 'pending') return known;
  const { client, deadline, log, settings } = session;
  // A part of the time only: a server that does not tell its version may still take records.
  const limitMs = Math.min(requestLimitMs(session), deadline.leftMs / 4, known === 'pending' ? repeatedLimitMs : Number.POSITIVE_INFINITY);
  const response = await client.send({ method: 'GET', path: '/' }, limitMs).catch(asNoResponse);
  if (response instanceof NoResponse || response.status >= 500) {
    const reason = response instanceof NoResponse ? 'no answer' : `status ${response.status}`;
    log('warn', `the version of Elasticsearch cannot be read (${reason}), and is asked for again; records are sent all the same`);
    return 'pending';
  }
  if (response.status === 401)
    throw redactedFailure('ElasticsearchUnauthorized', `${response.node} does not accept the credentials (401)`, settings);
  const version = readVersion(response);
  if (!version) log('warn', `the version of Elasticsearch cannot be read (status ${response.status}); records are sent all the same`);
  if (version?.isTooOld) {
    throw redactedFailure(
      'ElasticsearchUnsupported',
      `${response.node} is Elasticsearch ${version.number}; 7.0 or newer is needed`,
      settings,
    );
  }
  return version ?? 'unknown';
}
