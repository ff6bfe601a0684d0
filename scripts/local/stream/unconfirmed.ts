/** What no public document says of the trigger, each as a choice, so that nothing rests on one reading. */
export interface Unconfirmed {
  /** Whether status 200 with `X-Fc-Error-Type` is a failed push, which is tried again. */
  readonly functionErrors: 'fail' | 'pass';
  /** When the offsets of what has been delivered are committed; never before. */
  readonly commit: 'each-batch' | 'every-second';
  /** Whether an element of an event is an object, or a JSON text, as before 2023-02-15. */
  readonly elements: 'object' | 'text';
  /** A header of a record: `{"key": …, "value": …}`, or `{"<key>": …}`. */
  readonly headers: 'key-value' | 'named';
  /** A dead letter: the whole event in one message, or each element in its own. */
  readonly deadLetter: 'event' | 'element';
  /** Whether records over 256 KB are delivered, or treated as if every push of them had failed. */
  readonly largeRecords: 'deliver' | 'fail';
  /** Whether invocations of one partition wait for each other. */
  readonly order: 'partition' | 'none';
  /** What `concurrency` counts: the invocations at a time of a consumer, or consumers with one invocation at a time each. */
  readonly concurrency: 'pushes' | 'consumers';
}

/** What is thought likeliest. */
export const defaultUnconfirmed: Unconfirmed = {
  functionErrors: 'fail',
  commit: 'each-batch',
  elements: 'object',
  headers: 'key-value',
  deadLetter: 'event',
  largeRecords: 'deliver',
  order: 'partition',
  concurrency: 'pushes',
};
