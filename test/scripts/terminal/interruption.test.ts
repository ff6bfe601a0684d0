import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { runCommand } from '../../../scripts/connector/component.ts';
import { seededAccount } from '../../../scripts/local/api/account.ts';
import { ServerlessDevs } from '../../support/cloud/serverless-devs.ts';

test('a deployment that is interrupted says so, and does not exit as if it were done', async () => {
  // A cloud that takes calls and never answers.
  await using server = createServer((socket) => socket.on('error', () => undefined).resume());
  const called = new Promise<void>((resolve) => server.once('connection', () => resolve()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const account = seededAccount({ broker: '127.0.0.1:1', elasticsearchUrl: 'http://127.0.0.1:1' });
  await using devs = await ServerlessDevs.create({ account, endpoint: `http://127.0.0.1:${port}` }, 'interrupted', {});
  const deployment = devs.start({ ES_PASSWORD: 'none' }, 'deploy', '-y', '-t', devs.yamlFile);
  await called;
  deployment.kill('SIGINT');
  const { exitCode, stderr } = await deployment;
  expect(stderr).toContain('interrupted; run it again, what is done is kept');
  expect(exitCode).toBe(130);
}, 120_000);

test('no listener is left behind by a command', async () => {
  const before = process.listenerCount('SIGINT');
  await expect(runCommand('deploy', { props: {}, args: [], getCredential: async () => ({}) })).rejects.toThrow('kafka');
  expect(process.listenerCount('SIGINT')).toBe(before);
});
