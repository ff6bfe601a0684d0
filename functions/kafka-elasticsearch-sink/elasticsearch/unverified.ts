import type { estypes } from '@elastic/elasticsearch';
import type { ErrorBody } from './error-reasons.ts';

/** JSON that claims to be a `Body`: its members have these names, and may be anything until they are looked at. */
export type Unverified<Body> = { readonly [Name in keyof Body]?: unknown };

/**
 * The members of what may be anything; none where it is no object. `Body` is what it is documented to be, so that names are checked by the
 * compiler, and values by the caller: what stands before Elasticsearch may send what it likes.
 */
export function unverified<Body = { readonly [name: string]: unknown }>(value: unknown): Unverified<Body> {
  return typeof value === 'object' && value !== null ? (value as Unverified<Body>) : {};
}

/** The error of a response or an item, without its causes, which up to 7.13 may quote the request's credentials. */
export function errorOf(body: unknown): ErrorBody {
  const { reason, type } = unverified<estypes.ErrorCause>(unverified<estypes.ErrorResponseBase>(body).error);
  // It goes into log lines, so it must be what it says it is.
  return {
    type: typeof type === 'string' && /^\w{1,100}$/.test(type) ? type : 'unknown',
    reason: typeof reason === 'string' ? reason : '',
  };
}
