import type { FromSchema } from 'json-schema-to-ts';
import { type Option, options } from '../../../shared/options.ts';
import { generations } from '../cloud/function-compute/function-compute.ts';

type SettingName = keyof typeof options;

/** The property `name`, whose form is told in words alone: Serverless Devs prints what a schema says, and a pattern is no help to who reads it. */
const connectorName = {
  type: 'string',
  default: 'kafka-elasticsearch-sink',
  description: `${options.CONNECTOR_NAME.description}; ${options.CONNECTOR_NAME.allowed}`,
  if: { not: { pattern: '^[a-z0-9][a-z0-9-]{0,47}$' } },
  // biome-ignore lint/suspicious/noThenProperty: JSON schema calls it so
  then: { enum: [options.CONNECTOR_NAME.allowed] },
} as const;

/** A leaf that is a setting of the function: its sentence is written once, in the option table. */
function setting(settingName: SettingName): { readonly type: 'string'; readonly description: string } {
  const option: Option<unknown> = options[settingName];
  const standard = option.default === undefined ? '' : `; default \`${option.default}\``;
  return { type: 'string', description: `${option.description}; ${option.allowed}${standard}` };
}

/** A leaf that is better left out: the environment is read by the component itself, s.yaml is run as a template first. */
function secret(settingName: 'ES_PASSWORD' | 'ES_API_KEY' | 'KAFKA_PASSWORD') {
  return {
    ...setting(settingName),
    description: `default: \`${settingName}\` of the environment, which is the better place; ${setting(settingName).description}`,
  };
}

/** Leaves out the `$` of the setting's `${topic}`, which Serverless Devs would take for a template of its own. */
const indexProperty = {
  type: 'string',
  description: `index, alias or data stream; may hold \`{topic}\`, which is the record's topic in lower case, and one date pattern such as \`{yyyy.MM.dd}\`, UTC, of the record; ${options.ES_INDEX.allowed}`,
} as const;

const text = (description: string) => ({ type: 'string', minLength: 1, description }) as const;

function object<const Properties extends object>(description: string, properties: Properties) {
  return { type: 'object', description, properties, additionalProperties: false, default: {} } as const;
}

const kafka = {
  type: 'object',
  description: 'where records come from',
  additionalProperties: false,
  required: ['instanceId', 'topic'],
  properties: {
    instanceId: text('id of the Kafka instance'),
    topic: setting('SOURCE_TOPIC'),
    consumerThreads: {
      type: 'integer',
      enum: [6, 12],
      default: 6,
      description: 'tasks that read; never more than the topic has partitions',
    },
    initialPosition: {
      type: 'string',
      enum: ['earliest', 'latest'],
      default: 'earliest',
      description: 'where a consumer group without offsets begins',
    },
    vpcId: text("VPC that the trigger reads from; the instance's when left out"),
    vSwitchId: text("vSwitch that the trigger reads from; the instance's when left out"),
    securityGroupId: text("security group that the trigger reads from; the instance's when left out"),
    resources: {
      type: 'string',
      enum: ['auto', 'manual'],
      default: 'auto',
      description: 'whether missing topics and the group are made, or checked only',
    },
    connectorTopics: {
      type: 'string',
      enum: ['auto', 'required', 'off'],
      default: 'auto',
      description: 'offset, config and status topic: where the edition allows them, always, or not at all; this path leaves them empty',
    },
    offsetTopic: text('default `connect-offset-<name>`'),
    configTopic: text('default `connect-config-<name>`'),
    statusTopic: text('default `connect-status-<name>`'),
    deadLetterTopic: text('takes what the trigger gives up; default `connect-error-<name>`'),
    errorDataTopic: text('takes rejected records, where the function reaches the brokers; default `connect-error-<name>`'),
    bootstrapServers: text(
      `${options.KAFKA_BOOTSTRAP_SERVERS.description}; default: the instance's endpoint, where the function is in its VPC`,
    ),
    securityProtocol: setting('KAFKA_SECURITY_PROTOCOL'),
    saslMechanism: setting('KAFKA_SASL_MECHANISM'),
    username: setting('KAFKA_USERNAME'),
    password: secret('KAFKA_PASSWORD'),
  },
} as const;

const elasticsearch = {
  type: 'object',
  description: 'where documents go',
  additionalProperties: false,
  required: ['index'],
  properties: {
    instanceId: text('id of the Elasticsearch instance; endpoint, port, protocol and network are looked up with it'),
    endpoint: setting('ES_ENDPOINT'),
    port: { type: 'integer', minimum: 1, maximum: 65_535, description: options.ES_PORT.allowed },
    protocol: setting('ES_PROTOCOL'),
    username: { ...setting('ES_USERNAME'), default: 'elastic' },
    password: secret('ES_PASSWORD'),
    apiKey: secret('ES_API_KEY'),
    index: indexProperty,
    errorIndex: text(
      'takes rejected records instead of the topic; default `connect-error-<name>` where the function cannot reach the brokers',
    ),
  },
} as const;

