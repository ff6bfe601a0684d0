import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage } from 'node:http';
import { createServer as createHttpsServer, type ServerOptions } from 'node:https';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { afterAll, expect, test } from 'vitest';
import { Client, NoResponse } from '../../../../functions/kafka-elasticsearch-sink/elasticsearch/client.ts';
import { readSettings } from '../../../../shared/settings.ts';
import { type Certificate, fingerprintOf, issue } from '../../../support/elasticsearch/certificates.ts';
import { environment } from '../../../support/function/environment.ts';

const root = issue({ commonName: 'test authority', isAuthority: true });
const forgedRoot = issue({ commonName: 'test authority', isAuthority: true });
const intermediate = issue({ commonName: 'test intermediate', issuer: root, isAuthority: true });
const unrelated = issue({ commonName: 'somebody else', isAuthority: true });
const genuine = issue({ commonName: 'localhost', issuer: root });
const renewed = issue({ commonName: 'localhost', issuer: root });
const underIntermediate = issue({ commonName: 'localhost', issuer: intermediate });
const forged = issue({ commonName: 'localhost', issuer: forgedRoot });
const expired = issue({ commonName: 'localhost', issuer: root, validFrom: -10, validTo: -1 });
const early = issue({ commonName: 'localhost', issuer: root, validFrom: 5 });
const otherName = issue({ commonName: 'elsewhere', issuer: root, hosts: ['elsewhere.example'] });
const selfSigned = issue({ commonName: 'localhost' });

const servers: Server[] = [];
const sockets = new Set<Socket>();

afterAll(() => {
  rmSync(dirname(authorityFile), { recursive: true });
  for (const server of servers) server.close();
  for (const socket of sockets) socket.destroy();
});

