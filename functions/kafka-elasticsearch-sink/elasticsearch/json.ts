import type { ErrorBody } from './reasons.ts';

/** The members of what may be anything; none where it is no object. */
export function membersOf(value: unknown): { readonly [name: string]: unknown } {
  return typeof value === 'object' && value !== null ? (value as { readonly [name: string]: unknown }) : {};
}

/** The error of an answer or of an item. Of the error itself only, never of its causes: up to 7.13 they may quote the request's credentials. */
export function errorOf(body: unknown): ErrorBody {
  const { reason, type } = membersOf(membersOf(body).error);
  // It goes into log lines, so it must be what it says it is.
  return {
    type: typeof type === 'string' && /^\w{1,100}$/.test(type) ? type : 'unknown',
    reason: typeof reason === 'string' ? reason : '',
  };
}
