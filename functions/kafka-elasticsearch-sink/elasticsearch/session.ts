import type { InvocationContext } from '../invocation-context.ts';
import type { Client } from './client.ts';

/** What an invocation needs to talk to Elasticsearch. */
export interface Session extends InvocationContext {
  readonly client: Pick<Client, 'send'>;
}

/** The longest that one request may take now, in ms. */
export function requestLimitMs({ deadline, settings }: Session): number {
  return Math.min(settings.ES_REQUEST_TIMEOUT_MS, deadline.leftMs);
}
