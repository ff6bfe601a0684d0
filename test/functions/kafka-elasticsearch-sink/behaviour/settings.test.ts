// Settings that are refused, each by its name.
import { expect, test } from 'vitest';
import { issue } from '../../../support/elasticsearch/certificates.ts';
import { json } from '../../../support/elasticsearch/scripted-server.ts';
import { BuiltFunction, failureOf } from '../../../support/function/built-function.ts';
import type { Checks } from '../../../support/function/checks.ts';
import { environment } from '../../../support/function/environment.ts';
import { startWithServer } from '../../../support/function/function-with-server.ts';
import { at } from '../../../support/function/records.ts';
import { password } from '../../../support/function/secrets.ts';

/** Why the settings are refused, by line; empty when they are not. */
async function faults(changes: { readonly [name: string]: string | undefined }): Promise<string[]> {
  const { errorType, errorMessage } = await failureOf(BuiltFunction.start(environment(changes)));
  expect(errorType).toBe('SettingsInvalid');
  expect(errorMessage).not.toContain('canary');
  return errorMessage.split('\n');
}

test('all faults of the settings are reported together, one line each, with the name', async () => {
  const wrong = {
    CONNECTOR_NAME: '-Demo',
    ES_ENDPOINT: undefined,
    ES_PORT: '65536',
    ES_PROTOCOL: 'tcp',
    ES_PASSWORD: undefined,
    ES_INDEX: 'Upper',
    CREATE_INDEX: 'yes',
    ES_ROUTING: 'value',
    ES_REQUEST_TIMEOUT_MS: '300001',
    ES_COMPRESSION: 'zip',
    ES_VERSION_CHECK: 'no',
    DOCUMENT_SHAPE: 'raw',
    DOCUMENT_ID: 'offset',
    DOCUMENT_VERSION: 'internal',
    WRITE_MODE: 'update',
    NULL_VALUE: 'drop',
    OVERFLOW: 'drop',
    ON_FAILURE: 'halt',
    SKIP_POSITIONS: 'orders+1',
    BATCH_MAX_BYTES: '1023',
    BATCH_MAX_RECORDS: '100001',
    MAX_IN_FLIGHT: '17',
    RETRY_BACKOFF_MS: '0',
    RETRY_MAX_BACKOFF_MS: '1e3',
    DEADLINE_RESERVE_MS: '0x10',
    LOG_LEVEL: 'trace',
  };
  const lines = await faults(wrong);
  for (const name of Object.keys(wrong)) expect(lines.filter((line) => line.startsWith(name))).toHaveLength(1);
  expect(lines).toHaveLength(Object.keys(wrong).length);
});

