import { failures, rejections } from '../../../shared/errors.ts';
import { deliveredMessage } from '../../../shared/log-events.ts';
import { formatPosition } from '../../../shared/position.ts';
import { packageVersion, versionIn } from '../../bundle/version.ts';
import type { FunctionAddress } from '../cloud/function-compute/function-compute.ts';
import { openContext } from '../config/context.ts';
import { environmentIn } from '../config/environment.ts';
import { logRetentionDays } from '../deployment/resources/log-store.ts';
import { type DeployedConnector, findConnector } from '../running/connector.ts';
import { addressFields, describeAddress } from '../running/functions.ts';
import { type PartitionLag, readProgress } from '../running/lag.ts';
import { type FunctionLine, positionIn, readLog } from '../running/log.ts';
import { skipsAhead } from '../running/skips.ts';
import { describeStream, isHeldBack, type StreamState, settledState } from '../running/stream.ts';
import type { Command } from './command.ts';

const secondsPerDay = 86_400;
const maxErrors = 5;

export const info: Command = {
  summary: 'Show versions, state, lag by partition, last result and last errors of the connector, and where it stands when it has stopped',
  options: {},
  run: async (inputs) => {
    const connector = await findConnector(await openContext(inputs));
    const { address, ...value } = await readInfo(connector);
    return { value: { ...value, ...addressFields(address) }, text: describe({ ...value, address }) };
  },
};

async function readInfo(connector: DeployedConnector): Promise<Info> {
  const { address, cloud, names, props, trigger } = connector;
  const now = Math.floor(Date.now() / 1000);
  const { instanceId, topic } = props.kafka;
  const state = await settledState(cloud, trigger);
  const isRunning = state.status === 'RUNNING';
  // What has stopped it may have been days ago.
  const from = now - (isRunning ? secondsPerDay : logRetentionDays * secondsPerDay);
  const [progress, versions, lines] = await Promise.all([
    readProgress(cloud, { instanceId, topic, consumerGroup: names.consumerGroup, initialPosition: props.kafka.initialPosition }),
    readVersions(connector),
    readLog(connector, from, now + 1),
  ]);
  const environment = environmentIn(connector.function);
  return {
    connector: props.name,
    address,
    versions,
    from: `${topic} of ${instanceId}`,
    to: environment.ES_INDEX ?? '',
    rejectedRecords: environment.ERROR_DATA_TOPIC ?? environment.ERROR_INDEX ?? null,
    stream: isRunning ? 'running' : `not running: ${whyNot(connector, state, lines)}`,
    standsAt: props.onFailure === 'stop' ? standing(lines, topic, progress.partitions) : [],
    toSkip: skipsAhead(
      environment.SKIP_POSITIONS,
      progress.partitions.map(({ partition, committed }) => ({ topic, partition, committed: committed ?? -1 })),
    ),
    consumerGroup: { name: names.consumerGroup, state: progress.state },
    lag: progress.lag,
    partitions: progress.partitions,
    lastResult: resultOf(lines.findLast(isResult)),
    lastErrors: lastErrors(lines),
  };
}

interface Info {
  readonly connector: string;
  readonly address: FunctionAddress;
  readonly versions: Versions;
  readonly from: string;
  readonly to: string;
  /** The topic or index that takes them. */
  readonly rejectedRecords: string | null;
  readonly stream: string;
  /** Records that it does not get past, under `stop`. */
  readonly standsAt: readonly Standing[];
  /** Positions of `s resume --skip` that it has not come to. */
  readonly toSkip: readonly string[];
  readonly consumerGroup: { readonly name: string; readonly state: string };
  readonly lag: number | null;
  readonly partitions: readonly PartitionLag[];
  /** The numbers of the last invocation, and when it was. */
  readonly lastResult: { readonly [name: string]: unknown } | null;
  readonly lastErrors: readonly Explained[];
}

interface Versions {
  /** The version of the package that is deployed. */
  readonly deployed: string;
  /** The version of the package that runs this command. */
  readonly here: string;
  readonly runtime: string;
  readonly kafka: string;
  readonly elasticsearch: string;
}

async function readVersions({ cloud, props, function: row }: DeployedConnector): Promise<Versions> {
  const { instanceId } = props.elasticsearch;
  const [kafka, elasticsearch] = await Promise.all([
    cloud.kafka.instance(props.kafka.instanceId),
    instanceId === undefined ? undefined : cloud.elasticsearch.instance(instanceId),
  ]);
  return {
    deployed: versionIn(row.description) ?? 'unknown',
    here: packageVersion,
    runtime: String(row.runtime ?? ''),
    kafka: kafka?.version || 'unknown',
    elasticsearch: elasticsearch?.version || 'unknown',
  };
}

function isResult({ fields }: FunctionLine): boolean {
  return fields.message === deliveredMessage;
}

function resultOf(line: FunctionLine | undefined): Info['lastResult'] {
  if (!line) return null;
  const { level: _level, message: _message, ...result } = line.fields;
  return result;
}

