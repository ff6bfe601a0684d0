import type { Finding } from '../finding.ts';
import { NotMeasured } from '../not-measured.ts';
import type { Workbench } from '../workbench.ts';

/** What the group can be told before anybody has read as it. */
export const groupFindings: readonly Finding[] = [
  {
    name: 'group-position',
    question: 'Does UpdateConsumerOffset give a group that has never read a position?',
    assumed: 'yes, at the end of the topic',
    how: 'sends a record, moves the new group to the end, and reads GetConsumerProgress',
    otherwise: 'with kafka.initialPosition: latest, what comes during a pause before the first delivery is passed over',
    measure: async (workbench) => {
      const { cloud, limits, names, pace, props, things } = workbench;
      await things.consumerGroup();
      if ((await positionOf(workbench)) !== undefined) throw new NotMeasured('the group has a position already');
      await workbench.send({ scenario: 'before', number: 0 });
      await cloud.kafka.moveGroupToEnd(props.kafka.instanceId, names.consumerGroup, names.topic);
      const position = await pace.within('the position of the group', limits.retry, () => positionOf(workbench));
      if (position === undefined) return { found: `accepted; no position is told within ${limits.retry} s`, holds: false };
      return { found: `position ${position} after 1 record`, holds: position === 1 };
    },
  },
];

/** The next offset in partition 0; undefined while the group has none. */
async function positionOf({ cloud, names, props }: Workbench): Promise<number | undefined> {
  const group = await cloud.kafka.consumerGroup(props.kafka.instanceId, names.consumerGroup);
  return group?.partitions.find(({ partition, topic }) => topic === names.topic && partition === 0)?.committed;
}
