import type { Request, Response } from '../elasticsearch/client.ts';
import type { Session } from '../elasticsearch/session.ts';
import type { ErrorDestination } from '../error-destination.ts';
import type { Mapper } from '../map.ts';
import type { Element } from '../record.ts';
import type { Counts } from '../settle.ts';

/** What audit and replay work with: handed in, since they are a file of their own in the package, in which classes would be others. */
export interface Tools {
  readonly session: Session;
  readonly mapper: Mapper;
  /** Sends until there is a response that is no retriable fault; throws `ElasticsearchUnavailable` at the deadline. */
  readonly send: (request: Request) => Promise<Response>;
  /** The same for a request whose response may be longer than any that is read; fewer documents at a time may be shorter. */
  readonly sendForShort: (request: Request) => Promise<Response | 'too-long'>;
  /** Delivers as an event is delivered, also what `SKIP_POSITIONS` names, and hands what can never be written to the destination. */
  readonly deliver: (elements: readonly Element[], destination: ErrorDestination | undefined) => Promise<Counts>;
  /** The error destination of the settings. */
  readonly errorDestination: ErrorDestination | undefined;
}
