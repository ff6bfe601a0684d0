import type { ReplayCommand, ReplayExample, ReplayResponse } from '../../../shared/commands.ts';
import { note } from '../../terminal/output.ts';
import type { Report } from '../../terminal/report.ts';
import { runTask } from '../../terminal/tasks.ts';
import { openContext } from '../config/context.ts';
import { environmentIn } from '../config/environment.ts';
import { type DeployedConnector, findConnector, sendCommand } from '../running/connector.ts';
import { deadLetterTopicOf } from '../running/dead-letters.ts';
import { type Arguments, parseSpan, readInteger } from './arguments.ts';
import type { Command } from './command.ts';
import { confirm } from './confirm.ts';

const failedExitCode = 1;
const messagesPerPage = 500;
const maxNamed = 1000;
const maxExamples = 3;

const sources = ['error-data', 'error-index', 'dead-letter'] as const;
type Source = (typeof sources)[number];

export const replay: Command = {
  summary: 'Deliver rejected records and dead letters again, with their positions; exits with 1 when some fail',
  options: {
    source: { type: 'string', description: `${sources.join(', ')}; by default the error destination that there is, and the dead letters` },
    partition: { type: 'string', short: 'p', description: 'only records of this partition of the source topic' },
    since: {
      type: 'string',
      description: 'only records from this time on, by their own timestamps, such as 3h (ago) or 2026-11-24T21:12:14Z',
    },
    until: { type: 'string', description: 'only records before this time' },
    'error-type': { type: 'string', description: 'only records with this error, such as mapper_parsing_exception' },
    'dry-run': { type: 'boolean', description: 'show what there is by its errors, with three examples, and deliver nothing' },
    force: { type: 'boolean', description: 'deliver even where an older record may replace a newer one, or be there twice' },
  },
  run: async (inputs, { assumesYes, values }) => {
    const choice = readChoice(values);
    const source = readSource(values.source);
    const connector = await findConnector(await openContext(inputs));
    const stores = await storesOf(connector, source, choice);
    const isDryRun = values['dry-run'] === true;
    const replayed = isDryRun ? await look(connector, stores, choice) : await deliver(connector, stores, choice, assumesYes);
    if (replayed.failed + replayed.unreadable > 0) process.exitCode = failedExitCode;
    const { failed, delivered, skipped, unreadable, byError, examples, unreadableNames } = replayed;
    const value = { delivered, failed, skipped, unreadable, byError, examples, unreadableNames };
    return { value, text: isDryRun ? describePreview(replayed) : describe(replayed) };
  },
};

type Choice = Pick<ReplayCommand, 'sourcePartition' | 'errorType' | 'since' | 'until' | 'force' | 'dryRun'>;

function readChoice(values: Arguments['values']): Choice {
  const errorType = values['error-type'];
  return {
    sourcePartition: readInteger(values.partition, '--partition', 0, 100_000),
    errorType: typeof errorType === 'string' ? errorType : undefined,
    since: readTime(values.since, '--since'),
    until: readTime(values.until, '--until'),
    force: values.force === true,
  };
}

/** In ms since 1970; undefined where it was not given. */
function readTime(value: string | boolean | undefined, option: string): number | undefined {
  if (value === undefined) return undefined;
  const span = parseSpan(String(value));
  const time = span === undefined ? Date.parse(String(value)) : Date.now() - span * 1000;
  if (!Number.isNaN(time)) return time;
  throw new Error(
    `${option}: '${value}' is not a time; give a number with s, m, h or d, such as 3h, or a time such as 2026-11-24T21:12:14Z.`,
  );
}

/** Where records stand that were not delivered, a partition each where it is a topic. */
interface Store {
  readonly from: Source;
  readonly topic: string | undefined;
  readonly partition: number;
}

/** undefined where it was not given: all that there are. */
function readSource(value: string | boolean | undefined): Source | undefined {
  const source = sources.find((one) => one === value);
  if (source !== undefined || value === undefined) return source;
  throw new Error(`--source: '${value}' is not known; give ${sources.join(', ')}.`);
}

async function storesOf(connector: DeployedConnector, source: Source | undefined, { errorType }: Choice): Promise<readonly Store[]> {
  const { ERROR_DATA_TOPIC: errorTopic, ERROR_INDEX, KAFKA_BOOTSTRAP_SERVERS } = environmentIn(connector.function);
  const deadLetterTopic = deadLetterTopicOf(connector);
  const hasDeadLetters = Boolean(KAFKA_BOOTSTRAP_SERVERS) && deadLetterTopic !== undefined && errorType === undefined;
  const wants = (one: Source, isThere: boolean) => (source === undefined ? isThere : source === one);
  const stores = [
    // Records of dead letters that fail go there: so that none is tried twice, it comes first.
    ...(wants('error-data', Boolean(errorTopic)) ? await partitionsOf(connector, 'error-data', errorTopic) : []),
    ...(wants('error-index', Boolean(ERROR_INDEX)) ? [{ from: 'error-index', topic: undefined, partition: 0 } as const] : []),
    ...(wants('dead-letter', hasDeadLetters) ? await partitionsOf(connector, 'dead-letter', deadLetterTopic) : []),
  ];
  if (stores.length > 0) return stores;
  throw new Error(
    'The function has no error destination, and the trigger no dead letter topic that it reaches: there is nothing to replay.',
  );
}

