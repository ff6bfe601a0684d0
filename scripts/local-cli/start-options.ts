import { parseArgs } from 'node:util';
import { type Generation, generations, readGeneration } from '../local/api/generation.ts';

/** What the local cloud begins with. */
export interface StartOptions {
  /** Where its state is kept. */
  readonly folder: string;
  /** The topic that its Kafka instance holds from the beginning. */
  readonly topic: string;
  /** What its account has of Function Compute. */
  readonly generations: readonly Generation[];
}

export const usage = `npm run local:cloud [-- OPTIONS]

Starts Alibaba Cloud's APIs on this machine, with a real Kafka and a real Elasticsearch behind them, until Ctrl-C.

  --state FOLDER   where everything is kept for the next time, .local-cloud by default; delete it to begin anew
  --topic NAME     topic that the Kafka instance holds from the beginning, with 12 partitions, elasticsearch-test-input by default
  --api VERSION    what the account has of Function Compute, 2.0 or 3.0, both by default; a new account has 3.0 alone
  --help`;

/** Reads the command line; throws for an option or a version that there is not. undefined: help is asked for. */
export function parseOptions(args: readonly string[]): StartOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      state: { type: 'string', default: '.local-cloud' },
      topic: { type: 'string', default: 'elasticsearch-test-input' },
      api: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return undefined;
  return {
    folder: values.state,
    topic: values.topic,
    generations: values.api === undefined ? generations : [readGeneration('--api', values.api)],
  };
}
