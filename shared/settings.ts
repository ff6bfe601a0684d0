import { Failure } from './errors.ts';
import { canHold, canName, type IndexPattern } from './index-pattern.ts';
import { findNearest } from './nearest-name.ts';
import { type Option, options } from './options.ts';
import { formatPosition, maxIdBytes } from './position.ts';

type Options = typeof options;
type ValueOf<Name extends keyof Options> = Exclude<ReturnType<Options[Name]['parse']>, undefined>;
type HasValue = { readonly required: true } | { readonly default: unknown };
type ReadSettings = {
  readonly [Name in keyof Options]: Options[Name] extends HasValue ? ValueOf<Name> : ValueOf<Name> | undefined;
};

/** Settings whose default depends on others. */
interface Derived {
  readonly DOCUMENT_VERSION: ValueOf<'DOCUMENT_VERSION'>;
  readonly NULL_VALUE: ValueOf<'NULL_VALUE'>;
}

/** The function's settings, checked, with defaults filled in. */
export type Settings = Omit<ReadSettings, keyof Derived> & Derived;

type Environment = Readonly<Record<string, string | undefined>>;

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
const maxMisspeltLetters = 2;

/** Reads the settings from environment variables; throws `SettingsInvalid` with every fault, one a line. Values are never printed. */
export function readSettings(environment: Environment): Settings {
  const faults: string[] = [];
  const entries = Object.entries<Option<unknown>>(options).map(([name, option]) => [name, readOption(name, option, environment, faults)]);
  const settings = withDerived(Object.fromEntries(entries) as ReadSettings);
  faults.push(...conflicts(settings), ...unknownNames(Object.keys(environment)));
  if (faults.length > 0) throw new Failure('SettingsInvalid', ...faults);
  return settings;
}

function readOption(name: string, option: Option<unknown>, environment: Environment, faults: string[]): unknown {
  const text = environment[name] || undefined;
  if (text === undefined) {
    if (option.required) faults.push(`${name}: is not set; ${option.description}; allowed: ${option.allowed}`);
    return option.default;
  }
  const value = option.parse(text);
  if (value === undefined) faults.push(`${name}: has a value that is not allowed; allowed: ${option.allowed}`);
  return value;
}

function withDerived(settings: ReadSettings): Settings {
  const isVersionable = settings.DOCUMENT_ID === 'key' && settings.WRITE_MODE === 'index';
  return {
    ...settings,
    DOCUMENT_VERSION: settings.DOCUMENT_VERSION ?? (isVersionable ? 'offset' : 'none'),
    NULL_VALUE: settings.NULL_VALUE ?? (settings.DOCUMENT_SHAPE === 'envelope' ? 'index' : 'reject'),
  };
}

/** Settings that are each right and exclude each other. */
function conflicts(settings: Settings): string[] {
  return [...documentRules(settings), ...kafkaRules(settings)].filter(([isBroken]) => isBroken).map(([, fault]) => fault);
}

/** Whether settings break a rule, and the fault that this is. */
type Rule = readonly [boolean, string];

function documentRules(settings: Settings): Rule[] {
  const {
    DOCUMENT_ID: id,
    DOCUMENT_SHAPE: shape,
    DOCUMENT_VERSION: version,
    NULL_VALUE: nullValue,
    ON_FAILURE,
    WRITE_MODE: mode,
  } = settings;
  return [
    [!settings.ES_PASSWORD && !settings.ES_API_KEY, 'ES_PASSWORD: is not set, nor is ES_API_KEY; allowed: one of them'],
    [Boolean(settings.ES_PASSWORD && settings.ES_API_KEY), 'ES_API_KEY: is set, and so is ES_PASSWORD; allowed: one of them'],
    [mode === 'create' && id === 'key', 'WRITE_MODE: create is not allowed with DOCUMENT_ID=key; allowed: with position or auto'],
    [
      // https://www.elastic.co/guide/en/elasticsearch/reference/8.19/docs-update.html: an upsert with doc_as_upsert goes through no pipeline of the request.
      mode === 'upsert' && settings.ES_PIPELINE !== undefined,
      'ES_PIPELINE: is not allowed with WRITE_MODE=upsert, which Elasticsearch sends through no pipeline that a request names; allowed: with index or create',
    ],
    [mode === 'upsert' && id === 'auto', 'WRITE_MODE: upsert is not allowed with DOCUMENT_ID=auto; allowed: with position or key'],
    [
      version === 'offset' && !(id === 'key' && mode === 'index'),
      'DOCUMENT_VERSION: offset is not allowed here; allowed: with DOCUMENT_ID=key and WRITE_MODE=index',
    ],
    [nullValue === 'index' && shape !== 'envelope', 'NULL_VALUE: index is not allowed here; allowed: with DOCUMENT_SHAPE=envelope'],
    [
      nullValue === 'delete' && (id !== 'key' || settings.ES_INDEX?.hasDate === true),
      'NULL_VALUE: delete is not allowed here; allowed: with DOCUMENT_ID=key and an ES_INDEX without a date pattern',
    ],
    [
      leavesNoRoom(settings),
      `DOCUMENT_ID_PREFIX: leaves no position room in an id, which has at most ${maxIdBytes} bytes; allowed: at most ${maxPrefixBytes(settings)} bytes`,
    ],
    [
      isNoIndexName(settings),
      'ES_INDEX: SOURCE_TOPIC in its place makes no index name; allowed: at most 255 bytes that begin with none of - _ + ., such as a word before ${topic}',
    ],
    [
      mayBeErrorIndex(settings),
      'ERROR_INDEX: is an index that ES_INDEX can name, where rejected records would lie among documents; allowed: another index',
    ],
    [
      ON_FAILURE === 'stop' && id === 'auto',
      'ON_FAILURE: stop is not allowed with DOCUMENT_ID=auto, which would write the batch twice; allowed: with position or key',
    ],
    [
      ON_FAILURE === 'stop' && id === 'key' && mode === 'upsert',
      'ON_FAILURE: stop is not allowed with DOCUMENT_ID=key and WRITE_MODE=upsert, which would merge the batch twice; allowed: continue',
    ],
  ];
}

