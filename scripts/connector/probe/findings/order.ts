import { setTimeout as sleep } from 'node:timers/promises';
import type { Finding, Measured } from '../finding.ts';
import { type Push, pushesOf } from '../receiver-lines.ts';
import type { Workbench } from '../workbench.ts';

const concurrency = 4;
const recordsOfPartition = 4;
const partitions = [0, 1];
const commitRecords = 10;
const commitWaitMs = 600;
/** Between two looks at the group: shorter than a push. */
const lookMs = 200;
/** A record in flight for so long that a commit ahead of it is seen. */
const lastWaitMs = 6000;
/** Two clocks, the function's and this machine's. */
const clockMs = 2000;

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
    name: 'commits',
    question: 'Is the position of a record that is being pushed ever committed, and how often are commits made?',
    assumed: 'never: a record is committed after its push has succeeded, so that none is lost when a stream stops',
    how: `with one record a push, sends ${commitRecords} and a slow one, and reads GetConsumerProgress all the while`,
    otherwise: 'records in flight are lost when a stream stops: file an issue with this report at once',
    measure: async (workbench) => {
      const looks = await watchCommits(workbench);
      return judgeCommits(looks, pushesOf(await workbench.lines(), 'commits'));
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

/** Whether a commit was ever seen beyond a record whose push had not ended, and in which steps commits were seen. */
export function judgeCommits(looks: readonly CommitSeen[], pushes: readonly Push[]): Measured {
  const isAhead = ({ at, committed }: CommitSeen) =>
    pushes.some(({ endedAt = Number.POSITIVE_INFINITY, offset, startedAt }) => {
      const isInFlight = startedAt + clockMs < at && at < endedAt - clockMs;
      return isInFlight && committed > offset;
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
  await workbench.trigger.deliver({ records: 1 });
  for (let number = 0; number < commitRecords; number += 1) {
    await workbench.send({ scenario: 'commits', number, waitMs: commitWaitMs });
  }
  await workbench.send({ scenario: 'commits', number: commitRecords, waitMs: lastWaitMs });
  const looks: CommitSeen[] = [];
  const offsets = await workbench.cloud.kafka.offsets(workbench.props.kafka.instanceId, workbench.names.topic);
  const end = offsets.find(({ partition }) => partition === 0);
  await workbench.pace.within('everything to be committed', workbench.limits.delivery, async () => {
    for (let look = 0; look < 10; look += 1) {
      const committed = await committedOf(workbench);
      if (committed === undefined) continue;
      looks.push({ at: Date.now(), committed });
      if (committed >= (end?.end ?? 0)) return true;
      await sleep(lookMs);
    }
    return undefined;
  });
  await workbench.pace.until('the lines of all records', workbench.limits.delivery, async () => {
    const pushes = pushesOf(await workbench.lines(), 'commits');
    return pushes.some(({ endedAt, number }) => number === commitRecords && endedAt !== undefined) || undefined;
  });
  return looks;
}

async function committedOf({ cloud, names, props }: Workbench): Promise<number | undefined> {
  const group = await cloud.kafka.consumerGroup(props.kafka.instanceId, names.consumerGroup);
  return group?.partitions.find(({ partition, topic }) => topic === names.topic && partition === 0)?.committed;
}
