import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FaultyProxy, ofEachThreeBulks, requirePassword } from '../../../scripts/faults/proxy.ts';

const served: string[] = [];
const server = createServer((request, response) => {
  served.push(request.url ?? '');
  request.resume().once('end', () => response.writeHead(201, { 'x-of': 'server' }).end('done'));
});
let proxy: FaultyProxy;

beforeAll(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  proxy = await FaultyProxy.start(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

afterAll(async () => {
  await proxy[Symbol.asyncDispose]();
  server.close();
});

const bulk = () => fetch(`${proxy.url}/_bulk?x=1`, { method: 'POST', body: 'lines' });

test('it passes requests on, and gives responses back', async () => {
  const response = await bulk();
  expect([response.status, response.headers.get('x-of'), await response.text()]).toEqual([201, 'server', 'done']);
  expect(served.pop()).toBe('/_bulk?x=1');
});

test('of three bulk requests it refuses two in the words of Elasticsearch, and passes all others', async () => {
  proxy.behaviour = ofEachThreeBulks(2, { status: 429, type: 'es_rejected_execution_exception' });
  const statuses = [await bulk(), await bulk(), await fetch(proxy.url), await bulk()].map(({ status }) => status);
  expect(statuses).toEqual([429, 429, 201, 201]);
  expect(await (await bulk()).json()).toMatchObject({ status: 429, error: { type: 'es_rejected_execution_exception' } });
});

test('a response that is lost is that of a request which the server has served', async () => {
  proxy.behaviour = () => 'lose-response';
  served.length = 0;
  await expect(bulk()).rejects.toThrow('fetch failed');
  expect(served).toEqual(['/_bulk?x=1']);
});

test('a response that never comes is that of a request which the server has served', async () => {
  proxy.behaviour = () => 'never-respond';
  served.length = 0;
  const unanswered = fetch(`${proxy.url}/_bulk`, { method: 'POST', body: 'lines', signal: AbortSignal.timeout(500) });
  await expect(unanswered).rejects.toThrow('timeout');
  expect(served).toEqual(['/_bulk']);
});

test('who does not know the password is refused', async () => {
  proxy.behaviour = requirePassword('right');
  const statusFor = async (password: string) => {
    const authorization = `Basic ${Buffer.from(`elastic:${password}`).toString('base64')}`;
    return (await fetch(proxy.url, { headers: { authorization } })).status;
  };
  expect([await statusFor('wrong'), await statusFor('right')]).toEqual([401, 201]);
});
