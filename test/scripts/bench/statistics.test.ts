import { expect, test } from 'vitest';
import { median, ratio, Samples } from '../../../scripts/bench/statistics.ts';

test.each([
  [[3, 1, 2], 2],
  [[4, 1, 3, 2], 3],
  [[10, 9, 100], 10],
  [[7], 7],
  [[], Number.NaN],
])('the median of %j is %d', (values, middle) => {
  expect(median(values)).toBe(middle);
});

test('samples have a median for each name, and no figure for a name that was never measured', () => {
  const samples = new Samples();
  for (const value of [5, 1, 3]) samples.add('function', value);
  samples.add('bare loop', 2);
  expect(samples.medians()).toEqual({ function: 3, 'bare loop': 2 });
  expect(ratio(samples.medians(), 'function', 'bare loop')).toBe(1.5);
  expect(ratio(samples.medians(), 'function', 'another')).toBeNaN();
});
