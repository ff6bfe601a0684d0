// A real server with users, roles and TLS: what is not to be trusted gets nothing, and what an account may not do is thrown, never lost.
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fingerprintOf, issue } from '../../../support/elasticsearch/certificates.ts';
import { type Role, type Roles, SecuredServer } from '../../../support/elasticsearch/secured-server.ts';
import type { Variables } from '../../../support/function/built-function.ts';
import type { Checks } from '../../../support/function/checks.ts';
import { at, id, records } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

const authority = issue({ commonName: 'authority', isAuthority: true });
const stranger = issue({ commonName: 'authority', isAuthority: true });
// Without 127.0.0.1, so that the address is a name that it does not hold.
const own = issue({ commonName: 'localhost', issuer: authority, hosts: ['localhost'] });

const bulk = 'indices:data/write/bulk';
/** What may be done to indices of these names. */
const on = (pattern: string, ...actions: readonly string[]): Role => ({
  cluster: [bulk],
  indices: { [pattern]: [`${bulk}*`, ...actions] },
});
const write = ['indices:data/write/index', 'indices:admin/mapping/put'];

const roles: Roles = {
  // What docs/deploy.md names, setting by setting.
  index: on('test-*', ...write),
  upsert: on('test-*', ...write, 'indices:data/write/update'),
  delete: on('test-*', ...write, 'indices:data/write/delete'),
  create: on('test-*', ...write, 'indices:admin/create'),
  look: on('test-*', ...write, 'indices:admin/create', 'indices:admin/get', 'indices:monitor/settings/get'),
  one: on('test-*-one', ...write),
  fickle: on('test-*', ...write),
  none: {},
};

let https: SecuredServer;
let http: SecuredServer;
let endpoint: string;

beforeAll(async () => {
  [https, http] = await Promise.all([SecuredServer.start({ roles, certificate: { own, authority } }), SecuredServer.start({ roles })]);
  endpoint = https.url.replace('127.0.0.1', 'localhost');
});

afterAll(async () => {
  await Promise.all([https[Symbol.asyncDispose](), http[Symbol.asyncDispose]()]);
});

const openSandbox = () => new Sandbox(endpoint, authority.pem);
const as = (user: string, changes: Variables = {}): Variables => ({ ES_CA: authority.pem, ES_USERNAME: user, ...changes });

describe('TLS', () => {
  test.each([
    ['the certificate of its authority', { ES_CA: authority.pem }],
    ['the fingerprint of its authority', { ES_CA_FINGERPRINT: fingerprintOf(authority) }],
  ])('a server known by %s gets the records', async (_, known) => {
    await using sandbox = openSandbox();
    const sink = await sandbox.start(known);
    expect(await sink.deliver(at(0), at(1))).toMatchObject({ received: 2, written: 2 });
    expect(await sandbox.ids()).toEqual([id(0), id(1)]);
  });

  test.each<[string, () => string, Variables, RegExp]>([
    ['an authority that nobody has named', () => endpoint, {}, /ES_CA/],
    ['an authority of the same name that has not signed', () => endpoint, { ES_CA: stranger.pem }, /ES_CA/],
    ['the fingerprint of another', () => endpoint, { ES_CA_FINGERPRINT: fingerprintOf(stranger) }, /ES_CA_FINGERPRINT/],
    ['a name that the certificate does not hold', () => https.url, { ES_CA: authority.pem }, /altnames.*ES_ENDPOINT/],
    ['plain HTTP to a port for TLS', () => endpoint.replace('https', 'http'), {}, /ES_PROTOCOL=https/],
    ['TLS to a port for plain HTTP', () => http.url.replace('http', 'https'), { ES_CA: authority.pem }, /ES_PROTOCOL=http\b/],
  ])('%s fails at once and says what to set', async (_, address, changes, message) => {
    await using sandbox = openSandbox();
    const sink = await sandbox.start({ ES_ENDPOINT: address(), ...changes });
    const outcome = await sink.invoke(at(0));
    expect(outcome).toMatchObject({ errorType: 'ElasticsearchTlsFailed', errorMessage: expect.stringMatching(message) });
    // Of the 58 s that there are to wait for what recovers.
    expect(outcome.tookMs).toBeLessThan(30_000);
    expect(await sandbox.exists(sandbox.name)).toBe(false);
  });
});

