import { expect, test } from 'vitest';
import { guardFailures } from '../../../scripts/bench/sections/guard.ts';

test('a function that needs more than 1.5 times the CPU of the bare loop fails, and one that was not measured', () => {
  expect(
    guardFailures([
      { form: 'connector', figures: { function: 3, 'bare loop': 2 } },
      { form: 'CloudEvents', figures: { function: 3.1, 'bare loop': 2 } },
      { form: 'RawData', figures: { 'bare loop': 2 } },
    ]),
  ).toEqual([
    'CloudEvents: the function needs 1.55 times the CPU of the bare loop; at most 1.5 is allowed',
    'RawData: the function needs failed times the CPU of the bare loop; at most 1.5 is allowed',
  ]);
});
