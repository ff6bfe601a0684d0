import { parseArgs } from 'node:util';

/** A part of the benchmark that can be run alone. */
export type Section = 'function' | 'client' | 'peers';

export interface BenchOptions {
  readonly sections: readonly Section[];
  /** Only the comparison that fails when the function has become slow. */
  readonly guard: boolean;
  readonly json: string | undefined;
  /** Whether the documents are made of the figures. */
  readonly write: boolean;
  readonly peers: PeersOptions;
}

export interface PeersOptions {
  /** Whether a real Elasticsearch is written to, too. */
  readonly real: boolean;
  readonly records: number;
  readonly rounds: number;
}

const sections: readonly Section[] = ['function', 'client', 'peers'];
const usualRecords = 200_000;
const usualRounds = 3;

export const usage = `npm run bench [-- SECTION… OPTIONS]

Measures the function, and prints CPU a record as medians of interleaved rounds.

  function   beside a bare loop: CPU, first invocations, cold start, package, memory
  client     beside client.bulk and helpers.bulk of the official Elasticsearch client
  peers      topic to index, beside other ways to move a topic; what is not installed is skipped and named
  guard      alone: ends with 1 when the function needs more than 1.5 times the CPU of the bare loop

Without a section, all but guard are run. BENCH_PYTHON and BENCH_RSYSLOGD are the paths of a Python
interpreter and of rsyslogd, where others than those of the system are meant.

  --real        peers: to a real Elasticsearch, too, not only to a server that counts
  --records N   peers: records of 470 bytes in the topic (default ${usualRecords})
  --rounds N    peers: rounds (default ${usualRounds})
  --json FILE   writes the figures to a file
  --write       writes docs/benchmark.json, docs/benchmark.md and docs/benchmark.svg; sections that
                are not run keep the figures that they have there, if those are of the same machine
  --help`;

/** Reads the command line; throws with what is wrong and what is allowed. undefined: help is asked for. */
export function parseOptions(args: readonly string[]): BenchOptions | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      real: { type: 'boolean', default: false },
      records: { type: 'string', default: String(usualRecords) },
      rounds: { type: 'string', default: String(usualRounds) },
      json: { type: 'string' },
      write: { type: 'boolean', default: false },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return undefined;
  const guard = positionals.includes('guard');
  if (guard && positionals.length > 1) throw new Error('guard: is run alone; leave the other sections out');
  const peers = { real: values.real, records: parseCount('--records', values.records), rounds: parseCount('--rounds', values.rounds) };
  return { sections: guard ? [] : parseSections(positionals), guard, json: values.json, write: values.write, peers };
}

function parseSections(names: readonly string[]): readonly Section[] {
  const unknown = names.find((name) => !sections.some((section) => section === name));
  if (unknown !== undefined) throw new Error(`'${unknown}' is no section; allowed are ${sections.join(', ')} and guard`);
  return names.length === 0 ? sections : sections.filter((section) => names.includes(section));
}

function parseCount(name: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`${name}: '${text}' is not allowed; give a positive integer`);
  return Number(text);
}
