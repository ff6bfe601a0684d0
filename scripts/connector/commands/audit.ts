import type { AuditCommand, AuditResponse } from '../../../shared/commands.ts';
import { note } from '../../terminal/output.ts';
import type { Report } from '../../terminal/report.ts';
import { runTask } from '../../terminal/tasks.ts';
import { openContext } from '../config/context.ts';
import { type DeployedConnector, findConnector, sendCommand } from '../running/connector.ts';
import { deadLetterTopicOf } from '../running/dead-letters.ts';
import { readProgress } from '../running/lag.ts';
import { type Arguments, readInteger } from './arguments.ts';
import type { Command, Result } from './command.ts';
import { confirm } from './confirm.ts';

const incompleteExitCode = 1;
/** How many positions or ids are named. */
const maxNamed = 1000;

export const audit: Command = {
  summary: 'Prove that no record of the topic is lost, and none is in the index twice; exits with 1 when it cannot',
  options: {
    partition: { type: 'string', short: 'p', description: 'only this partition' },
    from: { type: 'string', description: "the first offset; by default the partition's first" },
    to: { type: 'string', description: 'the offset behind the last; by default the position of the group' },
    repair: { type: 'boolean', description: 'deliver what is missing, from the topic, after a question' },
  },
  run: async (inputs, { assumesYes, values }) => {
    const wanted = readWanted(values);
    const connector = await findConnector(await openContext(inputs));
    const ranges = await rangesOf(connector, wanted);
    const first = await runTask('Look for the documents of all records', (report) => auditAll(connector, ranges, report, false));
    const repairs = values.repair === true && missingIn(first) > 0;
    const found = repairs ? await repair(connector, ranges, first, assumesYes) : first;
    const result = resultOf(connector, found);
    if (!result.value.complete) process.exitCode = incompleteExitCode;
    return result;
  },
};

/** Offsets of a partition, from the first to the one behind the last. */
interface Range {
  readonly partition: number;
  readonly from: number;
  readonly to: number;
}

type Counts = Pick<
  AuditResponse,
  'offsets' | 'indexed' | 'errors' | 'deadLettered' | 'skipped' | 'expired' | 'missingCount' | 'extraCount' | 'missing' | 'extra'
>;

/** What was found of a range. */
interface AuditedRange extends Range, Counts {
  /** Why the counts prove nothing; undefined where they do. */
  readonly why: string | undefined;
  readonly repaired: number;
}

/** What of the topic was asked for; undefined where that was left out. */
type Wanted = { readonly [Name in keyof Range]: number | undefined };

function readWanted(values: Arguments['values']): Wanted {
  return {
    partition: readInteger(values.partition, '--partition', 0, 100_000),
    from: readInteger(values.from, '--from', 0, Number.MAX_SAFE_INTEGER),
    to: readInteger(values.to, '--to', 0, Number.MAX_SAFE_INTEGER),
  };
}

async function rangesOf({ cloud, names, props }: DeployedConnector, { partition: wanted, from, to }: Wanted): Promise<readonly Range[]> {
  const { instanceId, topic } = props.kafka;
  const [held, progress] = await Promise.all([
    cloud.kafka.offsets(instanceId, topic),
    readProgress(cloud, { instanceId, topic, consumerGroup: names.consumerGroup }),
  ]);
  const chosen = held.filter(({ partition }) => wanted === undefined || partition === wanted);
  if (chosen.length === 0) throw new Error(`${topic} has no partition${wanted === undefined ? 's that can be seen' : ` ${wanted}`}.`);
  if ((from !== undefined || to !== undefined) && chosen.length > 1)
    throw new Error('--from and --to are offsets of one partition: give --partition.');
  const committed = new Map(progress.partitions.map((one) => [one.partition, one.committed]));
  const ranges = chosen.map(({ first, partition }) => ({ partition, from: from ?? first, to: to ?? committed.get(partition) ?? first }));
  return ranges.map((range) => ({ ...range, to: Math.max(range.from, range.to) })).sort((left, right) => left.partition - right.partition);
}

async function auditAll(connector: DeployedConnector, ranges: readonly Range[], report: Report, repairs: boolean): Promise<AuditedRange[]> {
  const audited: AuditedRange[] = [];
  for (const range of ranges) audited.push(await auditRange(connector, range, report, repairs));
  return audited;
}

/** Audits a range page by page, each within one invocation. */
async function auditRange(connector: DeployedConnector, range: Range, report: Report, repairs: boolean): Promise<AuditedRange> {
  const { partition, to } = range;
  const deadLetterTopic = deadLetterTopicOf(connector);
  const command = { command: 'audit', topic: connector.props.kafka.topic, partition, to, repair: repairs } as const;
  let found: AuditedRange = { ...range, ...nothingFound };
  for (let from: number | undefined = range.from; from !== undefined; ) {
    if (to > range.from) report(`partition ${partition}: ${from - range.from} of ${to - range.from} offsets`);
    const page: AuditCommand = { ...command, from, ...(deadLetterTopic !== undefined && { deadLetterTopic }) };
    const response = (await sendCommand(connector, page).catch((error: unknown) => {
      const reason = error instanceof Error ? error.message : error;
      throw new Error(`${reason}\nThe audit had come to here: --partition ${partition} --from ${page.from} goes on.`);
    })) as AuditResponse;
    if (response.next === from)
      throw new Error(`The time of an invocation is not enough for one page, at ${partition}+${from}: raise function.timeout.`);
    found = add(found, response);
    from = response.next;
  }
  return found;
}

