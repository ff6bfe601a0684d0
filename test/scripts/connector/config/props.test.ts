import { expect, test } from 'vitest';
import { readArguments } from '../../../../scripts/connector/commands/arguments.ts';
import { runCommand as runComponentCommand } from '../../../../scripts/connector/component.ts';
import { type Instances, unknownInstances } from '../../../../scripts/connector/config/brokers.ts';
import { environmentOf, revealSecrets } from '../../../../scripts/connector/config/environment.ts';
import { isNamedAfter, markOf, namesOf, readMark } from '../../../../scripts/connector/config/names.ts';
import { readProps } from '../../../../scripts/connector/config/props.ts';
import { kafkaInstance, propsFor, type TestProps } from '../../../support/cloud/run-command.ts';

const least = { kafka: { instanceId: 'alikafka_pre-cn-1', topic: 'orders' }, elasticsearch: { instanceId: 'es-cn-1', index: 'orders' } };

test('defaults are those of the page', () => {
  expect(readProps(least)).toMatchObject({
    region: 'cn-hangzhou',
    name: 'kafka-elasticsearch-sink',
    onFailure: 'continue',
    kafka: { consumerThreads: 6, initialPosition: 'earliest', resources: 'auto', connectorTopics: 'auto' },
    function: { api: '2.0', memorySize: 512, timeout: 60, role: 'AliyunFCDefaultRole', vpcConfig: 'auto', logConfig: 'auto' },
    trigger: {
      eventSchema: 'CloudEvents',
      batchWindow: { CountBasedWindow: 1000, TimeBasedWindow: 1 },
      retryStrategy: { PushRetryStrategy: 'EXPONENTIAL_DECAY_RETRY' },
    },
  });
});

test.each<[object, string]>([
  [{}, 'kafka: is missing'],
  [{}, 'elasticsearch: is missing'],
  [{ ...least, name: '-a' }, 'name: must be digits, lowercase letters and `-`, not first a `-`, at most 48 characters'],
  [{ ...least, name: 'A' }, 'name: must be digits, lowercase letters and `-`, not first a `-`, at most 48 characters'],
  [{ ...least, name: 'a'.repeat(49) }, 'name: must be digits, lowercase letters and `-`, not first a `-`, at most 48 characters'],
  [{ ...least, kafca: {} }, 'kafca: is not a property; did you mean kafka?'],
  [{ ...least, kafka: { ...least.kafka, consumerThread: 6 } }, 'kafka.consumerThread: is not a property; did you mean consumerThreads?'],
  [{ ...least, kafka: { ...least.kafka, consumerThreads: 7 } }, 'kafka.consumerThreads: must be one of 6, 12'],
  [{ ...least, kafka: { ...least.kafka, initialPosition: 'first' } }, 'kafka.initialPosition: must be one of earliest, latest'],
  [{ ...least, function: { timeout: 301 } }, 'function.timeout: must be at most 300'],
  [{ ...least, function: { memorySize: 500 } }, 'function.memorySize: must be a multiple of 64'],
  [{ ...least, function: { memorySize: 64 } }, 'function.memorySize: must be at least 128'],
  [{ ...least, function: { timeout: '60' } }, 'function.timeout: must be a whole number, without quotes'],
  [{ ...least, document: { createIndex: 'false' } }, 'document.createIndex: must be true or false, without quotes'],
  [{ ...least, kafka: 'orders' }, 'kafka: must be properties of its own'],
  [{ ...least, kafka: { ...least.kafka, topic: 2024 } }, 'kafka.topic: must be text; put it in quotes'],
  [{ ...least, kafka: { ...least.kafka, instanceId: '' } }, 'kafka.instanceId: must not be empty'],
  [{ ...least, elasticsearch: { index: 1.1 } }, 'elasticsearch.index: must be text; put it in quotes'],
  [{ ...least, elasticsearch: { index: 'a', password: 12_345 } }, 'elasticsearch.password: must be text; put it in quotes'],
  [
    { ...least, function: { environmentVariables: { ES_CA: null } } },
    'function.environmentVariables.ES_CA: must be text; put it in quotes',
  ],
  [{ ...least, function: { vpcConfig: { vpcId: 'vpc-1' } } }, "function.vpcConfig: auto: Elasticsearch's VPC"],
  [{ ...least, function: { api: '3' } }, 'function.api: must be one of 2.0, 3.0'],
  [{ ...least, function: { api: '3.0' }, name: 'n'.repeat(42) }, "name: must have at most 41 characters with function.api '3.0'"],
  [{ ...least, trigger: { batchWindow: { TimeBasedWindow: 16 } } }, 'trigger.batchWindow.TimeBasedWindow: must be at most 15'],
  [{ ...least, trigger: { eventSchema: 'rawData' } }, 'trigger.eventSchema: must be one of CloudEvents, RawData'],
])('%j is refused: %s', (props, fault) => {
  expect(() => readProps(props)).toThrow(fault);
});

