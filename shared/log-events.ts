/* What commands look for in the function's log, of which each line is a JSON object. */
import type { Position } from './position.ts';

/** The fields of a line that commands read; lines of the platform, and other lines of the function, lack some or all of them. */
export interface LogFields extends Partial<Position> {
  readonly time: string;
  readonly level: 'error' | 'warn' | 'info' | 'debug';
  readonly requestId: string;
  readonly message: string;
  /** The name of a failure, or of the reason why a record was rejected. */
  readonly error?: string;
  /** A command of `s` has failed, not a delivery. */
  readonly during?: 'command';
}

/** The message of the line that an invocation ends with when every record is accounted for; its fields are the invocation's result. */
export const deliveredMessage = 'delivered';

/** The message of the line that names a record which can never be written: its position, and why in `error`. */
export const recordRejectedMessage = 'record rejected';

/** The fields that the line of a rejected record has beside those of every line. */
export type RejectedRecordFields = Pick<LogFields, 'topic' | 'partition' | 'offset'> & Required<Pick<LogFields, 'error'>>;

/** The fields that the line of a failed invocation has beside those of every line; its message is the error's. */
export type FailureFields = Required<Pick<LogFields, 'error'>> & { readonly during: LogFields['during'] | undefined };
