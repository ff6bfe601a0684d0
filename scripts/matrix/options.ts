import { parseArgs } from 'node:util';
import { type DistributionName, distributions } from '../local/servers/elasticsearch/distributions.ts';

export interface MatrixOptions {
  /** The servers that the tests run on. */
  readonly only: readonly DistributionName[];
  /** Whether the page is made of the results. */
  readonly write: boolean;
}

const all = Object.values(distributions).map(({ name }) => name);

export const usage = `npm run test:matrix [-- OPTIONS]

Runs the function's tests with real servers on each server, one after the other, and prints a table.

  --only NAMES   some of ${all.join(', ')}
  --write        writes docs/servers.md; only with all servers
  --help

Ends with 1 when a test failed.`;

/** Reads the command line; throws with what is wrong and what is allowed. undefined: help is asked for. */
export function parseOptions(args: readonly string[]): MatrixOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: { only: { type: 'string' }, write: { type: 'boolean', default: false }, help: { type: 'boolean' } },
  });
  if (values.help) return undefined;
  if (values.write && values.only !== undefined) throw new Error('--write: the page has every server; leave --only out');
  return { only: values.only?.split(',').map(parseName) ?? all, write: values.write };
}

function parseName(text: string): DistributionName {
  const name = all.find((known) => known === text);
  if (name === undefined) throw new Error(`--only: '${text}' is no server; give some of ${all.join(', ')}, with commas between`);
  return name;
}
