// What is not to be trusted gets no record, and the message says what to set.
import { expect, test } from 'vitest';
import { type Certificate, fingerprintOf, issue } from '../../../support/elasticsearch/certificates.ts';
import { json, type Respond, ScriptedServer } from '../../../support/elasticsearch/scripted-server.ts';
import { BuiltFunction, failureOf, type Variables } from '../../../support/function/built-function.ts';
import type { Checks } from '../../../support/function/checks.ts';
import { environment } from '../../../support/function/environment.ts';
import { at } from '../../../support/function/records.ts';
import { password } from '../../../support/function/secrets.ts';

const root = issue({ commonName: 'test authority', isAuthority: true });
const forgedRoot = issue({ commonName: 'test authority', isAuthority: true });
const genuine = issue({ commonName: 'localhost', issuer: root });
const forged = issue({ commonName: 'localhost', issuer: forgedRoot });
const expired = issue({ commonName: 'localhost', issuer: root, validFrom: -10, validTo: -1 });
const otherName = issue({ commonName: 'elsewhere', issuer: root, hosts: ['elsewhere.example'] });

const chainOf = (...chain: readonly [Certificate, ...Certificate[]]) => ({
  key: chain[0].key,
  cert: chain.map(({ pem }) => pem).join(''),
});

/** Takes every record, and closes each connection, so that the next one resumes its TLS session. */
const elasticsearch: Respond = (response, request) => {
  response.setHeader('connection', 'close');
  if (request.path === '/') return json(200, { version: { number: '7.10.2' } })(response, request);
  if (!request.path.startsWith('/_bulk')) return json(200, {})(response, request);
  const count = request.body.split('\n').filter((line) => line.startsWith('{"index"')).length;
  return json(200, { took: 1, errors: false, items: Array(count).fill({ index: { status: 201 } }) })(response, request);
};

const start = (url: string, variables: Variables) => BuiltFunction.start(environment({ ES_ENDPOINT: url, ...variables }));

test('five invocations write to a server that resumes TLS sessions, known by the fingerprint of its authority', async () => {
  await using server = await ScriptedServer.start(elasticsearch, chainOf(genuine, root));
  await using fn = await start(server.url, { ES_CA_FINGERPRINT: fingerprintOf(root) });
  for (let offset = 0; offset < 5; offset++) {
    expect((await fn.invoke(at(offset))).result).toMatchObject({ received: 1, written: 1, retried: 0 });
  }
});

const byFingerprint = { ES_CA_FINGERPRINT: fingerprintOf(root) };

test.each<[string, Variables]>([
  ['known to nobody', {}],
  ['not that of ES_CA', { ES_CA: root.pem }],
  ['not that of the fingerprint', byFingerprint],
])("Node's own switch turns no check off: a certificate that is %s is refused", async (_, variables) => {
  await using server = await ScriptedServer.start(elasticsearch, chainOf(forged, forgedRoot));
  await using fn = await start(server.url, { NODE_TLS_REJECT_UNAUTHORIZED: '0', ...variables });
  expect(await fn.invoke(at(0))).toMatchObject({ errorType: 'ElasticsearchTlsFailed' });
  expect(server.requests).toEqual([]);
});

test.each<[string, Variables]>([
  ['known to nobody', {}],
  ['not that of KAFKA_CA', { KAFKA_CA: root.pem }],
])('neither does it for brokers whose authority is %s', async (_, variables) => {
  await using server = await ScriptedServer.start(elasticsearch);
  await using broker = await ScriptedServer.start(elasticsearch, chainOf(forged, forgedRoot));
  const secured = { KAFKA_SECURITY_PROTOCOL: 'SASL_SSL', KAFKA_USERNAME: 'sink', KAFKA_PASSWORD: password };
  const brokers = { SOURCE_TOPIC: 'orders', KAFKA_BOOTSTRAP_SERVERS: new URL(broker.url).host, ...secured };
  await using fn = await start(server.url, { NODE_TLS_REJECT_UNAUTHORIZED: '0', ...brokers, ...variables });
  expect(await failureOf(fn.command({ command: 'produce', value: 'v' }))).toMatchObject({
    errorType: 'KafkaUnavailable',
    errorMessage: expect.stringMatching(/certificate/),
  });
});

test.each<[string, readonly [Certificate, ...Certificate[]] | undefined, 'http' | 'https', Variables, RegExp]>([
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
  await using fn = await start(url, changes);
  for (const offset of [0, 1]) {
    const outcome = await fn.invoke(at(offset));
    expect(outcome).toMatchObject({ errorType: 'ElasticsearchTlsFailed', errorMessage: expect.stringMatching(message) });
    expect(outcome.errorMessage).toContain(url);
    // Of the 58 s that there are to wait for what recovers.
    expect(outcome.tookMs).toBeLessThan(30_000);
    expect(outcome.text + fn.lines.join('')).not.toContain(password);
  }
  expect(server.requests).toEqual([]);
});

test('the command check shows what TLS gets wrong as a failed check, with the fix', async () => {
  await using server = await ScriptedServer.start(elasticsearch, chainOf(forged, forgedRoot, root));
  await using fn = await start(server.url, byFingerprint);
  const { checks } = await fn.command<Checks>({ command: 'check' });
  const check = checks.find(({ name }) => name === 'elasticsearch');
  expect(check).toMatchObject({ ok: false, fix: expect.stringContaining('ES_CA_FINGERPRINT') });
  expect(check?.detail).toContain(server.url);
  expect(check?.detail).not.toContain(check?.fix);
});

test('the command check shows that one of several nodes is not to be trusted', async () => {
  await using server = await ScriptedServer.start(elasticsearch, chainOf(genuine, root));
  await using other = await ScriptedServer.start(elasticsearch, chainOf(forged, forgedRoot, root));
  await using fn = await start(`${server.url},${other.url}`, byFingerprint);
  const { checks } = await fn.command<Checks>({ command: 'check' });
  const failed = checks.filter(({ ok }) => ok === false);
  expect(failed).toMatchObject([{ name: 'elasticsearch', detail: expect.stringContaining(other.url) }]);
  expect(other.requests).toEqual([]);
});
