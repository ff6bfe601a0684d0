import leven from 'leven';
import { Failure } from './errors.ts';
import { Secret } from './secret.ts';

/** One setting of the function: an environment variable with its meaning, its limits and how its text becomes a value. */
interface Option<Value> {
  readonly description: string;
  readonly allowed: string;
  readonly required?: true;
  readonly default?: Value;
  /** undefined: the text is not allowed. */
  readonly parse: (text: string) => Value | undefined;
}

function matching(pattern: RegExp): (text: string) => string | undefined {
  return (text) => (pattern.test(text) ? text : undefined);
}

function oneOf<Choice extends string>(...choices: readonly Choice[]): (text: string) => Choice | undefined {
  return (text) => choices.find((choice) => choice === text);
}

function integer(minimum: number, maximum: number): (text: string) => number | undefined {
  return (text) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    return value >= minimum && value <= maximum ? value : undefined;
  };
}

/** A host name or an origin, without credentials: those have settings of their own, whose values are never printed. */
function endpoint(text: string): string | undefined {
  const address = text.includes('://') ? text : `http://${text}`;
  if (!URL.canParse(address)) return undefined;
  const { protocol, origin, href } = new URL(address);
  return /^https?:$/.test(protocol) && href === `${origin}/` ? text : undefined;
}

/** 9300 has been closed to clients since Elasticsearch 6: https://www.elastic.co/guide/en/elasticsearch/reference/6.8/modules-transport.html */
function httpPort(text: string): number | undefined {
  const port = integer(1, 65_535)(text);
  return port === 9300 ? undefined : port;
}

function declare<const Options extends { readonly [name: string]: Option<unknown> }>(options: Options): Options {
  return options;
}

/** The option table: defaults, checks and documentation of every setting come from here. */
const options = declare({
  CONNECTOR_NAME: {
    description: 'name of the connector; its consumer group is `connect-<name>`',
    allowed: 'digits, lowercase letters and `-`, not first a `-`, at most 48 characters',
    required: true,
    parse: matching(/^[a-z0-9][a-z0-9-]{0,47}$/),
  },
  ES_ENDPOINT: {
    description: 'address of Elasticsearch',
    allowed: 'a host name, or a URL with nothing but scheme, host and port (user and password are settings of their own)',
    required: true,
    parse: endpoint,
  },
  ES_PORT: {
    description: 'port, when `ES_ENDPOINT` holds none',
    allowed: '1 to 65535, but not 9300: that is the transport port, closed to clients since Elasticsearch 6; use 9200',
    default: 9200,
    parse: httpPort,
  },
  ES_PROTOCOL: {
    description: 'protocol, when `ES_ENDPOINT` holds none',
    allowed: '`http` or `https`',
    default: 'http',
    parse: oneOf('http', 'https'),
  },
  ES_USERNAME: {
    description: 'user that writes into the index',
    allowed: 'any text without a colon',
    default: 'elastic',
    parse: matching(/^[^:]+$/),
  },
  ES_PASSWORD: {
    description: 'password of the user',
    allowed: 'any text',
    required: true,
    parse: (text) => new Secret(text),
  },
  ES_INDEX: {
    description: 'index or alias that the records are written to; must exist',
    allowed: 'lowercase, at most 255 bytes, none of \\ / * ? " < > | , # : or a space, not first a -, _ or +, not . or ..',
    required: true,
    parse: (text) => (Buffer.byteLength(text) <= 255 && !/[\\/*?"<>|,#:\s\p{Lu}]|^[-_+]|^\.{1,2}$/u.test(text) ? text : undefined),
  },
  ES_REQUEST_TIMEOUT_MS: {
    description: 'longest wait for the answer to one request, in ms',
    allowed: '1 to 300000',
    default: 30_000,
    parse: integer(1, 300_000),
  },
});

type OptionName = keyof typeof options;
type ValueOf<Name extends OptionName> = Exclude<ReturnType<(typeof options)[Name]['parse']>, undefined>;

/** The function's settings, checked, with defaults filled in. */
export type Settings = { readonly [Name in OptionName]: ValueOf<Name> };

/** Names that begin so belong to this package: one that it does not know is a mistake, never somebody else's variable. */
const ownPrefixes = [
  'ES_',
  'DOCUMENT_',
  'KAFKA_',
  'BATCH_',
  'ERROR_',
  'RETRY_',
  'DEADLINE_',
  'CONNECTOR_',
  'NULL_',
  'WRITE_',
  'SKIP_',
  'OVERFLOW',
];

/** Reads the settings from environment variables; throws `SettingsInvalid` with every fault, one a line. Values are never printed. */
export function readSettings(environment: Readonly<Record<string, string | undefined>>): Settings {
  const faults: string[] = [];
  const entries = Object.entries<Option<unknown>>(options).map(([name, option]) => {
    const text = environment[name] || undefined;
    if (text === undefined) {
      if (option.required) faults.push(`${name}: is not set; ${option.description}; allowed: ${option.allowed}`);
      return [name, option.default];
    }
    const value = option.parse(text);
    if (value === undefined) faults.push(`${name}: has a value that is not allowed; allowed: ${option.allowed}`);
    return [name, value];
  });
  faults.push(...unknownNames(Object.keys(environment)));
  if (faults.length > 0) throw new Failure('SettingsInvalid', faults.join('\n'));
  return Object.fromEntries(entries) as Settings;
}

function unknownNames(names: readonly string[]): string[] {
  const known = Object.keys(options);
  return names
    .filter((name) => !known.includes(name))
    .map((name) => ({ name, nearest: nearest(name, known) }))
    .filter(({ name, nearest }) => ownPrefixes.some((prefix) => name.startsWith(prefix)) || nearest.distance <= 2)
    .map(({ name, nearest }) => `${name}: is not a setting; did you mean ${nearest.name}?`);
}

function nearest(name: string, known: readonly string[]): { name: string; distance: number } {
  const distances = known.map((candidate) => ({ name: candidate, distance: leven(name, candidate) }));
  return distances.reduce((best, candidate) => (candidate.distance < best.distance ? candidate : best));
}
