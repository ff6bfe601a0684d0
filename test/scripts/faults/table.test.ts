import { expect, test } from 'vitest';
import type { Outcome } from '../../../scripts/faults/run-fault.ts';
import { rowOf } from '../../../scripts/faults/table.ts';

const quiet: Outcome = {
  fault: { name: 'a fault' },
  seen: { failures: {}, rejections: {}, retried: 0, received: 100 },
  catchUpSeconds: 2.4,
  recovered: undefined,
  audit: { records: 100, indexed: 100, rejected: 0, missing: 0, extra: 0, repaired: 0 },
};

test('a fault of which nothing is seen', () => {
  expect(rowOf(quiet)).toEqual(['a fault', 'all delivered 2 s after its end', 'nothing', '100', '0', '0']);
});

test('a row has everything that was measured', () => {
  const seen = { failures: { IndexUnavailable: 2, KafkaUnavailable: 1 }, rejections: { key_missing: 4 }, retried: 5, received: 160 };
  const audit = { ...quiet.audit, rejected: 3, missing: 7, extra: 8 };
  expect(rowOf({ ...quiet, fault: { name: 'a fault', remedy: 'a person helps' }, seen, recovered: 9, audit })).toEqual([
    'a fault',
    [
      'failed invocations, whose batches the trigger delivers again: 3',
      'operations that the function sends again: 5',
      'records delivered a second time: 60',
      'a person helps',
      'records that are there again: 9',
      'rejected: 3',
      'all delivered 2 s after its end',
    ].join('; '),
    '`IndexUnavailable`, `KafkaUnavailable`, record rejected: `key_missing`',
    '100',
    '7',
    '8',
  ]);
});