function describeResult(result: Info['lastResult']): string {
  if (!result) return 'none in the log';
  const { time, requestId, ...numbers } = result;
  const counts = Object.entries(numbers).filter(([, count]) => count !== 0);
  return `${time} ${counts.map(([name, count]) => `${name} ${count}`).join(', ')} (request ${requestId})`;
}

/** A stream that was paused and one that has stopped are told apart by what the function did last. */
function whyNot({ trigger }: DeployedConnector, state: StreamState, lines: readonly FunctionLine[]): string {
  const status = describeStream(state);
  if (isHeldBack(trigger)) return `${status}, held back by a deployment until the function can do its work: \`s check\``;
  const last = lines.findLast((line) => isResult(line) || isFailure(line));
  if (state.status !== 'READY' || !last) return status;
  return isFailure(last) ? `${status}, after ${last.fields.error}` : `${status}, paused`;
}

/** Whether a delivery has failed; a command, such as `s message`, may fail whatever the stream does. */
function isFailure({ fields, level }: FunctionLine): boolean {
  return level === 'error' && String(fields.error) in failures && fields.during !== 'command';
}

interface Standing {
  readonly position: string;
  readonly error: string;
}

/** Rejected records that the connector has not passed. */
function standing(lines: readonly FunctionLine[], source: string, partitions: readonly PartitionLag[]): Standing[] {
  const standing = new Map<string, Standing>();
  for (const { fields, level } of lines) {
    const { error, offset, partition, topic } = fields;
    const progress = partitions.find((one) => one.partition === partition);
    if (level !== 'error' || topic !== source || Number(offset) < (progress?.committed ?? 0)) continue;
    const position = formatPosition(positionIn(fields));
    standing.set(position, { position, error: String(error) });
  }
  return [...standing.values()];
}

/** The last ones that differ, each with how often it was there: a batch that is delivered again fails alike. */
function lastErrors(lines: readonly FunctionLine[]): Explained[] {
  const errors = new Map<string, Explained>();
  for (const line of lines.filter(({ level }) => level === 'error')) {
    const error = explain(line);
    const times = (errors.get(error.message)?.times ?? 0) + 1;
    errors.delete(error.message);
    errors.set(error.message, { ...error, times });
  }
  return [...errors.values()].slice(-maxErrors);
}

interface Explained {
  readonly time: string;
  readonly requestId: string | undefined;
  readonly error: string;
  readonly message: string;
  readonly remedy: string;
  readonly times: number;
}

function explain({ fields, requestId, text, time }: FunctionLine): Explained {
  const error = String(fields.error ?? 'Error');
  const position = fields.topic === undefined ? '' : ` ${formatPosition(positionIn(fields))}`;
  return {
    time: new Date(time * 1000).toISOString(),
    requestId,
    error,
    message: `${fields.message ?? text}${position}`,
    remedy: remedyFor(error),
    times: 1,
  };
}

function remedyFor(error: string): string {
  if (Object.hasOwn(failures, error)) return failures[error as keyof typeof failures].remedy;
  if (Object.hasOwn(rejections, error)) return rejections[error as keyof typeof rejections];
  return 'Elasticsearch refused the record: compare it with the mapping of the index';
}

function describe(info: Info): string {
  const { address, connector, consumerGroup, from, lag, lastErrors, lastResult, partitions, rejectedRecords, standsAt, to, versions } =
    info;
  const update = versions.deployed === versions.here ? '' : `; here is ${versions.here}, which \`s deploy\` would deploy`;
  return [
    `Connector ${connector}, version ${versions.deployed}${update}`,
    `  Function Compute ${address.generation}, ${describeAddress(address)}, ${versions.runtime}, Kafka ${versions.kafka}, Elasticsearch ${versions.elasticsearch}`,
    `  ${from} → ${to}; rejected records → ${rejectedRecords ?? 'the log alone'}`,
    `  stream: ${info.stream}`,
    ...standsAt.map(
      ({ error, position }) => `    stands at ${position} (${error}); past it, without losing it: s resume --skip ${position}`,
    ),
    ...(info.toSkip.length === 0 ? [] : [`  still to be skipped: ${info.toSkip.join(', ')}`]),
    `  group ${consumerGroup.name}: ${consumerGroup.state}, lag ${lag ?? 'unknown'}`,
    ...partitions.map((one) => `    partition ${one.partition}: at ${one.committed ?? '(nothing yet)'} of ${one.end}, lag ${one.lag}`),
    `  last result: ${describeResult(lastResult)}`,
    ...(lastErrors.length === 0 ? ['  no errors in the log'] : ['  last errors:']),
    ...lastErrors.map(
      ({ time, error, message, remedy, requestId, times }) =>
        `    ${time} ${error}: ${message} (${times === 1 ? '' : `${times} times, last `}request ${requestId})\n      ${remedy}`,
    ),
  ].join('\n');
}
