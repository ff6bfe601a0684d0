import { expect, test } from 'vitest';
import { judgeCommits, judgeOrder } from '../../../../scripts/connector/probe/findings/order.ts';
import type { Push } from '../../../../scripts/connector/probe/receiver-lines.ts';

function push(partition: number, offset: number, startedAt: number, endedAt: number | undefined): Push {
  const rest = {
    scenario: 's',
    number: offset,
    topic: 't',
    hasKey: false,
    valueType: 'string',
    valueLength: 1,
    headers: '',
    valueShape: '',
  };
  return { ...rest, partition, offset, startedAt, endedAt, requestId: `${partition}-${offset}`, shapes: [] };
}

test('pushes of one partition that follow each other do not overlap, whatever those of another do', () => {
  const apart = [push(0, 0, 0, 10), push(1, 0, 5, 15), push(0, 1, 10, 20), push(1, 1, 15, 25)];
  expect(judgeOrder(apart).found).toBe('pushes of one partition wait for each other; those of two partitions overlap');
  const together = [push(0, 0, 0, 10), push(0, 1, 9, 20), push(1, 0, 20, 30)];
  expect(judgeOrder(together).found).toBe('pushes of one partition overlap (1 pairs); those of two partitions do, too');
});

test('a commit beyond a record whose push goes on is ahead of it, but for what two clocks may differ', () => {
  const pushes = [push(0, 7, 10_000, 20_000)];
  const before = { at: 9000, committed: 7 };
  expect(judgeCommits([before, { at: 15_000, committed: 8 }], pushes, 2000)).toMatchObject({
    holds: false,
    found: expect.stringMatching(/^1 times ahead/),
  });
  expect(judgeCommits([before, { at: 19_500, committed: 8 }], pushes, 2000)).toMatchObject({ holds: true });
  expect(judgeCommits([before, { at: 15_000, committed: 7 }, { at: 21_000, committed: 8 }], pushes, 2000)).toMatchObject({ holds: true });
  expect(judgeCommits([before], [push(0, 7, 10_000, undefined)], 2000)).toMatchObject({
    holds: null,
    found: expect.stringMatching(/no commit was seen/),
  });
  // Delivered once more after it was committed.
  const twice = [...pushes, push(0, 7, 30_000, 40_000)];
  expect(judgeCommits([before, { at: 35_000, committed: 8 }], twice, 2000)).toMatchObject({ holds: true });
});
