import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { requireJdk } from '../../../../scripts/local/servers/jdk.ts';
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

test('without a JDK that is new enough, one line says what to install', async () => {
  await expect(requireJdk(99)).rejects.toThrow(/^No JDK of version 99 or newer was found: install one .*openjdk.*JAVA_HOME/);
});

test('without Maven, one line says what to install', async () => {
  expect(await runWithout('mvn')).toMatch(/Error: Maven is missing: install it .*apt-get install maven/);
});
