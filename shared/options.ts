import { parseIndexPattern } from './index-pattern.ts';
import { parsePosition } from './position.ts';
import { Secret } from './secret.ts';

/** One setting of the function: an environment variable with its meaning, its limits and how its text becomes a value. */
export interface Option<Value> {
  readonly description: string;
  readonly allowed: string;
  readonly required?: true;
  readonly default?: Value;
  /** Makes the text a value; undefined where it is not allowed. */
  readonly parse: (text: string) => Value | undefined;
}

function declare<const Options extends { readonly [name: string]: Option<unknown> }>(options: Options): Options {
  return options;
}

function matching(pattern: RegExp): (text: string) => string | undefined {
  return (text) => (pattern.test(text) ? text : undefined);
}

const anyText = matching(/^/);

/** What is sent as it is: half a character would become another, and two texts one. */
const plainText = { allowed: 'any text without control characters', parse: matching(/^[^\p{Cc}\p{Surrogate}]*$/u) };

function oneOf<Choice extends string>(...choices: readonly Choice[]) {
  return {
    allowed: choices.map((choice) => `\`${choice}\``).join(', '),
    parse: (text: string): Choice | undefined => choices.find((choice) => choice === text),
  };
}

const yesOrNo = {
  allowed: '`true`, `false`',
  parse: (text: string): boolean | undefined => (text === 'true' ? true : text === 'false' ? false : undefined),
};

function integer(minimum: number, maximum: number) {
  return {
    allowed: `${minimum} to ${maximum}`,
    parse: (text: string): number | undefined => {
      const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
      return value >= minimum && value <= maximum ? value : undefined;
    },
  };
}

const milliseconds = integer(1, 300_000);
const port = integer(1, 65_535);

/** The transport port is closed to clients since Elasticsearch 6: https://www.elastic.co/guide/en/elasticsearch/reference/6.8/modules-transport.html */
const transportPort = 9300;

/** Whether a text is a host name or an origin, without credentials: those have settings of their own, whose values are never printed. */
function isEndpoint(text: string): boolean {
  const address = text.includes('://') ? text : `http://${text}`;
  if (!URL.canParse(address)) return false;
  const { protocol, origin, href, port } = new URL(address);
  return /^https?:$/.test(protocol) && href === `${origin}/` && port !== String(transportPort);
}

/** The values of all texts, or undefined when one of them has none. */
function each<Value>(texts: readonly string[], parse: (text: string) => Value | undefined): Value[] | undefined {
  const values = texts.map((text) => parse(text.trim())).filter((value) => value !== undefined);
  return values.length === texts.length ? values : undefined;
}

/** Whether a text is `host:port`, as Kafka's clients take it. */
function isBroker(text: string): boolean {
  const [, portText = ''] = /^[\w.-]+:(\d+)$/.exec(text) ?? [];
  return port.parse(portText) !== undefined;
}

const topic = { allowed: 'letters, digits, `.`, `_` and `-`, at most 249 characters', parse: matching(/^[\w.-]{1,249}$/) };

