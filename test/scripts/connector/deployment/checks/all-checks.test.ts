import { expect, test } from 'vitest';
import type { Environment } from '../../../../../scripts/connector/config/environment.ts';
import { namesOf } from '../../../../../scripts/connector/config/names.ts';
import { readProps } from '../../../../../scripts/connector/config/props.ts';
import { checksOf } from '../../../../../scripts/connector/deployment/checks/all-checks.ts';
import type { Check } from '../../../../../scripts/connector/deployment/checks/check-result.ts';
import type { OtherConnector, Survey } from '../../../../../scripts/connector/deployment/survey.ts';
import { kafkaInstance, propsFor, type TestProps } from '../../../../support/cloud/run-command.ts';
import { surveyWith } from '../../../../support/cloud/survey.ts';

const intent = { adopts: false, resumes: false };
function check(title: string, changes: Partial<Survey> = {}, properties: TestProps = {}, environment: Environment = {}): Check | undefined {
  const props = readProps(propsFor('orders', properties));
  const subject = { intent, props, names: namesOf(props, '1'), survey: surveyWith(changes), environment, settingsFault: undefined };
  return checksOf(subject).find((one) => one.title === title);
}

function elasticsearch(changes: object): Partial<Survey> {
  const survey = surveyWith();
  return { ...(survey.elasticsearch && { elasticsearch: { ...survey.elasticsearch, ...changes } }) };
}

test('all is well: every check passes', () => {
  const props = readProps(propsFor('orders'));
  const subject = { intent, props, names: namesOf(props, '1'), survey: surveyWith(), environment: {}, settingsFault: undefined };
  expect(checksOf(subject).filter(({ ok }) => ok !== true)).toEqual([]);
});

test.each([
  ['6.8_with_X-Pack', false],
  ['7.0_with_X-Pack', true],
  ['8.17.0', true],
])('Elasticsearch of version %s: %s', (version, ok) => {
  expect(check('Elasticsearch', elasticsearch({ version }))).toMatchObject({ ok });
});

test.each([
  [['192.168.1.0/24'], true],
  [['0.0.0.0/0'], true],
  [['10.0.0.1', '192.168.0.0/16'], true],
  [['192.168.1.1'], null],
  [['192.168.2.0/24'], null],
  [['::1', 'nonsense'], null],
  [[], null],
])('a whitelist of %j lets the vSwitch in: %s', (whitelist, ok) => {
  expect(check('Whitelist of Elasticsearch', elasticsearch({ whitelist }))).toMatchObject({ ok });
});

test('what cannot be told of another VPC is not claimed', () => {
  expect(check('Whitelist of Elasticsearch', elasticsearch({ vpcId: 'vpc-2' }))).toMatchObject({ ok: null });
});

test('brokers in another VPC than the function: said, with what needs a route', () => {
  const { kafka } = surveyWith();
  expect(check('Brokers from the function', { ...(kafka && { kafka: { ...kafka, vpcId: 'vpc-2' } }) })).toMatchObject({
    ok: null,
    detail: expect.stringMatching(/vpc-2 is another VPC.*test messages, audit and replay need them; delivery does not/),
  });
});

test('an error topic that the function cannot reach is said not to be used', () => {
  const { kafka } = surveyWith();
  const elsewhere = { ...(kafka && { kafka: { ...kafka, vpcId: 'vpc-2' } }) };
  expect(check('Rejected records', elsewhere, { kafka: { errorDataTopic: 'mine' } })).toMatchObject({
    ok: null,
    detail: expect.stringMatching(/^go to index connect-error-\S+, not to kafka\.errorDataTopic/),
  });
  expect(check('Rejected records', elsewhere)).toMatchObject({ ok: true });
});

test('more threads than partitions are said', () => {
  const topics = [{ topic: 'orders', partitions: 3, storage: 'cloud' as const, compact: false, remark: '' }];
  expect(check('Consumer threads', { topics })).toMatchObject({ ok: null, detail: expect.stringContaining('3 of 6') });
});

test('an edition without local storage has no connector topics unless they are required', () => {
  const { kafka } = surveyWith();
  const standard = { ...(kafka && { kafka: { ...kafka, edition: 'normal' } }) };
  expect(check('Topics of the connector', standard)?.detail).toMatch(/^connect-error-kafka-elasticsearch-sink; /);
  expect(check('Topics of the connector', standard, { kafka: { connectorTopics: 'required' } })).toMatchObject({ ok: false });
});

