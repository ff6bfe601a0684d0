import { parseArgs } from 'node:util';

export interface FaultsOptions {
  /** Only faults whose names hold one of these; all when empty. */
  readonly only: readonly string[];
  readonly records: number;
  /** Whether the page is made of what was measured. */
  readonly write: boolean;
}

const usualRecords = 8000;

export const usage = `npm run faults [-- WORD… OPTIONS]

Makes faults, one after the other, while a connector delivers from a real Kafka to a real Elasticsearch,
and looks for every record after each. With words, only the faults whose names hold one of them.

  --records N   records a fault (default ${usualRecords})
  --write       writes docs/faults.md; only without words
  --help

Ends with 1 when a record was lost or doubled, or a connector did not go on.`;

/** Reads the command line; throws with what is wrong and what is allowed. undefined: help is asked for. */
export function parseOptions(args: readonly string[]): FaultsOptions | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      records: { type: 'string', default: String(usualRecords) },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return undefined;
  if (values.write && positionals.length > 0) throw new Error('--write: the page has every fault; leave the words out');
  return { only: positionals, records: parseCount('--records', values.records), write: values.write };
}

/** A positive integer; throws with the option's name for anything else. */
export function parseCount(name: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`${name}: '${text}' is not allowed; give a positive integer`);
  return Number(text);
}