/** Whether no record at all could have an id. */
function leavesNoRoom({ DOCUMENT_ID, DOCUMENT_ID_PREFIX = '', SOURCE_TOPIC }: Settings): boolean {
  return DOCUMENT_ID === 'position' && Buffer.byteLength(DOCUMENT_ID_PREFIX) > maxPrefixBytes({ SOURCE_TOPIC });
}

/** With the shortest position of the topic, or of the shortest there is where it is not known. */
function maxPrefixBytes({ SOURCE_TOPIC: topic = '?' }: Pick<Settings, 'SOURCE_TOPIC'>): number {
  return maxIdBytes - formatPosition({ topic, partition: 0, offset: 0 }).length;
}

function isNoIndexName({ ES_INDEX, SOURCE_TOPIC }: Settings): boolean {
  const pattern: IndexPattern | undefined = ES_INDEX;
  return SOURCE_TOPIC !== undefined && pattern !== undefined && !canHold(pattern, SOURCE_TOPIC);
}

function mayBeErrorIndex({ ERROR_INDEX, ES_INDEX, SOURCE_TOPIC }: Settings): boolean {
  // One that is missing or wrong is another fault.
  const pattern: IndexPattern | undefined = ES_INDEX;
  return ERROR_INDEX !== undefined && pattern !== undefined && canName(pattern, ERROR_INDEX, SOURCE_TOPIC);
}

function kafkaRules(settings: Settings): Rule[] {
  const { ERROR_DATA_TOPIC, ERROR_INDEX, KAFKA_PASSWORD, KAFKA_SECURITY_PROTOCOL: protocol, KAFKA_USERNAME, OVERFLOW } = settings;
  const brokers = settings.KAFKA_BOOTSTRAP_SERVERS !== undefined;
  const isSasl = protocol === 'SASL_PLAINTEXT' || protocol === 'SASL_SSL';
  return [
    [ERROR_DATA_TOPIC !== undefined && ERROR_INDEX !== undefined, 'ERROR_INDEX: is set, and so is ERROR_DATA_TOPIC; allowed: one of them'],
    [
      ERROR_DATA_TOPIC !== undefined && ERROR_DATA_TOPIC === settings.SOURCE_TOPIC,
      'ERROR_DATA_TOPIC: is SOURCE_TOPIC, so that every rejected record would be read again; allowed: another topic',
    ],
    [ERROR_DATA_TOPIC !== undefined && !brokers, 'ERROR_DATA_TOPIC: is not allowed here; allowed: with KAFKA_BOOTSTRAP_SERVERS'],
    [
      OVERFLOW === 'fetch' && !(brokers && settings.SOURCE_TOPIC !== undefined),
      'OVERFLOW: fetch is not allowed here; allowed: with KAFKA_BOOTSTRAP_SERVERS and SOURCE_TOPIC',
    ],
    [
      isSasl && !(KAFKA_USERNAME && KAFKA_PASSWORD),
      `KAFKA_SECURITY_PROTOCOL: ${protocol} is not allowed here; allowed: with KAFKA_USERNAME and KAFKA_PASSWORD`,
    ],
    [
      !isSasl && Boolean(KAFKA_USERNAME || KAFKA_PASSWORD),
      'KAFKA_USERNAME: or KAFKA_PASSWORD is not allowed here; allowed: with KAFKA_SECURITY_PROTOCOL SASL_PLAINTEXT or SASL_SSL',
    ],
    [
      protocol !== 'SASL_SSL' && settings.KAFKA_CA !== undefined,
      'KAFKA_CA: is not allowed here; allowed: with KAFKA_SECURITY_PROTOCOL=SASL_SSL',
    ],
  ];
}

function unknownNames(names: readonly string[]): string[] {
  const known = Object.keys(options);
  return names
    .filter((name) => !known.includes(name))
    .flatMap((name) => {
      const nearest = findNearest(name, known);
      const isMeant = nearest && (ownPrefixes.some((prefix) => name.startsWith(prefix)) || nearest.differingLetters <= maxMisspeltLetters);
      return isMeant ? [`${name}: is not a setting; did you mean ${nearest.name}?`] : [];
    });
}
