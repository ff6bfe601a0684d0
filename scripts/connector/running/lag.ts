import type { AlibabaCloud } from '../cloud/alibaba-cloud.ts';

/** How far a connector is in one partition; offsets are those of the next record. */
export interface PartitionLag {
  readonly partition: number;
  /** The next offset to deliver, null while nothing has been delivered. */
  readonly committed: number | null;
  readonly end: number;
  /** How many records have not been delivered. */
  readonly lag: number;
}

/** How far a connector is. */
export interface Progress {
  /** The consumer group's state, in the words of Kafka. */
  readonly state: string;
  readonly partitions: readonly PartitionLag[];
  /** How many records have not been delivered, null when the topic cannot be looked at, since a partition without a commit may lag unseen then. */
  readonly lag: number | null;
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
export async function readProgress(cloud: AlibabaCloud, { instanceId, topic, consumerGroup, initialPosition }: Reader): Promise<Progress> {
  const [held, group] = await Promise.all([
    // Where the topic cannot be looked at, for whatever reason, there is what the group tells.
    cloud.kafka.offsets(instanceId, topic).catch(() => undefined),
    cloud.kafka.consumerGroup(instanceId, consumerGroup),
  ]);
  const committed = new Map(group?.partitions.filter((one) => one.topic === topic).map((one) => [one.partition, one]));
  const known = new Map([...committed].map(([partition, { end }]) => [partition, { partition, first: 0, end }]));
  for (const one of held ?? []) known.set(one.partition, one);
  const partitions = [...known.values()].map(({ partition, first, end }): PartitionLag => {
    const offset = committed.get(partition)?.committed ?? -1;
    const next = offset < 0 ? undefined : offset;
    const begin = initialPosition === 'latest' ? end : first;
    // A topic that was deleted and made anew may end before the commit.
    return { partition, committed: next ?? null, end, lag: Math.max(0, end - Math.max(first, next ?? begin)) };
  });
  partitions.sort((left, right) => left.partition - right.partition);
  const lag = held ? partitions.reduce((sum, one) => sum + one.lag, 0) : null;
  return { state: group?.state ?? 'UNKNOWN', partitions, lag };
}
