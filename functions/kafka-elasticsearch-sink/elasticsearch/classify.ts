import type { estypes } from '@elastic/elasticsearch';
import type { FailureName } from '../../../shared/errors.ts';
import type { Settings } from '../../../shared/settings.ts';
import type { Operation } from '../operation.ts';
import { positionId } from '../position-id.ts';
import type { Response } from './client.ts';
import {
  type ErrorBody,
  isMissingAsRequired,
  isOwnText,
  isRetriableType,
  meaningOf,
  type TargetFault,
  targetFaultIn,
} from './error-reasons.ts';
import { errorOf, type IsSent, type Unverified, unverified } from './unverified.ts';

/** What stands in the way of a request or an operation and needs a person. */
export interface Fault {
  readonly failure: FailureName;
  readonly reason: string;
}

interface FaultVerdict extends Fault {
  readonly kind: 'fault';
}

/** Whose fault a request's failure is, and so what to do. */
export type RequestVerdict =
  | { readonly kind: 'items'; readonly items: readonly unknown[] }
  /** The fault of nodes, network or proxy, which passes by itself. */
  | { readonly kind: 'retriable'; readonly reason: string }
  /** The fault of nodes, network or proxy, or that of one operation which keeps Elasticsearch, or what stands before it, from responding. */
  | { readonly kind: 'doubtful'; readonly reason: string }
  /** One operation's fault, for which Elasticsearch refuses all. */
  | {
      readonly kind: 'refused';
      readonly isTooLarge: boolean;
      readonly type: string;
      readonly reason: string;
      /** What the target is, or lacks, as far as the response tells. */
      readonly targetFault: TargetFault | undefined;
    }
  | FaultVerdict;

/** What became of one operation, and whose fault it is when it failed. */
export type ItemVerdict =
  | { readonly kind: 'written' | 'deleted' }
  /** Elasticsearch took it, and an ingest pipeline dropped it. */
  | { readonly kind: 'dropped' }
  /** It was there already, or, where `isStale`, something else was: newer, of the same dimensions and time, or of the id that a pipeline gives. */
  | { readonly kind: 'unchanged'; readonly isStale: boolean }
  | { readonly kind: 'retriable'; readonly reason: string }
  /** The record's fault, or Elasticsearch's own, which may pass. */
  | { readonly kind: 'failed'; readonly type: string; readonly reason: string }
  /** Refused for a mapping that another request has just made: the record's fault only when it is refused again. */
  | { readonly kind: 'contested'; readonly type: string; readonly reason: string }
  /** The record's fault. */
  | { readonly kind: 'rejected'; readonly type: string; readonly reason: string }
  /** The record's fault, or that of a target which lacks something or does not fit the settings: the response leaves it open. */
  | { readonly kind: 'unclear'; readonly type: string; readonly reason: string }
  /** `missing` is the index, where the response names it; a pipeline may have sent the document to another. */
  | { readonly kind: 'index-missing'; readonly missing: string | undefined; readonly isRequired: boolean }
  /** The target's fault, which needs a person. */
  | { readonly kind: 'target-fault'; readonly description: string; readonly found: TargetFault }
  | FaultVerdict;

const retriableStatuses: ReadonlySet<number> = new Set([408, 429, 502, 503, 504]);

/** Whether a response says that a node, the cluster or a proxy is not ready, and will be. */
export function isRetriable({ status, json }: Pick<Response, 'status' | 'json'>): boolean {
  const { type } = errorOf(json);
  return type === 'cluster_block_exception' || retriableStatuses.has(status) || isRetriableType(type);
}

/**
 * Whether an error is worded as Elasticsearch words its own: `{"error": {"type", "reason"}}`, or, of a path that it does not know, a text alone.
 * Anything else comes from what stands before it.
 */
export function isOwnError({ status, json }: Pick<Response, 'status' | 'json'>): boolean {
  const { error } = unverified<estypes.ErrorResponseBase>(json);
  return (
    typeof unverified<estypes.ErrorCause>(error).type === 'string' ||
    (typeof error === 'string' && (status === 404 || status === 405) && isOwnText(error))
  );
}

/**
 * Classifies the response to a bulk request of `count` operations. Whatever is not known is not Elasticsearch's, and is retried. What `isSent` of
 * the request is not shown.
 */
