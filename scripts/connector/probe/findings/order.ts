import { setTimeout as sleep } from 'node:timers/promises';
import type { Finding, Measured } from '../finding.ts';
import { type Push, pushesOf } from '../receiver-lines.ts';
import type { Workbench } from '../workbench.ts';

const concurrency = 4;
const recordsOfPartition = 4;
const partitions = [0, 1];
const consumers = 2;
/** Records that follow a slow one. */
const commitRecords = 10;
const commitWaitMs = 600;
/** Between two looks at the group: shorter than a push. */
const lookMs = 200;

/** Order and commits of a stream. */
export const orderFindings: readonly Finding[] = [
  {
    name: 'order',
    question: 'Do pushes of one partition wait for each other with `deliveryOption.concurrency` above 1?',
    assumed: 'not to be relied on: in 3.0, where a record can be changed by a later one of its key, the connector takes 1',
    how: `with concurrency ${concurrency} and one record a push, sends ${recordsOfPartition} slow records to each of two partitions`,
    otherwise: '',
    measure: async (workbench) => {
      const pushes = await slowPushes(workbench);
      return judgeOrder(pushes);
    },
  },
  {
    name: 'consumers',
    question: 'How many consumers has a stream that is to read in parallel?',
    assumed: `in 2.0 as many as maximumTasks; in 3.0, where concurrency stands for it, one or as many`,
    how: `with ${consumers} of them, delivers a record of each partition, and reads the members of the group that have a partition each`,
    otherwise: 'kafka.consumerThreads does not do what it says',
    measure: async (workbench) => {
      await workbench.trigger.deliver(workbench.api === '2.0' ? { tasks: consumers } : { concurrency: consumers });
      // The group tells of partitions in which it has committed something.
      for (const partition of partitions) await workbench.send({ scenario: 'consumers', number: partition }, { partition });
      const members = await workbench.pace.within('members of the group', workbench.limits.delivery, () => membersOf(workbench));
      if (members === undefined) return { found: 'no member is told', holds: null };
      return { found: `${members} for ${partitions.length} partitions`, holds: workbench.api === '3.0' || members === consumers };
    },
  },
  {
    name: 'commits',
    question: 'Is the position of a record that is being pushed ever committed, and how often are commits made?',
    assumed:
      'never: a record is committed after its push, and those of all before it, have succeeded, so that none is lost when a stream stops',
    how: `with concurrency ${concurrency} and one record a push, sends a slow one and ${commitRecords} after it, and reads GetConsumerProgress all the while`,
    otherwise: 'records in flight are lost when a stream stops: file an issue with this report at once',
    measure: async (workbench) => {
      const looks = await watchCommits(workbench);
      return judgeCommits(looks, pushesOf(await workbench.lines(), 'commits'), (workbench.limits.slowPush * 1000) / 2);
    },
  },
];

/** A committed position of partition 0, and when it was seen, in ms since 1970. */
interface CommitSeen {
  readonly at: number;
  readonly committed: number;
}

/** Which pushes of one partition overlap, and whether those of two do. */
export function judgeOrder(pushes: readonly Push[]): Measured {
  const pairs = pushes.flatMap((left, index) => pushes.slice(index + 1).map((right) => [left, right] as const));
  const overlapping = pairs.filter(([left, right]) => right.startedAt < (left.endedAt ?? Number.POSITIVE_INFINITY));
  const within = overlapping.filter(([left, right]) => left.partition === right.partition).length;
  const across = overlapping.length - within;
  const found = [
    within === 0 ? 'pushes of one partition wait for each other' : `pushes of one partition overlap (${within} pairs)`,
    across === 0 ? 'those of two partitions do, too' : 'those of two partitions overlap',
  ];
  return { found: found.join('; '), holds: null };
}

