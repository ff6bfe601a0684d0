import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Certificate, fingerprintOf, issue } from '../../support/elasticsearch/certificates.ts';
import { json, ScriptedServer } from '../../support/elasticsearch/scripted-server.ts';
import { FunctionInstance, installPackage, removePackage } from '../../support/function/function-instance.ts';
import { connectorRecord } from '../../support/function/records.ts';

const root = issue({ commonName: 'test authority', isAuthority: true });
const forgedRoot = issue({ commonName: 'test authority', isAuthority: true });
const genuine = issue({ commonName: 'localhost', issuer: root });
const forged = issue({ commonName: 'localhost', issuer: forgedRoot });
const expired = issue({ commonName: 'localhost', issuer: root, validFrom: -10, validTo: -1 });
const otherName = issue({ commonName: 'elsewhere', issuer: root, hosts: ['elsewhere.example'] });

const password = 'canary-Pa55';
let codePath: string;

beforeAll(async () => {
  codePath = await installPackage();
});

afterAll(() => removePackage(codePath));

type Changes = { readonly [name: string]: string };

const chainOf = (...chain: readonly [Certificate, ...Certificate[]]) => ({
  key: chain[0].key,
  cert: chain.map(({ pem }) => pem).join(''),
});

/** Takes every record, and closes each connection, so that the next one resumes its TLS session. */
const elasticsearch: ScriptedServer['answer'] = (response, request) => {
  response.setHeader('connection', 'close');
  if (request.path === '/') return json(200, { version: { number: '7.10.2' } })(response, request);
  if (!request.path.startsWith('/_bulk')) return json(200, {})(response, request);
  const count = request.body.split('\n').filter((line) => line.startsWith('{"index"')).length;
  return json(200, { took: 1, errors: false, items: Array(count).fill({ index: { status: 201 } }) })(response, request);
};

async function functionOf(url: string, variables: Changes) {
  return FunctionInstance.start({ codePath, url, variables, timeout: 60 });
}

const record = (offset: number) => connectorRecord({ topic: 'orders', partition: 0, offset });

test('five invocations write to a server that resumes TLS sessions, known by the fingerprint of its authority', async () => {
  await using server = await ScriptedServer.start(elasticsearch, chainOf(genuine, root));
  await using fn = await functionOf(server.url, { ES_CA_FINGERPRINT: fingerprintOf(root) });
  for (let offset = 0; offset < 5; offset++) {
    expect((await fn.invoke(record(offset))).result).toMatchObject({ received: 1, written: 1, retried: 0 });
  }
});

const byFingerprint = { ES_CA_FINGERPRINT: fingerprintOf(root) };

test.each<[string, readonly [Certificate, ...Certificate[]] | undefined, 'http' | 'https', Changes, RegExp]>([
  ['a forged chain with the genuine authority appended', [forged, forgedRoot, root], 'https', byFingerprint, /ES_CA_FINGERPRINT/],
  ['an authority that is not the one of the fingerprint', [forged, forgedRoot], 'https', byFingerprint, /ES_CA_FINGERPRINT/],
  ['an authority that is not ES_CA', [forged, forgedRoot], 'https', { ES_CA: root.pem }, /ES_CA/],
  ['an authority that nobody knows', [genuine, root], 'https', {}, /ES_CA.*ES_CA_FINGERPRINT/],
  ['an expired certificate', [expired, root], 'https', byFingerprint, /expired.*ES_CA/],
  ["another host's certificate", [otherName, root], 'https', byFingerprint, /altnames.*ES_CA/],
  ['https to a port for http', undefined, 'https', byFingerprint, /ES_PROTOCOL=http\b/],
  ['http to a port for https', [genuine, root], 'http', {}, /ES_PROTOCOL=https/],
])('%s: every invocation fails at once, says what to set, and the server gets no request', async (_, chain, protocol, changes, message) => {
  await using server = await ScriptedServer.start(elasticsearch, chain && chainOf(...chain));
  const url = `${protocol}://${new URL(server.url).host}`;
  await using fn = await functionOf(url, changes);
  for (const offset of [0, 1]) {
    const outcome = await fn.invoke(record(offset));
    expect(outcome).toMatchObject({ errorType: 'ElasticsearchTlsFailed', errorMessage: expect.stringMatching(message) });
    expect(outcome.errorMessage).toContain(url);
    // Of the 58 s that there are to wait for what heals.
    expect(outcome.tookMs).toBeLessThan(30_000);
    expect(outcome.text + fn.lines.join('')).not.toContain(password);
  }
  expect(server.requests).toEqual([]);
});

