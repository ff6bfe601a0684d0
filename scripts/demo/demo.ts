import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { formatPosition, type Position } from '../../shared/position.ts';
import { buildPackage, packageFolder } from '../connector/package.ts';
import { type Connector, startConnector } from '../local/connector.ts';
import type { LogLine } from '../local/runtime/invocation-log.ts';
import { startElasticsearch } from '../local/servers/elasticsearch.ts';
import { startKafka } from '../local/servers/kafka.ts';
import { ElasticIndex } from './elastic-index.ts';
import type { DemoOptions, ElasticsearchAddress } from './options.ts';
import { type Report, step } from './step.ts';
import { Topic } from './topic.ts';

/** What became of the demo's records. */
export interface DemoResult {
  /** The answer to `GET /<index>/_search` after the test message. */
  readonly searchAnswer: string;
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
  await step('Build the function package', buildPackage);
  const [kafka, elasticsearch] = await step(serversTitle(options), () =>
    Promise.all([options.kafka ? undefined : startKafka(), options.elasticsearch ? undefined : startElasticsearch()]),
  );
  await using _kafka = kafka?.server;
  await using _elasticsearch = elasticsearch?.server;
  const broker = options.kafka ?? kafka?.broker ?? '';
  const address = options.elasticsearch ?? { url: elasticsearch?.url ?? '', username: 'elastic', password: 'none' };

  const index = await step(`Make index ${names.index}`, () => ElasticIndex.create(address, names.index));
  await using topic = await step(`Make topic ${names.topic}`, () => Topic.create(broker, names.topic, partitions));
  const tally = new Tally();
  await using connector = await step(`Start connector ${names.connector}`, () => start(names, broker, address, tally));
  const searchAnswer = await step('Send the test message', () => sendTestMessage(topic, index));
  const before = { ...connector.stream.statistics, indexMs: await index.indexingTime() };
  await step(`Send ${count(burst)} records`, (report) => sendBurst(topic, connector, report));
  const throughput = describe(connector.stream.statistics, await index.indexingTime(), before);
  return await step('Look for every record in the index', async () => {
    const ids = await topic.positions();
    return { searchAnswer, index: names.index, sent: ids.length, indexed: await index.count(ids), rejected: tally.rejected, throughput };
  });
}

type Figures = Connector['stream']['statistics'];

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
    else if (entry.level === 'error') process.stderr.write(`${entry.message}\n`);
  };
}

async function start(names: Names, broker: string, address: ElasticsearchAddress, tally: Tally): Promise<Connector> {
  const environmentVariables = {
    CONNECTOR_NAME: names.connector,
    ES_ENDPOINT: address.url,
    ES_USERNAME: address.username,
    ES_PASSWORD: address.password,
    ES_INDEX: names.index,
  };
  return startConnector({
    name: names.connector,
    broker,
    topic: names.topic,
    codePath: packageFolder,
    environmentVariables,
    onLog: tally.onLog,
    onFailure: () => undefined,
  });
}

/** Returns the search's answer, as Elasticsearch prints it, as soon as it holds the document. */
async function sendTestMessage(topic: Topic, index: ElasticIndex): Promise<string> {
  await topic.send([{ key: 'demo', value: '{"key": "test"}' }]);
  const limit = AbortSignal.timeout(stallLimitMs);
  while (!limit.aborted) {
    const answer = await index.search();
    const { hits } = JSON.parse(answer) as { hits: { hits: unknown[] } };
    if (hits.hits.length > 0) return answer;
    await sleep(200);
  }
  throw new Error(`the test message did not arrive in ${index.name} within ${stallLimitMs / 1000} s`);
}

/** Resolves when the group has committed every record, or has not come on for a minute. */
async function sendBurst(topic: Topic, connector: Connector, report: Report): Promise<void> {
  const chunk = 1000;
  const started = performance.now();
  for (let first = 0; first < burst; first += chunk) {
    await topic.send(Array.from({ length: chunk }, (_, number) => ({ key: `order-${first + number}`, value: order(first + number) })));
  }
  let lag = Number.POSITIVE_INFINITY;
  for (let lastMove = started; lag > 0 && performance.now() - lastMove < stallLimitMs; await sleep(lag > 0 ? 500 : 0)) {
    const lagNow = await topic.lag(connector.consumerGroup);
    if (lagNow < lag) lastMove = performance.now();
    lag = lagNow;
    const perSecond = ((burst - lag) * 1000) / (performance.now() - started);
    report(`${count(perSecond)} records/s, lag ${count(lag)}`);
  }
}

function order(number: number): string {
  return JSON.stringify({ order: number, customer: `customer-${number % 997}`, city: '杭州', amount: (number % 10_000) / 100 });
}

/** A number with separators. */
export function count(value: number): string {
  return Math.round(value).toLocaleString('en-US');
}
