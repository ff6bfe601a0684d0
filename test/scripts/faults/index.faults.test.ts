import { once } from 'node:events';
import { expect, test } from 'vitest';
import { Command } from '../../support/command.ts';

test('npm run soak: a few seconds of it end by themselves with the table, repeat their faults by the seed, and leave nothing', async () => {
  await using command = await Command.create();
  const { stdout, exitCode } = await command.run('scripts/soak/index.ts', ['--records', '30000', '--seed', '35']);
  expect(stdout).toMatch(/^--seed 35\n/);
  expect(stdout).toMatch(/^ +\d+ s {2}the stream is killed before it commits, and started again$/m);
  expect(stdout).toMatch(/\nall \| all delivered \d+ s after the last \| {2}\| 30000 \| 0 \| 0$/);
  expect(exitCode).toBe(0);
  await expect.poll(() => command.leftovers()).toEqual([]);
});

test('npm run faults: Ctrl-C in the middle of a fault ends it at once, and nothing is left', async () => {
  await using command = await Command.create();
  const program = command.run('scripts/faults/index.ts', ['instance of the function']);
  let printed = '';
  program.all.setEncoding('utf8').on('data', (text: string) => {
    printed += text;
  });
  await once(program.stdout, 'data');
  await expect.poll(() => printed).toContain('create trigger kafka');
  program.kill('SIGINT');
  const { exitCode } = await program;
  expect(exitCode).toBe(130);
  await expect.poll(() => command.leftovers()).toEqual([]);
});

test('npm run faults: words that no fault has are an error', async () => {
  await using command = await Command.create();
  const { all, exitCode } = await command.run('scripts/faults/index.ts', ['unheard-of']);
  expect(all).toContain('no fault has a name with unheard-of');
  expect(exitCode).toBe(1);
});
