import { parseArgs } from 'node:util';
import { parseCount } from '../faults/options.ts';

export interface SoakOptions {
  readonly records: number;
  /** The longest that it may take. */
  readonly minutes: number;
  /** Which faults come when. */
  readonly seed: number;
}

const usualRecords = 500_000;
const usualMinutes = 5;

export const usage = `npm run soak [-- OPTIONS]

Delivers from a real Kafka to a real Elasticsearch while a fault of those that heal by themselves is made
every few seconds, and looks for every record at the end.

  --records N   records at most (default ${usualRecords}); fewer where the time is not enough for them
  --minutes N   when it ends (default ${usualMinutes})
  --seed N      the same faults in the same order as a former run; chosen and printed when left out
  --help

Ends with 1 when a record was lost or doubled, or the connector did not go on.`;

/** Reads the command line; throws with what is wrong and what is allowed. undefined: help is asked for. */
export function parseOptions(args: readonly string[]): SoakOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      records: { type: 'string', default: String(usualRecords) },
      minutes: { type: 'string', default: String(usualMinutes) },
      seed: { type: 'string', default: String(1 + Math.floor(Math.random() * 1_000_000)) },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return undefined;
  return {
    records: parseCount('--records', values.records),
    minutes: parseCount('--minutes', values.minutes),
    seed: parseCount('--seed', values.seed),
  };
}
