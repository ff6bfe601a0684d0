import { nearestName } from '../../../shared/nearest-name.ts';
import { options } from '../../../shared/options.ts';
import { Secret } from '../../../shared/secret.ts';
import { readSettings } from '../../../shared/settings.ts';
import { type JsonObject, objectAt } from '../cloud/json.ts';
import { brokersOf, errorDestinationOf, type Instances } from './brokers.ts';
import type { Names } from './names.ts';
import { shownName } from './property-list.ts';
import type { Props } from './schema.ts';
import { secretsOf } from './secrets.ts';

/** All variables of a function together: https://alibabacloud.com/help/en/functioncompute/fc-2-0/product-overview/limits */
export const maxEnvironmentBytes = 4096;

type SettingName = keyof typeof options;

/** Environment variables by name; secrets print as `***`. */
export interface Environment {
  readonly [name: string]: string | Secret;
}

type Value = string | number | boolean | undefined;

/** The environment variables that properties become; without `read`, what the properties leave open is looked up. */
export const variables: { readonly [name in SettingName]?: { readonly property: string; readonly read?: (props: Props) => Value } } = {
  CONNECTOR_NAME: { property: 'name', read: ({ name }) => name },
  SOURCE_TOPIC: { property: 'kafka.topic', read: ({ kafka }) => kafka.topic },
  ES_ENDPOINT: { property: 'elasticsearch.endpoint' },
  ES_PORT: { property: 'elasticsearch.port' },
  ES_PROTOCOL: { property: 'elasticsearch.protocol' },
  ES_USERNAME: { property: 'elasticsearch.username', read: ({ elasticsearch }) => elasticsearch.username },
  ES_PASSWORD: { property: 'elasticsearch.password', read: (props) => secretsOf(props).ES_PASSWORD },
  ES_API_KEY: { property: 'elasticsearch.apiKey', read: (props) => secretsOf(props).ES_API_KEY },
  ES_INDEX: { property: 'elasticsearch.index', read: ({ elasticsearch }) => elasticsearch.index },
  ERROR_INDEX: { property: 'elasticsearch.errorIndex' },
  ERROR_DATA_TOPIC: { property: 'kafka.errorDataTopic' },
  ON_FAILURE: { property: 'onFailure', read: ({ onFailure }) => onFailure },
  DOCUMENT_SHAPE: { property: 'document.shape', read: (props) => props.document?.shape },
  DOCUMENT_ID: { property: 'document.id', read: (props) => props.document?.id },
  DOCUMENT_ID_PREFIX: { property: 'document.idPrefix', read: (props) => props.document?.idPrefix },
  DOCUMENT_VERSION: { property: 'document.version', read: (props) => props.document?.version },
  WRITE_MODE: { property: 'document.writeMode', read: (props) => props.document?.writeMode },
  NULL_VALUE: { property: 'document.nullValue', read: (props) => props.document?.nullValue },
  ES_PIPELINE: { property: 'document.pipeline', read: (props) => props.document?.pipeline },
  ES_ROUTING: { property: 'document.routing', read: (props) => props.document?.routing },
  CREATE_INDEX: { property: 'document.createIndex', read: (props) => props.document?.createIndex },
  KAFKA_BOOTSTRAP_SERVERS: { property: 'kafka.bootstrapServers' },
  KAFKA_SECURITY_PROTOCOL: { property: 'kafka.securityProtocol' },
  KAFKA_SASL_MECHANISM: { property: 'kafka.saslMechanism' },
  KAFKA_USERNAME: { property: 'kafka.username' },
  KAFKA_PASSWORD: { property: 'kafka.password' },
};

/** The function's environment; what the properties leave open of addresses is the instances'. Throws with every fault. */
export function environmentOf(props: Props, names: Names, instances: Instances): Environment {
  const extra = props.function?.environmentVariables ?? {};
  const faults = Object.keys(extra).flatMap(faultOfExtra);
  if (faults.length > 0) throw new Error(faults.join('\n'));
  const texts = given({
    ...extra,
    ...Object.fromEntries(Object.entries(variables).map(([name, { read }]) => [name, read?.(props)])),
    ...elasticsearchSettings(props, instances),
    ...kafkaSettings(props, names, instances),
  });
  checkSettings(texts);
  return Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, isSecret(name) ? new Secret(text) : text]));
}

