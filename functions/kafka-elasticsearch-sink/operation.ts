import type { ByteString } from './byte-string.ts';
import type { Element } from './record.ts';

/** What a record becomes: one operation of a bulk request. */
export interface Operation {
  readonly kind: 'index' | 'create' | 'update' | 'delete';
  readonly element: Element;
  readonly index: string;
  /** The document's identity where ids can repeat: operations on one document must keep their order. */
  readonly identity: string | undefined;
  /** A stale external version is no error. */
  readonly isVersioned: boolean;
}

/**
 * The one or two lines of an operation in a bulk body, each with its line break, in pieces: what is long came with the event, and is copied from there
 * once.
 */
export type Lines = readonly ByteString[];

/** A record that is to be written, as its operation and the lines of that. */
export interface MappedOperation {
  readonly kind: 'mapped';
  readonly operation: Operation;
  readonly lines: Lines;
}

/** A record that can never be written, and why. */
export interface Rejected {
  readonly kind: 'rejected';
  readonly element: Element;
  /** The type of the rejection, one of ours or of Elasticsearch's error types. */
  readonly type: string;
  /** A sentence for people, without the record's content where it is ours. */
  readonly reason: string;
}

/** A record that is not to be written: by position, which goes to the error destination, or for its null value. */
export interface Skipped {
  readonly kind: 'skipped';
  readonly element: Element;
  readonly by: 'position' | 'null-value';
}

/** What the error destination gets of a record that is rejected, or skipped by position. */
export type ErrorRecord = Omit<Rejected, 'kind'>;
