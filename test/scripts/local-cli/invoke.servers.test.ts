import { randomBytes } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import { Command } from '../../support/command.ts';

const settings = () => ({
  CONNECTOR_NAME: 'invoked',
  ES_ENDPOINT: inject('elasticsearchUrl'),
  ES_PASSWORD: 'canary-Pa55',
  ES_INDEX: `invoked-${randomBytes(4).toString('hex')}`,
});

test.each([
  ['connector', { received: 2, written: 2 }],
  ['cloud-events', { received: 2, written: 2 }],
  ['cloud-events-as-text', { received: 1, written: 1 }],
  ['raw-data', { received: 1, written: 1 }],
  ['overflow', { received: 1, rejected: 1 }],
  ['empty', { received: 0 }],
  ['find', null],
])('the saved event %s runs through the built package', async (name, result) => {
  await using command = await Command.create();
  const { exitCode, stderr, stdout } = await command.run('scripts/local-cli/invoke.ts', ['-f', `test/events/${name}.json`], settings());
  expect(exitCode).toBe(0);
  const [title, ...answer] = stdout.split('\n');
  expect(title).toBe('FC Invoke Result:');
  if (result) expect(JSON.parse(answer.join('\n'))).toMatchObject(result);
  else expect(answer).toEqual(['null']);
  expect(stderr).toMatch(
    /^========= FC invoke Logs begin =========\nFC Invoke Start RequestId: (\S+)\n.*FC Invoke End RequestId: \1\nDuration: .*\n========= FC invoke Logs end =========/s,
  );
  expect(`${stdout}${stderr}`).not.toContain('canary');
});

test('the command check shows what it found', async () => {
  await using command = await Command.create();
  const { stdout } = await command.run('scripts/local-cli/invoke.ts', ['-f', 'test/events/check.json'], settings());
  expect(stdout).toContain('"name":"elasticsearch","ok":true');
});

test('an event comes from standard input, too, and a function that fails is exit code 1 with its error', async () => {
  await using command = await Command.create();
  const program = command.run('scripts/local-cli/invoke.ts', ['-f', '-'], settings());
  program.stdin.end('{"no":"records"}');
  const { exitCode, stdout } = await program;
  expect(exitCode).toBe(1);
  expect(stdout).toContain('"errorType":"EventInvalid"');
});

test('without settings the function says which are missing', async () => {
  await using command = await Command.create();
  const { exitCode, stdout } = await command.run('scripts/local-cli/invoke.ts', ['-f', 'test/events/empty.json']);
  expect(exitCode).toBe(1);
  expect(stdout).toContain('SettingsInvalid');
  expect(stdout).toContain('ES_ENDPOINT');
});
