import { inspect } from 'node:util';
import { expect, expectTypeOf, test } from 'vitest';
import type { Position } from '../../shared/position.ts';
import type { Secret } from '../../shared/secret.ts';
import { readSettings, type Settings } from '../../shared/settings.ts';
import { environment } from '../support/function/environment.ts';

function faults(changes: { readonly [name: string]: string | undefined }): string[] {
  try {
    readSettings(environment(changes));
    return [];
  } catch (error) {
    expect(error).toMatchObject({ name: 'SettingsInvalid' });
    return (error as Error).message.split('\n');
  }
}

test('what is not set has its default, and an empty text is not set', () => {
  expect(readSettings(environment({ ES_USERNAME: '', ES_PORT: '' }))).toMatchObject({
    CONNECTOR_NAME: 'demo',
    ES_PORT: 9200,
    ES_PROTOCOL: 'http',
    ES_USERNAME: 'elastic',
    ES_REQUEST_TIMEOUT_MS: 30_000,
  });
});

test.each<[string, string | undefined]>([
  ['CONNECTOR_NAME', undefined],
  ['CONNECTOR_NAME', '-demo'],
  ['CONNECTOR_NAME', 'Demo'],
  ['CONNECTOR_NAME', 'a'.repeat(49)],
  ['ES_ENDPOINT', undefined],
  ['ES_ENDPOINT', 'ftp://es'],
  ['ES_ENDPOINT', 'http://es/path'],
  ['ES_ENDPOINT', 'http://elastic:canary@es'],
  ['ES_ENDPOINT', 'e s'],
  ['ES_PORT', '0'],
  ['ES_PORT', '65536'],
  ['ES_PORT', '9300'],
  ['ES_PORT', '0x2400'],
  ['ES_PORT', '92 00'],
  ['ES_PROTOCOL', 'tcp'],
  ['ES_ENDPOINT', 'es1,,es2'],
  ['ES_ENDPOINT', 'http://es:9300'],
  ['ES_USERNAME', 'a:b'],
  ['ES_PASSWORD', undefined],
  ['ES_CA_FINGERPRINT', 'canary'],
  ['SOURCE_TOPIC', 'a b'],
  ['CREATE_INDEX', 'yes'],
  ['ES_ROUTING', 'value'],
  ['ES_COMPRESSION', 'brotli'],
  ['ES_VERSION_CHECK', '1'],
  ['DOCUMENT_SHAPE', 'canary'],
  ['DOCUMENT_ID', 'uuid'],
  ['DOCUMENT_VERSION', 'true'],
  ['WRITE_MODE', 'update'],
  ['NULL_VALUE', 'ignore'],
  ['OVERFLOW', 'ignore'],
  ['ON_FAILURE', 'ignore'],
  ['SKIP_POSITIONS', 'orders+0'],
  ['SKIP_POSITIONS', 'orders+0+1,orders+0+-1'],
  ['BATCH_MAX_BYTES', '1023'],
  ['BATCH_MAX_BYTES', '104857601'],
  ['BATCH_MAX_RECORDS', '100001'],
  ['MAX_IN_FLIGHT', '17'],
  ['RETRY_BACKOFF_MS', '0'],
  ['RETRY_MAX_BACKOFF_MS', '-1'],
  ['DEADLINE_RESERVE_MS', '2.0'],
  ['ERROR_INDEX', 'errors-${topic}'],
  ['ERROR_INDEX', 'Errors'],
  ['LOG_LEVEL', 'trace'],
  ['ERROR_DATA_TOPIC', 'a b'],
  ['KAFKA_BOOTSTRAP_SERVERS', 'broker'],
  ['KAFKA_BOOTSTRAP_SERVERS', 'broker:0'],
  ['KAFKA_BOOTSTRAP_SERVERS', 'broker:9092,'],
  ['KAFKA_BOOTSTRAP_SERVERS', 'broker:9092;broker:9093'],
  ['KAFKA_SECURITY_PROTOCOL', 'SSL'],
  ['KAFKA_SASL_MECHANISM', 'GSSAPI'],
  ['ES_INDEX', undefined],
  ['ES_INDEX', 'Elastic'],
  ['ES_INDEX', '_elastic'],
  ['ES_INDEX', 'a*'],
  ['ES_INDEX', '..'],
  ['ES_INDEX', '索'.repeat(86)],
  ['ES_INDEX', 'a-{yyyy}-{MM}'],
  ['ES_INDEX', 'a-{xxxx}'],
  ['ES_INDEX', 'A-${topic}'],
  ['ES_INDEX', '-${topic}'],
  ['ES_INDEX', 'a-${partition}'],
  ['DOCUMENT_ID_PREFIX', 'a\nb'],
  ['DOCUMENT_ID_PREFIX', 'canary\u0000'],
  ['DOCUMENT_ID_PREFIX', '\u009b2J'],
  ['DOCUMENT_ID_PREFIX', 'canary\ud83d'],
  ['DOCUMENT_ID_PREFIX', '\udca9'],
  ['ES_PIPELINE', 'a\nb'],
  ['ES_PIPELINE', 'canary\ud83d'],
  ['ES_REQUEST_TIMEOUT_MS', '300001'],
  ['ES_REQUEST_TIMEOUT_MS', '1e3'],
])('%s = %s is refused, with what is allowed', (name, value) => {
  const found = faults({ [name]: value });
  expect(found).toHaveLength(1);
  expect(found[0]).toMatch(new RegExp(`^${name}: .*allowed: `));
  expect(found[0]).not.toContain('canary');
});

