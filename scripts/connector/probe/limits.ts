/** How long the probe waits for what may never come, in seconds. */
export interface Limits {
  /** For a stream to start, stop or give up. */
  readonly stream: number;
  /** For records to arrive, and for lines to be found. */
  readonly delivery: number;
  /** For a failed push to be tried again: https://www.alibabacloud.com/help/en/eventbridge/user-guide/retry-and-dead-letter says 10 to 20 s. */
  readonly retry: number;
  /** For everything else, such as a group to be left. */
  readonly other: number;
  /** For a slow push to take: long enough that pushes which do not wait for each other overlap, whatever a start of an instance takes. */
  readonly slowPush: number;
  /** For a change to take effect in a stream that says that it runs, in case it says so of what it was before. */
  readonly settle: number;
  /** Between two looks. */
  readonly poll: number;
}

/** Minutes, since no document tells most of these. */
export const standardLimits: Limits = { stream: 300, delivery: 180, retry: 90, other: 300, slowPush: 4, settle: 15, poll: 2 };
