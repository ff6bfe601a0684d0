import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { Command } from '../../../support/command.ts';

const program = 'test/support/start-servers.ts';

async function runWithout(missing: string): Promise<string> {
  await using command = await Command.create();
  const path = await mkdtemp(join(tmpdir(), 'path-'));
  for (const tool of ['javac', 'java', 'mvn', 'sh', 'dirname', 'uname'].filter((name) => name !== missing)) {
    const { stdout } = await execa('which', [tool]);
    await symlink(stdout, join(path, tool));
  }
  const { all, exitCode } = await command.run(program, [], { PATH: path });
  await rm(path, { recursive: true });
  expect(exitCode).toBe(1);
  return all;
}

test('without a JDK, one line says what to install', async () => {
  expect(await runWithout('javac')).toMatch(/Error: Java is missing: install a JDK, 17 or newer .*openjdk/);
});

test('without Maven, one line says what to install', async () => {
  expect(await runWithout('mvn')).toMatch(/Error: Maven is missing: install it .*apt-get install maven/);
});