/** The option table: defaults, checks and documentation of every setting come from here. */
export const options = declare({
  CONNECTOR_NAME: {
    description: 'name of the connector; its consumer group is `connect-<name>`',
    allowed: 'digits, lowercase letters and `-`, not first a `-`, at most 48 characters',
    required: true,
    parse: matching(/^[a-z0-9][a-z0-9-]{0,47}$/),
  },
  SOURCE_TOPIC: { description: 'the topic; `s message`, `s replay` and `OVERFLOW=fetch` need it', ...topic },
  ES_ENDPOINT: {
    description: 'address of Elasticsearch, or several separated by commas',
    allowed: `host names, or URLs with nothing but scheme, host and port (user and password are settings of their own); port ${transportPort} is the transport port, closed to clients since Elasticsearch 6: use 9200`,
    required: true,
    parse: (text: string) => each(text.split(','), (endpoint) => (isEndpoint(endpoint) ? endpoint : undefined)),
  },
  ES_PORT: {
    description: 'port of the endpoints that hold none',
    allowed: `${port.allowed}, but not ${transportPort}: that is the transport port, closed to clients since Elasticsearch 6; use 9200`,
    default: 9200,
    parse: (text: string) => (text === String(transportPort) ? undefined : port.parse(text)),
  },
  ES_PROTOCOL: { description: 'protocol of the endpoints that hold none', default: 'http', ...oneOf('http', 'https') },
  ES_USERNAME: { description: 'user that writes', allowed: 'any text without a colon', default: 'elastic', parse: matching(/^[^:]+$/) },
  ES_PASSWORD: {
    description: "the user's password; required unless `ES_API_KEY` is set",
    allowed: 'any text',
    parse: (text: string) => new Secret(text),
  },
  ES_API_KEY: {
    description: 'API key, encoded, instead of user and password',
    allowed: 'the Base64 text that Elasticsearch gave as `encoded`, or of `id:api_key`; nothing after it, no line break either',
    parse: (text: string) => (/^[\w+/-]+={0,2}$/.test(text) ? new Secret(text) : undefined),
  },
  ES_CA: { description: 'certificate authority to trust', allowed: 'PEM text, or the path of a file in the package', parse: anyText },
  ES_CA_FINGERPRINT: {
    description:
      "SHA-256 fingerprint of the certificate authority to trust; the server must send that certificate with its own, and it replaces `ES_CA`; dates and the host's name are checked all the same",
    allowed: '64 hexadecimal digits, also in pairs with colons',
    parse: (text: string) => (/^([\da-f]{2}:?){31}[\da-f]{2}$/i.test(text) ? text.replaceAll(':', '').toUpperCase() : undefined),
  },
  ES_INDEX: {
    description:
      'index, alias or data stream; may hold `${topic}`, lowered, and one date pattern such as `{yyyy.MM.dd}`, UTC, of the record',
    allowed:
      'lowercase, at most 255 bytes, none of \\ / * ? " < > | , # : or a space, not first a -, _ or +, not . or ..; a date pattern of yyyy, MM, dd, HH and . _ -',
    required: true,
    parse: parseIndexPattern,
  },
  CREATE_INDEX: {
    description:
      'make a missing index before the first write to it; `false`: records for it wait, also where Elasticsearch would make it by itself',
    default: true,
    ...yesOrNo,
  },
  ES_PIPELINE: { description: "ingest pipeline, the name of one; `_none`: no pipeline, not even the index's default one", ...plainText },
  ES_ROUTING: { description: "routing of documents: none, or the record's key", default: 'none', ...oneOf('none', 'key') },
  ES_REQUEST_TIMEOUT_MS: { description: 'longest wait for one answer, in ms', default: 30_000, ...milliseconds },
  ES_COMPRESSION: { description: 'compression of requests; given up where a server refuses it', default: 'none', ...oneOf('none', 'gzip') },
  ES_VERSION_CHECK: { description: 'refuse an Elasticsearch older than 7.0', default: true, ...yesOrNo },
  DOCUMENT_SHAPE: {
    description: "the document: the console connector's envelope, the value itself, or the value with the position under `kafka`",
    default: 'envelope',
    ...oneOf('envelope', 'value', 'value-with-metadata'),
  },
  DOCUMENT_ID: {
    description: "id of the document: `topic+partition+offset`, the record's key, or made by Elasticsearch (duplicates on redelivery)",
    default: 'position',
    ...oneOf('position', 'key', 'auto'),
  },
  DOCUMENT_ID_PREFIX: {
    description: 'put before a position, for a topic that was deleted and made anew',
    ...plainText,
  },
  DOCUMENT_VERSION: {
    description:
      'the offset as external version, so that an older record never replaces a newer one of its key; sound for one topic with a fixed number of partitions, since a record of equal key and offset in another partition counts as unchanged; default `offset` for `key` with `index`, else `none`',
    ...oneOf('none', 'offset'),
  },
  WRITE_MODE: {
    description: 'how a document is written; data streams need `create`',
    default: 'index',
    ...oneOf('index', 'create', 'upsert'),
  },
  NULL_VALUE: {
    description: 'what a record without value does; default `index` for `envelope`, else `reject`',
    ...oneOf('index', 'delete', 'skip', 'reject'),
  },
  OVERFLOW: {
    description: 'what a record whose value is not in the event does: reject it, or fetch it from the topic by its position',
    default: 'reject',
    ...oneOf('reject', 'fetch'),
  },
  ON_FAILURE: {
    description: "after a record's own fault: reject it and go on, or fail the batch so that the trigger stops",
    default: 'continue',
    ...oneOf('continue', 'stop'),
  },
  SKIP_POSITIONS: {
    description: 'positions that go to the error destination without being tried',
    allowed: '`topic+partition+offset`, separated by commas',
    parse: (text: string) => each(text.split(','), parsePosition),
  },
  BATCH_MAX_BYTES: { description: 'largest bulk request, in bytes', default: 5_242_880, ...integer(1024, 104_857_600) },
  BATCH_MAX_RECORDS: { description: 'largest bulk request, in records', default: 2000, ...integer(1, 100_000) },
  MAX_IN_FLIGHT: { description: 'bulk requests at a time; one where ids can repeat (`key`)', default: 2, ...integer(1, 16) },
  RETRY_BACKOFF_MS: {
    description: 'longest first wait before operations are sent again, in ms; doubles, with full jitter',
    default: 100,
    ...milliseconds,
  },
  RETRY_MAX_BACKOFF_MS: { description: 'longest wait of all, in ms', default: 5000, ...milliseconds },
  DEADLINE_RESERVE_MS: { description: "how long before the function's own timeout work stops, in ms", default: 2000, ...milliseconds },
  ERROR_INDEX: {
    description: 'index for records that can never be written',
    allowed: 'as `ES_INDEX`, without `${topic}` and date pattern',
    parse: (text: string) => {
      const pattern = parseIndexPattern(text);
      return pattern?.isFixed ? text : undefined;
    },
  },
  LOG_LEVEL: { description: 'lines of this level and worse are written', default: 'info', ...oneOf('error', 'warn', 'info', 'debug') },
  ERROR_DATA_TOPIC: { description: 'Kafka topic for records that can never be written, instead of an index', ...topic },
  KAFKA_BOOTSTRAP_SERVERS: {
    description: 'brokers, for test messages, `s audit`, `s replay`, `ERROR_DATA_TOPIC` and `OVERFLOW=fetch`',
    allowed: '`host:port`, separated by commas',
    parse: (text: string) => each(text.split(','), (broker) => (isBroker(broker) ? broker : undefined)),
  },
  KAFKA_SECURITY_PROTOCOL: {
    description: 'how brokers are talked to',
    default: 'PLAINTEXT',
    ...oneOf('PLAINTEXT', 'SASL_PLAINTEXT', 'SASL_SSL'),
  },
  KAFKA_SASL_MECHANISM: {
    description: 'how the user is authenticated',
    default: 'PLAIN',
    ...oneOf('PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'),
  },
  KAFKA_USERNAME: { description: 'user of the brokers', allowed: 'any text', parse: anyText },
  KAFKA_PASSWORD: { description: "that user's password", allowed: 'any text', parse: (text: string) => new Secret(text) },
  KAFKA_CA: {
    description: "certificate authority to trust alone; the name in the brokers' certificate is then not compared with their address",
    allowed: 'PEM text, or the path of a file in the package',
    parse: anyText,
  },
});