async function partitionsOf({ cloud, props }: DeployedConnector, from: Source, topic: string | undefined): Promise<readonly Store[]> {
  if (topic === undefined) throw new Error(`--source: the connector has no topic for ${from}.`);
  const partitions = await cloud.kafka.offsets(props.kafka.instanceId, topic);
  return partitions.map(({ partition }) => ({ from, topic, partition })).sort((left, right) => left.partition - right.partition);
}

type Replayed = Omit<ReplayResponse, 'next'>;

const nothingReplayed: Replayed = { delivered: 0, failed: 0, skipped: 0, unreadable: 0, unreadableNames: [], byError: {}, examples: [] };

async function replayAll(connector: DeployedConnector, stores: readonly Store[], choice: Choice, report: Report): Promise<Replayed> {
  let sum = nothingReplayed;
  for (const { from, partition, topic } of stores) {
    const command = {
      command: 'replay',
      from,
      partition,
      count: messagesPerPage,
      ...choice,
      ...(from === 'dead-letter' && topic !== undefined && { topic }),
    } as const;
    for (let offset: number | string | undefined = 0; offset !== undefined; ) {
      const response = (await sendCommand(connector, { ...command, offset })) as ReplayResponse;
      if (response.next === offset)
        throw new Error(`The time of an invocation is not enough for one page of ${topic ?? from}: raise function.timeout.`);
      sum = add(sum, response);
      offset = response.next;
      report(`${topic === undefined ? from : `${topic}, partition ${partition}`}: ${describeCounts(sum)}`);
    }
  }
  return sum;
}

function add(sum: Replayed, page: ReplayResponse): Replayed {
  const types = [...new Set([...Object.keys(sum.byError), ...Object.keys(page.byError)])];
  return {
    delivered: sum.delivered + page.delivered,
    failed: sum.failed + page.failed,
    skipped: sum.skipped + page.skipped,
    unreadable: sum.unreadable + page.unreadable,
    unreadableNames: [...sum.unreadableNames, ...page.unreadableNames].slice(0, maxNamed),
    byError: Object.fromEntries(types.map((type) => [type, (sum.byError[type] ?? 0) + (page.byError[type] ?? 0)])),
    examples: [...sum.examples, ...page.examples].slice(0, maxExamples),
  };
}

/** Tells what there is, and changes nothing. */
function look(connector: DeployedConnector, stores: readonly Store[], choice: Choice): Promise<Replayed> {
  return runTask('Look at what was not delivered', (report) => replayAll(connector, stores, { ...choice, dryRun: true }, report));
}

/** Delivers what there is, after a yes to what it is. */
async function deliver(connector: DeployedConnector, stores: readonly Store[], choice: Choice, assumesYes: boolean): Promise<Replayed> {
  if (!assumesYes) {
    const preview = await look(connector, stores, choice);
    if (countOf(preview) === 0) return preview;
    note(describePreview(preview));
    await confirm(`Deliver this to ${connector.props.elasticsearch.index}?`, 'Nothing was delivered.', false);
  }
  return runTask('Deliver what was not delivered', (report) => replayAll(connector, stores, choice, report));
}

function countOf({ byError }: Replayed): number {
  return Object.values(byError).reduce((sum, one) => sum + one, 0);
}

function describePreview(preview: Replayed): string {
  const count = countOf(preview);
  if (count === 0) return ['There is nothing to deliver again.', ...describeUnreadable(preview)].join('\n');
  const byError = Object.entries(preview.byError).map(([type, number]) => `  ${number} ${type}`);
  return [
    `Not delivered: ${count}`,
    ...byError,
    'Among them:',
    ...preview.examples.map(describeExample),
    ...describeUnreadable(preview),
  ].join('\n');
}

function describeExample({ attempts, errorType, position }: ReplayExample): string {
  return `  ${position} (${errorType}${attempts > 1 ? `, tried ${attempts} times` : ''})`;
}

function describe(replayed: Replayed): string {
  if (countOf(replayed) === 0) return describePreview(replayed);
  const failed = replayed.failed > 0 ? ['What failed is where it was; `s logs --errors` tells why.'] : [];
  return [`${describeCounts(replayed)}.`, ...failed, ...describeUnreadable(replayed)].join('\n');
}

function describeCounts({ delivered, failed, skipped }: Replayed): string {
  return `${delivered} delivered, ${failed} failed, ${skipped} skipped`;
}

const maxShown = 20;

function describeUnreadable({ unreadable, unreadableNames }: Replayed): string[] {
  if (unreadable === 0) return [];
  const names = unreadableNames.slice(0, maxShown).map((name) => `  ${name}`);
  return [
    `${unreadable} cannot be read, and stay:`,
    ...names,
    ...(unreadable > names.length ? [`  and ${unreadable - names.length} more`] : []),
  ];
}
