import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatPosition, type Position } from '../../shared/position.ts';
import { runCommand } from '../connector/component.ts';
import { type Account, seededAccount } from '../local/api/account.ts';
import type { Generation } from '../local/api/generation.ts';
import type { LogLine } from '../local/runtime/invocation-log.ts';
import { startElasticsearch } from '../local/servers/elasticsearch.ts';
import { startKafka } from '../local/servers/kafka.ts';
import { startCloud } from '../local/start-cloud.ts';
import type { Stream } from '../local/stream/stream.ts';
import { note, print } from '../terminal/output.ts';
import type { Report } from '../terminal/report.ts';
import { runTask } from '../terminal/tasks.ts';
import { credentialOf } from './credential.ts';
import { ElasticIndex } from './elastic-index.ts';
import type { ElasticsearchAddress } from './elasticsearch-client.ts';
import type { DemoOptions } from './options.ts';
import { order } from './order.ts';
import { Topic } from './topic.ts';

/** What became of the demo's records. */
export interface DemoResult {
  /** The response to `GET /<index>/_search` after the test message. */
  readonly searchResponse: string;
  readonly index: string;
  readonly sent: number;
  readonly indexed: number;
  readonly rejected: number;
  /** Where the time of the burst went, for people. */
  readonly throughput: string;
}

const burst = 20_000;
const partitions = 6;
const stallLimitMs = 60_000;

/** Sends the page's test message and a burst of records through the connector, and looks for each of them in the index. */
export async function runDemo(options: DemoOptions): Promise<DemoResult> {
  const names = chooseNames(options);
  const [kafka, elasticsearch] = await show(serversTitle(options), () =>
    Promise.all([options.kafka ? undefined : startKafka(), options.elasticsearch ? undefined : startElasticsearch()]),
  );
  await using _kafka = kafka?.server;
  await using _elasticsearch = elasticsearch?.server;
  const broker = options.kafka ?? kafka?.broker ?? '';
  const address = options.elasticsearch ?? { url: elasticsearch?.url ?? '', username: 'elastic', password: 'none' };

  const index = await show(`Make index ${names.index}`, () => ElasticIndex.create(address, names.index));
  await using topic = await show(`Make topic ${names.topic}`, () => Topic.create(broker, names.topic, partitions));
  const tally = new Tally();
  await using connector = await show('Start the local cloud', () => DemoConnector.open(names, broker, address, tally, options.api));
  await connector.run('deploy');
  await connector.run('message', '--key', 'demo', '--content', '{"key": "test"}');
  const searchResponse = await index.search();
  await connector.run('logs', '--search', 'delivered');
  const before = { ...connector.statistics, indexMs: await index.indexingTime() };
  await show(`Send ${count(burst)} records`, (report) => sendBurst(topic, connector, report));
  const throughput = describe(connector.statistics, await index.indexingTime(), before);
  const [sent, indexed] = await show('Look for every record in the index', async () => {
    const ids = await topic.positions();
    return [ids.length, await index.count(ids)] as const;
  });
  await connector.run('info');
  await connector.run('remove', '-y', '--with-topics');
  return { searchResponse, index: names.index, sent, indexed, rejected: tally.rejected, throughput };
}

/** The demo is watched: its steps are what it gives, on standard output as its result is. */
function show<Result>(title: string, work: (report: Report) => Promise<Result>): Promise<Result> {
  return runTask(title, work, process.stdout);
}

type Figures = Stream['statistics'];

/** The difference of two readings; times are added up over the tasks, which work at the same time. */
function describe(after: Figures, indexMs: number, before: Figures & { readonly indexMs: number }): string {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  const batches = after.batches - before.batches;
  const records = (after.records - before.records) / batches;
  return [
    `Time, added up over 6 tasks: ${seconds(after.consumeMs - before.consumeMs)} waiting for records`,
    `${seconds(after.invokeMs - before.invokeMs)} in ${count(batches)} invocations of ${count(records)} records on average`,
    `of which Elasticsearch indexed for ${seconds(indexMs - before.indexMs)}`,
  ].join(', ');
}

interface Names {
  readonly connector: string;
  readonly topic: string;
  readonly index: string;
}

/** The page's names on servers of our own; on the user's, names that nothing of theirs can have. */
function chooseNames({ kafka, elasticsearch }: DemoOptions): Names {
  const suffix = kafka || elasticsearch ? `-${randomBytes(4).toString('hex')}` : '';
  return { connector: `kafka-elasticsearch-sink${suffix}`, topic: `elasticsearch-test-input${suffix}`, index: `elastic_test${suffix}` };
}