describe('users', () => {
  test.each<[string, () => string, Variables]>([
    ['a wrong password', () => endpoint, { ES_PASSWORD: 'canary-Pa55-of-before' }],
    ['a user that does not exist', () => endpoint, { ES_USERNAME: 'nobody' }],
    ['a user that does not exist, at a server without TLS', () => http.url, { ES_USERNAME: 'nobody' }],
  ])('%s is thrown as such', async (_, address, changes) => {
    await using sandbox = openSandbox();
    const sink = await sandbox.start({ ES_ENDPOINT: address(), ES_CA: authority.pem, ...changes });
    expect(await sink.invoke(at(0))).toMatchObject({ errorType: 'ElasticsearchUnauthorized' });
  });

  test('a user without rights is told what is missing, and nothing is rejected', async () => {
    await using sandbox = openSandbox();
    await sandbox.put(`/${sandbox.name}`);
    const sink = await sandbox.start(as('none'));
    const outcome = await sink.invoke(at(0));
    expect(outcome).toMatchObject({ errorType: 'ElasticsearchForbidden', errorMessage: expect.stringContaining(bulk) });
    expect(sink.log('error').filter(({ offset }) => offset !== undefined)).toEqual([]);
    expect(await sandbox.ids()).toEqual([]);
  });
});

describe('the least rights', () => {
  test('may neither look nor create nor see templates nor the version: a warning each, once, and every record arrives', async () => {
    await using sandbox = openSandbox();
    await sandbox.put(`/${sandbox.name}`);
    const sink = await sandbox.start(as('index'));
    for (const begin of [0, 10]) {
      const result = await sink.deliver(...records(10).map((_, offset) => at(begin + offset)));
      expect(result).toMatchObject({ received: 10, written: 10 });
    }
    expect(await sandbox.ids()).toHaveLength(20);
    const warnings = sink.log('warn').map(({ message }) => message);
    expect(warnings.toSorted()).toEqual([
      expect.stringMatching(/^cannot look whether .* exists \(status 403\); records are sent all the same$/),
      expect.stringMatching(/^the version of Elasticsearch cannot be read \(status 403\); records are sent all the same$/),
    ]);
  });

  test('an index that is missing and cannot be made is no loss: it is thrown, and the redelivery arrives once it is there', async () => {
    await using sandbox = openSandbox();
    const sink = await sandbox.start(as('index'));
    expect((await sink.invoke(at(0))).errorType).toMatch(/^(IndexMissing|ElasticsearchForbidden)$/);
    await sandbox.put(`/${sandbox.name}`);
    expect(await sink.deliver(at(0))).toMatchObject({ written: 1 });
  });

  test.each<[string, string, Variables, object, 'written' | 'deleted']>([
    ['a document', 'index', {}, at(0), 'written'],
    ['a document of which there may be one', 'index', { WRITE_MODE: 'create' }, at(0), 'written'],
    ['a document with an id by Elasticsearch', 'index', { DOCUMENT_ID: 'auto' }, at(0), 'written'],
    ['a document with a version', 'index', { DOCUMENT_ID: 'key' }, at(0), 'written'],
    ['an upsert', 'upsert', { WRITE_MODE: 'upsert' }, at(0), 'written'],
    ['a record without value', 'delete', { DOCUMENT_ID: 'key', NULL_VALUE: 'delete' }, at(9, { value: undefined }), 'deleted'],
  ])('are enough for %s', async (_, user, changes, record, outcome) => {
    await using sandbox = openSandbox();
    await sandbox.put(`/${sandbox.name}`);
    if (outcome === 'deleted') await sandbox.put(`/${sandbox.name}/_doc/demo?refresh=true`, {});
    const sink = await sandbox.start(as(user, changes));
    expect(await sink.deliver(record)).toMatchObject({ received: 1, [outcome]: 1 });
  });

  test('with the right to create, a missing index is made with our mapping', async () => {
    await using sandbox = openSandbox();
    const sink = await sandbox.start(as('create', { ES_INDEX: `${sandbox.name}-made` }));
    // Who may not look does not know that it is missing.
    const outcome = await sink.invoke(at(0));
    expect(outcome.result).toMatchObject({ written: 1 });
    expect(await sandbox.mappings(`${sandbox.name}-made`)).toMatchObject({ [`${sandbox.name}-made`]: { date_detection: false } });
  });

  test('with the rights to look and to create, a missing index and a missing error index are made, and nothing is said of looking', async () => {
    await using sandbox = openSandbox();
    const errors = `${sandbox.name}-errors`;
    const sink = await sandbox.start(as('look', { ERROR_INDEX: errors, DOCUMENT_SHAPE: 'value' }));
    expect(await sink.deliver(at(0), at(1, { value: 'not JSON' }))).toMatchObject({ written: 1, rejected: 1 });
    expect(await sandbox.ids(errors)).toHaveLength(1);
    expect(sink.log('warn').filter(({ message }) => message.startsWith('cannot look whether'))).toEqual([]);
  });

  test('an ingest pipeline runs without a right of its own', async () => {
    await using sandbox = openSandbox();
    await sandbox.put(`/${sandbox.name}`);
    await sandbox.put(`/_ingest/pipeline/${sandbox.name}`, { processors: [{ set: { field: 'seen', value: true } }] });
    const sink = await sandbox.start(as('index', { ES_PIPELINE: sandbox.name }));
    expect(await sink.deliver(at(0))).toMatchObject({ written: 1 });
    expect(await sandbox.document(id(0))).toMatchObject({ seen: true });
  });
});

