import { expect, test } from 'vitest';
import { runCommand } from '../../scripts/connector/component.ts';
import { commandScenarios, ownProcessScenarios } from './commands.ts';

async function refusal(name: string, ...args: readonly string[]): Promise<string> {
  const inputs = { props: {}, args, getCredential: async () => ({}) };
  return runCommand(name, inputs).then(
    () => 'none',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

test('every command that there is, is looked at for secrets and content', async () => {
  const [, told = ''] = / There are (.*)\.$/.exec(await refusal('nothing')) ?? [];
  const local = [...(await refusal('local', 'nothing')).matchAll(/`s (local \w+)`/g)].map(([, name = '']) => name);
  const commands = told.split(', ').flatMap((name) => (name === 'local' ? local : name));
  expect(commands.sort()).toEqual([...Object.keys(commandScenarios), ...Object.keys(ownProcessScenarios)].sort());
});
