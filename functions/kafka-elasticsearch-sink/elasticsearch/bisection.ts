import type { Batch } from './batch.ts';
import { requestLimitMs, type Session } from './session.ts';

/** The search for the operation that keeps a request from getting a response: halves are tried until it stands alone, then it is confirmed. */
export interface Bisection {
  /** How many documents had been written when the request first got no response. */
  readonly acceptedBefore: number;
  /** A try has timed out, so that shorter limits must do. */
  readonly hadTimeout: boolean;
  /** Something responded that is not Elasticsearch, or Elasticsearch that it has failed as a whole. */
  readonly hadResponse: boolean;
  /** The request is a half of another. */
  readonly isHalf: boolean;
  /** How often the request was sent. */
  readonly tries: number;
  /** How often the bisection was restarted. */
  readonly rounds: number;
  /** How often the operation alone got no response while others did. */
  readonly confirmations: number;
}

/** An operation alone is tried as often when it fails for a reason that may be its own. */
export const maxTriesAlone = 3;
/** A request of several operations is tried as often before its halves are. */
const maxTriesWhole = 2;
/** A connection may break, and a server pause, just when a record stands alone; that a connection breaks is told sooner. */
const requiredConfirmations = { afterTimeouts: 3, afterBreaks: 6 };
/** A request of a bisection gets as long at least. */
const minimumLimitMs = 500;

/** How a try ended that got no response of Elasticsearch's: nothing came within the limit, or something that is none. */
export interface FailedTry {
  readonly isTimeout: boolean;
  readonly hadResponse: boolean;
}

/** The bisection after one more failed try, a new one for `undefined`; `accepted` is how many documents were written by now. */
export function afterFailedTry(bisection: Bisection | undefined, { hadResponse, isTimeout }: FailedTry, accepted: number): Bisection {
  const known = bisection ?? {
    acceptedBefore: accepted,
    hadTimeout: false,
    hadResponse: false,
    isHalf: false,
    tries: 0,
    rounds: 0,
    confirmations: 0,
  };
  return { ...known, hadTimeout: known.hadTimeout || isTimeout, hadResponse: known.hadResponse || hadResponse, tries: known.tries + 1 };
}

/** The bisection of a half of what got no response. */
export function forHalf(bisection: Bisection): Bisection {
  return { ...bisection, isHalf: true, tries: 0 };
}

/** The bisection for one more try of the operation alone, right after something else got a response. */
export function forConfirmation(bisection: Bisection): Bisection {
  return { ...bisection, tries: 0, confirmations: bisection.confirmations + 1 };
}

/** The bisection from the beginning, a round later. */
export function restarted(bisection: Bisection): Bisection {
  return { ...bisection, tries: 0, confirmations: 0, rounds: bisection.rounds + 1 };
}

/** Whether it is certain that the operation alone keeps Elasticsearch from responding. */
export function isConfirmed({ confirmations, hadTimeout }: Bisection): boolean {
  return confirmations >= (hadTimeout ? requiredConfirmations.afterTimeouts : requiredConfirmations.afterBreaks);
}

/** Whether a request was sent often enough without a response; of one that was, a half (`isHalf`) is sent once. */
export function isExhausted({ operations }: Batch, { tries }: Bisection, isHalf: boolean): boolean {
  return isHalf || tries >= (operations.length === 1 ? maxTriesAlone : maxTriesWhole);
}

/**
 * The limit of a bulk request, in ms: at first so long that there is time for a bisection; in a bisection so short that two of them end before
 * the deadline; and as long as there is time for an operation that was alone from the beginning, since the server may just be slow.
 */
export function bulkLimitMs(session: Session, { operations }: Batch, bisection: Bisection | undefined): number {
  const usualMs = requestLimitMs(session);
  const { leftMs } = session.deadline;
  if (!bisection?.hadTimeout) return Math.min(usualMs, Math.max(minimumFirstMs, leftMs / 2));
  const toConfirm = requiredConfirmations.afterTimeouts - bisection.confirmations + 1;
  const wasAlwaysAlone = operations.length === 1 && !bisection.isHalf;
  const toFind =
    bisection.confirmations > 0 ? 0 : Math.ceil(Math.log2(operations.length)) + (wasAlwaysAlone ? maxTriesAlone - bisection.tries : 1);
  return Math.min(usualMs, Math.max(minimumLimitMs, leftMs / ((wasAlwaysAlone ? 1 : 2) * (toFind + toConfirm))));
}

/** The first try of a request gets as long, even where nothing is left for a bisection. */
const minimumFirstMs = 5000;

/** The limit of a probe between two tries of a suspect, in ms: less than those have, so that a slow server is no proof. */
export function probeLimitMs(session: Session): number {
  return Math.min(requestLimitMs(session), Math.max(minimumLimitMs, session.deadline.leftMs / 10));
}
