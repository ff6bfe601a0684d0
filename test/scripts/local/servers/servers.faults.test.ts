import { once } from 'node:events';
import { expect, test } from 'vitest';
import { JavaServer } from '../../../../scripts/local/servers/java-server.ts';
import { Command } from '../../../support/command.ts';

test('nothing is left when the process that started the servers is killed', async () => {
  await using command = await Command.create();
  const program = command.run('test/support/start-servers.ts');
  await once(program.stdout, 'data');
  expect(await command.leftovers()).toHaveLength(4);
  program.kill('SIGKILL');
  await program;
  await expect.poll(() => command.leftovers()).toEqual([]);
});

test('a server that ends while it starts is reported with its last words', async () => {
  const folder = new URL('../../../../scripts/local/servers/kafka/', import.meta.url).pathname;
  const blueprint = {
    name: 'Kafka 3.9.1',
    pom: `${folder}pom.xml`,
    launcher: { folders: [folder], main: 'Kafka' },
    oldestJdk: 17,
    jvmOptions: [],
    dataFolder: undefined,
    settings: { 'process.roles': 'nonsense' },
    isReady: () => Promise.reject(new Error('no answer')),
  };
  await expect(JavaServer.start(blueprint)).rejects.toThrow(/^Kafka 3\.9\.1 ended while it started\. Its last words:\n.*process\.roles/s);
});
