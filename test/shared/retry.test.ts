import fc from 'fast-check';
import { expect, test } from 'vitest';
import { backoffMs } from '../../shared/retry.ts';

const waits = { firstMs: 100, maxMs: 5000 };

test('waits double from the first to the longest', () => {
  const longest = Array.from({ length: 9 }, (_, retry) => backoffMs(retry + 1, waits, () => 1));
  expect(longest).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
});

test('each wait is spread over all of its length, and is never longer', () => {
  expect([0, 0.25, 0.5].map((chance) => backoffMs(3, waits, () => chance))).toEqual([0, 100, 200]);
  const attempt = fc.integer({ min: 1, max: 10_000 });
  fc.assert(
    fc.property(attempt, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (retry, chance) => {
      const wait = backoffMs(retry, waits, () => chance);
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(wait).toBeLessThanOrEqual(waits.maxMs);
    }),
  );
});
