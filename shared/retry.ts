/** Waits between attempts, in ms. */
export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * The wait before attempt number `attempt` (1 is the first retry): exponential, with full jitter. `random` is in [0, 1).
 *
 * Source: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function backoffMs(attempt: number, { firstMs, maxMs }: Backoff, random: () => number): number {
  return random() * Math.min(maxMs, firstMs * 2 ** (attempt - 1));
}