const documentProperties = object('how a record becomes a document', {
  shape: setting('DOCUMENT_SHAPE'),
  id: setting('DOCUMENT_ID'),
  idPrefix: setting('DOCUMENT_ID_PREFIX'),
  version: setting('DOCUMENT_VERSION'),
  writeMode: setting('WRITE_MODE'),
  nullValue: setting('NULL_VALUE'),
  pipeline: setting('ES_PIPELINE'),
  routing: setting('ES_ROUTING'),
  createIndex: { type: 'boolean', description: options.CREATE_INDEX.description },
});

const vpcConfig = {
  description:
    "auto: Elasticsearch's VPC and vSwitch, and a security group made for this connector; or {vpcId, vSwitchIds, securityGroupId}",
  default: 'auto',
  anyOf: [
    { type: 'string', const: 'auto' },
    {
      type: 'object',
      additionalProperties: false,
      required: ['vpcId', 'vSwitchIds', 'securityGroupId'],
      properties: {
        vpcId: { type: 'string', minLength: 1 },
        vSwitchIds: { type: 'array', minItems: 1, items: { type: 'string', minLength: 1 } },
        securityGroupId: { type: 'string', minLength: 1 },
      },
    },
  ],
} as const;

const logConfig = {
  description: 'auto: a project of the account and a store for this connector; or {project, logstore}, which exist',
  default: 'auto',
  anyOf: [
    { type: 'string', const: 'auto' },
    {
      type: 'object',
      additionalProperties: false,
      required: ['project', 'logstore'],
      properties: { project: { type: 'string', minLength: 1 }, logstore: { type: 'string', minLength: 1 } },
    },
  ],
} as const;

const functionProperties = object('the function; names as in the fc3 component', {
  api: {
    type: 'string',
    enum: generations,
    default: '2.0',
    description: 'generation of Function Compute; a connector that is in the other one moves to it',
  },
  memorySize: { type: 'integer', minimum: 128, maximum: 32_768, multipleOf: 64, default: 512, description: 'MB' },
  timeout: { type: 'integer', minimum: 1, maximum: 300, default: 60, description: 'seconds; 300 at most with a trigger' },
  role: {
    type: 'string',
    minLength: 1,
    default: 'AliyunFCDefaultRole',
    description: 'name or ARN of the role that the function acts by; in 3.0 the default is left out where the account has no such role',
  },
  environmentVariables: {
    type: 'object',
    default: {},
    additionalProperties: { type: 'string' },
    description: 'settings of the function that no property covers',
  },
  vpcConfig,
  logConfig,
});

const trigger = object('the trigger; names as in its own configuration', {
  eventSchema: {
    type: 'string',
    enum: ['CloudEvents', 'RawData'],
    default: 'CloudEvents',
    description:
      'form of a record in an event; RawData leaves out the attributes of CloudEvents, some 400 bytes a record, but its form is not documented',
  },
  batchWindow: object('when a batch is pushed', {
    CountBasedWindow: { type: 'integer', minimum: 1, maximum: 10_000, default: 1000, description: 'records' },
    TimeBasedWindow: { type: 'integer', minimum: 0, maximum: 15, default: 1, description: 'seconds' },
  }),
  retryStrategy: object('how often a failed batch is pushed again', {
    PushRetryStrategy: {
      type: 'string',
      enum: ['EXPONENTIAL_DECAY_RETRY', 'BACKOFF_RETRY'],
      default: 'EXPONENTIAL_DECAY_RETRY',
      description: '176 retries within a day, or 3 within a minute',
    },
  }),
  deadLetterQueue: {
    type: 'object',
    description: 'default: the dead letter topic',
    additionalProperties: false,
    required: ['Arn'],
    properties: { Arn: text('such as `acs:alikafka:<region>:<account>:instance/<instance>/topic/<topic>`; default the dead letter topic') },
  },
});

/** The properties of a connector in s.yaml: the one place for their names, defaults, limits and meaning. */
export const schema = {
  $schema: 'http://json-schema.org/draft-07/schema#',
  type: 'object',
  additionalProperties: false,
  required: ['kafka', 'elasticsearch'],
  properties: {
    region: { type: 'string', minLength: 1, default: 'cn-hangzhou', description: 'of Kafka, Elasticsearch and the function' },
    name: connectorName,
    kafka,
    elasticsearch,
    onFailure: {
      type: 'string',
      enum: ['continue', 'stop'],
      default: 'continue',
      description: options.ON_FAILURE.description,
    },
    document: documentProperties,
    function: functionProperties,
    trigger,
  },
} as const;

/** The properties, checked, with defaults filled in. */
export type Props = FromSchema<typeof schema>;

/** The schema for `s verify`, which checks what stands in s.yaml: there what reads as a number may be meant as a text. */
export const schemaAsWritten: object = {
  ...schema,
  properties: {
    ...schema.properties,
    elasticsearch: {
      ...elasticsearch,
      properties: { ...elasticsearch.properties, index: { ...elasticsearch.properties.index, type: ['string', 'integer'] } },
    },
    function: {
      ...functionProperties,
      properties: {
        ...functionProperties.properties,
        environmentVariables: {
          ...functionProperties.properties.environmentVariables,
          additionalProperties: { type: ['string', 'integer', 'boolean'] },
        },
      },
    },
  },
};
