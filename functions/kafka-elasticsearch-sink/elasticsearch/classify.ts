import type { FailureName } from '../../../shared/errors.ts';
import type { Operation } from '../map.ts';
import type { Answer } from './client.ts';

/** Whose fault a request's failure is, and so what to do. */
export type RequestVerdict =
  | { readonly kind: 'items'; readonly items: readonly unknown[] }
  /** Of the surroundings, and heals by itself. */
  | { readonly kind: 'retry'; readonly reason: string }
  /** Of one operation, which makes Elasticsearch refuse all. */
  | { readonly kind: 'split'; readonly isTooLarge: boolean; readonly reason: string }
  /** Of the surroundings, and needs a person. */
  | { readonly kind: 'fault'; readonly failure: FailureName; readonly reason: string };

/** What became of one operation, and whose fault it is when it failed. */
export type ItemVerdict =
  | { readonly kind: 'written' | 'deleted' }
  /** It was there already; `isStale`: something newer was. */
  | { readonly kind: 'unchanged'; readonly isStale: boolean }
  | { readonly kind: 'retry'; readonly reason: string }
  /** The record's. */
  | { readonly kind: 'rejected'; readonly type: string; readonly reason: string }
  /** The record's, or that of a pipeline or write index that is missing: Elasticsearch says the same of both. */
  | { readonly kind: 'unclear'; readonly type: string; readonly reason: string }
  | { readonly kind: 'index-missing' }
  | { readonly kind: 'fault'; readonly failure: FailureName; readonly reason: string };

interface ErrorBody {
  readonly type: string;
  readonly reason: string;
}

/** Whether a status is of the surroundings and passes by itself. */
export function heals(status: number): boolean {
  return status === 408 || status === 429 || status >= 500;
}

/** Judges the answer to a bulk request of `count` operations. Total: what is not known is not Elasticsearch's, and is asked again. */
export function classifyRequest({ status, json }: Answer, count: number): RequestVerdict {
  if (status >= 200 && status < 300) return classifyItems(json, count);
  const { type, reason } = errorOf(json);
  const described = `status ${status}${type ? ` ${type}` : ''}`;
  if (type === 'cluster_block_exception' || heals(status)) return { kind: 'retry', reason: described };
  if (status === 413 || status === 400) return { kind: 'split', isTooLarge: status === 413, reason: described };
  return { kind: 'fault', failure: failureOf(status), reason: reason ? `${described}: ${reason}` : described };
}

function classifyItems(json: unknown, count: number): RequestVerdict {
  const items = typeof json === 'object' && json !== null && 'items' in json ? json.items : undefined;
  if (!Array.isArray(items)) return { kind: 'retry', reason: "an answer that is not Elasticsearch's" };
  if (items.length !== count) return { kind: 'retry', reason: `an answer of ${items.length} items to ${count} operations` };
  return { kind: 'items', items };
}

function failureOf(status: number): FailureName {
  if (status === 401) return 'ElasticsearchUnauthorized';
  return status === 403 ? 'ElasticsearchForbidden' : 'IndexUnavailable';
}

/** Judges one item of the answer, `{"<action>": {"status", "error"?: {"type", "reason"}}}`. */
export function classifyItem(item: unknown, { kind, isVersioned }: Pick<Operation, 'kind' | 'isVersioned'>): ItemVerdict {
  const result = memberOf(item, kind);
  const status = memberOf(result, 'status');
  if (typeof status !== 'number') return { kind: 'retry', reason: 'an item without a status' };
  if (status >= 200 && status < 300) return { kind: kind === 'delete' ? 'deleted' : 'written' };
  if (kind === 'delete' && status === 404) return { kind: 'unchanged', isStale: false };
  return classifyError(status, errorOf(result), kind, isVersioned);
}

/** Types that name the target's fault where the status alone would blame the record. */
const targetFaults: ReadonlySet<string> = new Set(['index_closed_exception', 'validation_exception']);

function classifyError(status: number, { type, reason }: ErrorBody, kind: Operation['kind'], isVersioned: boolean): ItemVerdict {
  const described = `${status} ${type}`;
  if (type === 'cluster_block_exception') return { kind: 'retry', reason: described };
  // A pipeline's processor that fails says 500 of a record that no retry can help.
  if (type === 'fail_processor_exception') return { kind: 'rejected', type, reason };
  if (heals(status)) return { kind: 'retry', reason: described };
  if (status === 409) return classifyConflict(described, kind, isVersioned);
  if (type === 'security_exception' || status === 401 || status === 403) {
    return {
      kind: 'fault',
      failure: status === 401 ? 'ElasticsearchUnauthorized' : 'ElasticsearchForbidden',
      reason: `${described}: ${reason}`,
    };
  }
  if (type === 'index_not_found_exception') return { kind: 'index-missing' };
  if (type === 'illegal_argument_exception') return { kind: 'unclear', type, reason };
  if (status === 400 && !targetFaults.has(type)) return { kind: 'rejected', type, reason };
  return { kind: 'fault', failure: 'IndexUnavailable', reason: `${described}: ${reason}` };
}

/** 409: of `create` the record is there, of an external version a newer one is, of an update another writer was quicker. */
function classifyConflict(described: string, kind: Operation['kind'], isVersioned: boolean): ItemVerdict {
  if (kind === 'create') return { kind: 'unchanged', isStale: false };
  return isVersioned ? { kind: 'unchanged', isStale: true } : { kind: 'retry', reason: described };
}

/** Of the error itself only, never of its causes: up to 7.13 they may quote the request's credentials. */
function errorOf(body: unknown): ErrorBody {
  const error = memberOf(body, 'error');
  const type = memberOf(error, 'type');
  const reason = memberOf(error, 'reason');
  return { type: typeof type === 'string' ? type : 'unknown', reason: typeof reason === 'string' ? reason : '' };
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as { [name: string]: unknown })[name] : undefined;
}
