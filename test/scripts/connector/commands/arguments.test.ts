// What was typed is looked at before anything else: before s.yaml, the credentials and the cloud.
import { expect, test } from 'vitest';
import { runCommand } from '../../../../scripts/connector/component.ts';

function run(command: string, ...args: readonly string[]): Promise<unknown> {
  return runCommand(command, { props: {}, args, getCredential: () => Promise.reject(new Error('asked for credentials')) });
}

test.each([
  ['audit', '--partition', 'x'],
  ['audit', '--from', 'x'],
  ['audit', '--from', '2.5'],
  ['audit', '--to', '1e3'],
  ['replay', '--source', 'elsewhere'],
  ['replay', '--partition', '0.5'],
  ['replay', '--since', 'yesterday'],
  ['replay', '--until', 'x'],
  ['logs', '--since', '5 minutes'],
  ['message', '--count', '0', '--content', 'x'],
  ['message', '--partition', 'x', '--content', 'x'],
  ['message', '--file', '/does/not/exist'],
  ['message', '--print', 'podman', '--content', 'x'],
  ['resume', '--skip', 'orders+0'],
  ['resume', '--skip', ''],
  ['probe', '--api', '4.0'],
  ['probe', '--only', 'nothing'],
  ['deploy', '--adop'],
  ['list', '--everything'],
])('s %s %s %s: the option is what is told', async (command, option, ...values) => {
  await expect(run(command, option, ...values)).rejects.toThrow(new RegExp(`^${option}\\b`));
});

test('s invoke without an event says so', async () => {
  await expect(run('invoke')).rejects.toThrow('There is no event');
});

test('s message without content says so', async () => {
  await expect(run('message')).rejects.toThrow('There is no content');
});
