import { setTimeout as sleep } from 'node:timers/promises';
import { print } from '../../terminal/output.ts';
import { openContext } from '../config/context.ts';
import { type DeployedConnector, findConnector } from '../running/connector.ts';
import { byInvocation, type FunctionLine, readLog } from '../running/log.ts';
import { parseSpan } from './arguments.ts';
import type { Command } from './command.ts';

const defaultMinutes = 20;
const pollMs = 2000;
/** A line may be found only some seconds after it was written; each look goes back that far again. */
const overlapSeconds = 60;

type Filter = (line: FunctionLine) => boolean;

export const logs: Command = {
  summary: "Show the function's log",
  options: {
    since: { type: 'string', description: 'how far to go back, such as 90s, 20m, 3h, 2d; 20m by default' },
    'request-id': { type: 'string', description: 'only the lines of this invocation' },
    search: { type: 'string', description: 'only lines with this text' },
    errors: { type: 'boolean', description: 'only invocations with an error line, each with all its lines' },
    tail: { type: 'boolean', description: 'go on with new lines until Ctrl-C' },
  },
  run: async (inputs, { isForProgram, values }) => {
    const seconds = readSince(values.since);
    const connector = await findConnector(await openContext(inputs));
    const from = now() - seconds;
    const filter = filterOf(values);
    if (values.tail === true) return follow(connector, from, filter, isForProgram);
    const lines = (await readLog(connector, from, now() + 1)).filter(filter);
    const chosen = values.errors === true ? withErrors(lines) : lines;
    const text = chosen.map(show).join('\n') || `There are no such lines since ${new Date(from * 1000).toISOString()}.`;
    return { value: { lines: chosen.map(({ time, requestId, text: line }) => ({ time, requestId, line })) }, text };
  },
};

/** The invocations of which a line is an error, each with its lines together. */
function withErrors(lines: readonly FunctionLine[]): FunctionLine[] {
  return byInvocation(lines)
    .filter((group) => group.some(({ level }) => level === 'error'))
    .flat();
}

async function follow(connector: DeployedConnector, first: number, filter: Filter, isForProgram: boolean): Promise<undefined> {
  const seen = new Map<string, number>();
  for (let from = first; ; from = Math.max(first, now() - overlapSeconds)) {
    for (const line of (await readLog(connector, from, now() + 1)).filter(filter)) {
      const key = `${line.time} ${line.text}`;
      if (seen.has(key)) continue;
      seen.set(key, line.time);
      print(isForProgram ? JSON.stringify({ time: line.time, requestId: line.requestId, line: line.text }) : show(line));
    }
    for (const [key, time] of seen) if (time < from) seen.delete(key);
    await sleep(pollMs);
  }
}

function filterOf(values: { readonly [name: string]: string | boolean | undefined }): Filter {
  const { 'request-id': requestId, search } = values;
  return (line) =>
    (requestId === undefined || line.requestId === requestId) &&
    (typeof search !== 'string' || line.text.toLowerCase().includes(search.toLowerCase()));
}

function show({ text, time }: FunctionLine): string {
  return `${new Date(time * 1000).toISOString()} ${text}`;
}

/** How far to go back, in seconds. */
function readSince(value: string | boolean | undefined): number {
  const seconds = parseSpan(typeof value === 'string' ? value : `${defaultMinutes}m`);
  if (seconds === undefined) throw new Error(`--since: '${value}' is not a time; give a number with s, m, h or d, such as 20m.`);
  return seconds;
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}