test('no message holds a pattern, nor that a branch of the schema is not matched', () => {
  const wrong = { ...least, name: 'A_b', function: { memorySize: 1, timeout: '1', environmentVariables: { ES_CA: [] } } };
  expect(() => readProps(wrong)).toThrow(/name: must be digits/);
  expect(() => readProps(wrong)).not.toThrow(/pattern|\^|must match/);
});

test('numbers and truth values are taken as text where a text is meant', () => {
  const variables = { ES_REQUEST_TIMEOUT_MS: 12_000, ES_VERSION_CHECK: false, LOG_LEVEL: 'debug' };
  const props = { ...least, elasticsearch: { ...least.elasticsearch, index: 2024 }, function: { environmentVariables: variables } };
  expect(readProps(props)).toMatchObject({
    elasticsearch: { index: '2024' },
    function: { environmentVariables: { ES_REQUEST_TIMEOUT_MS: '12000', ES_VERSION_CHECK: 'false', LOG_LEVEL: 'debug' } },
  });
});

test('all faults come at once, and no value', () => {
  const props = { ...least, onFailure: 'canary', elasticsearch: { ...least.elasticsearch, passwort: 'canary' } };
  const read = () => readProps(props);
  expect(read).toThrow(/onFailure: must be one of continue, stop/);
  expect(read).toThrow(/elasticsearch.passwort: is not a property; did you mean password\?/);
  expect(read).not.toThrow(/canary/);
});

function environment(changes: TestProps, instances: Partial<Instances> = {}): { readonly [name: string]: string } {
  const props = readProps(propsFor('orders', changes));
  const elasticsearch = {
    instanceId: 'es-cn-1',
    status: 'active',
    version: '7.10_with_X-Pack',
    protocol: 'https',
    domain: 'es-cn-1.elasticsearch.aliyuncs.com',
    port: 9200,
    vpcId: 'vpc-1',
    vSwitchId: 'vsw-1',
    whitelist: [],
  } as const;
  return revealSecrets(environmentOf(props, namesOf(props, '1'), { kafka, elasticsearch, network: { vpcId: 'vpc-1' }, ...instances }));
}

const kafka = { ...kafkaInstance, endpoints: { plaintext: 'k1:9092,k2:9092', sasl: 'k1:9094', ssl: 'k1:9093' } };
const user = { username: 'sink', password: 'canary' };

test("properties become settings; the address is the instance's unless it is given", () => {
  expect(environment({ name: 'a', document: { id: 'key', createIndex: false } })).toEqual({
    CONNECTOR_NAME: 'a',
    SOURCE_TOPIC: 'orders',
    ES_ENDPOINT: 'es-cn-1.elasticsearch.aliyuncs.com',
    ES_PORT: '9200',
    ES_PROTOCOL: 'https',
    ES_USERNAME: 'elastic',
    ES_PASSWORD: 'none',
    ES_INDEX: 'orders',
    ERROR_DATA_TOPIC: 'connect-error-a',
    KAFKA_BOOTSTRAP_SERVERS: 'k1:9092,k2:9092',
    ON_FAILURE: 'continue',
    DOCUMENT_ID: 'key',
    CREATE_INDEX: 'false',
  });
  expect(environment({ elasticsearch: { endpoint: 'es.example', port: 9201, protocol: 'http' } })).toMatchObject({
    ES_ENDPOINT: 'es.example',
    ES_PORT: '9201',
    ES_PROTOCOL: 'http',
  });
});

