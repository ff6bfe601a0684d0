// The local cloud and its servers take connections from this machine alone.
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { expect, inject, test } from 'vitest';
import { TestCloud } from '../../support/cloud/local-cloud.ts';

/** Addresses by which others reach this machine, and one that only who listens everywhere answers at. */
const otherAddresses = [
  ...Object.values(networkInterfaces()).flatMap((some = []) =>
    some.filter(({ internal }) => !internal).map(({ address, scopeid }) => ({ address, scopeid })),
  ),
  ...(process.platform === 'linux' ? [{ address: '127.0.0.2', scopeid: undefined }] : []),
].flatMap(({ address, scopeid }) => (scopeid ? [] : [address]));

async function accepts(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

test('a server that listens everywhere would be found', async () => {
  const server = createServer().listen(0, '0.0.0.0');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  const reached = await Promise.all(otherAddresses.map((host) => accepts(host, port)));
  server.close();
  expect(reached).toContain(true);
});

test('the local cloud, Kafka and Elasticsearch listen on loopback alone', async () => {
  await using cloud = await TestCloud.start();
  const endpoints = [cloud.endpoint, inject('elasticsearchUrl'), `kafka://${inject('broker')}`].map((url) => new URL(url));
  for (const { hostname, port } of endpoints) {
    expect(await accepts(hostname, Number(port))).toBe(true);
    for (const host of otherAddresses) expect([host, port, await accepts(host, Number(port))]).toEqual([host, port, false]);
  }
});
