import { failures, rejections } from '../../../shared/errors.ts';
import type { PartitionProgress } from '../cloud/kafka.ts';
import { openTarget } from '../context.ts';
import { findDeployed } from '../deployed.ts';
import { type FunctionLine, readLog } from '../function-log.ts';
import { isEnabled } from '../stream.ts';
import type { Command } from './command.ts';

const lookBackSeconds = 86_400;
const mostErrors = 5;

export const info: Command = {
  summary: 'Show state, lag by partition, last result and last errors of the connector',
  options: {},
  run: async (inputs) => {
    const deployed = await findDeployed(await openTarget(inputs));
    const { cloud, names, props, service, trigger } = deployed;
    const group = await cloud.kafka.consumerGroup(props.kafka.instanceId, names.consumerGroup);
    const now = Math.floor(Date.now() / 1000);
    const lines = await readLog(deployed, now - lookBackSeconds, now + 1);
    const partitions = (group?.partitions ?? []).filter(({ topic }) => topic === props.kafka.topic);
    const value = {
      connector: props.name,
      service: service.serviceName,
      stream: isEnabled(trigger) ? 'running' : 'not running: paused, stopped by a failure, or starting',
      consumerGroup: { name: names.consumerGroup, state: group?.state ?? 'UNKNOWN' },
      lag: partitions.reduce((sum, { committed, end }) => sum + end - committed, 0),
      partitions,
      lastResult: lines.findLast(({ fields }) => fields.message === 'delivered')?.fields ?? null,
      lastErrors: lines
        .filter(({ level }) => level === 'error')
        .slice(-mostErrors)
        .map(explain),
    };
    return { value, text: describe(value) };
  },
};

interface Info {
  readonly connector: string;
  readonly service: string;
  readonly stream: string;
  readonly consumerGroup: { readonly name: string; readonly state: string };
  readonly lag: number;
  readonly partitions: readonly PartitionProgress[];
  readonly lastResult: object | null;
  readonly lastErrors: readonly Explained[];
}

interface Explained {
  readonly time: string;
  readonly requestId: string | undefined;
  readonly error: string;
  readonly message: string;
  readonly remedy: string;
}

function explain({ fields, requestId, text, time }: FunctionLine): Explained {
  const error = String(fields.error ?? 'Error');
  const position = fields.topic === undefined ? '' : ` ${fields.topic}+${fields.partition}+${fields.offset}`;
  return {
    time: new Date(time * 1000).toISOString(),
    requestId,
    error,
    message: `${fields.message ?? text}${position}`,
    remedy: remedyFor(error),
  };
}

function remedyFor(error: string): string {
  if (error in failures) return failures[error as keyof typeof failures].remedy;
  if (error in rejections) return rejections[error as keyof typeof rejections];
  return 'Elasticsearch refused the record: compare it with the mapping of the index';
}

function describe({ connector, service, stream, consumerGroup, lag, partitions, lastResult, lastErrors }: Info): string {
  return [
    `Connector ${connector}, service ${service}`,
    `  stream: ${stream}`,
    `  group ${consumerGroup.name}: ${consumerGroup.state}, lag ${lag}`,
    ...partitions.map(({ partition, committed, end }) => `    partition ${partition}: at ${committed} of ${end}, lag ${end - committed}`),
    `  last result: ${lastResult ? JSON.stringify(lastResult) : 'none within a day'}`,
    ...(lastErrors.length === 0 ? ['  no errors within a day'] : ['  last errors:']),
    ...lastErrors.map(
      ({ time, error, message, remedy, requestId }) => `    ${time} ${error}: ${message} (request ${requestId})\n      ${remedy}`,
    ),
  ].join('\n');
}
