import type { Batch } from './batch.ts';
import { requestLimitMs, type Session } from './session.ts';

/** The search for the operation that keeps a request from being answered: halves are tried until it stands alone, and then it is confirmed. */
export interface Search {
  /** Documents that had been written when the request was first not answered. */
  readonly acceptedBefore: number;
  /** Nothing came in the time for an answer, so that shorter ones must do. */
  readonly isSilent: boolean;
  /** Something answered that is not Elasticsearch, or Elasticsearch that it has failed as a whole. */
  readonly isAnswered: boolean;
  /** The request is one of the halves. */
  readonly isPiece: boolean;
  /** How often it was sent. */
  readonly tries: number;
  /** How often the search has begun anew. */
  readonly rounds: number;
  /** How often the operation alone was not answered, between two others that were. */
  readonly confirmations: number;
}

/** Tries of an operation alone that fails for a reason that may be its own. */
export const triesAlone = 3;
/** Tries of a request that Elasticsearch does not answer, before its halves are tried. */
const triesWhole = 2;
/** A connection may break, and a server pause, just when a record stands alone; that a connection breaks is told sooner. */
const neededConfirmations = { ofSilence: 3, ofBreaks: 6 };
/** The least for a request in a search, in ms. */
const leastLimitMs = 500;

/** How a try ended: nothing at all came in the time that it had, or something did that is no answer. */
export interface Unanswered {
  readonly isSilence: boolean;
  readonly isAnswered: boolean;
}

/** The search after one more try without an answer; `undefined` begins one. `accepted`: documents that were written by now. */
export function searchOn(search: Search | undefined, { isAnswered, isSilence }: Unanswered, accepted: number): Search {
  const known = search ?? {
    acceptedBefore: accepted,
    isSilent: false,
    isAnswered: false,
    isPiece: false,
    tries: 0,
    rounds: 0,
    confirmations: 0,
  };
  return { ...known, isSilent: known.isSilent || isSilence, isAnswered: known.isAnswered || isAnswered, tries: known.tries + 1 };
}

/** The search in a half of what was not answered. */
export function inHalf(search: Search): Search {
  return { ...search, isPiece: true, tries: 0 };
}

/** The search once more with the operation alone, right after something else was answered. */
export function confirming(search: Search): Search {
  return { ...search, tries: 0, confirmations: search.confirmations + 1 };
}

/** The search from the beginning. */
export function anew(search: Search): Search {
  return { ...search, tries: 0, confirmations: 0, rounds: search.rounds + 1 };
}

export function isConfirmed({ confirmations, isSilent }: Search): boolean {
  return confirmations >= (isSilent ? neededConfirmations.ofSilence : neededConfirmations.ofBreaks);
}

/** Whether a request was sent often enough without an answer. `isPiece`: of one that was already. */
export function isExhausted({ operations }: Batch, { tries }: Search, isPiece: boolean): boolean {
  return isPiece || tries >= (operations.length === 1 ? triesAlone : triesWhole);
}

/**
 * The longest for a request, in ms: at first so long that there is time for a search; in a search so short that two of them end before the
 * deadline; and as long as there is time for an operation that was alone from the beginning, since the server may just be slow.
 */
export function searchLimitMs(session: Session, { operations }: Batch, search: Search | undefined): number {
  const usualMs = requestLimitMs(session);
  const { leftMs } = session.deadline;
  if (!search?.isSilent) return Math.min(usualMs, Math.max(leastFirstMs, leftMs / 2));
  const toConfirm = neededConfirmations.ofSilence - search.confirmations + 1;
  const isLonely = operations.length === 1 && !search.isPiece;
  const toFind = search.confirmations > 0 ? 0 : Math.ceil(Math.log2(operations.length)) + (isLonely ? triesAlone - search.tries : 1);
  return Math.min(usualMs, Math.max(leastLimitMs, leftMs / ((isLonely ? 1 : 2) * (toFind + toConfirm))));
}

/** A request that takes that long must be given it, even where nothing is left for a search, in ms. */
const leastFirstMs = 5000;

/** The longest for what is to be answered between two tries of a suspect, in ms: less than those have, so that a slow server is no proof. */
export function witnessLimitMs(session: Session): number {
  return Math.min(requestLimitMs(session), Math.max(leastLimitMs, session.deadline.leftMs / 10));
}
