import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { bomb, crookedArchives } from '../../../../scripts/fuzz/targets/crooked-archives.ts';
import { escapeFile } from '../../../../scripts/fuzz/targets/hostile-values.ts';
import { refusal, TestCloud } from '../../../support/cloud/local-cloud.ts';
import { sls } from '../../../support/cloud/sdk-clients.ts';

interface Sent {
  readonly path?: string;
  readonly method?: string;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: Buffer;
}

function send(cloud: TestCloud, { body, ...options }: Sent): Promise<{ readonly status: number | undefined; readonly body: string }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(cloud.endpoint, options, (response) => {
      text(response).then((received) => resolve({ status: response.statusCode, body: received }), reject);
    });
    outgoing.on('error', reject).end(body);
  });
}

/** What the cloud says to bytes as they are, until it closes or has said something. */
async function sendBytes(cloud: TestCloud, ...parts: readonly string[]): Promise<string> {
  const { port } = new URL(cloud.endpoint);
  const socket = connect(Number(port), '127.0.0.1');
  const response = new Promise<string>((resolve) => {
    socket.once('data', (bytes) => resolve(bytes.toString()));
    socket.once('error', () => resolve(''));
    socket.once('close', () => resolve(''));
  });
  for (const part of parts) socket.write(part, 'latin1');
  const received = await response;
  socket.destroy();
  return received;
}

async function isAlive(cloud: TestCloud): Promise<boolean> {
  const { data } = await cloud.clients().fc.listServices();
  return Array.isArray(data.services);
}

test.each([
  ['a page whose name was pointed to this machine', { host: 'attacker.example:80' }],
  ['a page whose name begins like this machine', { host: '127.0.0.1.attacker.example' }],
  ['a page whose name ends like the cloud', { host: 'attacker-aliyuncs.com' }],
  ['a page of another origin', { origin: 'https://attacker.example' }],
  ['a page of another port of this machine', { origin: 'http://127.0.0.1:3000' }],
  ['a page without an origin', { origin: 'null' }],
  ['a form, an image or a script of a page', { 'sec-fetch-site': 'cross-site' }],
])('%s cannot drive it, though the key of its account is no secret', async (_what, headers) => {
  await using cloud = await TestCloud.start();
  const { status, body } = await send(cloud, { path: '/2016-08-15/services', headers });
  expect([status, JSON.parse(body).Code]).toEqual([403, 'Forbidden']);
  // What a browser asks before it sends the headers of a signature.
  const preflight = await send(cloud, { method: 'OPTIONS', headers: { ...headers, 'access-control-request-headers': 'authorization' } });
  expect(preflight.status).toBe(403);
});

test.each(['127.0.0.1', 'localhost', '[::1]:8000', 'a-project.cn-hangzhou.log.aliyuncs.com'])('a client may call it %s', async (host) => {
  await using cloud = await TestCloud.start();
  expect((await send(cloud, { path: '/2016-08-15/services', headers: { host } })).body).toContain('MissingRequiredHeader');
});

test('it listens on the loopback alone', async () => {
  await using cloud = await TestCloud.start();
  const { port } = new URL(cloud.endpoint);
  const others = Object.values(networkInterfaces()).flatMap((addresses) => addresses?.filter(({ internal }) => !internal) ?? []);
  for (const { address, family } of others) {
    if (family === 'IPv6' && address.startsWith('fe80')) continue;
    const outcome = await new Promise((resolve) => {
      const socket = connect(Number(port), address, () => resolve('connected'));
      socket.once('error', () => resolve('refused'));
    });
    expect(`${address} ${outcome}`).toBe(`${address} refused`);
  }
});

test.each(crookedArchives.slice(1).map((zipFile, number) => [number + 1, zipFile] as const))(
  'code of archive %i that is none, or leads elsewhere, is refused and leaves nothing, or stays in its folder',
  async (_number, zipFile) => {
    await using cloud = await TestCloud.start();
    const { fc } = cloud.clients();
    await fc.createService('s');
    const settings = { functionName: 'f', runtime: 'nodejs20', handler: 'index.handler', code: { zipFile } };
    const outcome = await fc.createFunction('s', settings).then(
      () => ({ code: 'made', status: 200 }),
      (error: unknown) => refusal(Promise.reject(error)),
    );
    expect([
      ['made', 200],
      ['FCInvalidArgumentError', 400],
      ['InvalidArgument', 400],
    ]).toContainEqual([outcome.code, outcome.status]);
    expect((await readdir(cloud.stateFolder, { recursive: true })).filter((name) => /escape/.test(name))).toEqual([]);
    expect(existsSync(join(cloud.stateFolder, '..', 'escape.js'))).toBe(false);
    expect(existsSync(escapeFile)).toBe(false);
    expect(await isAlive(cloud)).toBe(true);
  },
);