test('an error topic that is compact would drop records, and is refused', () => {
  const topics = [
    { topic: 'orders', partitions: 12, storage: 'cloud' as const, compact: false, remark: '' },
    { topic: 'connect-error-kafka-elasticsearch-sink', partitions: 1, storage: 'local' as const, compact: true, remark: '' },
  ];
  expect(check('Topics of the connector', { topics })).toMatchObject({ ok: false, detail: expect.stringContaining('would drop records') });
});

test("Elasticsearch by its address alone needs a network of the user's", () => {
  const changes = { elasticsearch: undefined, network: { vpcId: undefined, vSwitchIds: [], vSwitches: [], securityGroup: undefined } };
  const byAddress = { elasticsearch: { instanceId: undefined, endpoint: 'es.example' } };
  expect(check('Network of the function', changes, byAddress)).toMatchObject({
    ok: false,
    fix: expect.stringContaining('function.vpcConfig'),
  });
});

test('what the edition leaves out is named, unless it was not wanted', () => {
  const kafka = { ...kafkaInstance, edition: 'normal' };
  const named = check('Topics of the connector', { kafka });
  expect(named?.ok).toBe(null);
  expect(named?.detail).toMatch(/normal edition has no topics with local storage: the offset, config and status topics.*are left out/);
  expect(check('Topics of the connector', { kafka }, { kafka: { connectorTopics: 'off' } })?.ok).toBe(true);
});

test('what the cloud does not tell of a topic is no deviation', () => {
  const topics = [
    { topic: 'orders', partitions: 12, storage: undefined, compact: undefined, remark: '' },
    { topic: 'connect-offset-kafka-elasticsearch-sink', partitions: 6, storage: undefined, compact: undefined, remark: '' },
  ];
  expect(check('Topics of the connector', { topics })?.ok).toBe(true);
});

test('a whitelist that the instance does not tell is no difference, and is named', () => {
  expect(check('Whitelist of Elasticsearch', elasticsearch({ whitelist: undefined }))).toMatchObject({
    ok: null,
    detail: 'the instance does not tell it; 192.168.1.0/24 must be in it',
  });
});

const kafkaArn = (rest: string) => `acs:alikafka:cn-hangzhou:1:${rest}`;
const ownInstance = kafkaInstance.instanceId;

test.each([
  ['that does not parse', kafkaArn(`instance/${ownInstance}/letters`), /names no topic; give acs:alikafka:/],
  ['that names the product alone', 'acs:alikafka', /names no topic/],
  ['whose keywords are in capitals and that does not parse', 'ACS:ALIKAFKA:::INSTANCE/i', /names no topic/],
  ['of a topic that there is not', kafkaArn(`instance/${ownInstance}/topic/letters`), /letters of \S+ does not exist/],
  ['of the source topic', kafkaArn(`instance/${ownInstance}/topic/orders`), /orders is the source topic/],
  ['of the source topic in other letters', `ACS:AliKafka:::Instance/${ownInstance}/Topic/orders`, /orders is the source topic/],
  ['that is a name', 'letters', /'letters' is not an ARN; give acs:alikafka:/],
  ['that is nothing', ' ', /is not an ARN/],
])('a dead-letter queue %s is refused', (_what, Arn, detail) => {
  const found = check('Topics of the connector', {}, { trigger: { deadLetterQueue: { Arn } } });
  expect(found).toMatchObject({ ok: false, detail: expect.stringMatching(detail) });
  expect(found?.detail).toMatch(/trigger\.deadLetterQueue\.Arn: /);
});

test.each([
  ['the topic that is made', kafkaArn(`instance/${ownInstance}/topic/connect-error-kafka-elasticsearch-sink`)],
  ['a topic of another instance', kafkaArn('instance/alikafka_pre-cn-other/topic/letters')],
  ['a queue of another product', 'acs:mns:cn-hangzhou:1:/queues/letters'],
])('a dead-letter queue may be %s', (_what, Arn) => {
  expect(check('Topics of the connector', {}, { trigger: { deadLetterQueue: { Arn } } })).toMatchObject({ ok: true });
});