/** Returns the variables with their secrets as plain text, as the API is sent them. */
export function revealSecrets(environment: Environment): { readonly [name: string]: string } {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, value instanceof Secret ? value.reveal() : value]));
}

/** The environment of a function that is there, as the API tells of it. */
export function environmentIn(row: JsonObject | undefined): { readonly [name: string]: string } {
  const variables = Object.entries(objectAt(row ?? {}, 'environmentVariables'));
  return Object.fromEntries(variables.map(([name, value]) => [name, String(value)]));
}

/** Wraps what may be a secret of the variables that the cloud tells; those that nobody here knows may be secrets, too. */
export function hideSecrets(variables: { readonly [name: string]: unknown }): Environment {
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [
      name,
      !Object.hasOwn(options, name) || isSecret(name) ? new Secret(String(value)) : String(value),
    ]),
  );
}

function isSecret(name: string): boolean {
  return /PASSWORD|API_KEY/.test(name);
}

function given(values: { readonly [name: string]: Value }): { readonly [name: string]: string } {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === undefined || value === '' ? [] : [[name, String(value)]])),
  );
}

function elasticsearchSettings({ elasticsearch: props }: Props, instances: Instances): { readonly [name in SettingName]?: Value } {
  // An instance that is not there is another check's to name.
  const unknown = { domain: 'unknown', port: 9200, protocol: 'http' };
  const found = props.instanceId === undefined ? undefined : (instances.elasticsearch ?? unknown);
  const { endpoint = found?.domain, port = found?.port, protocol = found?.protocol } = props;
  return { ES_ENDPOINT: endpoint, ES_PORT: port, ES_PROTOCOL: protocol };
}

/** Returns the settings for Kafka: none of brokers that cannot be reached, and one error destination. */
function kafkaSettings(props: Props, names: Names, instances: Instances): { readonly [name in SettingName]?: Value } {
  const brokers = brokersOf(props, instances);
  const destination = errorDestinationOf(props, brokers);
  const { securityProtocol, saslMechanism, username } = props.kafka;
  return {
    ...(destination !== 'topic' && { ERROR_INDEX: names.errorIndex }),
    ...(destination !== 'index' && { ERROR_DATA_TOPIC: names.errorDataTopic }),
    ...(brokers !== undefined && {
      KAFKA_BOOTSTRAP_SERVERS: brokers,
      KAFKA_SECURITY_PROTOCOL: securityProtocol,
      KAFKA_SASL_MECHANISM: saslMechanism,
      KAFKA_USERNAME: username,
      KAFKA_PASSWORD: secretsOf(props).KAFKA_PASSWORD,
    }),
  };
}

/** The function's own check, with the properties' names. */
function checkSettings(texts: { readonly [name: string]: string }): void {
  try {
    readSettings(texts);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const faults = error.message
      .split('\n')
      .map((line) => line.replace(/\b[A-Z][A-Z_]+[A-Z]\b/g, propertyOf))
      .map(withExport);
    throw new Error(faults.join('\n'));
  }
}

/** Adds where a password is best given to the fault that it is missing. */
function withExport(fault: string): string {
  return fault.startsWith('elasticsearch.password: is not set') ? `${fault}; export ES_PASSWORD or ES_API_KEY` : fault;
}

function propertyOf(name: string): string {
  return variables[name as SettingName]?.property ?? name;
}

function faultOfExtra(name: string): string[] {
  const property = variables[name as SettingName]?.property;
  const where = `function.environmentVariables.${shownName(name)}`;
  if (property !== undefined) return [`${where}: set ${property} instead`];
  if (Object.hasOwn(options, name)) return [];
  const nearest = nearestName(name, Object.keys(options));
  return [`${where}: is not a setting${nearest === undefined ? '' : `; did you mean ${nearest}?`}`];
}