/** Whether a commit was ever seen beyond a record whose push had not ended, and in which steps commits were seen; `clockMs`: what the two clocks may differ. */
export function judgeCommits(looks: readonly CommitSeen[], pushes: readonly Push[], clockMs: number): Measured {
  const delivered = firstEnds(pushes);
  const isAhead = ({ at, committed }: CommitSeen) =>
    pushes.some(({ offset, startedAt }) => {
      const endedAt = delivered.get(offset) ?? Number.POSITIVE_INFINITY;
      return committed > offset && startedAt + clockMs < at && at < endedAt - clockMs;
    });
  const steps = looks.flatMap(({ committed }, index) => {
    const before = looks[index - 1]?.committed;
    return before === undefined || committed <= before ? [] : [committed - before];
  });
  const ahead = looks.filter(isAhead).length;
  const often =
    steps.length === 0 ? 'no commit was seen' : `${steps.length} commits for ${pushes.length} pushes, the largest of ${Math.max(...steps)}`;
  if (ahead > 0) return { found: `${ahead} times ahead of a record in flight; ${often}`, holds: false };
  return { found: `never ahead of a record in flight; ${often}`, holds: steps.length === 0 ? null : true };
}

/** When each record was delivered, by its offset: what is pushed once more after that is not in flight. */
function firstEnds(pushes: readonly Push[]): ReadonlyMap<number, number> {
  const ends = new Map<number, number>();
  for (const { endedAt, offset } of pushes) {
    if (endedAt !== undefined) ends.set(offset, Math.min(endedAt, ends.get(offset) ?? endedAt));
  }
  return ends;
}

async function slowPushes(workbench: Workbench): Promise<Push[]> {
  const expected = partitions.length * recordsOfPartition;
  const waitMs = workbench.limits.slowPush * 1000;
  await workbench.trigger.deliver({ concurrency, records: 1 });
  for (const partition of partitions) {
    for (let number = 0; number < recordsOfPartition; number += 1) {
      await workbench.send({ scenario: 'order', number: partition * recordsOfPartition + number, waitMs }, { partition });
    }
  }
  const { found } = await workbench.pace.until('all records to be delivered', workbench.limits.delivery, async () => {
    const pushes = pushesOf(await workbench.lines(), 'order');
    return pushes.filter(({ endedAt }) => endedAt !== undefined).length >= expected ? pushes : undefined;
  });
  return found;
}

async function watchCommits(workbench: Workbench): Promise<CommitSeen[]> {
  await workbench.trigger.deliver({ concurrency, records: 1 });
  await workbench.send({ scenario: 'commits', number: 0, waitMs: workbench.limits.slowPush * 3000 });
  await workbench.send({ scenario: 'commits', number: 1, waitMs: commitWaitMs }, { count: commitRecords });
  const offsets = await workbench.cloud.kafka.offsets(workbench.props.kafka.instanceId, workbench.names.topic);
  const end = offsets.find(({ partition }) => partition === 0)?.end ?? 0;
  const looks: CommitSeen[] = [];
  await workbench.pace.within('everything to be committed', workbench.limits.delivery, async () => {
    for (let look = 0; look < 10; look += 1) {
      const committed = await committedOf(workbench);
      if (committed !== undefined) looks.push({ at: Date.now(), committed });
      if (committed !== undefined && committed >= end) return true;
      await sleep(lookMs);
    }
    return undefined;
  });
  await workbench.pace.until('the lines of all records', workbench.limits.delivery, async () => {
    const ended = pushesOf(await workbench.lines(), 'commits').filter(({ endedAt }) => endedAt !== undefined);
    return ended.length > commitRecords || undefined;
  });
  return looks;
}

async function membersOf(workbench: Workbench): Promise<number | undefined> {
  const members = (await partitionsOf(workbench)).flatMap(({ member }) => (member === undefined ? [] : [member]));
  return members.length < partitions.length ? undefined : new Set(members).size;
}

async function committedOf(workbench: Workbench): Promise<number | undefined> {
  return (await partitionsOf(workbench)).find(({ partition }) => partition === 0)?.committed;
}

async function partitionsOf({ cloud, names, props }: Workbench) {
  const group = await cloud.kafka.consumerGroup(props.kafka.instanceId, names.consumerGroup);
  return group?.partitions.filter(({ topic }) => topic === names.topic) ?? [];
}
