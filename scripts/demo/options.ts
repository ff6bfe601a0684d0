import { parseArgs } from 'node:util';
import { type Generation, readGeneration } from '../local/api/generation.ts';
import type { ElasticsearchAddress } from './elasticsearch-client.ts';

/** What the demo runs on. */
export interface DemoOptions {
  /** The generation of Function Compute that it deploys to. */
  readonly api: Generation;
  /** `host:port` of a broker of the user's own, plaintext; without it one is started. */
  readonly kafka: string | undefined;
  readonly elasticsearch: ElasticsearchAddress | undefined;
}

export const usage = `npm run demo [-- OPTIONS]

Sends the test message and 20,000 records through a real Kafka topic into a real Elasticsearch index.

  --api VERSION         generation of Function Compute: 2.0, by default, or 3.0
  --kafka HOST:PORT     your own broker (plaintext) instead of one that is started here
  --elasticsearch URL   your own Elasticsearch 7.0 or newer instead of one that is started here;
                        user and password in the URL, or in ES_USERNAME and ES_PASSWORD
  --help

On servers of your own it makes a topic, an index and a consumer group with names of their own, and leaves them there.`;

/** Reads the command line; throws with what is wrong and what is allowed. undefined: help is asked for. */
export function parseOptions(args: readonly string[], environment: NodeJS.ProcessEnv): DemoOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      api: { type: 'string', default: '2.0' },
      kafka: { type: 'string' },
      elasticsearch: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) return undefined;
  return {
    api: readGeneration('--api', values.api),
    kafka: values.kafka === undefined ? undefined : parseBroker(values.kafka),
    elasticsearch: values.elasticsearch === undefined ? undefined : parseElasticsearch(values.elasticsearch, environment),
  };
}

function parseBroker(text: string): string {
  if (!/^[^\s:/]+:\d{1,5}$/.test(text)) throw new Error(`--kafka: '${text}' is not allowed; give host:port, such as 127.0.0.1:9092`);
  return text;
}

/** The address is not repeated in the message: it may hold a password. */
function parseElasticsearch(text: string, environment: NodeJS.ProcessEnv): ElasticsearchAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.pathname !== '/') {
    throw new Error('--elasticsearch: is not allowed; give a URL without a path, such as http://127.0.0.1:9200');
  }
  return {
    url: url.origin,
    username: decodeURIComponent(url.username) || environment.ES_USERNAME || 'elastic',
    // A server without security takes any, but the function wants one.
    password: decodeURIComponent(url.password) || environment.ES_PASSWORD || 'none',
  };
}
