// The command check: which privilege is missing on what, and what follows. Elastic's own security is in its archive only, so its responses are scripted.
import { expect, test } from 'vitest';
import { json, type Respond } from '../../../support/elasticsearch/scripted-server.ts';
import type { Checks } from '../../../support/function/checks.ts';
import { startWithServer } from '../../../support/function/function-with-server.ts';

interface Asked {
  readonly index: readonly { readonly names: readonly string[]; readonly privileges: readonly string[] }[];
}

/** A server where the account has these privileges, and the index exists or does not. */
function xpack(held: readonly string[], exists = true): Respond {
  return (response, request) => {
    if (request.path === '/') return json(200, { version: { number: '7.10.2' } })(response, request);
    if (request.path !== '/_security/user/_has_privileges') return json(exists ? 200 : 404, {})(response, request);
    const { index } = JSON.parse(request.body) as Asked;
    const answers = index.map(({ names: [name = ''], privileges }) => [
      name,
      Object.fromEntries(privileges.map((privilege) => [privilege, held.includes(privilege)])),
    ]);
    json(200, { username: 'writer', has_all_requested: false, cluster: {}, index: Object.fromEntries(answers) })(response, request);
  };
}

async function rights(respond: Respond, variables: { readonly [name: string]: string } = {}) {
  await using started = await startWithServer(respond, { variables });
  const { checks } = await started.fn.command<Checks>({ command: 'check' });
  return checks.filter(({ name }) => name === 'permission' || name === 'error destination');
}

const all = ['index', 'create_doc', 'delete', 'create_index', 'view_index_metadata', 'read'];
const except = (...missing: readonly string[]) => all.filter((privilege) => !missing.includes(privilege));

test.each<[string, { readonly [name: string]: string }, string, string, boolean]>([
  ['to write', {}, 'index', 'no record can be written', true],
  ['to add documents', { WRITE_MODE: 'create' }, 'create_doc', 'no record can be written', true],
  ['to update', { WRITE_MODE: 'upsert' }, 'index', 'WRITE_MODE=upsert', true],
  ['to delete', { DOCUMENT_ID: 'key', NULL_VALUE: 'delete' }, 'delete', 'NULL_VALUE=delete', true],
  ['to create an index that is missing', {}, 'create_index', 'cannot be made', false],
  ['to create an index that is there', {}, 'create_index', 'or vanishes', true],
  ['to see the index', {}, 'view_index_metadata', 'does not notice', true],
  ['to read', {}, 'read', 's audit', true],
])('check names the missing right %s, and what follows', async (_, variables, privilege, consequence, exists) => {
  const found = await rights(xpack(except(privilege), exists), variables);
  const isVital = ['index', 'create_doc', 'delete'].includes(privilege) || !exists;
  expect(found.filter(({ name, ok }) => name === 'permission' && ok !== true)).toEqual([
    {
      name: 'permission',
      ok: isVital ? false : null,
      detail: expect.stringMatching(new RegExp(`no ${privilege} on elastic_test: .*${consequence}`)),
      fix: expect.stringContaining(privilege),
    },
  ]);
});

test('check asks for what the settings need, and for nothing more', async () => {
  const asked = async (variables: { readonly [name: string]: string }) => {
    const [first] = await rights(xpack(all), variables);
    return first?.detail;
  };
  expect(await asked({ CREATE_INDEX: 'false', WRITE_MODE: 'create' })).toBe('create_doc, view_index_metadata, read on elastic_test');
  expect(await asked({ DOCUMENT_ID: 'key', NULL_VALUE: 'delete' })).toBe(
    'index, delete, create_index, view_index_metadata, read on elastic_test',
  );
});

test('check names the missing right on the error index', async () => {
  const found = await rights(xpack(except('index')), { ERROR_INDEX: 'errors', WRITE_MODE: 'create' });
  expect(found).toContainEqual(
    expect.objectContaining({
      name: 'error destination',
      ok: false,
      detail: expect.stringMatching(/^no index on errors: no rejected record/),
    }),
  );
});

test.each<[string, number, object]>([
  [
    'a privilege that the server does not know',
    400,
    { error: { type: 'illegal_argument_exception', reason: 'unknown index privilege' }, status: 400 },
  ],
  ['no right to ask', 403, { error: { type: 'security_exception', reason: 'no' }, status: 403 }],
  ['a server without such an API', 404, { error: 'no handler found' }],
  [
    'an unlicensed one',
    500,
    { error: { type: 'security_exception', reason: 'current license is non-compliant for [security]' }, status: 500 },
  ],
  ['an answer to something else', 200, {}],
])('%s: check cannot tell, and says what it has tried', async (_, status, body) => {
  const respond: Respond = (response, request) =>
    (request.path.includes('_security') || request.path.includes('_searchguard')
      ? json(status, body)
      : json(200, { version: { number: '7.10.2' } }))(response, request);
  const found = await rights(respond);
  expect(found).toContainEqual({
    name: 'permission',
    ok: null,
    detail: expect.stringMatching(`_has_privileges: status ${status}.*authinfo`),
  });
});

test('check shows no credential that a server calls a role', async () => {
  const respond: Respond = (response, request) =>
    (request.path.includes('authinfo') ? json(200, { roles: ['reader', 'canary-Pa55'] }) : json(404, {}))(response, request);
  const details = (await rights(respond)).map(({ detail }) => detail).join();
  expect(details).toContain('roles of the account are reader');
  expect(details).not.toContain('canary-Pa55');
});