test.each([
  ['the TCP transport port', { ES_PORT: '9300' }, /^ES_PORT.*9200/],
  ['a password and an API key', { ES_API_KEY: 'canary' }, /^ES_(API_KEY|PASSWORD)/],
  ['two date patterns', { ES_INDEX: 'a-{yyyy}-{MM}' }, /^ES_INDEX/],
  ['upper case in the literal part', { ES_INDEX: 'A-${topic}' }, /^ES_INDEX/],
  ['versions without ids from keys', { DOCUMENT_VERSION: 'offset' }, /DOCUMENT_VERSION/],
  ['versions of upserts', { DOCUMENT_VERSION: 'offset', DOCUMENT_ID: 'key', WRITE_MODE: 'upsert' }, /DOCUMENT_VERSION/],
  ['create with ids from keys', { DOCUMENT_ID: 'key', WRITE_MODE: 'create' }, /WRITE_MODE|DOCUMENT_ID/],
  ['indexing no value as a value', { DOCUMENT_SHAPE: 'value', NULL_VALUE: 'index' }, /NULL_VALUE/],
  ['deletes without ids from keys', { NULL_VALUE: 'delete' }, /NULL_VALUE/],
  ['deletes by date', { NULL_VALUE: 'delete', DOCUMENT_ID: 'key', ES_INDEX: 'a-{yyyy.MM.dd}' }, /NULL_VALUE/],
  ['stop with automatic ids', { ON_FAILURE: 'stop', DOCUMENT_ID: 'auto' }, /ON_FAILURE/],
  ['stop with upserts by key', { ON_FAILURE: 'stop', WRITE_MODE: 'upsert', DOCUMENT_ID: 'key' }, /ON_FAILURE/],
  ['a misspelt name', { ES_INDX: 'a' }, /^ES_INDX.*ES_INDEX/],
  ['a misspelt name of no family', { MAX_IN_FLIHGT: '2' }, /^MAX_IN_FLIHGT.*MAX_IN_FLIGHT/],
  ['an unknown name of a family', { OVERFLOW_SOMEWHERE_ELSE: 'canary' }, /^OVERFLOW_SOMEWHERE_ELSE/],
  ['fetching without brokers', { OVERFLOW: 'fetch', SOURCE_TOPIC: 'orders' }, /^OVERFLOW/],
  ['error data in Kafka without brokers', { ERROR_DATA_TOPIC: 'errors' }, /^ERROR_DATA_TOPIC/],
  ['brokers without a port', { KAFKA_BOOTSTRAP_SERVERS: 'localhost' }, /^KAFKA_BOOTSTRAP_SERVERS/],
  [
    'an authority of the brokers that cannot be read',
    { KAFKA_SECURITY_PROTOCOL: 'SASL_SSL', KAFKA_USERNAME: 'u', KAFKA_PASSWORD: 'canary', KAFKA_CA: 'nowhere.pem' },
    /^KAFKA_CA: is neither PEM text nor a file in the package/,
  ],
  ['SASL without a user', { KAFKA_SECURITY_PROTOCOL: 'SASL_SSL' }, /^KAFKA_SECURITY_PROTOCOL/],
])('%s is refused by the initializer', async (_, changes, message) => {
  expect((await faults(changes)).join('\n')).toMatch(message);
});

test.each(['DOCUMENT_X', 'KAFKA_X', 'BATCH_X', 'ERROR_X', 'RETRY_X', 'DEADLINE_X', 'CONNECTOR_X', 'NULL_X', 'WRITE_X', 'SKIP_X'])(
  'the unknown name %s is refused',
  async (name) => {
    expect(await faults({ [name]: 'canary' })).toEqual([expect.stringContaining(name)]);
  },
);

test('a certificate that is none is a fault of the settings', async () => {
  const damaged = issue({ commonName: 'test authority', isAuthority: true }).pem.replaceAll('\n', '\\n');
  const starting = BuiltFunction.start(environment({ ES_ENDPOINT: 'https://127.0.0.1', ES_CA: damaged }));
  await expect(starting).rejects.toMatchObject({
    fault: { errorType: 'SettingsInvalid', errorMessage: expect.stringMatching(/^ES_CA: /) },
  });
});

test.each([
  ['ES_PASSWORD', `${password}\r\n`, /^ES_PASSWORD ends in a line feed, its last of 13 characters$/],
  ['ES_PASSWORD', `${password} `, /^ES_PASSWORD ends in a space, its last of 12 characters$/],
  ['ES_PASSWORD', `${password}\u200B`, /^ES_PASSWORD ends in a character that is not seen, its last of 12 characters$/],
  ['ES_USERNAME', 'elastic\t', /^ES_USERNAME ends in a tab/],
])('%s that ends in what nobody sees is named once, and so is its 401', async (name, value, message) => {
  const refused = json(401, { error: { type: 'security_exception', reason: 'no' }, status: 401 });
  await using under = await startWithServer(refused, { variables: { [name]: value } });
  const { fn, invoke } = under;
  expect(await invoke(at(0))).toMatchObject({ errorType: 'ElasticsearchUnauthorized' });
  expect(await invoke(at(0))).toMatchObject({ errorType: 'ElasticsearchUnauthorized' });
  expect(fn.log('warn').filter(({ message: line }) => message.test(String(line)))).toHaveLength(1);
  const { checks } = await fn.command<Checks>({ command: 'check' });
  expect(checks.find(({ name: check }) => check === 'credentials')).toMatchObject({ ok: false, detail: expect.stringContaining(name) });
  expect(fn.lines.join('')).not.toContain(password);
});