/** Listens until the tests end, and returns the port. */
async function listen(server: Server, port = 0): Promise<number> {
  servers.push(server);
  server.on('connection', (socket) => sockets.add(socket));
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

function chainOf(...certificates: readonly [Certificate, ...Certificate[]]): ServerOptions {
  return { key: certificates[0].key, cert: certificates.map(({ pem }) => pem).join('') };
}

interface Listening {
  readonly url: string;
  readonly requests: IncomingMessage[];
  /** Of its connections, whether the TLS session was resumed. */
  readonly resumed: boolean[];
}

/** A server whose answers close their connections, so that each request needs another. */
async function httpsServer(options: ServerOptions): Promise<Listening> {
  const requests: IncomingMessage[] = [];
  const resumed: boolean[] = [];
  const server = createHttpsServer(options, (request, response) => {
    requests.push(request);
    response.writeHead(200, { 'content-type': 'application/json', connection: 'close' }).end('{}');
  });
  server.on('secureConnection', (socket) => resumed.push(socket.isSessionReused()));
  return { url: `https://127.0.0.1:${await listen(server)}`, requests, resumed };
}

/** A server that counts every byte that comes through TLS. */
class Listener {
  readonly server: Server;
  readonly #closes: Promise<unknown>[] = [];
  #bytes = 0;

  constructor(options: ServerOptions) {
    this.server = createTlsServer(options, (socket) => {
      socket.on('data', (chunk) => {
        this.#bytes += chunk.length;
        socket.end('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}');
      });
    });
    this.server.on('tlsClientError', () => undefined);
    this.server.on('secureConnection', (socket: Socket) => socket.on('error', () => undefined));
    this.server.on('connection', (socket: Socket) => this.#closes.push(new Promise((resolve) => socket.once('close', resolve))));
  }

  /** Of all connections, when they are closed. */
  async bytes(): Promise<number> {
    expect(this.#closes).not.toEqual([]);
    await Promise.all(this.#closes);
    return this.#bytes;
  }
}

type Changes = { readonly [name: string]: string };

/** The statuses of that many requests, or what was thrown. */
async function send(url: string, changes: Changes, times = 1): Promise<unknown> {
  const client = new Client(readSettings(environment({ ES_ENDPOINT: url, ...changes })));
  try {
    const statuses: number[] = [];
    for (let time = 0; time < times; time++) {
      const { status } = await client.send({ method: 'POST', path: '/_bulk', body: Buffer.from('{}\n') }, 30_000);
      statuses.push(status);
    }
    return statuses;
  } catch (error) {
    return error;
  } finally {
    await client.close();
  }
}

const plainFingerprint = fingerprintOf(root).replaceAll(':', '').toLowerCase();
const authorityFile = join(mkdtempSync(join(tmpdir(), 'authority-')), 'authority.pem');
writeFileSync(authorityFile, root.pem);

const tlsFailed = (message: RegExp) => ({ name: 'ElasticsearchTlsFailed', message: expect.stringMatching(message) });

test.each([
  ['the fingerprint of the authority', { ES_CA_FINGERPRINT: fingerprintOf(root) }],
  ['the authority itself', { ES_CA: root.pem }],
])('a server that resumes TLS sessions takes five requests by %s', async (_, changes) => {
  const { url, resumed } = await httpsServer(chainOf(genuine, root));
  expect(await send(url, changes, 5)).toEqual([200, 200, 200, 200, 200]);
  expect(resumed).toContain(true);
});

test.each<[string, readonly [Certificate, ...Certificate[]], Changes]>([
  ['the fingerprint of its authority without colons', [genuine, root], { ES_CA_FINGERPRINT: plainFingerprint }],
  ['the authority as a file', [genuine, root], { ES_CA: authorityFile }],
  ['a renewed certificate of the same authority', [renewed, root], { ES_CA_FINGERPRINT: fingerprintOf(root) }],
  ['a chain with a stranger in it', [genuine, unrelated, root], { ES_CA_FINGERPRINT: fingerprintOf(root) }],
  [
    'the fingerprint of the root above an intermediate',
    [underIntermediate, intermediate, root],
    { ES_CA_FINGERPRINT: fingerprintOf(root) },
  ],
  ['the fingerprint of an intermediate', [underIntermediate, intermediate], { ES_CA_FINGERPRINT: fingerprintOf(intermediate) }],
  ['an intermediate as ES_CA', [underIntermediate], { ES_CA: intermediate.pem }],
  ['the fingerprint of a self-signed certificate', [selfSigned], { ES_CA_FINGERPRINT: fingerprintOf(selfSigned) }],
  [
    'a host of its names',
    [issue({ commonName: 'x', issuer: root, hosts: ['localhost'] }), root],
    { ES_CA_FINGERPRINT: fingerprintOf(root) },
  ],
])('a server is trusted for %s', async (name, chain, changes) => {
  const { url } = await httpsServer(chainOf(...chain));
  expect(await send(name.includes('host') ? url.replace('127.0.0.1', 'localhost') : url, changes)).toEqual([200]);
});

const byFingerprint = { ES_CA_FINGERPRINT: fingerprintOf(root) };
const byAuthority = { ES_CA: root.pem };

test.each<[string, readonly [Certificate, ...Certificate[]], Changes, RegExp]>([
  ['a forged chain with the genuine authority appended', [forged, forgedRoot, root], byFingerprint, /ES_CA_FINGERPRINT/],
  ['a forged certificate with the genuine authority alone', [forged, root], byFingerprint, /ES_CA_FINGERPRINT/],
  ['a forged self-signed certificate with the genuine authority', [selfSigned, root], byFingerprint, /ES_CA_FINGERPRINT/],
  ['a forged chain, without the genuine authority', [forged, forgedRoot], byFingerprint, /none of the 2 certificates.*ES_CA_FINGERPRINT/],
  ['an authority that is not sent', [genuine], byFingerprint, /none of the 1 certificates.*ES_CA\b/],
  ["the fingerprint of a server's own certificate", [genuine, root], { ES_CA_FINGERPRINT: fingerprintOf(genuine) }, /server's own.*ES_CA/],
  [
    'a server that another fingerprint vouches for',
    [genuine, root],
    { ES_CA_FINGERPRINT: 'ab'.repeat(32) },
    /none of the 2 certificates .* has the fingerprint/,
  ],
  ['a forged chain', [forged, forgedRoot, root], byAuthority, /ES_CA has not signed/],
  ['an unknown authority', [genuine, root], {}, /set ES_CA to .*ES_CA_FINGERPRINT/],
  ['an authority that is not sent and unknown', [genuine], {}, /set ES_CA to .*ES_CA_FINGERPRINT/],
  ['a self-signed certificate', [selfSigned], {}, /set ES_CA to .*ES_CA_FINGERPRINT/],
  ['an expired certificate', [expired, root], byAuthority, /CERT_HAS_EXPIRED.*renew/],
  ['an expired certificate, by fingerprint', [expired, root], byFingerprint, /CERT_HAS_EXPIRED.*renew/],
  ['a certificate that is not valid yet', [early, root], byFingerprint, /CERT_NOT_YET_VALID/],
  ["another host's certificate", [otherName, root], byAuthority, /ERR_TLS_CERT_ALTNAME_INVALID.*ES_ENDPOINT/],
  ["another host's certificate, by fingerprint", [otherName, root], byFingerprint, /ERR_TLS_CERT_ALTNAME_INVALID.*ES_ENDPOINT/],
])('%s is refused at once, and not one byte is sent', async (_, chain, changes, message) => {
  const listener = new Listener(chainOf(...chain));
  const url = `https://127.0.0.1:${await listen(listener.server)}`;
  expect(await send(url, changes)).toMatchObject(tlsFailed(message));
  expect(await listener.bytes()).toBe(0);
});

test('a file of the authority that is not there is a fault of the settings', async () => {
  const starting = async () => new Client(readSettings(environment({ ES_ENDPOINT: 'https://127.0.0.1', ES_CA: 'nowhere.pem' })));
  await expect(starting()).rejects.toMatchObject({ name: 'SettingsInvalid', message: expect.stringMatching(/^ES_CA: /) });
});

test('a server that takes the place of the genuine one gets nothing, although its authority is known and sessions were kept', async () => {
  const first = createHttpsServer(chainOf(genuine, root), (_, response) => response.writeHead(200, { connection: 'close' }).end('{}'));
  const port = await listen(first);
  const client = new Client(readSettings(environment({ ES_ENDPOINT: `https://127.0.0.1:${port}`, ...byFingerprint })));
  const send = () => client.send({ method: 'GET', path: '/' }, 30_000);
  expect(await send()).toMatchObject({ status: 200 });
  first.close();
  await once(first, 'close');
  const second = new Listener(chainOf(forged, forgedRoot, root));
  await listen(second.server, port);
  await expect(send()).rejects.toMatchObject(tlsFailed(/ES_CA_FINGERPRINT/));
  await client.close();
  expect(await second.bytes()).toBe(0);
});

test('every one of several endpoints is checked', async () => {
  const { url } = await httpsServer(chainOf(genuine, root));
  const listener = new Listener(chainOf(forged, forgedRoot, root));
  const forgedUrl = `https://127.0.0.1:${await listen(listener.server)}`;
  expect(await send(`${url},${forgedUrl}`, byFingerprint, 2)).toMatchObject(tlsFailed(new RegExp(forgedUrl)));
  expect(await listener.bytes()).toBe(0);
});

const httpPage = (status: number, body: string) =>
  createHttpServer((_, response) => response.writeHead(status, { 'content-type': 'text/html', connection: 'close' }).end(body));
const tcp = (respond: (socket: Socket) => void) =>
  createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => respond(socket));
  });
const alert = (description: number) => Buffer.from([0x15, 3, 3, 0, 2, 2, description]);

test.each<[string, () => Server, string, RegExp]>([
  ['https to a port for http', () => httpPage(200, '{}'), 'https', /wrong version number.*ES_PROTOCOL=http\b/],
  ['https to something else', () => createServer((socket) => socket.end('220 mail\r\n')), 'https', /ES_PROTOCOL=http\b/],
  ['http to a port for https that closes', () => createHttpsServer(chainOf(genuine)), 'http', /ES_PROTOCOL=https/],
  ['http to a port that answers with an alert', () => tcp((socket) => socket.end(alert(10))), 'http', /ES_PROTOCOL=https/],
  [
    "http to nginx's port for https",
    () => httpPage(400, '<h1>The plain HTTP request was sent to HTTPS port</h1>'),
    'http',
    /ES_PROTOCOL=https/,
  ],
  ["http to Go's port for https", () => httpPage(400, 'Client sent an HTTP request to an HTTPS server.\n'), 'http', /ES_PROTOCOL=https/],
  [
    "http to Apache's port for https",
    () => httpPage(400, "Reason: You're speaking plain HTTP to an SSL-enabled server port."),
    'http',
    /ES_PROTOCOL=https/,
  ],
  ['TLS 1.1 alone', () => createHttpsServer({ ...chainOf(genuine), minVersion: 'TLSv1', maxVersion: 'TLSv1.1' }), 'https', /TLS 1\.2/],
  [
    'a server that asks for a certificate',
    () => createHttpsServer({ ...chainOf(genuine), requestCert: true, ca: root.pem }),
    'https',
    /no certificate of its own/,
  ],
])('%s is thrown at once, and names what to set', async (_, serve, protocol, message) => {
  const port = await listen(serve());
  expect(await send(`${protocol}://127.0.0.1:${port}`, protocol === 'https' ? byAuthority : {})).toMatchObject(tlsFailed(message));
});

test('a port for https that answers plain HTTP in words of its own is found out by a handshake', async () => {
  const tls = createTlsServer(chainOf(genuine));
  tls.on('tlsClientError', () => undefined);
  const port = await listen(
    createServer((socket) => {
      socket.on('error', () => undefined);
      socket.once('data', (chunk) => {
        if (chunk[0] !== 0x16) socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 4\r\n\r\nwhat');
        else {
          socket.pause();
          socket.unshift(chunk);
          tls.emit('connection', socket);
        }
      });
    }),
  );
  expect(await send(`http://127.0.0.1:${port}`, {})).toMatchObject(tlsFailed(/ES_PROTOCOL=https/));
});

test.each<[string, () => Server, string]>([
  ['a handshake that is reset', () => tcp((socket) => socket.resetAndDestroy()), 'https'],
  ['a handshake that is closed', () => tcp((socket) => socket.end()), 'https'],
  ['an alert that a server has an error', () => tcp((socket) => socket.end(alert(80))), 'https'],
  ['a plain connection that is closed', () => tcp((socket) => socket.end()), 'http'],
  ['a plain connection that is reset', () => tcp((socket) => socket.resetAndDestroy()), 'http'],
  ['a plain answer that is no HTTP', () => tcp((socket) => socket.end('220 mail\r\n')), 'http'],
])('%s is retriable', async (_, serve, protocol) => {
  const error = await send(`${protocol}://127.0.0.1:${await listen(serve())}`, protocol === 'https' ? byFingerprint : {});
  expect(error).toBeInstanceOf(NoResponse);
  expect(error).toMatchObject({ isTimeout: false });
});

test.each(['http', 'https'])('a port that is silent to %s is waited for as long as is allowed', async (protocol) => {
  const url = `${protocol}://127.0.0.1:${await listen(tcp(() => undefined))}`;
  const client = new Client(readSettings(environment({ ES_ENDPOINT: url, ...(protocol === 'https' && byFingerprint) })));
  await expect(client.send({ method: 'GET', path: '/' }, 300)).rejects.toMatchObject({ isTimeout: true });
  await client.close();
});

test('a server that has answered in plain HTTP and is then gone is not asked for TLS', async () => {
  let connections = 0;
  const server = createHttpServer((request, response) => (request.url === '/' ? response.end('{}') : response.destroy()));
  server.on('connection', () => connections++);
  const client = new Client(readSettings(environment({ ES_ENDPOINT: `http://127.0.0.1:${await listen(server)}` })));
  await client.send({ method: 'GET', path: '/' }, 30_000);
  await expect(client.send({ method: 'GET', path: '/cut' }, 30_000)).rejects.toBeInstanceOf(NoResponse);
  expect(connections).toBe(1);
  await client.close();
});
