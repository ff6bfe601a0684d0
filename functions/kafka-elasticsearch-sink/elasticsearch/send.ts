import { backoffMs } from '../../../shared/retry.ts';
import { redactedFailure } from '../redact.ts';
import { isRetriable } from './classify.ts';
import { NoResponse, type Request, type Response } from './client.ts';
import { requestLimitMs, type Session } from './session.ts';

/** A try that begins later than this before the deadline would only be cut off. */
const minimumTryMs = 200;

/** The wait before retry number `attempt`, counted from 1: as long as its backoff says, and at least `minimumMs`. */
export interface RetryWait {
  readonly attempt: number;
  readonly minimumMs: number;
}

/** Waits before a retry; throws `ElasticsearchUnavailable` when no time is left for one. */
export async function waitForRetry(
  { clock, deadline, settings }: Session,
  { attempt, minimumMs }: RetryWait,
  describe: () => string,
): Promise<void> {
  const { ES_REQUEST_TIMEOUT_MS, RETRY_BACKOFF_MS: firstMs, RETRY_MAX_BACKOFF_MS: maxMs } = settings;
  const waitMs = Math.max(minimumMs, backoffMs(attempt, { firstMs, maxMs }, clock.random));
  await clock.sleep(Math.min(waitMs, deadline.leftMs));
  if (deadline.leftMs >= Math.min(minimumTryMs, ES_REQUEST_TIMEOUT_MS)) return;
  throw redactedFailure('ElasticsearchUnavailable', `the time for this batch is up: ${describe()}`, settings);
}

/** Resolves to the first response that is no retriable fault; throws `ElasticsearchUnavailable` at the deadline, or when a response is longer than any that is read. */
export async function sendWithRetries(session: Session, request: Request): Promise<Response> {
  const response = await sendForShort(session, request);
  if (response !== 'too-long') return response;
  throw redactedFailure('ElasticsearchUnavailable', `${request.method} ${request.path}: the answer is too long`, session.settings);
}

/** As `sendWithRetries`, of a request whose response is known to grow with what is asked for: no retry makes it shorter. */
export async function sendForShort(session: Session, request: Request): Promise<Response | 'too-long'> {
  let cause: string | undefined;
  for (let attempt = 1; ; attempt++) {
    const outcome = await session.client.send(request, requestLimitMs(session)).catch(asNoResponse);
    if (outcome instanceof NoResponse && outcome.isTooLong) return 'too-long';
    if (!(outcome instanceof NoResponse) && !isRetriable(outcome)) return outcome;
    if (!(outcome instanceof NoResponse)) cause = `status ${outcome.status}`;
    else if (cause === undefined || !outcome.isTimeout) cause = outcome.message;
    await waitForRetry(session, { attempt, minimumMs: 0 }, () => `${request.method} ${outcome.node}${request.path}: ${cause}`);
  }
}

/** Returns a `NoResponse`, and throws any other error. */
export function asNoResponse(error: unknown): NoResponse {
  if (error instanceof NoResponse) return error;
  throw error;
}

/** How long a look-up is tried again: so many times, and until that share of the time left, from 0 to 1, has passed. */
export interface LookUpLimits {
  readonly maxTries: number;
  readonly timeShare: number;
}

/**
 * Requests what is good to know and not needed; resolves to undefined where nothing but retriable faults came. What stands before Elasticsearch may let
 * records pass and nothing else.
 */
export async function lookUp(session: Session, request: Request, { maxTries, timeShare }: LookUpLimits): Promise<Response | undefined> {
  const { clock, deadline, settings } = session;
  const { RETRY_BACKOFF_MS: firstMs, RETRY_MAX_BACKOFF_MS: maxMs } = settings;
  const keptMs = deadline.leftMs * (1 - timeShare);
  for (let attempt = 1; ; attempt++) {
    const limitMs = Math.min(settings.ES_REQUEST_TIMEOUT_MS, deadline.leftMs - keptMs);
    const outcome = await session.client.send(request, limitMs).catch(asNoResponse);
    if (!(outcome instanceof NoResponse) && !isRetriable(outcome)) return outcome;
    const waitMs = backoffMs(attempt, { firstMs, maxMs }, clock.random);
    if (attempt >= maxTries || deadline.leftMs - waitMs <= keptMs) return undefined;
    await clock.sleep(waitMs);
  }
}
