/* What `s` sends to the function in place of records, and what it gets back, as JSON both ways. */
import type { Position } from './position.ts';

/** What the function can do instead of delivering records. */
export type FunctionCommand = CheckCommand | FindCommand | ProduceCommand | AuditCommand | ReplayCommand;

/** Whether the function has what it needs; changes nothing. */
interface CheckCommand {
  readonly command: 'check';
}

export interface CheckResponse {
  readonly checks: readonly FunctionCheck[];
}

/** One thing that the function needs to do its work, as it found it from where it runs. */
export interface FunctionCheck {
  readonly name: string;
  /** Whether it is as it must be; null where that cannot be told. */
  readonly ok: boolean | null;
  readonly detail: string;
  /** What to do where it is not. */
  readonly fix?: string;
}

/** The document of the record at a position: its `_source`, or null; `{found, reason}` where it is there and its index keeps no `_source`. */
interface FindCommand extends Position {
  readonly command: 'find';
  /** Needed where it is the document's id or routing. */
  readonly key?: string | undefined;
  /** The record's timestamp in ms since 1970, which spares a search in all indices of a date pattern. */
  readonly timestamp?: number | undefined;
}

/** Messages to `SOURCE_TOPIC`; what is left out is null in them, and the partition is chosen by the key. */
export interface ProduceCommand {
  readonly command: 'produce';
  readonly key?: string | undefined;
  readonly value?: string | undefined;
  readonly partition?: number | undefined;
  readonly headers?: { readonly [name: string]: string };
  /** How often the message is sent, 1 to `maxMessagesPerCommand`; it decides which of the responses comes. */
  readonly count?: number;
}

/** What one `produce` can send: it must end within the function's timeout. */
export const maxMessagesPerCommand = 1000;

/** Where the message is, when `count` was left out. */
export type ProduceOneResponse = Position;

/** Where the messages are, when there was a `count`. */
export interface ProduceManyResponse {
  readonly topic: string;
  readonly ranges: readonly MessageRange[];
}

/** Messages that one request has put into one partition, one after the other. */
export interface MessageRange {
  readonly partition: number;
  /** The first message's offset. */
  readonly offset: Position['offset'];
  readonly count: number;
}

/** Whether each record of a range is in the index once, or somewhere else where it is not lost; changes nothing unless it is to repair. */
export interface AuditCommand {
  readonly command: 'audit';
  readonly topic: string;
  readonly partition: number;
  /** The first offset. */
  readonly from: number;
  /** The offset behind the last. */
  readonly to: number;
  /** Where the trigger sends what it gives up; `ERROR_DATA_TOPIC` when left out. */
  readonly deadLetterTopic?: string;
  /** Delivers what is missing, from the topic. */
  readonly repair?: boolean;
}

/** How many names a response holds at most. */
export const maxNamedPerCommand = 100;

/** What became of the records of a range: `offsets` is the sum of `indexed`, `errors`, `deadLettered`, `skipped` and `missingCount`. */
export interface AuditResponse {
  /** Whether the counts prove anything. */
  readonly canTell: boolean;
  /** Why they do not. */
  readonly why?: string;
  /** The records that the topic holds in the range: committed ones, without those that were compacted away or have expired. */
  readonly offsets: number;
  readonly indexed: number;
  /** Records that are at the error destination, and not in the index. */
  readonly errors: number;
  readonly deadLettered: number;
  /** Records that the settings leave out. */
  readonly skipped: number;
  /** Offsets of the range that the topic does not hold any more; they are not among `offsets`. */
  readonly expired: number;
  readonly missingCount: number;
  /** Positions, at most `maxNamedPerCommand`. */
  readonly missing: readonly string[];
  readonly extraCount: number;
  /** Ids of documents that are there besides, at most `maxNamedPerCommand`. */
  readonly extra: readonly string[];
  /** How many of the missing records have been delivered. */
  readonly repaired?: number;
  /** Where to go on, when the time was not enough. */
  readonly next?: number;
}

/** Where records stand that were not delivered. */
type ReplaySource = 'error-data' | 'error-index' | 'dead-letter';

/** Delivers records again, with their original positions, from where they went when they could not be delivered. */
export interface ReplayCommand {
  readonly command: 'replay';
  readonly from: ReplaySource;
  /** The partition of the error or dead letter topic; an index has none. */
  readonly partition?: number;
  /** Where to begin there: an offset, or the `next` of a former response. */
  readonly offset?: number | string;
  /** How many messages or documents are looked at, at most `maxReplayedPerCommand`. */
  readonly count?: number;
  /** The dead letter topic; `ERROR_DATA_TOPIC` when left out. */
  readonly topic?: string;
  /** Only the records of this partition of the source topic. */
  readonly sourcePartition?: number | undefined;
  /** Only the records of which this error was told. */
  readonly errorType?: string | undefined;
  /** Only records whose own timestamps are in these limits, from `since` (inclusive) to `until` (exclusive), in ms since 1970 or as ISO 8601. */
  readonly since?: number | string | undefined;
  readonly until?: number | string | undefined;
  /** Delivers even where a record may replace a newer one, or be there twice. */
  readonly force?: boolean;
  /** Tells what would be delivered, and changes nothing. */
  readonly dryRun?: boolean;
}

/** What one `replay` can look at: it must end within the function's timeout. */
export const maxReplayedPerCommand = 1000;

/** An undelivered record, as far as it may be shown. */
export interface ReplayExample {
  readonly position: string;
  readonly errorType: string;
  /** How often it was tried. */
  readonly attempts: number;
}

export interface ReplayResponse {
  readonly delivered: number;
  /** Records that can still never be written. They stay where they are; those of a dead letter are at the error destination now, if there is one. */
  readonly failed: number;
  /** Records that are not wanted, are in the index already, or that a former replay has delivered. */
  readonly skipped: number;
  /** Messages or documents of which no record can be made; they stay. */
  readonly unreadable: number;
  /** Where they are and why, at most `maxNamedPerCommand`. */
  readonly unreadableNames: readonly string[];
  /** How many records there were to deliver, by the error that was told of each. */
  readonly byError: { readonly [errorType: string]: number };
  readonly examples: readonly ReplayExample[];
  /** Where to go on. */
  readonly next?: number | string;
}
