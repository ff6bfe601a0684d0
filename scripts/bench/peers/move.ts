import { mkdtemp } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Topic } from '../../demo/topic.ts';
import { ProcessTree, type TreeCpu } from '../process-tree.ts';
import { StandIn } from '../stand-in.ts';
import type { Figures } from '../statistics.ts';
import type { Contender, Found, Job } from './contender.ts';
import type { Taken, Target } from './target.ts';

/** A contender that is there. */
export interface Entrant extends Found {
  readonly contender: Contender;
}

/** What all runs share. */
export interface Course {
  readonly folder: string;
  readonly broker: string;
  readonly topic: Topic;
  /** How many records a contender has moved before it is measured. */
  readonly warmUpRecords: number;
  /** How many records are measured. */
  readonly records: number;
  /** How many the topic holds. */
  readonly produced: number;
  readonly rounds: number;
}

const limitMs = 180_000;
const pollMs = 100;
/** How long a contender is watched after its first request was refused. */
export const refusalSeconds = 8;

/**
 * Runs a contender, and resolves to its figures after some records: what it costs when it runs for long. The topic holds more
 * than that, so that it is read ahead as far at the end as at the beginning. Throws when the contender ends before, writes documents twice, or
 * needs more than three minutes.
 */
export async function move({ contender, prepare }: Entrant, course: Course, target: Target): Promise<Figures> {
  await using program = new ProcessTree(await prepare(await makeJob(course, target)));
  const begin = await takeReading(program, target, course.warmUpRecords);
  const end = await takeReading(program, target, begin.records + course.records);
  if (!contender.lacks.includes('ids')) checkIds(end);
  const records = end.records - begin.records;
  const microseconds = (ms: number) => (ms * 1000) / records;
  return {
    cpu: microseconds(end.cpu.tree - begin.cpu.tree),
    ...(contender.startsFunction && { functionCpu: microseconds(childrenCpu(end) - childrenCpu(begin)) }),
    recordsPerSecond: (records * 1000) / (end.time - begin.time),
  };
}

function checkIds({ documents, records }: Taken): void {
  if (documents !== undefined && documents !== records) throw new Error(`${records} operations have ${documents} different ids`);
}

/**
 * Runs a contender against a server that refuses everything with status 503, and resolves to how many records its group has committed all the
 * same: they are not read again when the server is well.
 */
export async function countLost({ prepare }: Entrant, course: Course): Promise<number> {
  await using refusing = await StandIn.start({ bulkStatus: 503 });
  const job = await makeJob(course, { url: refusing.url, index: 'bench' });
  await using program = new ProcessTree(await prepare(job));
  const limit = AbortSignal.timeout(limitMs);
  while ((await refusing.counts()).requests === 0 && program.isRunning && !limit.aborted) await sleep(pollMs);
  await sleep(refusalSeconds * 1000);
  return course.produced - (await course.topic.lag(job.group));
}

async function makeJob({ broker, folder: parent, topic }: Course, { url, index }: Pick<Target, 'url' | 'index'>): Promise<Job> {
  const folder = await mkdtemp(join(parent, 'contender-'));
  return { broker, topic: topic.name, group: `connect-${basename(folder)}`, folder, url, index };
}

interface Reading extends Taken {
  readonly cpu: TreeCpu;
  /** When it was taken, in ms. */
  readonly time: number;
}

function childrenCpu({ cpu }: Reading): number {
  return cpu.tree - cpu.root;
}

/** Takes a reading as soon as the target has taken so many records; throws when the program ends before, or needs too long. */
async function takeReading(program: ProcessTree, target: Target, records: number): Promise<Reading> {
  const limit = AbortSignal.timeout(limitMs);
  for (;;) {
    const [taken, cpu] = await Promise.all([target.count(), program.cpu()]);
    if (taken.records >= records) return { ...taken, cpu, time: performance.now() };
    program.checkRunning();
    if (limit.aborted) throw new Error(`${taken.records} of ${records} records after ${limitMs / 1000} s`);
    await sleep(pollMs);
  }
}