const nothingFound: Omit<AuditedRange, keyof Range> = {
  offsets: 0,
  indexed: 0,
  errors: 0,
  deadLettered: 0,
  skipped: 0,
  expired: 0,
  missingCount: 0,
  extraCount: 0,
  missing: [],
  extra: [],
  why: undefined,
  repaired: 0,
};

function add(found: AuditedRange, page: AuditResponse): AuditedRange {
  return {
    ...found,
    offsets: found.offsets + page.offsets,
    indexed: found.indexed + page.indexed,
    errors: found.errors + page.errors,
    deadLettered: found.deadLettered + page.deadLettered,
    skipped: found.skipped + page.skipped,
    expired: found.expired + page.expired,
    missingCount: found.missingCount + page.missingCount,
    extraCount: found.extraCount + page.extraCount,
    missing: [...found.missing, ...page.missing].slice(0, maxNamed),
    extra: [...found.extra, ...page.extra].slice(0, maxNamed),
    why: found.why ?? page.why,
    repaired: found.repaired + (page.repaired ?? 0),
  };
}

/** Delivers what is missing, and proves that it is there then. */
async function repair(
  connector: DeployedConnector,
  ranges: readonly Range[],
  found: readonly AuditedRange[],
  assumesYes: boolean,
): Promise<AuditedRange[]> {
  const count = missingIn(found);
  const { topic } = connector.props.kafka;
  note(resultOf(connector, found).text);
  const refusal = 'Nothing was delivered.';
  await confirm(`Deliver what is missing (${count}), from ${topic}?`, refusal, assumesYes);
  const lacking = found.filter(({ missingCount }) => missingCount > 0);
  const repaired = await runTask(`Deliver what is missing, from ${topic}`, (report) => auditAll(connector, lacking, report, true));
  const again = await runTask('Look for the documents again', (report) => auditAll(connector, lacking, report, false));
  const counts = new Map(again.map((one, number) => [one.partition, { ...one, repaired: repaired[number]?.repaired ?? 0 }]));
  return ranges.flatMap(({ partition }) => counts.get(partition) ?? found.find((one) => one.partition === partition) ?? []);
}

function missingIn(found: readonly AuditedRange[]): number {
  return sum(found.map(({ missingCount }) => missingCount));
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

interface AuditResult extends Result {
  readonly value: { readonly complete: boolean };
}

function resultOf({ props }: DeployedConnector, found: readonly AuditedRange[]): AuditResult {
  const why = found.find((one) => one.why !== undefined)?.why;
  const [missingCount, extraCount] = [missingIn(found), sum(found.map((one) => one.extraCount))];
  const missing = found.flatMap((one) => one.missing).slice(0, maxNamed);
  const extra = found.flatMap((one) => one.extra).slice(0, maxNamed);
  const complete = why === undefined && missingCount === 0 && extraCount === 0;
  const partitions = found.map(
    ({ deadLettered, errors, expired, extraCount, from, indexed, missingCount, offsets, partition, skipped, to }) => {
      return { partition, from, to, offsets, indexed, errors, deadLettered, skipped, expired, missing: missingCount, extra: extraCount };
    },
  );
  const repaired = sum(found.map((one) => one.repaired));
  const value = {
    connector: props.name,
    canTell: why === undefined,
    ...(why !== undefined && { why }),
    complete,
    partitions,
    missing,
    extra,
    repaired,
  };
  const text = [
    table(partitions),
    ...(repaired > 0 ? [`What was missing has been delivered: ${repaired}.`] : []),
    ...namesOf('missing', missing, missingCount),
    ...namesOf('in the index besides', extra, extraCount),
    ...(missingCount > 0 && props.kafka.initialPosition === 'latest'
      ? ['The group began at the end of the topic: --from leaves out what was there before.']
      : []),
    verdict(why, complete, found),
  ].join('\n');
  return { value, text };
}

function verdict(why: string | undefined, complete: boolean, found: readonly AuditedRange[]): string {
  if (why !== undefined) return `It cannot be told whether every record was delivered: ${why}.`;
  const count = sum(found.map(({ offsets }) => offsets));
  if (complete) return `Complete: each of ${count} records is accounted for.`;
  return missingIn(found) > 0
    ? 'Not complete: `s audit --repair` delivers what is missing; what is at the error destination or in dead letters is delivered by `s replay`.'
    : 'Not complete: documents are there that no record of the topic has become.';
}

const maxShown = 20;

function namesOf(what: string, names: readonly string[], count: number): string[] {
  const shown = names.slice(0, maxShown);
  const rest = count > shown.length ? `, and ${count - shown.length} more` : '';
  return count > 0 ? [`${count} ${what}: ${shown.join(', ')}${rest}`] : [];
}

/** Rows of numbers, one a partition, in columns. */
function table(rows: readonly { readonly [column: string]: number }[]): string {
  const columns = Object.keys(rows[0] ?? {});
  const widths = columns.map((column) => Math.max(column.length, ...rows.map((row) => String(row[column]).length)));
  const line = (cells: readonly string[]) => cells.map((cell, number) => cell.padStart(widths[number] ?? 0)).join('  ');
  return [line(columns), ...rows.map((row) => line(columns.map((column) => String(row[column]))))].join('\n');
}