interface Checks {
  readonly checks: readonly { readonly name: string; readonly ok: boolean | null; readonly detail: string; readonly fix?: string }[];
}

test('the command check shows what TLS gets wrong as a failed check, with the fix', async () => {
  await using server = await ScriptedServer.start(elasticsearch, chainOf(forged, forgedRoot, root));
  await using fn = await functionOf(server.url, byFingerprint);
  const { checks } = JSON.parse(String(await fn.instance.invoke(Buffer.from('{"command":"check"}')))) as Checks;
  const check = checks.find(({ name }) => name === 'elasticsearch');
  expect(check).toMatchObject({ ok: false, fix: expect.stringContaining('ES_CA_FINGERPRINT') });
  expect(check?.detail).toContain(server.url);
  expect(check?.detail).not.toContain(check?.fix);
});

test('the command check shows that one of several nodes is not to be trusted', async () => {
  await using server = await ScriptedServer.start(elasticsearch, chainOf(genuine, root));
  await using other = await ScriptedServer.start(elasticsearch, chainOf(forged, forgedRoot, root));
  await using fn = await functionOf(`${server.url},${other.url}`, byFingerprint);
  const { checks } = JSON.parse(String(await fn.instance.invoke(Buffer.from('{"command":"check"}')))) as Checks;
  const failed = checks.filter(({ ok }) => ok === false);
  expect(failed).toMatchObject([{ name: 'elasticsearch', detail: expect.stringContaining(other.url) }]);
  expect(other.requests).toEqual([]);
});

test.each([
  ['ES_PASSWORD', `${password}\r\n`, /^ES_PASSWORD ends in a line feed, its last of 13 characters$/],
  ['ES_PASSWORD', `${password} `, /^ES_PASSWORD ends in a space, its last of 12 characters$/],
  ['ES_PASSWORD', `${password}\u200B`, /^ES_PASSWORD ends in a character that is not seen, its last of 12 characters$/],
  ['ES_USERNAME', 'elastic\t', /^ES_USERNAME ends in a tab/],
])('%s that ends in what nobody sees is named once, and so is its 401', async (name, value, message) => {
  await using server = await ScriptedServer.start(json(401, { error: { type: 'security_exception', reason: 'no' }, status: 401 }));
  await using fn = await functionOf(server.url, { [name]: value });
  expect(await fn.invoke(record(0))).toMatchObject({ errorType: 'ElasticsearchUnauthorized' });
  expect(await fn.invoke(record(0))).toMatchObject({ errorType: 'ElasticsearchUnauthorized' });
  expect(fn.logged('warn').filter(({ message: line }) => message.test(String(line)))).toHaveLength(1);
  const { checks } = JSON.parse(String(await fn.instance.invoke(Buffer.from('{"command":"check"}')))) as Checks;
  expect(checks.find(({ name: check }) => check === 'credentials')).toMatchObject({ ok: false, detail: expect.stringContaining(name) });
  expect(fn.lines.join('')).not.toContain(password);
});

test('compressed requests that a proxy refuses are sent as they are, with one warning', async () => {
  const proxy: ScriptedServer['answer'] = (response, request) =>
    request.headers['content-encoding'] ? response.writeHead(400).end('<html></html>') : elasticsearch(response, request);
  await using server = await ScriptedServer.start(proxy);
  await using fn = await functionOf(server.url, { ES_COMPRESSION: 'gzip' });
  for (const offset of [0, 1]) expect((await fn.invoke(record(offset))).result).toMatchObject({ written: 1, rejected: 0, retried: 0 });
  expect(fn.logged('warn').filter(({ message }) => String(message).includes('ES_COMPRESSION'))).toHaveLength(1);
});

test('a certificate that is none is a fault of the settings', async () => {
  const damaged = root.pem.replaceAll('\n', '\\n');
  const starting = functionOf('https://127.0.0.1', { ES_CA: damaged });
  await expect(starting).rejects.toMatchObject({
    fault: { errorType: 'SettingsInvalid', errorMessage: expect.stringMatching(/^ES_CA: /) },
  });
});
