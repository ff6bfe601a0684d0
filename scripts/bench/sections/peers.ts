import { mkdtemp } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Topic } from '../../demo/topic.ts';
import { startElasticsearch } from '../../local/servers/elasticsearch.ts';
import { startKafka } from '../../local/servers/kafka.ts';
import { reportProgress } from '../../terminal/report.ts';
import type { Bench } from '../bench.ts';
import { makeValue } from '../events.ts';
import type { PeersOptions } from '../options.ts';
import { confluentKafka } from '../peers/confluent-kafka/contender.ts';
import type { Contender, Found, Lack } from '../peers/contender.ts';
import { kafkaConnect } from '../peers/kafka-connect/contender.ts';
import { kafkajs } from '../peers/kafkajs/contender.ts';
import { project } from '../peers/project/contender.ts';
import { rsyslog } from '../peers/rsyslog/contender.ts';
import { openCounting, openIndex, type Target } from '../peers/target.ts';
import { ProcessTree, type TreeCpu } from '../process-tree.ts';
import { shown, type Table } from '../report/table.ts';
import { type Figures, Samples } from '../statistics.ts';

/** What each way to move the topic cost. */
export interface PeersResult {
  readonly records: number;
  readonly valueSize: number;
  readonly partitions: number;
  readonly rounds: number;
  readonly counting: readonly PeerResult[];
  /** To a real Elasticsearch; undefined when it was not asked for. */
  readonly real: readonly PeerResult[] | undefined;
  readonly skipped: readonly { readonly name: string; readonly install: string }[];
}

/** Medians of the rounds. */
interface PeerResult {
  readonly name: string;
  readonly version: string;
  readonly lacks: readonly Lack[];
  /**
   * cpu: of all its processes in µs a record, from the tenth part of the records on: what a program costs that runs for long; functionCpu: what of
   * it is the function's; cpuWithStart: from its start on; recordsPerSecond; documents: that the server held at the end.
   */
  readonly figures: Figures;
  /** Why it did not move all records. */
  readonly failure: string | undefined;
}

const valueSize = 470;
const partitions = 4;
const limitMs = 180_000;
const pollMs = 100;

/** A contender that is there. */
interface Entrant extends Found {
  readonly contender: Contender;
}

/** What all runs share. */
interface Course {
  readonly folder: string;
  readonly broker: string;
  readonly topic: string;
  readonly records: number;
  readonly rounds: number;
}

/** Measures the whole way from a topic to an index; what is not installed is skipped. Minutes, and a real Kafka. */
export async function measurePeers(bench: Bench, { real, records, rounds }: PeersOptions): Promise<PeersResult> {
  if (process.platform !== 'linux') throw new Error('needs Linux, which tells the CPU of a program and all that it starts');
  const { entrants, skipped } = await findContenders(bench);
  const kafka = await startKafka();
  await using _kafka = kafka.server;
  await using topic = await Topic.create(kafka.broker, 'bench', partitions);
  await fill(topic, records);
  const course: Course = { folder: bench.folder, broker: kafka.broker, topic: topic.name, records, rounds };
  const counting = await measureTarget(entrants, course, openCounting);
  const withReal = real ? await measureReal(entrants, course) : undefined;
  return { records, valueSize, partitions, rounds, counting, real: withReal, skipped };
}

async function findContenders({ folder, packageFolder }: Bench) {
  const contenders = [project(packageFolder, 'envelope'), project(packageFolder, 'value'), rsyslog, kafkajs, confluentKafka, kafkaConnect];
  const entrants: Entrant[] = [];
  const skipped: { readonly name: string; readonly install: string }[] = [];
  for (const contender of contenders) {
    const found = await contender.find(folder);
    if ('install' in found) skipped.push({ name: contender.name, install: found.install });
    else entrants.push({ ...found, contender });
  }
  return { entrants, skipped };
}

async function fill(topic: Topic, records: number): Promise<void> {
  const chunk = 5000;
  for (let first = 0; first < records; first += chunk) {
    reportProgress(`${first} of ${records} records produced`);
    const count = Math.min(chunk, records - first);
    await topic.send(Array.from({ length: count }, (_, index) => ({ value: makeValue(first + index, 'English', valueSize) })));
  }
}

async function measureReal(entrants: readonly Entrant[], course: Course): Promise<PeerResult[]> {
  const { server, url } = await startElasticsearch();
  await using _server = server;
  return measureTarget(entrants, course, () => openIndex(url));
}