function otherWith(environment: { readonly [name: string]: string }, changes: Partial<OtherConnector> = {}): OtherConnector {
  const mark = { connector: 'theirs', instanceId: 'alikafka_pre-cn-other', topic: 'orders' };
  return {
    ...mark,
    generation: '2.0',
    name: 'kafka-service-theirs-1',
    isKnown: true,
    topics: [],
    environment: { SOURCE_TOPIC: 'orders', ...environment },
    ...changes,
  };
}

const inVpc = 'es-cn-1.elasticsearch.aliyuncs.com';
const onInternet = 'ES-cn-1.public.elasticsearch.aliyuncs.com';

test.each([
  ['one name', 'orders', 'orders', inVpc, false],
  ['one name, by the topic', 'orders', '${topic}', inVpc, false],
  ['one name, the address in other letters', 'orders', 'orders', inVpc.toUpperCase(), false],
  ['one name, by the address on the Internet', 'orders', 'orders', onInternet, false],
  ['a name that is a day of the other', 'logs-2026.11.26', 'logs-{yyyy.MM.dd}', inVpc, false],
  ['days of which one is the name of the other', '${topic}-{yyyy}', 'orders-2026', inVpc, false],
  ['days with equal parts around them', 'logs-{yyyy.MM.dd}', 'logs-{yyyy.MM}', inVpc, false],
  ['days with other parts around them', 'logs-{yyyy.MM.dd}', 'audit-{yyyy.MM.dd}', inVpc, undefined],
  ['a name that is no day of the other', 'logs-today', 'logs-{yyyy.MM.dd}', inVpc, undefined],
  ['two names', 'orders', 'others', inVpc, undefined],
  ['one name in two instances', 'orders', 'orders', 'es-cn-2.elasticsearch.aliyuncs.com', undefined],
])('positions of two topics of one name that go to %s', (_what, own, its, host, ok) => {
  const survey = { others: [otherWith({ ES_INDEX: its, ES_ENDPOINT: host })] };
  const found = check('Other connectors', survey, {}, { ES_INDEX: own, ES_ENDPOINT: inVpc, SOURCE_TOPIC: 'orders' });
  expect(found?.ok).toBe(ok);
});

/** What two connectors are told: the topic that this one reads is `orders`, of another instance than the other's unless that is said. */
function toldOf(own: Environment, its: { readonly [name: string]: string }, other: Partial<OtherConnector> = {}): Check | undefined {
  const common = { ES_ENDPOINT: inVpc, SOURCE_TOPIC: 'orders' };
  const survey = { others: [otherWith({ ...common, ES_INDEX: 'theirs', ...its }, other)] };
  return check('Other connectors', survey, {}, { ...common, ES_INDEX: 'ours', ...own });
}

const here = { instanceId: ownInstance };
const elsewhere = { instanceId: 'alikafka_pre-cn-other' };
const index = { ES_INDEX: 'ours' };

test.each<[string, Partial<OtherConnector>, string, Environment, Environment, boolean | null]>([
  ['the same instance and topic: the same records', here, 'orders', {}, {}, null],
  ['the same instance and topic, another prefix', here, 'orders', { DOCUMENT_ID_PREFIX: 'a' }, {}, null],
  ['the same instance and topic, both by key', here, 'orders', { DOCUMENT_ID: 'key' }, { DOCUMENT_ID: 'key' }, null],
  ['another topic of the same instance', here, 'others', {}, {}, null],
  ['another topic of the same instance, one prefix', here, 'others', { DOCUMENT_ID_PREFIX: 'a' }, { DOCUMENT_ID_PREFIX: 'a' }, null],
  ['another topic that begins with the prefix', here, 'eu-orders', { DOCUMENT_ID_PREFIX: 'eu-' }, {}, false],
  ['another topic whose prefix begins this one', here, 'ders', {}, { DOCUMENT_ID_PREFIX: 'or' }, false],
  ['prefixes and topics that meet in their middle', here, 'b-orders', { DOCUMENT_ID_PREFIX: 'a-b-' }, { DOCUMENT_ID_PREFIX: 'a-' }, false],
  ['a prefix that ends like a position', here, '0', { DOCUMENT_ID_PREFIX: 'orders+0+' }, { DOCUMENT_ID_PREFIX: 'orders+0+orders' }, null],
  ['a topic of digits behind a prefix with the other topic', here, '0', {}, { DOCUMENT_ID_PREFIX: 'orders+' }, null],
  ['an equally named topic of another instance', elsewhere, 'orders', {}, {}, false],
  [
    'an equally named topic of another instance, one prefix',
    elsewhere,
    'orders',
    { DOCUMENT_ID_PREFIX: 'a' },
    { DOCUMENT_ID_PREFIX: 'a' },
    false,
  ],
  ['an equally named topic of another instance, two prefixes', elsewhere, 'orders', { DOCUMENT_ID_PREFIX: 'a' }, {}, null],
  ['an equally named topic of another instance, one by key', elsewhere, 'orders', { DOCUMENT_ID: 'key' }, {}, null],
  ['an equally named topic of another instance, the other without ids', elsewhere, 'orders', {}, { DOCUMENT_ID: 'auto' }, null],
  ['another topic of another instance', elsewhere, 'others', {}, {}, null],
  ['another topic of another instance that begins with the prefix', elsewhere, 'eu-orders', { DOCUMENT_ID_PREFIX: 'eu-' }, {}, false],
])('into one index: %s', (_what, other, topic, own, its, ok) => {
  expect(toldOf({ ...index, ...own }, { ...index, SOURCE_TOPIC: topic, ...its }, { topic, ...other })?.ok).toBe(ok);
});