test.each([
  ['ES_ENDPOINT', 'es-cn-oew1o67x0000.elasticsearch.aliyuncs.com'],
  ['ES_ENDPOINT', 'https://es:9243'],
  ['ES_ENDPOINT', 'http://[::1]:9200/'],
  ['ES_INDEX', 'a'.repeat(255)],
  ['ES_INDEX', '.hidden-索引'],
  ['ES_INDEX', '${topic}'],
  ['ES_INDEX', 'logs-${topic}-{yyyy.MM.dd}'],
  ['ES_ENDPOINT', 'es1, es2:9201,https://es3'],
  ['ES_CA_FINGERPRINT', 'aB'.repeat(32)],
  ['ES_CA_FINGERPRINT', `${'AB:'.repeat(31)}AB`],
  ['SKIP_POSITIONS', 'orders+0+1, my.topic_2-x+11+9007199254740'],
  ['BATCH_MAX_BYTES', '1024'],
  ['DEADLINE_RESERVE_MS', '300000'],
  ['CONNECTOR_NAME', '0'.repeat(48)],
  ['ES_PORT', '65535'],
  ['DOCUMENT_ID_PREFIX', ' "\\ 索引 💩 '],
  ['ES_PIPELINE', 'a,b'],
  ['ES_PIPELINE', '_none'],
  ['KAFKA_BOOTSTRAP_SERVERS', '192.168.0.1:9092, alikafka-post-cn-x-1-vpc.alikafka.aliyuncs.com:9094'],
])('%s = %s is allowed', (name, value) => {
  expect(faults({ [name]: value })).toEqual([]);
});

test('9300 is refused with what to use instead', () => {
  expect(faults({ ES_PORT: '9300' })).toEqual([expect.stringMatching(/transport port.*use 9200/)]);
});

