import type { LogFields } from '../../../shared/log-events.ts';
import { isOffset, type Position, parseOffset } from '../../../shared/position.ts';
import type { FunctionAddress } from '../cloud/function-compute/function-compute.ts';
import type { LogLine } from '../cloud/log-service.ts';
import type { DeployedConnector } from './connector.ts';

const maxLines = 10_000;

/** Fields with the names that the function gives them, whose values may be others than its own, since other lines may be JSON too. */
type UnverifiedFields = { readonly [Name in keyof LogFields]?: Scalar };

/** What can stand in a text. */
type Scalar = string | number | boolean | null;

/** A line of the function's log, read as far as it can be. */
export interface FunctionLine {
  /** When it was written, in seconds since 1970. */
  readonly time: number;
  readonly requestId: string | undefined;
  readonly level: string | undefined;
  readonly text: string;
  /** The fields of a line of the function itself, which are JSON; the platform's lines have none. */
  readonly fields: UnverifiedFields;
}

/** The connector's lines between two times in seconds, the oldest first, with a word if one is given; the newest 10,000 of them. */
export async function readLog({ address, cloud, names }: DeployedConnector, from: number, to: number, words = ''): Promise<FunctionLine[]> {
  const query = { topic: logTopicOf(address), from, to, words, limit: maxLines };
  const lines = await cloud.logs.lines(names.logProject, names.logstore, query);
  return lines.map(parse);
}

/** The `__topic__` of a function's lines: https://help.aliyun.com/en/functioncompute/fc/print-function-logs */
function logTopicOf({ generation, name }: FunctionAddress): string {
  return generation === '2.0' ? name : `FCLogs:${name}`;
}

/** Lines by invocation, in the order of their first lines; what belongs to none stands alone. */
export function byInvocation(lines: readonly FunctionLine[]): FunctionLine[][] {
  const groups = new Map<string, FunctionLine[]>();
  for (const [number, line] of lines.entries()) {
    const key = line.requestId ?? `line ${number}`;
    groups.set(key, [...(groups.get(key) ?? []), line]);
  }
  return [...groups.values()];
}

/** The position of the record that a line tells of, as far as it does. */
export function positionIn({ topic, partition, offset }: UnverifiedFields): Partial<Position> {
  return {
    ...(typeof topic === 'string' && { topic }),
    ...(typeof partition === 'number' && { partition }),
    // As text where a number would lose digits.
    ...(isOffset(String(offset)) && { offset: parseOffset(String(offset)) }),
  };
}

function parse({ message, time }: LogLine): FunctionLine {
  const fields = fieldsOf(message);
  const { level, requestId } = fields;
  return {
    time,
    text: message.trimEnd(),
    fields,
    level: typeof level === 'string' ? level : undefined,
    requestId: typeof requestId === 'string' ? requestId : /RequestId: (\S+)/.exec(message)?.[1],
  };
}

function fieldsOf(message: string): UnverifiedFields {
  try {
    const value: unknown = JSON.parse(message);
    return typeof value === 'object' && value !== null
      ? Object.fromEntries(Object.entries(value).map(([name, part]) => [name, scalar(part)]))
      : {};
  } catch {
    return {};
  }
}

/** Lists and objects as JSON: one of a line that is not the function's own may be any, and have any method. */
function scalar(value: unknown): Scalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null
    ? value
    : JSON.stringify(value);
}