async function measureTarget(entrants: readonly Entrant[], course: Course, open: () => Promise<Target>): Promise<PeerResult[]> {
  const tries = entrants.map((entrant): Try => ({ entrant, samples: new Samples(), failure: undefined }));
  for (let round = 1; round <= course.rounds; round++) {
    for (const one of tries) {
      reportProgress(`round ${round} of ${course.rounds}: ${one.entrant.contender.name}`);
      await tryOnce(one, course, open);
    }
  }
  return tries.map(({ entrant: { contender, version }, failure, samples }) => {
    return { name: contender.name, version, lacks: contender.lacks, failure, figures: samples.medians() };
  });
}

interface Try {
  readonly entrant: Entrant;
  readonly samples: Samples;
  failure: string | undefined;
}

/** One that fails is told in its row, and the others go on. */
async function tryOnce(one: Try, course: Course, open: () => Promise<Target>): Promise<void> {
  try {
    await using target = await open();
    for (const [name, figure] of Object.entries(await move(one.entrant, course, target))) one.samples.add(name, figure);
  } catch (error) {
    one.failure = error instanceof Error ? error.message : String(error);
  }
}

async function move({ contender, prepare }: Entrant, { broker, folder: parent, records, topic }: Course, target: Target): Promise<Figures> {
  const folder = await mkdtemp(join(parent, 'contender-'));
  const group = `connect-${basename(folder)}`;
  await using program = new ProcessTree(await prepare({ broker, topic, group, folder, url: target.url, index: target.index }));
  const warm = await takeReading(program, target, records / 10);
  const end = await takeReading(program, target, records);
  const share = end.taken - warm.taken;
  const microseconds = (ms: number) => (ms * 1000) / share;
  return {
    cpu: microseconds(end.cpu.tree - warm.cpu.tree),
    ...(contender.startsFunction && { functionCpu: microseconds(childrenCpu(end) - childrenCpu(warm)) }),
    cpuWithStart: (end.cpu.tree * 1000) / end.taken,
    recordsPerSecond: (share * 1000) / (end.time - warm.time),
    documents: await target.documents(),
  };
}

interface Reading {
  readonly taken: number;
  readonly cpu: TreeCpu;
  /** In ms. */
  readonly time: number;
}

function childrenCpu({ cpu }: Reading): number {
  return cpu.tree - cpu.root;
}

/** As soon as the target has taken so many records; throws when the program ends before, or needs too long. */
async function takeReading(program: ProcessTree, target: Target, records: number): Promise<Reading> {
  const limit = AbortSignal.timeout(limitMs);
  for (;;) {
    const [taken, cpu] = await Promise.all([target.taken(), program.cpu()]);
    if (taken >= records) return { taken, cpu, time: performance.now() };
    program.checkRunning();
    if (limit.aborted) throw new Error(`${taken} of ${records} records after ${limitMs / 1000} s`);
    await sleep(pollMs);
  }
}

/** The figures as tables. */
export function peersTables({ counting, real, ...course }: PeersResult): Table[] {
  return [
    peersTable('Topic to index, against a server that only counts', counting, course),
    ...(real ? [peersTable('Topic to index, against a real Elasticsearch', real, course)] : []),
  ];
}

function peersTable(
  title: string,
  peers: readonly PeerResult[],
  { partitions: count, records, skipped, valueSize: bytes }: Omit<PeersResult, 'counting' | 'real'>,
): Table {
  const missing = skipped.map(({ name, install }) => ` Not measured, as it is not there: ${name} (${install}).`).join('');
  return {
    title,
    note: `${records.toLocaleString('en-US')} records of ${bytes} bytes, ${count} partitions. CPU in µs a record of all of its processes, from the tenth part of the records on, and with its start.${missing}`,
    head: ['', 'CPU', 'of it the function', 'with start', 'records/s', 'documents', 'does not keep'],
    rows: peers.map(({ figures, failure, lacks, name, version }) => [
      `${name} (${version})`,
      shown(figures.cpu, 1),
      figures.functionCpu === undefined ? '–' : shown(figures.functionCpu, 1),
      shown(figures.cpuWithStart, 1),
      shown(figures.recordsPerSecond, 0),
      shown(figures.documents, 0),
      failure ?? lacks.join(', '),
    ]),
  };
}