export function classifyRequest(response: Response, count: number, settings: Pick<Settings, 'ES_ROUTING'>, isSent: IsSent): RequestVerdict {
  const { json, location, status } = response;
  if (status >= 200 && status < 300) return classifyItems(json, count);
  const { type, reason } = errorOf(json, isSent);
  const isOwn = isOwnError(response);
  const description = isOwn ? `status ${status} ${type}` : `status ${status}, ${foreign}`;
  if (isRetriable(response)) return { kind: 'retriable', reason: description };
  if (status === 413) return { kind: 'refused', isTooLarge: true, type: 'too_large', reason: description, targetFault: undefined };
  if (status === 401) return { kind: 'fault', failure: 'ElasticsearchUnauthorized', reason: description };
  if (status < 400) return { kind: 'fault', failure: 'IndexUnavailable', reason: redirected(status, location, isSent) };
  if (!isOwn) return { kind: status < 500 ? 'doubtful' : 'retriable', reason: description };
  if (status >= 500) return { kind: 'doubtful', reason: description };
  // 7.0 refuses the whole request for a write index that is missing.
  if (status === 400)
    return { kind: 'refused', isTooLarge: false, type, reason: description, targetFault: targetFaultIn({ type, reason }, settings) };
  const failure = status === 403 ? 'ElasticsearchForbidden' : 'IndexUnavailable';
  return { kind: 'fault', failure, reason: explain(description, { type, reason }) };
}

const foreign = "an answer that is not Elasticsearch's: compare ES_ENDPOINT, ES_PORT and ES_PROTOCOL with the instance";

function redirected(status: number, location: string | undefined, isSent: IsSent): string {
  return `status ${status}, a redirection ${location === undefined ? 'to nowhere' : `to ${shownLocation(location, isSent)}`}, which is not followed`;
}

