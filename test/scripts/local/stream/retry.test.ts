import { expect, test } from 'vitest';
import { retryDelays } from '../../../../scripts/local/stream/retry.ts';

const decay = { PushRetryStrategy: 'EXPONENTIAL_DECAY_RETRY' } as const;

test('BACKOFF_RETRY: three retries, each after 10 to 20 s', () => {
  const randoms = [0, 0.5, 0.999];
  const delays = [...retryDelays({ PushRetryStrategy: 'BACKOFF_RETRY' }, () => randoms.shift() ?? 0)];
  expect(delays).toEqual([10_000, 15_000, 19_990]);
});

test('EXPONENTIAL_DECAY_RETRY: 176 retries, from 1 s to 512 s, in all a day', () => {
  const delays = [...retryDelays(decay)];
  expect(delays.slice(0, 11)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 512].map((seconds) => seconds * 1000));
  expect(delays).toHaveLength(176);
  expect(delays.filter((delay) => delay === 512_000)).toHaveLength(167);
  expect(delays.reduce((sum, delay) => sum + delay, 0) / 3_600_000).toBeCloseTo(24, 0);
});

test('attempts and age are bounds of both', () => {
  expect([...retryDelays({ ...decay, MaximumRetryAttempts: 2 })]).toEqual([1000, 2000]);
  expect([...retryDelays({ ...decay, MaximumEventAgeInSeconds: 7 })]).toEqual([1000, 2000, 4000]);
  expect([...retryDelays({ PushRetryStrategy: 'BACKOFF_RETRY', MaximumRetryAttempts: 0 })]).toEqual([]);
});
