import type { estypes } from '@elastic/elasticsearch';
import type { ErrorBody } from './error-reasons.ts';
import { elasticsearchErrorTypes } from './error-types.ts';

/** JSON that claims to be a `Body`: its members have these names, and may be anything until they are looked at. */
export type Unverified<Body> = { readonly [Name in keyof Body]?: unknown };

/**
 * The members of what may be anything; none where it is no object. `Body` is what it is documented to be, so that names are checked by the
 * compiler, and values by the caller: what stands before Elasticsearch may send what it likes.
 */
export function unverified<Body = { readonly [name: string]: unknown }>(value: unknown): Unverified<Body> {
  return typeof value === 'object' && value !== null ? (value as Unverified<Body>) : {};
}

const maxTypeLength = 100;
/**
 * Matches the name of a class as Elasticsearch spells it: of nearly all its errors, and of the dissect processor's,
 * https://github.com/elastic/elasticsearch/blob/7.10/libs/dissect/src/main/java/org/elasticsearch/dissect/DissectException.java
 */
const knownType = /^(?:(?:([a-z][a-z\d]*(?:_[a-z\d]+)*)_)?(?:exception|error)|find_match|key_parse|pattern_parse)$/;
const anyType = /^[a-z][a-z\d]*(?:_[a-z\d]+)*$/;

/** Tells whether a word is one of the request's, or of its credentials. */
export type IsSent = (word: string) => boolean;

/**
 * The error of a response or an item, without its causes, which up to 7.13 may quote the request's credentials. Its type goes into log lines: one that
 * is worded as no other is must be no word of the request.
 */
export function errorOf(body: unknown, isSent?: IsSent): ErrorBody {
  const { reason, type } = unverified<estypes.ErrorCause>(unverified<estypes.ErrorResponseBase>(body).error);
  return { type: typeof type === 'string' && isType(type, isSent) ? type : 'unknown', reason: typeof reason === 'string' ? reason : '' };
}

function isType(text: string, isSent: IsSent | undefined): boolean {
  if (text.length > maxTypeLength) return false;
  if (elasticsearchErrorTypes.has(text)) return true;
  const [found, stem] = knownType.exec(text) ?? [];
  if (found === undefined) return isSent !== undefined && anyType.test(text) && !isSent(text);
  return stem === undefined || isSent === undefined || !(isSent(stem) || isSent(text));
}