/** A query, what stands before the host, and whatever else is made of the request, may hold what was sent. */
function shownLocation(location: string, isSent: IsSent): string {
  const [path = ''] = location.split(/[?#]/);
  const { host, pathname, protocol } = URL.canParse(location) ? new URL(location) : { host: '', pathname: path, protocol: '' };
  const isPlain = (text: string) => plainAddress.test(text) && !(text.match(words) ?? []).some(isSent);
  const shownHost = isPlain(host) ? host : '(a host made of the request)';
  return `${host && `${protocol}//${shownHost}`}${isPlain(pathname) ? pathname : '/(a path made of the request)'}`;
}

const plainAddress = /^[\w.:/[\]-]{0,100}$/;
/** Shorter ones, as in `127.0.0.1`, are in many texts. */
const words = /\w{4,}/g;

function classifyItems(json: unknown, count: number): RequestVerdict {
  const { items } = unverified<estypes.BulkResponse>(json);
  if (!Array.isArray(items)) return { kind: 'retriable', reason: foreign };
  if (items.length !== count) return { kind: 'retriable', reason: `an answer of ${items.length} items to ${count} operations` };
  return { kind: 'items', items };
}

type ClassifiedOperation = Pick<Operation, 'kind' | 'isVersioned'> & { readonly element: Pick<Operation['element'], 'position'> };

/** Classifies one item of the response, `{"<action>": {"status", "result"?, "failure_store"?, "error"?: {"type", "reason"}}}`. */
export function classifyItem(
  item: unknown,
  operation: ClassifiedOperation,
  settings: Pick<Settings, 'DOCUMENT_ID' | 'DOCUMENT_ID_PREFIX' | 'ES_ROUTING'>,
  isSent: IsSent,
): ItemVerdict {
  const { kind } = operation;
  // Where an ingest pipeline runs, the item of an upsert is an `index`.
  const results = unverified<{ readonly [Kind in Operation['kind']]: estypes.BulkResponseItem }>(item);
  const result = unverified<estypes.BulkResponseItem>(results[kind] ?? (kind === 'update' ? results.index : undefined));
  const { status } = result;
  if (typeof status !== 'number') return { kind: 'retriable', reason: 'an item without a status' };
  if (status >= 200 && status < 300) return classifySuccess(result, kind);
  if (kind === 'delete' && status === 404) return { kind: 'unchanged', isStale: false };
  const error = errorOf(result, isSent);
  if (status === 409) return classifyConflict(error, operation, settings);
  return classifyError(status, error, settings);
}

/** Where a pipeline drops a document the result is `noop`, as of an update that changes nothing: https://www.elastic.co/guide/en/elasticsearch/reference/7.10/drop-processor.html */
function classifySuccess({ failure_store, result }: Unverified<estypes.BulkResponseItem>, kind: Operation['kind']): ItemVerdict {
  if (kind === 'delete') return { kind: 'deleted' };
  if (failure_store === 'used') {
    return { kind: 'unclear', type: 'failure_store', reason: 'the data stream does not take the document, its failure store has it' };
  }
  return { kind: result === 'noop' && kind !== 'update' ? 'dropped' : 'written' };
}

function classifyError(status: number, error: ErrorBody, settings: Pick<Settings, 'ES_ROUTING'>): ItemVerdict {
  const { type, reason } = error;
  const description = `${status} ${type}`;
  if (isRetriable({ status, json: { error } })) return { kind: 'retriable', reason: description };
  const found = targetFaultIn(error, settings);
  if (found) return { kind: 'target-fault', description, found };
  // A pipeline's author says so of the record: https://www.elastic.co/guide/en/elasticsearch/reference/7.10/fail-processor.html
  if (type === 'fail_processor_exception') return { kind: 'rejected', type, reason };
  if (type === 'security_exception' || status === 401 || status === 403) {
    const failure = status === 401 ? 'ElasticsearchUnauthorized' : 'ElasticsearchForbidden';
    return { kind: 'fault', failure, reason: explain(description, error) };
  }
  if (status >= 500) return { kind: 'failed', type, reason };
  if (type === 'index_not_found_exception') {
    return { kind: 'index-missing', missing: missingIndexIn(reason), isRequired: isMissingAsRequired(error) };
  }
  if (type === 'illegal_argument_exception') return { kind: isMappingConflict(reason) ? 'contested' : 'unclear', type, reason };
  if (status === 400 && !targetFaultTypes.has(type)) return { kind: 'rejected', type, reason };
  return { kind: 'fault', failure: 'IndexUnavailable', reason: explain(description, error) };
}

/**
 * Whether two requests have guessed the mapping of a new field at the same time, and differently: the other's is there for the next try. A record that
 * contradicts itself is refused with the same words: https://github.com/elastic/elasticsearch/blob/7.10/server/src/main/java/org/elasticsearch/index/mapper/FieldMapper.java
 */
function isMappingConflict(reason: string): boolean {
  return /^mapper \[.*\] (cannot be changed from type|of different type, )/s.test(reason);
}

/** A closed index, and the limit of shards, are the target's fault, though the status is that of a bad record. */
const targetFaultTypes: ReadonlySet<string> = new Set(['index_closed_exception', 'validation_exception']);

function missingIndexIn(reason: string): string | undefined {
  return /^no such index \[([^\]]+)\]/.exec(reason)?.[1];
}

/** Classifies a 409: of `create` the record is there, of an external version a newer one or itself is, of an update another writer was quicker. */
function classifyConflict(
  { type, reason }: ErrorBody,
  { element, kind, isVersioned }: ClassifiedOperation,
  settings: Pick<Settings, 'DOCUMENT_ID' | 'DOCUMENT_ID_PREFIX'>,
): ItemVerdict {
  // An id that Elasticsearch makes is taken already in a time series alone: by this record, or by another of the same dimensions and time.
  if (kind === 'create') return { kind: 'unchanged', isStale: settings.DOCUMENT_ID === 'auto' || isOfAnotherId(reason, element, settings) };
  if (!isVersioned) return { kind: 'retriable', reason: `409 ${type}` };
  // After the id, which may hold anything.
  const [, current, provided] = /current version \[(\d+)\] is higher [^[\]]*\[(\d+)\]$/.exec(reason) ?? [];
  return { kind: 'unchanged', isStale: current === undefined || current !== provided };
}

/** Whether a conflict is about another id than the operation's, which an ingest pipeline made: `[<id>]: version conflict, document already exists …`. */
function isOfAnotherId(
  reason: string,
  { position }: ClassifiedOperation['element'],
  settings: Pick<Settings, 'DOCUMENT_ID_PREFIX'>,
): boolean {
  const words = ': version conflict, document already exists';
  return reason.includes(words) && !reason.includes(`[${positionId(position, settings)}]${words}`);
}

/** The description of an error with what its reason tells, as far as that can be no part of a record. */
function explain(description: string, error: ErrorBody): string {
  const meaning = meaningOf(error);
  return meaning === undefined ? description : `${description}: ${meaning}`;
}
