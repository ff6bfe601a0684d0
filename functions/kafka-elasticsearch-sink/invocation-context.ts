import type { Settings } from '../../shared/settings.ts';
import type { Clock, Deadline } from './clock.ts';
import type { Log } from './log.ts';

/** What all work of one invocation shares, whomever it talks to. */
export interface InvocationContext {
  readonly settings: Settings;
  readonly log: Log;
  readonly clock: Clock;
  readonly deadline: Deadline;
  /** This deadline is later: failed records are handed over in the time between the two. */
  readonly handoverDeadline: Deadline;
}
