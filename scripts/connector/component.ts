import { nearestName } from '../../shared/nearest-name.ts';
import { printableLines } from '../../shared/printable.ts';
import { redactSecrets } from '../../shared/redaction.ts';
import { endWhenNobodyReads } from '../terminal/closed-output.ts';
import { interruptible } from '../terminal/interruption.ts';
import { makeOutputPrintable, note, print } from '../terminal/output.ts';
import { secretsInEnvironment } from '../terminal/secrets.ts';
import { redacting } from './cloud/redact.ts';
import { isOutputFormat, readArguments } from './commands/arguments.ts';
import { audit } from './commands/audit.ts';
import { check } from './commands/check.ts';
import type { Command } from './commands/command.ts';
import { deploy } from './commands/deploy.ts';
import { info } from './commands/info.ts';
import { invoke } from './commands/invoke.ts';
import { list } from './commands/list.ts';
import { local, localSummary } from './commands/local.ts';
import { logs } from './commands/logs.ts';
import { message } from './commands/message/message.ts';
import { pause } from './commands/pause.ts';
import { plan } from './commands/plan.ts';
import { probe } from './commands/probe.ts';
import { remove } from './commands/remove.ts';
import { replay } from './commands/replay.ts';
import { resume } from './commands/resume.ts';
import { siteLinks } from './commands/site-links.ts';
import type { Inputs } from './config/context.ts';
import { listProperties } from './config/property-list.ts';
import { schemaAsWritten } from './config/schema.ts';
import { ChecksFailed } from './running/checks-failed.ts';

const ownCommands = {
  plan,
  deploy,
  info,
  list,
  check,
  message,
  logs,
  invoke,
  pause,
  resume,
  probe,
  audit,
  replay,
  remove,
} as const satisfies { readonly [name: string]: Command };

export type CommandName = keyof typeof ownCommands;
/** Every command of this package but `local`, by its name. */
export const commands: { readonly [name: string]: Command } = ownCommands;
/** The commands that an interruption leaves half done; of the others Ctrl-C may be the usual end. */
const changing: ReadonlySet<string> = new Set(['deploy', 'remove', 'pause', 'resume', 'audit', 'replay', 'probe']);
/** The exit code that Serverless Devs has for an error of a component. */
const failureExitCode = 101;
/** What Serverless Devs takes from the component beside its commands. */
const own: ReadonlySet<string> = new Set(['commands', 'getSchema']);
/** `verify` is Serverless Devs' own: it checks the properties with the schema. */
const names = [...Object.keys(commands), 'local', 'verify'];

/** The loggers that Serverless Devs hands over: https://github.com/Serverless-Devs/Serverless-Devs */
interface Loggers {
  readonly logger?: { silent?(): void };
  readonly engineLogger?: { silent?(): void };
}

/** The component that s.yaml names: one method a command; Serverless Devs makes an instance and calls it. */
export default class Component {
  /** What `--help` shows. */
  readonly commands = help();

  constructor({ engineLogger, logger }: Loggers = {}) {
    endWhenNobodyReads();
    // What Serverless Devs prints around a result would be in a program's way.
    const isSilent = process.argv.slice(2).some(isOutputFormat);
    if (isSilent) {
      for (const one of [logger, engineLogger]) one?.silent?.();
      makeOutputPrintable();
    }
    // Serverless Devs only notes a command that a component lacks, and exits with 0. It looks at other names, too: only what was typed is meant.
    // biome-ignore lint/correctness/noConstructorReturn: the instance is what Serverless Devs looks at
    return new Proxy(this, {
      get: (target, name, receiver) => {
        if (typeof name !== 'string' || own.has(name) || !process.argv.slice(2).includes(name)) return Reflect.get(target, name, receiver);
        return (inputs: Inputs) => (isSilent ? toldOnStandardError(run(name, inputs)) : run(name, inputs));
      },
    });
  }

  /** The schema for `s verify`, as text, which is how Serverless Devs takes it. */
  getSchema(): string {
    return JSON.stringify(schemaAsWritten);
  }
}

