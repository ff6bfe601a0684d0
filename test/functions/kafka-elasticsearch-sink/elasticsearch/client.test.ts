import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Client } from '../../../../functions/kafka-elasticsearch-sink/elasticsearch/client.ts';
import { readSettings } from '../../../../shared/settings.ts';
import { environment } from '../../../support/function/environment.ts';

const file = (name: string) => new URL(`../../../support/tls/${name}`, import.meta.url);
const read = (name: string) => readFileSync(file(name), 'utf8');
const authority = read('authority.pem');
const fingerprint = new X509Certificate(authority).fingerprint256;

let server: Server;
let requests = 0;

beforeAll(async () => {
  server = createServer({ key: read('server.key'), cert: read('server.pem') }, (_, response) => {
    requests++;
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** The answer's status, or why there was none. */
async function ask(changes: { readonly [name: string]: string }): Promise<number | string> {
  const endpoint = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = new Client(readSettings(environment({ ES_ENDPOINT: endpoint, ...changes })));
  try {
    return await client.send({ method: 'GET', path: '/' }, 5000).then(
      ({ status }) => status,
      (error: Error) => error.message,
    );
  } finally {
    await client.close();
  }
}

test.each([
  ['the authority as text', { ES_CA: authority }],
  ['the authority as a file', { ES_CA: file('authority.pem').pathname }],
  ['its fingerprint', { ES_CA_FINGERPRINT: fingerprint }],
  ['its fingerprint without colons', { ES_CA_FINGERPRINT: fingerprint.replaceAll(':', '').toLowerCase() }],
])('a server is trusted by %s', async (_, changes) => {
  expect(await ask(changes)).toBe(200);
});

test.each([
  ['nothing', {}, /certificate/],
  ['another fingerprint', { ES_CA_FINGERPRINT: 'ab'.repeat(32) }, /none of the 2 certificates .* has the fingerprint/],
])('a server that is vouched for by %s gets no request', async (_, changes, reason) => {
  const before = requests;
  expect(await ask(changes)).toMatch(reason);
  expect(requests).toBe(before);
});

test('a file of the authority that is not there is a fault of the settings', async () => {
  await expect(ask({ ES_CA: 'nowhere.pem' })).rejects.toMatchObject({
    name: 'SettingsInvalid',
    message: expect.stringMatching(/^ES_CA: /),
  });
});
