import { expect, test } from 'vitest';
import { readPositions, requireSkippable } from '../../../../scripts/connector/running/skips.ts';
import { formatPosition } from '../../../../shared/position.ts';

const group = { state: 'STABLE', remark: '', topics: ['orders'], partitions: [{ topic: 'orders', partition: 0, committed: 7, end: 9 }] };
const kafka = {
  offsets: async () => [0, 1].map((partition) => ({ partition, first: 2, end: 9 })),
  consumerGroup: async () => group,
};
const readSkips = async (text: string) => requireSkippable(readPositions(text), kafka, source);
const source = { instanceId: 'i', topic: 'orders', consumerGroup: 'g' };

test.each([
  ['orders+0+6', '--skip: orders+0+6 is already passed: the group goes on at orders+0+7.'],
  ['orders+0+7,orders+0+2', '--skip: orders+0+2 is already passed'],
  ['orders+0+00', "'orders+0+00' is not a position; give <topic>+<partition>+<offset>"],
  ['orders+00+8', "'orders+00+8' is not a position"],
  ['orders+0+8,', "'' is not a position"],
  ['other+0+8', "'other+0+8' is not a position of orders"],
  ['orders+0+1', 'partition 0 begins at 2'],
  ['orders+0+9', 'partition 0 ends before 9'],
])('--skip %s is refused', async (text, message) => {
  await expect(readSkips(text)).rejects.toThrow(message);
});

test('what the group has not passed may be skipped, also in a partition where it has committed nothing', async () => {
  expect(readPositions('orders+0+7, orders+1+2').map(formatPosition)).toEqual(['orders+0+7', 'orders+1+2']);
  await expect(readSkips('orders+0+7, orders+1+2')).resolves.toBeUndefined();
});

test('a group that has committed nothing in a partition, or that is not there, has passed nothing', async () => {
  const behind = { ...group, partitions: [{ topic: 'orders', partition: 0, committed: -1, end: 9 }] };
  for (const one of [behind, undefined])
    await expect(
      requireSkippable(readPositions('orders+0+2'), { ...kafka, consumerGroup: async () => one }, source),
    ).resolves.toBeUndefined();
});
