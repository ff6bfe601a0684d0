import type { StreamConfig } from './config.ts';

const backoffRetries = 3;
const decayRetries = 176;
const maxDecaySeconds = 512;

/**
 * The waits before each retry, in ms: 3 random ones of 10 to 20 s, or 176 of 1, 2, 4 … 512 s, then 512 s, a day in all.
 * https://www.alibabacloud.com/help/en/eventbridge/user-guide/retry-and-dead-letter
 */
export function* retryDelays(
  { PushRetryStrategy: strategy, ...limits }: StreamConfig['retryStrategy'],
  random = Math.random,
): Generator<number> {
  const { MaximumRetryAttempts = Number.POSITIVE_INFINITY, MaximumEventAgeInSeconds = Number.POSITIVE_INFINITY } = limits;
  const retries = Math.min(strategy === 'BACKOFF_RETRY' ? backoffRetries : decayRetries, MaximumRetryAttempts);
  let ageMs = 0;
  for (let retry = 0; retry < retries; retry++) {
    const delayMs = strategy === 'BACKOFF_RETRY' ? 10_000 + random() * 10_000 : Math.min(2 ** retry, maxDecaySeconds) * 1000;
    ageMs += delayMs;
    if (ageMs > MaximumEventAgeInSeconds * 1000) return;
    yield delayMs;
  }
}
