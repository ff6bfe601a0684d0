import { type Admin, AssignerProtocol, type GroupDescription } from 'kafkajs';
import { topicEnds } from '../../broker-topics.ts';

/** What GetConsumerProgress tells of one partition. */
interface PartitionProgress {
  readonly Partition: number;
  readonly BrokerOffset: number;
  readonly ConsumerOffset: number;
  readonly Accumulate: number;
  readonly LastTimestamp: number;
  readonly ClientId?: string;
  readonly ClientIp?: string;
  readonly MemberId?: string;
}

type Owner = Pick<PartitionProgress, 'ClientId' | 'ClientIp' | 'MemberId'>;

const states: { readonly [state in GroupDescription['state']]: string } = {
  Unknown: 'UNKNOWN',
  PreparingRebalance: 'PREPARING_REBALANCE',
  CompletingRebalance: 'COMPLETING_REBALANCE',
  Stable: 'STABLE',
  Dead: 'DEAD',
  Empty: 'EMPTY',
};

/** The lag of a group as the broker has it, in the form of GetConsumerProgress; the time of a last message is always hidden (-1). */
export async function consumerProgress(admin: Admin, groupId: string): Promise<object> {
  const { groups } = await admin.describeGroups([groupId]);
  const [description] = groups;
  const owners = description ? ownersOf(description) : new Map<string, Owner>();
  const committed = await admin.fetchOffsets({ groupId });
  const topics = await Promise.all(
    committed.map(async ({ topic, partitions }) => {
      const ends = new Map((await topicEnds(admin, topic)).map(({ partition, high, low }) => [partition, { high, low }]));
      const offsets = partitions.map(({ partition, offset }): PartitionProgress => {
        const { high, low } = ends.get(partition) ?? { high: '0', low: '0' };
        // A partition without a committed offset is behind by all it holds.
        const consumed = Number(offset) < 0 ? Number(low) : Number(offset);
        const owner = owners.get(`${topic}+${partition}`);
        return {
          Partition: partition,
          BrokerOffset: Number(high),
          ConsumerOffset: consumed,
          Accumulate: Number(high) - consumed,
          LastTimestamp: -1,
          ...owner,
        };
      });
      const sorted = offsets.sort((left, right) => left.Partition - right.Partition);
      return { Topic: topic, TotalDiff: total(offsets), LastTimestamp: -1, OffsetList: { OffsetList: sorted } };
    }),
  );
  return {
    LastTimestamp: -1,
    TotalDiff: topics.reduce((sum, { TotalDiff }) => sum + TotalDiff, 0),
    state: states[description?.state ?? 'Unknown'],
    RebalanceInfoList: { RebalanceInfoList: [] },
    TopicList: { TopicList: topics },
  };
}

function total(offsets: readonly PartitionProgress[]): number {
  return offsets.reduce((sum, { Accumulate }) => sum + Accumulate, 0);
}

/** Who reads which partition, by `topic+partition`. */
function ownersOf({ members }: GroupDescription): Map<string, Owner> {
  const owners = members.flatMap(({ memberId, clientId, clientHost, memberAssignment }) => {
    const assignment = AssignerProtocol.MemberAssignment.decode(memberAssignment)?.assignment ?? {};
    const owner: Owner = { MemberId: memberId, ClientId: clientId, ClientIp: clientHost };
    return Object.entries(assignment).flatMap(([topic, partitions]) =>
      partitions.map((partition): [string, Owner] => [`${topic}+${partition}`, owner]),
    );
  });
  return new Map(owners);
}