test('an archive that unpacks to more than Function Compute takes is refused before it is unpacked', async () => {
  await using cloud = await TestCloud.start();
  const { fc } = cloud.clients();
  await fc.createService('s');
  const settings = { functionName: 'f', runtime: 'nodejs20', handler: 'index.handler', code: { zipFile: bomb() } };
  expect((await refusal(fc.createFunction('s', settings))).message).toContain('holds 1677721600 bytes, 524288000 are allowed');
});

test('what cannot be written again is not taken, and everything else goes on being written', async () => {
  await using cloud = await TestCloud.start();
  const client = cloud.clients().sls('a-project');
  await cloud
    .clients()
    .sls()
    .createProject(new sls.CreateProjectRequest({ projectName: 'a-project', description: '' }));
  await client.createLogStore('a-project', new sls.CreateLogStoreRequest({ logstoreName: 'store', ttl: 1, shardCount: 1 }));
  const deep = JSON.parse(`${'[{"a":'.repeat(3000)}1${'}]'.repeat(3000)}`);
  const index = (type: unknown) => new sls.CreateIndexRequest({ body: new sls.Index({ keys: { message: { type } } }) });
  await refusal(client.createIndex('a-project', 'store', index(deep)));
  await client.createIndex('a-project', 'store', index('text'));
  await cloud.restart();
  expect((await cloud.clients().sls('a-project').getIndex('a-project', 'store')).body?.keys).toHaveProperty('message');
});

test('a body of more than any call may have is refused while it comes, and not kept', async () => {
  await using cloud = await TestCloud.start();
  const before = process.memoryUsage().rss;
  const part = Buffer.alloc(1024 * 1024, 'x');
  const outcome = await new Promise((resolve) => {
    const outgoing = request(cloud.endpoint, { method: 'POST', headers: { 'transfer-encoding': 'chunked' } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    outgoing.on('error', (error) => resolve(error.message));
    let sent = 0;
    const more = (): void => {
      if (outgoing.destroyed || sent === 1024) return void outgoing.end();
      sent += 1;
      outgoing.write(part, more);
    };
    more();
  });
  expect([413, 'write EPIPE', 'read ECONNRESET', 'socket hang up']).toContain(outcome);
  expect((process.memoryUsage().rss - before) / 1024 / 1024).toBeLessThan(700);
  expect(await isAlive(cloud)).toBe(true);
}, 120_000);

test.each([
  ['no HTTP', ['hello\r\n\r\n']],
  ['a length that is none', ['POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: x\r\n\r\n']],
  ['two lengths', ['POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab']],
  ['a length and chunks', ['POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n']],
  ['a chunk that is none', ['POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n']],
  ['no host', ['GET / HTTP/1.1\r\n\r\n']],
  ['headers of 100 KB', [`GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${'x'.repeat(100_000)}\r\n\r\n`]],
  ['a tunnel', ['CONNECT attacker.example:80 HTTP/1.1\r\nHost: attacker.example:80\r\n\r\n']],
  ['another protocol', ['GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n']],
  ['a proxy request', ['GET http://attacker.example/2016-08-15/services HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n']],
  ['a path that is no UTF-8', ['GET /2016-08-15/%ff HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n']],
])('%s is refused or cut off', async (_what, parts) => {
  await using cloud = await TestCloud.start();
  expect(await sendBytes(cloud, ...parts)).toMatch(/^(HTTP\/1\.1 4|$)/);
  expect(await isAlive(cloud)).toBe(true);
});

test('a request that breaks off is no fault of the cloud', async () => {
  await using cloud = await TestCloud.start();
  const { port } = new URL(cloud.endpoint);
  for (const head of ['Content-Length: 100000\r\n\r\nhalf', 'Transfer-Encoding: chunked\r\n\r\n5\r\nhal']) {
    const socket = connect(Number(port), '127.0.0.1');
    await new Promise<void>((resolve) => socket.write(`POST /2016-08-15/services HTTP/1.1\r\nHost: 127.0.0.1\r\n${head}`, () => resolve()));
    socket.resetAndDestroy();
    await new Promise<void>((resolve) => socket.once('close', () => resolve()));
  }
  expect(await isAlive(cloud)).toBe(true);
});
