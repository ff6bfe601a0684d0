import { brotliCompressSync, deflateRawSync, deflateSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { Client, NoResponse, type Request, type Response } from '../../../../functions/kafka-elasticsearch-sink/elasticsearch/client.ts';
import { readSettings } from '../../../../shared/settings.ts';
import { json, type Respond, ScriptedServer } from '../../../support/elasticsearch/scripted-server.ts';
import { environment } from '../../../support/function/environment.ts';

type Changes = { readonly [name: string]: string };

const bulk: Request = { method: 'POST', path: '/_bulk', body: Buffer.from('{"index":{}}\n{"a":1}\n') };

/** A client of a server that answers so; both end with the test. */
async function clientOf(respond: Respond, changes: Changes = {}) {
  const server = await ScriptedServer.start(respond);
  const client = new Client(readSettings(environment({ ES_ENDPOINT: server.url, ...changes })));
  const end = async () => {
    await client.close();
    await server[Symbol.asyncDispose]();
  };
  return { server, client, send: (request: Request = bulk, limitMs = 30_000) => client.send(request, limitMs), [Symbol.asyncDispose]: end };
}

async function responseTo(respond: Respond): Promise<Response> {
  await using subject = await clientOf(respond);
  return await subject.send();
}

const body = { took: 1, errors: false, items: [{ index: { status: 201, _id: 'ü' } }] };
const text = Buffer.from(JSON.stringify(body));
const respondWith =
  (headers: Changes, bytes: Buffer = text): Respond =>
  (response) =>
    response.writeHead(200, headers).end(bytes);

test.each([
  ['no content type', {}],
  ['text/plain', { 'content-type': 'text/plain' }],
  ['application/octet-stream', { 'content-type': 'application/octet-stream' }],
  ['application/JSON', { 'content-type': 'application/JSON' }],
  ['text/html', { 'content-type': 'text/html' }],
])('what is JSON is read as JSON, with %s', async (_, headers) => {
  expect((await responseTo(respondWith(headers))).json).toEqual(body);
});

test('what is no JSON is not read as JSON, though it says so', async () => {
  expect((await responseTo(respondWith({ 'content-type': 'application/json' }, Buffer.from('<html></html>')))).json).toBeUndefined();
});

test.each([
  ['gzip', gzipSync(text)],
  ['GZIP', gzipSync(text)],
  ['x-gzip', gzipSync(text)],
  ['deflate', deflateSync(text)],
  ['deflate', deflateRawSync(text)],
  ['br', brotliCompressSync(text)],
  ['deflate, gzip', gzipSync(deflateSync(text))],
  ['identity', text],
  // Taken off by something on the way that left the header.
  ['gzip', text],
])('an answer in %s is understood', async (encoding, bytes) => {
  expect((await responseTo(respondWith({ 'content-encoding': encoding }, bytes))).json).toEqual(body);
});

test('no compressed answer is asked for', async () => {
  await using subject = await clientOf(json(200, {}));
  await subject.send();
  expect(subject.server.requests[0]?.headers['accept-encoding']).toBe('identity');
});

const longJson = Buffer.from(`[${' '.repeat(200 * 1024 * 1024)}]`);

test.each([
  ['that is cut', 'gzip', gzipSync(text).subarray(0, 20)],
  ['in an encoding that is not known', 'zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  ['that would be 200 MB', 'gzip', gzipSync(longJson)],
  ['that would be 200 MB', 'br', brotliCompressSync(longJson)],
])('a compressed answer %s (%s) is an answer that is no JSON', async (_, encoding, bytes) => {
  expect(await responseTo(respondWith({ 'content-encoding': encoding }, bytes))).toMatchObject({ status: 200, json: undefined });
});

test('an answer of 33 MB is no answer', async () => {
  const error = await responseTo(respondWith({}, Buffer.alloc(33 * 1024 * 1024, ' '))).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(NoResponse);
  expect(error).toMatchObject({ isTimeout: false, message: expect.stringContaining('longer than') });
});

test.each([301, 302, 307, 308])('a status %i tells where it points to, and nothing is sent there', async (status) => {
  await using elsewhere = await clientOf(json(200, {}));
  const location = `${elsewhere.server.url}/_bulk`;
  await using subject = await clientOf((response) => response.writeHead(status, { location }).end());
  expect(await subject.send()).toMatchObject({ status, location });
  expect(elsewhere.server.requests).toEqual([]);
});

test('the location of an answer that is no redirect is not told', async () => {
  const created: Respond = (response) => response.writeHead(201, { location: '/elastic_test/_doc/1' }).end('{}');
  expect(await responseTo(created)).not.toHaveProperty('location');
});

test('a try that the limit of time cut says so, and one that the server cut tells why', async () => {
  await using subject = await clientOf(() => undefined);
  await expect(subject.send(bulk, 200)).rejects.toMatchObject({ isTimeout: true, message: 'no answer within 200 ms' });
  subject.server.respond = (response) => response.writeHead(200, { 'content-length': 500 }).write('{"took":', () => response.destroy());
  await expect(subject.send()).rejects.toMatchObject({
    isTimeout: false,
    message: 'the connection was closed within the answer: aborted',
    node: subject.server.url,
  });
});

test('where nobody listens, every address that was tried is told', async () => {
  const gone = await clientOf(json(200, {}));
  const { port } = new URL(gone.server.url);
  await gone[Symbol.asyncDispose]();
  const client = new Client(readSettings(environment({ ES_ENDPOINT: `http://localhost:${port}` })));
  const message = expect.stringContaining(`connect ECONNREFUSED 127.0.0.1:${port}`);
  await expect(client.send(bulk, 30_000)).rejects.toMatchObject({ isTimeout: false, message });
});

test.each([
  ['plain', 'canary-Pa55'],
  ['of other scripts', '密码$ä'],
  ['with a line break at its end', 'canary\r\n'],
])('a password %s arrives as its bytes in UTF-8', async (_, password) => {
  await using subject = await clientOf(json(200, {}), { ES_PASSWORD: password });
  await subject.send();
  const [, encoded = ''] = /^Basic (.+)$/.exec(subject.server.requests[0]?.headers.authorization ?? '') ?? [];
  expect(Buffer.from(encoded, 'base64').toString()).toBe(`elastic:${password}`);
});

const gzip = { ES_COMPRESSION: 'gzip' };

/** As a proxy that takes no compressed requests. */
const plainOnly: Respond = (response, request) =>
  request.headers['content-encoding'] ? response.writeHead(400).end('<html>bad request</html>') : json(200, body)(response, request);

test('where a compressed request is refused, it is sent as it is, and so is every later one', async () => {
  await using subject = await clientOf(plainOnly, gzip);
  expect(await subject.send()).toMatchObject({ status: 200, json: body });
  expect(await subject.send()).toMatchObject({ status: 200 });
  const encodings = subject.server.requests.map(({ headers }) => headers['content-encoding']);
  expect(encodings).toEqual(['gzip', undefined, undefined]);
  expect(subject.server.requests.at(-1)?.body).toBe(String(bulk.body));
  expect(subject.client.takeWarnings()).toEqual([expect.stringMatching(/ES_COMPRESSION/)]);
  expect(subject.client.takeWarnings()).toEqual([]);
});

test('where the plain request is refused, too, the next one is compressed again', async () => {
  await using subject = await clientOf(json(400, { error: 'bad' }), gzip);
  expect(await subject.send()).toMatchObject({ status: 400 });
  expect(await subject.send()).toMatchObject({ status: 400 });
  expect(subject.server.requests.map(({ headers }) => headers['content-encoding'])).toEqual(['gzip', undefined, 'gzip', undefined]);
  expect(subject.client.takeWarnings()).toEqual([]);
});

test('a request without a body has nothing to compress, so a 400 is its answer', async () => {
  await using subject = await clientOf(json(400, {}), gzip);
  expect(await subject.send({ method: 'GET', path: '/' })).toMatchObject({ status: 400 });
  expect(subject.server.requests).toHaveLength(1);
});
