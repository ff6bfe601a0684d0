import type { Cloud } from './cloud/cloud.ts';

/** How far a connector is in one partition; offsets are those of the next record. */
export interface PartitionLag {
  readonly partition: number;
  /** null: it has delivered nothing yet. */
  readonly committed: number | null;
  readonly end: number;
  /** In records. */
  readonly lag: number;
}

/** How far a connector is. */
export interface Progress {
  /** Of its consumer group. */
  readonly state: string;
  readonly partitions: readonly PartitionLag[];
  /** In records. */
  readonly lag: number;
}

/** Whose progress is asked for. */
export interface Reader {
  readonly instanceId: string;
  readonly topic: string;
  readonly consumerGroup: string;
  /** Where a group without a commit begins; `earliest` when it is not known. */
  readonly initialPosition?: 'earliest' | 'latest';
}

/** Every partition of the topic: the group alone does not tell of those in which it has committed nothing, where a first record may have stopped it. */
export async function readProgress(cloud: Cloud, { instanceId, topic, consumerGroup, initialPosition }: Reader): Promise<Progress> {
  const [held, group] = await Promise.all([
    // Who may not look at topics sees what the group tells.
    cloud.kafka.offsets(instanceId, topic).catch(() => []),
    cloud.kafka.consumerGroup(instanceId, consumerGroup),
  ]);
  const committed = new Map(group?.partitions.filter((one) => one.topic === topic).map((one) => [one.partition, one]));
  const known = new Map([...committed].map(([partition, { end }]) => [partition, { partition, first: 0, end }]));
  for (const one of held) known.set(one.partition, one);
  const partitions = [...known.values()].map(({ partition, first, end }): PartitionLag => {
    const next = committed.get(partition)?.committed;
    const begin = initialPosition === 'latest' ? end : first;
    // A topic that was deleted and made anew may end before the commit.
    return { partition, committed: next ?? null, end, lag: Math.max(0, end - Math.max(first, next ?? begin)) };
  });
  partitions.sort((left, right) => left.partition - right.partition);
  return { state: group?.state ?? 'UNKNOWN', partitions, lag: partitions.reduce((sum, { lag }) => sum + lag, 0) };
}