test.each<[string, { readonly [name: string]: string | undefined }, string]>([
  ['neither password nor API key', { ES_PASSWORD: undefined }, 'ES_PASSWORD'],
  ['password and API key', { ES_API_KEY: 'Y2FuYXJ5' }, 'ES_API_KEY'],
  ['create by key', { WRITE_MODE: 'create', DOCUMENT_ID: 'key' }, 'WRITE_MODE'],
  ['upsert without an id', { WRITE_MODE: 'upsert', DOCUMENT_ID: 'auto' }, 'WRITE_MODE'],
  ['a pipeline of upserts', { WRITE_MODE: 'upsert', ES_PIPELINE: 'p' }, 'ES_PIPELINE'],
  ['a version without a key', { DOCUMENT_VERSION: 'offset' }, 'DOCUMENT_VERSION'],
  ['a version of an upsert', { DOCUMENT_VERSION: 'offset', DOCUMENT_ID: 'key', WRITE_MODE: 'upsert' }, 'DOCUMENT_VERSION'],
  ['an indexed null without envelope', { NULL_VALUE: 'index', DOCUMENT_SHAPE: 'value' }, 'NULL_VALUE'],
  ['a delete by position', { NULL_VALUE: 'delete' }, 'NULL_VALUE'],
  ['a delete with a date', { NULL_VALUE: 'delete', DOCUMENT_ID: 'key', ES_INDEX: 'a-{yyyy}' }, 'NULL_VALUE'],
  ['stop with ids of the server', { ON_FAILURE: 'stop', DOCUMENT_ID: 'auto' }, 'ON_FAILURE'],
  ['an error index and an error topic', { ERROR_INDEX: 'e', ERROR_DATA_TOPIC: 'e', KAFKA_BOOTSTRAP_SERVERS: 'b:1' }, 'ERROR_INDEX'],
  ['an error topic without brokers', { ERROR_DATA_TOPIC: 'e' }, 'ERROR_DATA_TOPIC'],
  ['fetch without brokers', { OVERFLOW: 'fetch', SOURCE_TOPIC: 't' }, 'OVERFLOW'],
  ['fetch without a topic', { OVERFLOW: 'fetch', KAFKA_BOOTSTRAP_SERVERS: 'b:1' }, 'OVERFLOW'],
  ['SASL without a user', { KAFKA_SECURITY_PROTOCOL: 'SASL_SSL', KAFKA_PASSWORD: 'canary' }, 'KAFKA_SECURITY_PROTOCOL'],
  ['a user without SASL', { KAFKA_USERNAME: 'u', KAFKA_PASSWORD: 'canary' }, 'KAFKA_USERNAME'],
  ['an authority without TLS', { KAFKA_CA: 'ca.pem' }, 'KAFKA_CA'],
  ['the source topic as error topic', { SOURCE_TOPIC: 't', ERROR_DATA_TOPIC: 't', KAFKA_BOOTSTRAP_SERVERS: 'b:1' }, 'ERROR_DATA_TOPIC'],
  ['a topic whose name is no index name', { ES_INDEX: '${topic}', SOURCE_TOPIC: '-orders' }, 'ES_INDEX'],
  ["a topic whose name is as Elasticsearch's own", { ES_INDEX: '${topic}-{yyyy}', SOURCE_TOPIC: '.orders' }, 'ES_INDEX'],
  ['a topic that makes the name too long', { ES_INDEX: 'a-${topic}-{yyyy.MM.dd}', SOURCE_TOPIC: 'o'.repeat(243) }, 'ES_INDEX'],
  ['the index as error index', { ES_INDEX: 'a', ERROR_INDEX: 'a' }, 'ERROR_INDEX'],
  ['an index by topic as error index', { ES_INDEX: 'a-${topic}', SOURCE_TOPIC: 'B.c', ERROR_INDEX: 'a-b.c' }, 'ERROR_INDEX'],
  ['an index by day as error index', { ES_INDEX: 'a-{yyyy.MM.dd}', ERROR_INDEX: 'a-2026.11.26' }, 'ERROR_INDEX'],
  ['stop with an upsert by key', { ON_FAILURE: 'stop', DOCUMENT_ID: 'key', WRITE_MODE: 'upsert' }, 'ON_FAILURE'],
])('settings that exclude each other are refused, with what is allowed: %s', (_, changes, name) => {
  expect(faults(changes)).toEqual([expect.stringMatching(`^${name}: .*; allowed: `)]);
});

test.each([
  [{ ES_INDEX: 'a', ERROR_INDEX: 'a-errors' }],
  [{ ES_INDEX: '${topic}', SOURCE_TOPIC: 'orders', ERROR_INDEX: 'errors' }],
  [{ ES_INDEX: '${topic}', ERROR_INDEX: 'errors' }],
  [{ ES_INDEX: 'a-{yyyy.MM.dd}', ERROR_INDEX: 'a-2026x11x26' }],
  [{ ES_INDEX: 'a-{yyyy}', ERROR_INDEX: 'a-errors' }],
  [{ SOURCE_TOPIC: 't', ERROR_DATA_TOPIC: 'T', KAFKA_BOOTSTRAP_SERVERS: 'b:1' }],
])('an error destination that no document goes to is allowed: %j', (changes) => {
  expect(faults(changes)).toEqual([]);
});

test.each([
  [{ ES_INDEX: 'a', SOURCE_TOPIC: '-orders' }],
  [{ ES_INDEX: 'a${topic}', SOURCE_TOPIC: '.orders' }],
  [{ ES_INDEX: 'a-${topic}-{yyyy.MM.dd}', SOURCE_TOPIC: 'o'.repeat(242) }],
])('a topic that can be an index name, or is no part of it, is allowed: %j', (changes) => {
  expect(faults(changes)).toEqual([]);
});