test.each<[string, TestProps, Partial<Instances>, object]>([
  [
    'with users, by the endpoint for them',
    { kafka: { securityProtocol: 'SASL_PLAINTEXT', saslMechanism: 'SCRAM-SHA-256', ...user } },
    {},
    {
      KAFKA_BOOTSTRAP_SERVERS: 'k1:9094',
      KAFKA_SECURITY_PROTOCOL: 'SASL_PLAINTEXT',
      KAFKA_SASL_MECHANISM: 'SCRAM-SHA-256',
      KAFKA_USERNAME: 'sink',
      KAFKA_PASSWORD: 'canary',
    },
  ],
  [
    'with TLS, from any network',
    { kafka: { securityProtocol: 'SASL_SSL', ...user } },
    { network: { vpcId: 'vpc-2' } },
    { KAFKA_BOOTSTRAP_SERVERS: 'k1:9093', ERROR_DATA_TOPIC: 'connect-error-kafka-elasticsearch-sink' },
  ],
  [
    "by addresses of one's own, from another VPC",
    { kafka: { bootstrapServers: 'nat:9092', errorDataTopic: 'mine' } },
    { network: { vpcId: 'vpc-2' } },
    { KAFKA_BOOTSTRAP_SERVERS: 'nat:9092', ERROR_DATA_TOPIC: 'mine' },
  ],
])('brokers are reached %s', (_, changes, instances, expected) => {
  expect(environment(changes, instances)).toMatchObject(expected);
});

test.each<[string, TestProps, Partial<Instances>]>([
  ['the instance is in another VPC', { kafka: { errorDataTopic: 'mine' } }, { network: { vpcId: 'vpc-2' } }],
  [
    'the instance has no such endpoint',
    { kafka: { securityProtocol: 'SASL_SSL', ...user } },
    { kafka: { ...kafka, endpoints: { plaintext: 'k1:9092', sasl: undefined, ssl: undefined } } },
  ],
])('where %s, nothing of brokers is set, and rejected records go to an index', (_, changes, instances) => {
  const names = Object.keys(environment(changes, instances));
  expect(names.filter((name) => name.startsWith('KAFKA_') || name.startsWith('ERROR_'))).toEqual(['ERROR_INDEX']);
});

test('an index for rejected records that was asked for is used, also where brokers are reached', () => {
  const found = environment({ elasticsearch: { errorIndex: 'mine' } });
  expect(found).toMatchObject({ ERROR_INDEX: 'mine', KAFKA_BOOTSTRAP_SERVERS: 'k1:9092,k2:9092' });
  expect(found).not.toHaveProperty('ERROR_DATA_TOPIC');
});

test.each<[TestProps, string]>([
  [
    { kafka: { errorDataTopic: 'a' }, elasticsearch: { errorIndex: 'b' } },
    'elasticsearch.errorIndex: is set, and so is kafka.errorDataTopic; allowed: one of them',
  ],
  [{ kafka: { bootstrapServers: 'broker' } }, 'kafka.bootstrapServers: has a value that is not allowed; allowed: `host:port`'],
  [
    { kafka: { securityProtocol: 'SASL_SSL' } },
    'kafka.securityProtocol: SASL_SSL is not allowed here; allowed: with kafka.username and kafka.password',
  ],
  [{ elasticsearch: { port: 9300 } }, 'elasticsearch.port: has a value that is not allowed; allowed: 1 to 65535, but not 9300'],
  [{ elasticsearch: { apiKey: 'YTpi' } }, 'elasticsearch.apiKey: is set, and so is elasticsearch.password'],
  [{ elasticsearch: { index: 'Orders' } }, 'elasticsearch.index: has a value that is not allowed'],
  [{ document: { id: 'auto' }, onFailure: 'stop' }, 'onFailure: stop is not allowed with document.id=auto'],
  [{ function: { environmentVariables: { ES_INDEX: 'a' } } }, 'function.environmentVariables.ES_INDEX: set elasticsearch.index instead'],
  [
    { function: { environmentVariables: { LOG_LEVL: 'info' } } },
    'function.environmentVariables.LOG_LEVL: is not a setting; did you mean LOG_LEVEL?',
  ],
])("settings that the function would refuse are refused with the property's name: %j", (changes, fault) => {
  expect(() => environment(changes)).toThrow(fault);
});

