import { Failure, type FailureName, failures } from '../../../shared/errors.ts';
import { backoffMs } from '../../../shared/retry.ts';
import type { Settings } from '../../../shared/settings.ts';
import type { Clock, Deadline } from '../clock.ts';
import type { Log } from '../log.ts';
import { redact } from '../redact.ts';
import { heals } from './classify.ts';
import { type Answer, type Client, NoAnswer, type Request } from './client.ts';

/** What the work of one invocation needs to talk to Elasticsearch. */
export interface Session {
  readonly client: Pick<Client, 'send'>;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly deadline: Deadline;
  /** Later: failed records are handed over in the time between the two. */
  readonly handoverDeadline: Deadline;
  readonly log: Log;
}

/** The longest that one request may take now, in ms. */
export function requestLimitMs({ deadline, settings }: Session): number {
  return Math.min(settings.ES_REQUEST_TIMEOUT_MS, deadline.leftMs);
}

/** Waits before retry number `attempt`; throws `ElasticsearchUnavailable` when the time is up. */
export async function waitForRetry({ clock, deadline, settings }: Session, attempt: number, describe: () => string): Promise<void> {
  const { RETRY_BACKOFF_MS: firstMs, RETRY_MAX_BACKOFF_MS: maxMs } = settings;
  const wait = backoffMs(attempt, { firstMs, maxMs }, clock.random);
  await clock.sleep(Math.min(wait, deadline.leftMs));
  if (deadline.leftMs === 0) throw failureFrom('ElasticsearchUnavailable', `the time for this batch is up: ${describe()}`, settings);
}

/** Sends a request until it is answered by anything but a fault that heals; throws `ElasticsearchUnavailable` at the deadline. */
export async function ask(session: Session, request: Request): Promise<Answer> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await session.client.send(request, requestLimitMs(session)).catch(noAnswerOnly);
    if (!(outcome instanceof NoAnswer) && !heals(outcome.status)) return outcome;
    const reason = outcome instanceof NoAnswer ? outcome.message : `status ${outcome.status}`;
    await waitForRetry(session, attempt, () => `${request.method} ${outcome.node}${request.path}: ${reason}`);
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