function serversTitle({ kafka, elasticsearch }: DemoOptions): string {
  const started = [kafka ? undefined : 'Kafka 3.9.1', elasticsearch ? undefined : 'Elasticsearch 7.10.2'].filter(Boolean);
  return started.length > 0 ? `Start ${started.join(' and ')} (the first time, Maven downloads them)` : 'Use your Kafka and Elasticsearch';
}

/** Counts what the function says about records that it could not write, and shows its errors. */
class Tally {
  readonly #rejected = new Set<string>();

  get rejected(): number {
    return this.#rejected.size;
  }

  readonly onLog = ({ source, text }: LogLine): void => {
    if (source === 'platform') return;
    const entry = JSON.parse(text) as { level: string; message: string } & Partial<Position>;
    const { topic, partition, offset } = entry;
    if (topic !== undefined && partition !== undefined && offset !== undefined)
      this.#rejected.add(formatPosition({ topic, partition, offset }));
    else if (entry.level === 'error') note(entry.message);
  };
}

/** The local cloud with the connector's commands: the same code that `s` runs. */
class DemoConnector implements AsyncDisposable {
  readonly consumerGroup: string;
  readonly #props: object;
  readonly #account;
  #cloud: AsyncDisposable | undefined;
  #stream: Stream | undefined;

  private constructor(names: Names, account: Account, { username, password }: ElasticsearchAddress, api: Generation) {
    const [instance] = account.kafka;
    const [elasticsearch] = account.elasticsearch;
    this.consumerGroup = `connect-${names.connector}`;
    this.#account = account;
    this.#props = {
      name: names.connector,
      kafka: { instanceId: instance?.instanceId, topic: names.topic },
      elasticsearch: { instanceId: elasticsearch?.instanceId, username, password, index: names.index },
      function: { api },
    };
  }

  static async open(names: Names, broker: string, address: ElasticsearchAddress, tally: Tally, api: Generation): Promise<DemoConnector> {
    const authorization = `Basic ${Buffer.from(`${address.username}:${address.password}`).toString('base64')}`;
    const topics = [{ topic: names.topic, partitionNum: partitions }];
    const account = seededAccount({ broker, elasticsearchUrl: address.url, authorization, topics });
    const stateFolder = await mkdtemp(join(tmpdir(), 'local-cloud-'));
    // However the demo ends, Ctrl-C included.
    process.once('exit', () => rmSync(stateFolder, { recursive: true, force: true }));
    const connector = new DemoConnector(names, account, address, api);
    const onStream = (stream: Stream) => {
      connector.#stream = stream;
    };
    const cloud = await startCloud({ account, stateFolder, onLog: tally.onLog, onStream, onDefect: showDefect });
    connector.#cloud = cloud;
    process.env.CLOUD_ENDPOINT = cloud.endpoint;
    return connector;
  }

  get statistics(): Figures {
    if (!this.#stream) throw new Error('the trigger has no stream yet');
    return this.#stream.statistics;
  }

  /** Runs `s <command>`, which prints what it does. */
  async run(command: string, ...args: string[]): Promise<void> {
    print(`\n$ s ${[command, ...args.map(asTyped)].join(' ')}`);
    await runCommand(command, { props: this.#props, args, getCredential: async () => credentialOf(this.#account) });
    print('');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cloud?.[Symbol.asyncDispose]();
  }
}

function asTyped(arg: string): string {
  return /^[\w-]+$/.test(arg) ? arg : `'${arg}'`;
}

function showDefect(error: unknown): void {
  note(`A fault of the local cloud: ${error instanceof Error ? error.stack : error}`);
}

/** Resolves when the group has committed every record, or has not come on for a minute. */
async function sendBurst(topic: Topic, { consumerGroup }: DemoConnector, report: Report): Promise<void> {
  const chunk = 1000;
  const started = performance.now();
  for (let first = 0; first < burst; first += chunk) {
    await topic.send(Array.from({ length: chunk }, (_, number) => ({ key: `order-${first + number}`, value: order(first + number) })));
  }
  let lag = Number.POSITIVE_INFINITY;
  for (let lastMove = started; lag > 0 && performance.now() - lastMove < stallLimitMs; await sleep(lag > 0 ? 500 : 0)) {
    const lagNow = await topic.lag(consumerGroup);
    if (lagNow < lag) lastMove = performance.now();
    lag = lagNow;
    const perSecond = ((burst - lag) * 1000) / (performance.now() - started);
    report(`${count(perSecond)} records/s, lag ${count(lag)}`);
  }
}

/** A number with separators. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