test('a service or a function is found again by its name and its mark', () => {
  expect(isNamedAfter('kafka-service-a-abcd1234', 'a')).toBe(true);
  expect(isNamedAfter('kafka-service-a-b-abcd1234', 'a')).toBe(false);
  expect(isNamedAfter('kafka-service-a-abcd123', 'a')).toBe(false);
  const props = readProps(least);
  expect(readMark(markOf(props))).toEqual({
    connector: 'kafka-elasticsearch-sink',
    instanceId: 'alikafka_pre-cn-1',
    topic: 'orders',
  });
  expect(readMark("somebody else's")).toBeUndefined();
});

test('an option that a command does not have is refused with the nearest one', () => {
  const options = { 'with-topics': { type: 'boolean', description: '' } } as const;
  expect(readArguments(['-y', '--with-topics', '-o', 'json', '-t', 's.yaml'], options)).toMatchObject({
    values: { 'with-topics': true },
    isForProgram: true,
    assumesYes: true,
  });
  expect(() => readArguments(['--with-topic'], options)).toThrow(
    '--with-topic is not an option of this command; did you mean --with-topics?',
  );
});

test.each([
  ['logs-{topic}', 'logs-${topic}'],
  ['{topic}-{yyyy.MM.dd}', '${topic}-{yyyy.MM.dd}'],
  ['logs-${topic}', 'logs-${topic}'],
])('the topic in the name of an index is written so that no template takes it: %s', (index, expected) => {
  expect(readProps({ ...least, elasticsearch: { ...least.elasticsearch, index } }).elasticsearch.index).toBe(expected);
});

test.each([
  [
    'a name without its space',
    { elasticsearch: { ...least.elasticsearch, 'password:canary-1': null } },
    'elasticsearch.password…: is not a property',
  ],
  [
    'a setting without its space',
    { function: { environmentVariables: { 'LOG_LEVEL: canary-1': {} } } },
    'environmentVariables.LOG_LEVEL…: must be text',
  ],
  ['a name of a megabyte', { ['x'.repeat(1_000_000)]: 1 }, 'x…: is not a property'],
  ['lists in lists', JSON.parse(`{"trigger":${'['.repeat(50_000)}${']'.repeat(50_000)}}`), 'props: are nested deeper than any property'],
])('%s is refused, and what stands behind it is not told', (_what, changes, fault) => {
  const read = () => readProps({ ...least, ...changes });
  expect(read).toThrow(fault);
  expect(read).not.toThrow('canary');
});

test.each(['__proto__', 'constructor', 'toString'])('%s is no setting', (name) => {
  const environmentVariables = JSON.parse(`{${JSON.stringify(name)}: "x"}`);
  const props = readProps({ ...least, elasticsearch: { ...least.elasticsearch, password: 'p' }, function: { environmentVariables } });
  expect(() => environmentOf(props, namesOf(props, '1'), unknownInstances)).toThrow(
    `function.environmentVariables.${name}: is not a setting`,
  );
});

test('properties that stand in themselves, and in a thousand million places, are refused at once', async () => {
  const circle: { self?: object } = {};
  circle.self = circle;
  let lists: readonly unknown[] = ['lol'];
  for (let depth = 0; depth < 9; depth += 1) lists = Array.from({ length: 10 }, () => lists);
  const props = { ...least, document: { circle, lists } };
  await expect(runComponentCommand('plan', { props, args: [], getCredential: async () => ({}) })).rejects.toThrow(
    'document.circle: is not a property',
  );
});

test.each(['constructor', '__proto__', 'toString', 'hasOwnProperty'])('s %s and s local %s are no commands', async (name) => {
  const inputs = { props: least, getCredential: async () => ({}) };
  await expect(runComponentCommand(name, { ...inputs, args: [] })).rejects.toThrow(`s ${name}: there is no such command`);
  await expect(runComponentCommand('local', { ...inputs, args: [name] })).rejects.toThrow('there are `s local invoke` and `s local start`');
});