describe('a missing right', () => {
  test.each<[string, Variables, object, string]>([
    ['to delete', { DOCUMENT_ID: 'key', NULL_VALUE: 'delete' }, at(1, { value: undefined }), 'indices:data/write/delete'],
    ['to update', { WRITE_MODE: 'upsert' }, at(1), 'indices:data/write/update'],
  ])('%s is thrown by its name, rejects nothing, and what was there stays', async (_, changes, record, action) => {
    await using sandbox = openSandbox();
    await sandbox.put(`/${sandbox.name}`);
    await sandbox.put(`/${sandbox.name}/_doc/demo?refresh=true`, { kept: true });
    const sink = await sandbox.start(as('index', changes));
    const outcome = await sink.invoke(record, at(2, { key: 'other' }));
    expect(outcome).toMatchObject({ errorType: 'ElasticsearchForbidden', errorMessage: expect.stringContaining(action) });
    expect(sink.log('error').filter(({ offset }) => offset !== undefined)).toEqual([]);
    expect(await sandbox.document('demo')).toEqual({ kept: true });
  });

  test('on one of two indices: the records of the other are written, and the error destination gets none', async () => {
    await using sandbox = openSandbox();
    const [one, two, errors] = [`${sandbox.name}-one`, `${sandbox.name}-two`, `${sandbox.name}-errors`];
    for (const index of [one, two, errors]) await sandbox.put(`/${index}`);
    const sink = await sandbox.start(as('one', { ES_INDEX: `${sandbox.name}-\${topic}`, ERROR_INDEX: errors }));
    const ofBoth = records(20).map((_, offset) => at(offset, { topic: offset % 2 === 0 ? 'one' : 'two' }));
    const outcome = await sink.invoke(...ofBoth);
    expect(outcome).toMatchObject({ errorType: 'ElasticsearchForbidden', errorMessage: expect.stringContaining(two) });
    expect(await sandbox.ids(one)).toHaveLength(10);
    expect(await sandbox.ids(two)).toEqual([]);
    expect(await sandbox.ids(errors)).toEqual([]);
  });

  test('on the error index: a rejected record is not called handed over', async () => {
    await using sandbox = openSandbox();
    const [one, errors] = [`${sandbox.name}-one`, `${sandbox.name}-errors`];
    for (const index of [one, errors]) await sandbox.put(`/${index}`);
    const sink = await sandbox.start(as('one', { ES_INDEX: one, ERROR_INDEX: errors, DOCUMENT_SHAPE: 'value' }));
    const outcome = await sink.invoke(at(0), at(1, { value: 'not JSON' }));
    expect(outcome).toMatchObject({ errorType: 'ErrorDestinationUnavailable', errorMessage: expect.stringContaining(errors) });
    expect(await sandbox.ids(one)).toEqual([id(0)]);
  });

  test('a role that is taken away in mid-delivery and given back loses nothing', async () => {
    await using sandbox = openSandbox();
    await sandbox.put(`/${sandbox.name}`);
    const sink = await sandbox.start(as('fickle', { BATCH_MAX_RECORDS: '50' }));
    const failures: (string | undefined)[] = [];
    const deliver = async (batch: number) => {
      const elements = records(500).map((_, offset) => at(batch * 500 + offset));
      for (;;) {
        const { errorType, result } = await sink.invoke(...elements);
        if (result) return expect(result).toMatchObject({ received: 500, written: 500 });
        failures.push(errorType);
      }
    };
    const { fickle: _, ...others } = roles;
    await deliver(0);
    await https.setRoles(others);
    await expect.poll(() => sink.invoke(at(0))).toMatchObject({ errorType: 'ElasticsearchForbidden' });
    const whole = deliver(1);
    await expect.poll(() => failures.length).toBeGreaterThan(2);
    await https.setRoles(roles);
    await whole;
    expect(new Set(failures)).toEqual(new Set(['ElasticsearchForbidden']));
    expect(await sandbox.ids()).toHaveLength(1000);
  });
});

test('check cannot tell the rights where Search Guard rules, names the roles, and changes nothing', async () => {
  await using sandbox = openSandbox();
  const sink = await sandbox.start(as('index'));
  const { checks } = await sink.command<Checks>({ command: 'check' });
  expect(checks).toContainEqual({
    name: 'permission',
    ok: null,
    detail: expect.stringMatching(/does not tell privileges.*roles of the account are index$/),
  });
  expect(checks).toContainEqual(expect.objectContaining({ name: 'credentials', ok: true }));
  expect(await sandbox.exists(sandbox.name)).toBe(false);
});
