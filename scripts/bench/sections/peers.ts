import { Topic } from '../../demo/topic.ts';
import { startElasticsearch } from '../../local/servers/elasticsearch.ts';
import { startKafka } from '../../local/servers/kafka.ts';
import { reportProgress } from '../../terminal/report.ts';
import type { Bench } from '../bench.ts';
import { makeValue } from '../events.ts';
import type { PeersOptions } from '../options.ts';
import { confluentKafka } from '../peers/confluent-kafka/contender.ts';
import type { Lack } from '../peers/contender.ts';
import { kafkaConnect } from '../peers/kafka-connect/contender.ts';
import { kafkajs } from '../peers/kafkajs/contender.ts';
import { type Course, countLost, type Entrant, move, refusalSeconds } from '../peers/move.ts';
import { project } from '../peers/project/contender.ts';
import { rsyslog } from '../peers/rsyslog/contender.ts';
import { openCounting, openIndex, type Target } from '../peers/target.ts';
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
  /** Records that were committed while the server refused all of them, by the contender's name. */
  readonly lost: Figures;
  readonly skipped: readonly { readonly name: string; readonly install: string }[];
}

/** Medians of the rounds. */
interface PeerResult {
  readonly name: string;
  readonly version: string;
  /** Promises of the function that it does not keep. */
  readonly lacks: readonly Lack[];
  /** cpu, of all its processes, and functionCpu, what of it is the function's, in µs a record; recordsPerSecond. */
  readonly figures: Figures;
  /** Why it did not move the records. */
  readonly failure: string | undefined;
}

const valueSize = 470;
const partitions = 4;
/** Until compilers have settled. */
const warmUpRecords = 20_000;
/** More than any of them reads ahead: librdkafka 64 MB, if it can. */
const readAhead = 170_000;
/** A real Elasticsearch is slow enough to be measured with fewer records. */
const realShare = 4;
const longestReason = 200;

/** Measures the whole way from a topic to an index; what is not installed is skipped. Minutes, and a real Kafka. */
export async function measurePeers(bench: Bench, { real, records, rounds }: PeersOptions): Promise<PeersResult> {
  if (process.platform !== 'linux') throw new Error('needs Linux, which tells the CPU of a program and all that it starts');
  const { entrants, skipped } = await findContenders(bench);
  const kafka = await startKafka();
  await using _kafka = kafka.server;
  await using topic = await Topic.create(kafka.broker, 'bench', partitions);
  const produced = warmUpRecords + records + readAhead;
  await fill(topic, produced);
  const course: Course = { folder: bench.folder, broker: kafka.broker, topic, warmUpRecords, records, produced, rounds };
  const counting = await measureTarget(entrants, course, openCounting);
  const lost = await measureLoss(entrants, course);
  const withReal = real ? await measureReal(entrants, course) : undefined;
  return { records, valueSize, partitions, rounds, counting, real: withReal, lost, skipped };
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
  const records = Math.ceil(course.records / realShare);
  return await measureTarget(entrants, { ...course, records }, () => openIndex(url));
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
    one.failure = String(error).replaceAll(/\s+/g, ' ').slice(0, longestReason);
  }
}

async function measureLoss(entrants: readonly Entrant[], course: Course): Promise<Figures> {
  const lost: Record<string, number> = {};
  for (const entrant of entrants) {
    reportProgress(`status 503 for everything: ${entrant.contender.name}`);
    lost[entrant.contender.name] = await countLost(entrant, course);
  }
  return lost;
}

/** What a contender does not keep, by its nature and by what was seen. */
export function lacksOf({ lacks, name }: Pick<PeerResult, 'lacks' | 'name'>, lost: Figures): Lack[] {
  return [...lacks, ...((lost[name] ?? 0) > 0 ? ['redelivery' as const] : [])];
}

/** The figures as tables. */
export function peersTables(result: PeersResult): Table[] {
  const { counting, real, records } = result;
  return [
    peersTable('Topic to index, against a server that only counts', counting, records, result),
    ...(real ? [peersTable('Topic to index, against a real Elasticsearch', real, Math.ceil(records / realShare), result)] : []),
  ];
}

function peersTable(title: string, peers: readonly PeerResult[], records: number, result: PeersResult): Table {
  return {
    title,
    note: noteOf(records, result),
    head: ['', 'CPU', 'of it the function', 'records/s', 'lost', 'does not keep'],
    rows: peers.map(({ figures, failure, ...peer }) => [
      `${peer.name} (${peer.version})`,
      shown(figures.cpu, 1),
      figures.functionCpu === undefined ? '–' : shown(figures.functionCpu, 1),
      shown(figures.recordsPerSecond, 0),
      shown(result.lost[peer.name], 0),
      failure ?? lacksOf(peer, result.lost).join(', '),
    ]),
  };
}

function noteOf(records: number, { partitions: count, skipped, valueSize: bytes }: PeersResult): string {
  return [
    `${records.toLocaleString('en-US')} records of ${bytes} bytes, ${count} partitions.`,
    'CPU in µs a record of all processes of each, from when it has moved some: what it costs when it runs for long.',
    `Lost: records committed while the server responded with status 503 to everything for ${refusalSeconds} s.`,
    ...skipped.map(({ name, install }) => `Not measured, as it is not there: ${name} (${install}).`),
  ].join(' ');
}