/** Runs one command; resolves to its result for a program, and to undefined when it was printed for people. Throws for a command that there is not. */
export async function runCommand(name: string, given: Inputs): Promise<unknown> {
  return guarded(given, async (inputs) => {
    if (name === 'local') return local(inputs);
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (!command) throw unknownCommand(name);
    const args = readArguments(inputs.args, command.options);
    const result = await (changing.has(name) ? interruptible(() => command.run(inputs, args)) : command.run(inputs, args));
    // What stands for a secret is an object until it is text.
    if (args.isForProgram) return result && JSON.parse(JSON.stringify(result.value));
    if (result) print(result.text);
    return undefined;
  });
}

/** Whoever asks for a detailed exit code is told an error by 1, which Serverless Devs would make its own code. */
async function run(name: string, inputs: Inputs): Promise<unknown> {
  const result = runCommand(name, inputs);
  if (!inputs.args.includes('--detailed-exitcode')) return result;
  return result.catch((error: unknown) => {
    tell(error, inputs.args.some(isOutputFormat));
    process.exitCode = 1;
  });
}

/** Silenced, Serverless Devs prints no error either, and exits with 0. */
async function toldOnStandardError(result: Promise<unknown>): Promise<unknown> {
  return result.catch((error: unknown) => {
    tell(error, true);
    process.exitCode = failureExitCode;
    throw error;
  });
}

/** Checks are for programs even when some have failed. */
function tell(error: unknown, isForProgram: boolean): void {
  note(`${error instanceof Error ? error.message : error}`);
  if (isForProgram && error instanceof ChecksFailed) print(JSON.stringify(error.value, undefined, 2));
}

/** Serverless Devs prints an error's message and keeps it in a log: no secret may be in it, whoever wrote it, nor what a terminal obeys. */
async function guarded<Value>(given: Inputs, work: (inputs: Inputs) => Promise<Value>): Promise<Value> {
  const secrets = [...secretsIn(given.props), ...secretsInEnvironment()];
  const getCredential = async () => {
    const credential = await given.getCredential();
    secrets.push(credential.AccessKeySecret ?? '', credential.SecurityToken ?? '');
    return credential;
  };
  const inputs = { ...given, getCredential };
  try {
    return await redacting(secrets, () => work(inputs));
  } catch (error) {
    const message = printableLines(siteLinks(redactSecrets(error instanceof Error ? error.message : String(error), secrets), inputs.props));
    throw error instanceof ChecksFailed ? new ChecksFailed(message, error.value) : new Error(message);
  }
}

/** Each part is looked at once: aliases in s.yaml make one stand in many places, or in itself. */
function secretsIn(value: unknown): string[] {
  const secrets: string[] = [];
  const parts: Set<unknown> = new Set([value]);
  for (const part of parts) {
    if (typeof part !== 'object' || part === null) continue;
    for (const [name, inner] of Object.entries(part)) {
      if (typeof inner === 'string' && inner !== '' && /password|api_?key/i.test(name)) secrets.push(inner);
      else parts.add(inner);
    }
  }
  return secrets;
}

function unknownCommand(name: string): Error {
  const nearest = nearestName(name, names);
  return new Error(
    `s ${name}: there is no such command${nearest === undefined ? '.' : `; did you mean ${nearest}?`} There are ${names.join(', ')}.`,
  );
}

function help(): object {
  const shared = [
    ['-o, --output-format <format>', 'json, yaml or raw: the result for a program, alone on standard output'],
    ['-y, --assume-yes', 'answer yes'],
  ];
  const properties = listProperties()
    .map(({ path, isRequired, standard }) => `  ${path}${isRequired ? ' (required)' : standard === undefined ? '' : ` (${standard})`}`)
    .join('\n');
  const entries = Object.entries(commands).map(([name, { summary, options }]) => {
    const own = Object.entries(options).map(([option, { description, short, type }]) => [
      `${short === undefined ? '' : `-${short}, `}--${option}${type === 'string' ? ` <${option}>` : ''}`,
      description,
    ]);
    return [name, { help: { summary, description: `${summary}.\n\nProperties of s.yaml:\n${properties}`, option: [...own, ...shared] } }];
  });
  return { ...Object.fromEntries(entries), local: { help: { summary: localSummary, description: `${localSummary}.`, option: [] } } };
}
