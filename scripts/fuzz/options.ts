import { parseArgs } from 'node:util';
import { parseCount } from '../faults/options.ts';

export interface FuzzOptions {
  /** How many cases all targets have together. */
  readonly cases: number;
  /** What all cases follow from. */
  readonly seed: number;
  /** The only target. */
  readonly only?: string;
  /** The only case of that target. */
  readonly number?: number;
}

const usualCases = 1_000_000;

export const usage = `npm run fuzz [-- OPTIONS]

Makes hostile input and looks whether all that must hold does: no crash, no hang, no unbounded memory, nothing
injected, nothing told that is secret.

  --cases N      cases of all targets together (default ${usualCases})
  --seed N       the same cases as a former run; chosen and printed when left out
  --only TARGET  one target alone
  --case K       one case alone, of the target that --only names
  --help

Ends with 1 when a case falls, and prints how to repeat it.`;

/** Reads the command line; throws with what is wrong and what is allowed. undefined: help is asked for. */
export function parseOptions(args: readonly string[]): FuzzOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cases: { type: 'string', default: String(usualCases) },
      seed: { type: 'string', default: String(1 + Math.floor(Math.random() * 1_000_000)) },
      only: { type: 'string' },
      case: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return undefined;
  if (values.case !== undefined && values.only === undefined) throw new Error('--case: is a case of one target; name that with --only');
  return {
    cases: parseCount('--cases', values.cases),
    seed: parseCount('--seed', values.seed),
    ...(values.only !== undefined && { only: values.only }),
    ...(values.case !== undefined && { number: parseCount('--case', values.case) }),
  };
}
