import { parseArgs } from 'node:util';

/** What the local cloud begins with. */
export interface StartOptions {
  /** Where its state is kept. */
  readonly folder: string;
  /** The topic that its Kafka instance holds from the beginning. */
  readonly topic: string;
}

export const usage = `npm run local:cloud [-- OPTIONS]

Starts Alibaba Cloud's APIs on this machine, with a real Kafka and a real Elasticsearch behind them, until Ctrl-C.

  --state FOLDER   where everything is kept for the next time, .local-cloud by default; delete it to begin anew
  --topic NAME     topic that the Kafka instance holds from the beginning, with 12 partitions, elasticsearch-test-input by default
  --help`;

/** Reads the command line; throws for an option that there is not. undefined: help is asked for. */
export function parseOptions(args: readonly string[]): StartOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      state: { type: 'string', default: '.local-cloud' },
      topic: { type: 'string', default: 'elasticsearch-test-input' },
      help: { type: 'boolean' },
    },
  });
  return values.help ? undefined : { folder: values.state, topic: values.topic };
}