const errors = { ERROR_INDEX: 'errors' };

test.each<[string, Partial<OtherConnector>, string, Environment, Environment, boolean | undefined | null]>([
  ['the same instance and topic: the copy of one is the only one of the other', here, 'orders', {}, {}, false],
  [
    'the same instance and topic, by key: an error document is named by its position',
    here,
    'orders',
    { DOCUMENT_ID: 'key' },
    { DOCUMENT_ID: 'key' },
    false,
  ],
  ['the same instance and topic, two prefixes', here, 'orders', { DOCUMENT_ID_PREFIX: 'a' }, {}, null],
  ['an equally named topic of another instance', elsewhere, 'orders', {}, {}, false],
  ['an equally named topic of another instance, two prefixes', elsewhere, 'orders', { DOCUMENT_ID_PREFIX: 'a' }, {}, undefined],
  ['another topic', here, 'others', {}, {}, undefined],
  ['another topic that begins with the prefix', here, 'eu-orders', { DOCUMENT_ID_PREFIX: 'eu-' }, {}, false],
  [
    'an equally named topic, in another Elasticsearch',
    elsewhere,
    'orders',
    {},
    { ES_ENDPOINT: 'es-cn-2.elasticsearch.aliyuncs.com' },
    undefined,
  ],
  ['an equally named topic, by the address on the Internet', elsewhere, 'orders', {}, { ES_ENDPOINT: onInternet }, false],
])('one error index of two connectors: %s', (_what, other, topic, own, its, ok) => {
  const told = toldOf({ ...errors, ...own }, { ...errors, SOURCE_TOPIC: topic, ...its }, { topic, ...other });
  expect(told?.ok).toBe(ok);
  if (ok === false)
    expect(told).toMatchObject({ detail: expect.stringContaining('errors'), fix: expect.stringContaining('elasticsearch.errorIndex') });
});

test.each<[string, Environment, Environment, boolean | undefined]>([
  ["this one's error index", { ERROR_INDEX: 'theirs' }, {}, false],
  ["the other's error index", {}, { ERROR_INDEX: 'ours' }, false],
  ["this one's error index, a day of the other", { ERROR_INDEX: 'logs-2026.11.26' }, { ES_INDEX: 'logs-{yyyy.MM.dd}' }, false],
  ['two error indices', { ERROR_INDEX: 'a' }, { ERROR_INDEX: 'b' }, undefined],
  ['another Elasticsearch', { ERROR_INDEX: 'theirs' }, { ES_ENDPOINT: 'es-cn-2.elasticsearch.aliyuncs.com' }, undefined],
])('the documents of one connector and the rejected records of another in one index: %s', (_what, own, its, ok) => {
  const told = toldOf(own, { SOURCE_TOPIC: 'others', ...its }, { topic: 'others' });
  expect(told?.ok).toBe(ok);
  if (ok === false) expect(told?.fix).toContain('elasticsearch.errorIndex');
});

test('another connector that cannot be looked into is said', () => {
  expect(check('Other connectors', { others: [otherWith({}, { isKnown: false })] })).toMatchObject({
    ok: null,
    detail: expect.stringMatching(/^connector theirs of service \S+, .* could not be looked into/),
  });
});
