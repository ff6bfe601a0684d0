import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { readSettings } from '../../shared/settings.ts';
import { environment } from '../support/environment.ts';

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

test.each([
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
  ['ES_USERNAME', 'a:b'],
  ['ES_PASSWORD', undefined],
  ['ES_INDEX', undefined],
  ['ES_INDEX', 'Elastic'],
  ['ES_INDEX', '_elastic'],
  ['ES_INDEX', 'a*'],
  ['ES_INDEX', '..'],
  ['ES_INDEX', '索'.repeat(86)],
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
  ['CONNECTOR_NAME', '0'.repeat(48)],
  ['ES_PORT', '65535'],
])('%s = %s is allowed', (name, value) => {
  expect(faults({ [name]: value })).toEqual([]);
});

test('9300 is refused with what to use instead', () => {
  expect(faults({ ES_PORT: '9300' })).toEqual([expect.stringMatching(/transport port.*use 9200/)]);
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

test("other programs' variables are left alone", () => {
  expect(faults({ PATH: '/bin', FC_REGION: 'cn-hangzhou', TZ: 'UTC' })).toEqual([]);
});

test('a password shows itself nowhere but where it is asked for', () => {
  const settings = readSettings(environment());
  expect(`${settings.ES_PASSWORD}${JSON.stringify(settings)}${inspect(settings, { depth: 9, showHidden: true })}`).not.toContain('canary');
  expect(settings.ES_PASSWORD.reveal()).toBe('canary-Pa55');
});
