import { parseArgs } from 'node:util';
import type { ElasticsearchAddress } from './elasticsearch-client.ts';

/** Servers of the user's own; what is not given is started here. */
export interface DemoOptions {
  /** `host:port` of a broker, plaintext. */
  readonly kafka: string | undefined;
  readonly elasticsearch: ElasticsearchAddress | undefined;
}

export const usage = `npm run demo [-- OPTIONS]

Sends the test message and 20,000 records through a real Kafka topic into a real Elasticsearch index.

  --kafka HOST:PORT     your own broker (plaintext) instead of one that is started here
  --elasticsearch URL   your own Elasticsearch 7.0 or newer instead of one that is started here;
                        user and password in the URL, or in ES_USERNAME and ES_PASSWORD
  --help

On servers of your own it makes a topic, an index and a consumer group with names of their own, and leaves them there.`;

/** Reads the command line; throws with what is wrong and what is allowed. undefined: help is asked for. */
export function parseOptions(args: readonly string[], environment: NodeJS.ProcessEnv): DemoOptions | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: { kafka: { type: 'string' }, elasticsearch: { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help) return undefined;
  return {
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
