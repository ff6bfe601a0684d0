import { Failure, type FailureName, failures } from '../../../shared/errors.ts';
import { backoffMs } from '../../../shared/retry.ts';
import type { Settings } from '../../../shared/settings.ts';
import type { Invocation } from '../invocation.ts';
import { redact } from '../redact.ts';
import { isRetriable } from './classify.ts';
import { type Answer, type Client, NoAnswer, type Request } from './client.ts';

/** What an invocation needs to talk to Elasticsearch. */
export interface Session extends Invocation {
  readonly client: Pick<Client, 'send'>;
}

/** The longest that one request may take now, in ms. */
export function requestLimitMs({ deadline, settings }: Session): number {
  return Math.min(settings.ES_REQUEST_TIMEOUT_MS, deadline.leftMs);
}

/** A try that begins later than this before the deadline, in ms, would only be cut off. */
const leastTryMs = 200;

/** Before retry number `attempt`, counted from 1, and for so long at least, in ms. */
export interface Pause {
  readonly attempt: number;
  readonly leastMs: number;
}

/** Waits before a retry; throws `ElasticsearchUnavailable` when no time is left for one. */
export async function waitForRetry(
  { clock, deadline, settings }: Session,
  { attempt, leastMs }: Pause,
  describe: () => string,
): Promise<void> {
  const { ES_REQUEST_TIMEOUT_MS, RETRY_BACKOFF_MS: firstMs, RETRY_MAX_BACKOFF_MS: maxMs } = settings;
  const wait = Math.max(leastMs, backoffMs(attempt, { firstMs, maxMs }, clock.random));
  await clock.sleep(Math.min(wait, deadline.leftMs));
  if (deadline.leftMs >= Math.min(leastTryMs, ES_REQUEST_TIMEOUT_MS)) return;
  throw failureFrom('ElasticsearchUnavailable', `the time for this batch is up: ${describe()}`, settings);
}

/** Sends a request until it is answered by anything but a fault that heals; throws `ElasticsearchUnavailable` at the deadline. */
export async function ask(session: Session, request: Request): Promise<Answer> {
  let cause: string | undefined;
  for (let attempt = 1; ; attempt++) {
    const outcome = await session.client.send(request, requestLimitMs(session)).catch(noAnswerOnly);
    if (!(outcome instanceof NoAnswer) && !isRetriable(outcome)) return outcome;
    if (!(outcome instanceof NoAnswer)) cause = `status ${outcome.status}`;
    else if (cause === undefined || !outcome.isTimeout) cause = outcome.message;
    await waitForRetry(session, { attempt, leastMs: 0 }, () => `${request.method} ${outcome.node}${request.path}: ${cause}`);
  }
}

/** Returns a `NoAnswer`, throws any other error. */
export function noAnswerOnly(error: unknown): NoAnswer {
  if (error instanceof NoAnswer) return error;
  throw error;
}

/** A failure with its remedy, whose message came from a server: cut, and without credentials, which up to 7.13 it may quote. */
export function failureFrom(name: FailureName, message: string, settings: Settings): Failure {
  return new Failure(name, `${redact(message, settings)}; ${failures[name].remedy}`);
}

/** How long a look-up is tried again while it is not answered: so many times, or until a part of the time left has passed. */
export interface Patience {
  readonly tries: number;
  /** Of the time left, from 0 to 1. */
  readonly share: number;
}

/**
 * Asks what is good to know and not needed; undefined: no answer but faults that heal came. What stands before Elasticsearch may let records pass
 * and nothing else.
 */
export async function lookUp(session: Session, request: Request, { tries, share }: Patience): Promise<Answer | undefined> {
  const { clock, deadline, settings } = session;
  const { RETRY_BACKOFF_MS: firstMs, RETRY_MAX_BACKOFF_MS: maxMs } = settings;
  const leastLeftMs = deadline.leftMs * (1 - share);
  for (let attempt = 1; ; attempt++) {
    const limitMs = Math.min(settings.ES_REQUEST_TIMEOUT_MS, deadline.leftMs - leastLeftMs);
    const outcome = await session.client.send(request, limitMs).catch(noAnswerOnly);
    if (!(outcome instanceof NoAnswer) && !isRetriable(outcome)) return outcome;
    const wait = backoffMs(attempt, { firstMs, maxMs }, clock.random);
    if (attempt >= tries || deadline.leftMs - wait <= leastLeftMs) return undefined;
    await clock.sleep(wait);
  }
}
