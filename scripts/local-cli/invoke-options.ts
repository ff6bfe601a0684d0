import { readFileSync } from 'node:fs';
import { parseArgs, parseEnv } from 'node:util';
import { options as settings } from '../../shared/options.ts';
import { type Generation, readGeneration } from '../local/api/generation.ts';

/** One event for the built package. */
export interface InvokeOptions {
  readonly event: Buffer;
  readonly generation: Generation;
  /** The function's settings. */
  readonly environmentVariables: { readonly [name: string]: string };
  readonly timeoutSeconds: number;
  /** Host and port for a debugger. */
  readonly inspect: string | undefined;
}

export const usage = `npm run local:invoke -- -f FILE [OPTIONS]

Runs one event through the built package in a local instance of Function Compute, and prints its log and its answer.

  -f, --event-file FILE  the event; - is standard input. Some of each kind are in test/events
      --env NAME=VALUE   a setting of the function, as often as needed
      --env-file FILE    settings, one NAME=VALUE a line
      --api VERSION      generation of Function Compute, 2.0 by default, or 3.0
      --timeout SECONDS  of the function, 60 by default
      --inspect [=PORT]  waits for a debugger on 127.0.0.1, port 9229 by default; without timeout
      --help

Settings are also taken from the environment, by their names: ES_ENDPOINT, ES_PASSWORD, ES_INDEX …`;

const maxTimeoutSeconds = 86_400;

/** Reads the command line; throws with what is wrong and what is allowed. undefined: help is asked for. */
export function parseOptions(args: readonly string[], environment: NodeJS.ProcessEnv): InvokeOptions | undefined {
  const { values } = parseArgs({
    args: args.map((arg) => (arg === '--inspect' ? '--inspect=9229' : arg)),
    options: {
      'event-file': { type: 'string', short: 'f' },
      env: { type: 'string', multiple: true },
      'env-file': { type: 'string' },
      api: { type: 'string', default: '2.0' },
      timeout: { type: 'string' },
      inspect: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return undefined;
  const inspect = values.inspect === undefined ? undefined : `127.0.0.1:${parseNumber('--inspect', values.inspect, 65_535)}`;
  const timeoutSeconds = inspect ? maxTimeoutSeconds : parseNumber('--timeout', values.timeout ?? '60', maxTimeoutSeconds);
  const environmentVariables = {
    ...knownSettings(environment),
    ...fromFile(values['env-file']),
    ...Object.fromEntries((values.env ?? []).map(parseSetting)),
  };
  const generation = readGeneration('--api', values.api);
  return { event: readEvent(values['event-file']), generation, environmentVariables, timeoutSeconds, inspect };
}

type Variables = { readonly [name: string]: string };

/** What is set of the function's settings in the environment; nothing else of it reaches the function. */
function knownSettings(environment: NodeJS.Dict<string>): Variables {
  return setOnly(Object.fromEntries(Object.keys(settings).map((name) => [name, environment[name]])));
}

function fromFile(file: string | undefined): Variables {
  return file === undefined ? {} : setOnly(parseEnv(read('--env-file', file).toString()));
}

function setOnly(variables: NodeJS.Dict<string>): Variables {
  return Object.fromEntries(Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** The value is not repeated in the message: it may be a password. */
function parseSetting(text: string): readonly [string, string] {
  const [, name, value] = /^([A-Za-z]\w*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new Error('--env: is not allowed; give NAME=VALUE, such as ES_INDEX=orders');
  return [name, value];
}

function parseNumber(option: string, text: string, most: number): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1 || number > most) throw new Error(`${option}: '${text}' is not a number from 1 to ${most}`);
  return number;
}

function readEvent(file: string | undefined): Buffer {
  if (file === undefined) throw new Error('-f: is missing; give the file of an event, such as test/events/connector.json');
  return file === '-' ? readFileSync(0) : read('-f', file);
}

function read(option: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : error;
    throw new Error(`${option}: '${file}' cannot be read (${code}); give the path of a file`);
  }
}
