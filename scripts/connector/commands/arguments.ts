import { parseArgs } from 'node:util';
import { nearestName } from '../../../shared/nearest-name.ts';

/** An option of a command, besides those of Serverless Devs itself. */
interface CommandOption {
  readonly type: 'string' | 'boolean';
  readonly short?: string;
  readonly description: string;
}

export interface CommandOptions {
  readonly [name: string]: CommandOption;
}

/** What Serverless Devs reads itself and passes on as well: https://github.com/Serverless-Devs/Serverless-Devs/tree/master/docs/zh/command */
const global: CommandOptions = {
  template: { type: 'string', short: 't', description: '' },
  access: { type: 'string', short: 'a', description: '' },
  'output-format': { type: 'string', short: 'o', description: '' },
  'assume-yes': { type: 'boolean', short: 'y', description: '' },
  debug: { type: 'boolean', description: '' },
  silent: { type: 'boolean', description: '' },
  'skip-actions': { type: 'boolean', description: '' },
  env: { type: 'string', description: '' },
};

/** What was typed without Serverless Devs' own options, for a program that knows only its own. */
export function withoutGlobalOptions(args: readonly string[]): string[] {
  const own: string[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const [, long, short] = /^(?:--([\w-]+)|-(\w))/.exec(args[at] ?? '') ?? [];
    const option = Object.entries(global).find(([name, option]) => name !== 'env' && (name === long || (option.short ?? '') === short));
    if (!option) own.push(args[at] ?? '');
    else if (option[1].type === 'string' && !args[at]?.includes('=')) at += 1;
  }
  return own;
}

/** Values by the options' long names. */
export interface Arguments {
  readonly values: { readonly [name: string]: string | boolean | undefined };
  /** Whether a result is for a program: it is returned then, and printed by Serverless Devs. */
  readonly isForProgram: boolean;
  readonly assumesYes: boolean;
}

/** Whether an argument asks for a result that a program can read. */
export function isOutputFormat(arg: string): boolean {
  return /^(-o|--output-format)(=|$)/.test(arg);
}

/** Reads what was typed after a command; throws, with the nearest name, for an option that it does not have. */
export function readArguments(args: readonly string[], options: CommandOptions): Arguments {
  const known = { ...global, ...options };
  checkNames(args, known);
  const config = Object.fromEntries(
    Object.entries(known).map(([name, { type, short }]) => [name, { type, ...(short !== undefined && { short }) }]),
  );
  const { values } = parseArgs({ args: [...args], options: config, allowPositionals: false });
  const plain = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Array.isArray(value) ? value.at(-1) : value]));
  const format = plain['output-format'] ?? 'default';
  return { values: plain, isForProgram: format !== 'default', assumesYes: plain['assume-yes'] === true };
}

/** An option's integer from `least` to `most`; undefined where it was not given. */
export function readInteger(value: string | boolean | undefined, option: string, least: number, most: number): number | undefined {
  if (value === undefined) return undefined;
  const number = /^\d{1,16}$/.test(String(value)) ? Number(value) : Number.NaN;
  if (number >= least && number <= most) return number;
  throw new Error(`${option}: '${value}' is not an integer from ${least} to ${most}.`);
}

const secondsPer: { readonly [unit: string]: number } = { s: 1, m: 60, h: 3600, d: 86_400 };

/** The seconds of a span such as 90s, 20m, 3h or 2d; undefined where it is none. */
export function parseSpan(text: string): number | undefined {
  const [, number, unit = ''] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * (secondsPer[unit] ?? 1);
}

function checkNames(args: readonly string[], known: CommandOptions): void {
  for (const arg of args) {
    const [, name] = /^--([\w-]+)/.exec(arg) ?? [];
    if (name === undefined || Object.hasOwn(known, name)) continue;
    const nearest = nearestName(name, Object.keys(known));
    throw new Error(
      `--${name} is not an option of this command${nearest === undefined ? '.' : `; did you mean --${nearest}?`} \`--help\` lists them.`,
    );
  }
}
