import type { Batch } from './batch.ts';
import { requestLimitMs, type Session } from './session.ts';

/** The search for the operation that keeps a request from being answered: halves are tried until it stands alone. */
export interface Search {
  /** Documents that had been written when the request was first not answered. */
  readonly acceptedBefore: number;
  /** Nothing came in the time for an answer, so that shorter ones must do. */
  readonly isSilent: boolean;
  /** How often this piece was sent. */
  readonly tries: number;
  /** How often the search has begun anew. */
  readonly rounds: number;
  /** How often the operation alone was not answered right after something else was. */
  readonly confirmations: number;
}

/** Tries of an operation alone that fails for a reason that may be its own. */
export const triesAlone = 3;
/** Tries of a request that Elasticsearch does not answer, before its halves are tried. */
const triesWhole = 2;
/** The least for a request in a search, in ms. */
const leastLimitMs = 1000;

/** The search after one more try without an answer. `accepted`: documents that were written by now. */
export function searchOn(search: Search | undefined, { accepted, isSilence }: { accepted: number; isSilence: boolean }): Search {
  const { acceptedBefore, confirmations, isSilent, rounds, tries } = search ?? { ...newSearch, acceptedBefore: accepted };
  return { acceptedBefore, confirmations, rounds, isSilent: isSilent || isSilence, tries: tries + 1 };
}

const newSearch = { isSilent: false, tries: 0, rounds: 0, confirmations: 0 };

/** Whether a request was sent often enough without an answer. `isPiece`: of one that was already. */
export function isExhausted({ operations }: Batch, { confirmations, tries }: Search, isPiece: boolean): boolean {
  if (operations.length === 1) return tries >= (confirmations > 0 ? 1 : triesAlone);
  return isPiece || tries >= triesWhole;
}

/** The longest for a request, in ms: in a search so short that two of them end before the deadline, each down to an operation that stands alone. */
export function searchLimitMs(session: Session, { operations }: Batch, search: Search | undefined): number {
  const usualMs = requestLimitMs(session);
  if (!search?.isSilent) return usualMs;
  const triesToCome = Math.ceil(Math.log2(operations.length)) + triesAlone + 1;
  return Math.min(usualMs, Math.max(leastLimitMs, session.deadline.leftMs / (2 * triesToCome)));
}