test.each<[string, { readonly [name: string]: string }, boolean]>([
  ['that leaves room for one position of the topic', { DOCUMENT_ID_PREFIX: 'x'.repeat(502), SOURCE_TOPIC: 'orders' }, true],
  ['that leaves none', { DOCUMENT_ID_PREFIX: 'x'.repeat(503), SOURCE_TOPIC: 'orders' }, false],
  ['that leaves none, in bytes', { DOCUMENT_ID_PREFIX: '索'.repeat(168), SOURCE_TOPIC: 'orders' }, false],
  ['that leaves room in bytes', { DOCUMENT_ID_PREFIX: '索'.repeat(167), SOURCE_TOPIC: 'orders' }, true],
  ['that leaves room for the shortest topic', { DOCUMENT_ID_PREFIX: 'x'.repeat(507) }, true],
  ['that leaves room for no topic', { DOCUMENT_ID_PREFIX: 'x'.repeat(508) }, false],
  ['of ids that are keys', { DOCUMENT_ID_PREFIX: 'x'.repeat(600), DOCUMENT_ID: 'key' }, true],
])('a prefix %s', (_, changes, isAllowed) => {
  const fault = expect.stringMatching(/^DOCUMENT_ID_PREFIX: .*512 bytes.*allowed: at most \d+ bytes/);
  expect(faults(changes)).toEqual(isAllowed ? [] : [fault]);
});

test('defaults that depend on other settings', () => {
  expect(readSettings(environment())).toMatchObject({ DOCUMENT_VERSION: 'none', NULL_VALUE: 'index' });
  expect(readSettings(environment({ DOCUMENT_ID: 'key', DOCUMENT_SHAPE: 'value' }))).toMatchObject({
    DOCUMENT_VERSION: 'offset',
    NULL_VALUE: 'reject',
  });
  expect(readSettings(environment({ DOCUMENT_ID: 'key', WRITE_MODE: 'upsert' }))).toMatchObject({ DOCUMENT_VERSION: 'none' });
});

test('the types of the settings are those of the table', () => {
  expectTypeOf<Settings['ES_PORT']>().toEqualTypeOf<number>();
  expectTypeOf<Settings['ES_PASSWORD']>().toEqualTypeOf<Secret | undefined>();
  expectTypeOf<Settings['DOCUMENT_SHAPE']>().toEqualTypeOf<'envelope' | 'value' | 'value-with-metadata'>();
  expectTypeOf<Settings['NULL_VALUE']>().toEqualTypeOf<'index' | 'delete' | 'skip' | 'reject'>();
  expectTypeOf<Settings['SKIP_POSITIONS']>().toEqualTypeOf<Position[] | undefined>();
  expectTypeOf<Settings['CREATE_INDEX']>().toEqualTypeOf<boolean>();
});

test('all faults come at once', () => {
  const found = faults({ CONNECTOR_NAME: undefined, ES_PORT: 'x', ES_INDX: 'a' });
  expect(found.map((line) => line.split(':')[0])).toEqual(['CONNECTOR_NAME', 'ES_PORT', 'ES_INDX']);
});

test.each([
  ['ES_INDX', 'ES_INDEX'],
  ['ES_PASWORD', 'ES_PASSWORD'],
  ['CONNECTOR_NAMES', 'CONNECTOR_NAME'],
  ['EES_PORT', 'ES_PORT'],
  ['es_INDEX', 'ES_INDEX'],
  ['ES_SOMETHING_ELSE', 'ES_'],
])('the unknown name %s is refused and the nearest named', (name, nearest) => {
  expect(faults({ [name]: 'a' })).toEqual([expect.stringMatching(`^${name}: is not a setting; did you mean ${nearest}`)]);
});

test.each([
  ['ES_A\nES_PASSWORD', 'ES_A\\u000aES_PASSWORD'],
  ['ES_\u001b[2J', 'ES_\\u001b[2J'],
  ['ES_\u202e\u2028', 'ES_\\u202e\\u2028'],
])('an unknown name is told on one line, without what drives a terminal: %j', (name, shown) => {
  const [fault, ...others] = faults({ [name]: 'a' });
  expect(others).toEqual([]);
  expect(fault?.startsWith(`${shown}: is not a setting`)).toBe(true);
});

test("other programs' variables are left alone", () => {
  expect(faults({ PATH: '/bin', FC_REGION: 'cn-hangzhou', TZ: 'UTC' })).toEqual([]);
});

test('a password shows itself nowhere but where it is asked for', () => {
  const settings = readSettings(environment());
  expect(`${settings.ES_PASSWORD}${JSON.stringify(settings)}${inspect(settings, { depth: 9, showHidden: true })}`).not.toContain('canary');
  expect(settings.ES_PASSWORD?.reveal()).toBe('canary-Pa55');
});
