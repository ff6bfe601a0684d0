import { expect, test } from 'vitest';
import { ProcessTree, parseStat } from '../../../scripts/bench/process-tree.ts';

const burn = "const end = Date.now() + 60000; while (process.cpuUsage().user < 300000 && Date.now() < end); console.log('burnt');";
const burnInAChild = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(`${burn} setInterval(() => 0, 1000)`)}], { stdio: 'inherit' });`;

test('the CPU of a process that Linux tells is read past a name that looks like fields', () => {
  expect(parseStat('12 (a) b (c) 3) S 7 1 1 0 -1 4194560 1 2 3 4 50 25 10 5 20 0 1 0 100 1000 10')).toEqual({
    pid: 12,
    parent: 7,
    cpuMs: 900,
  });
});

test.runIf(process.platform === 'linux')('the CPU of a tree holds that of what its root started, and all of it ends', async () => {
  const program = new ProcessTree({ file: process.execPath, args: ['-e', burnInAChild] });
  const ofChildren = async () => {
    const { tree, root } = await program.cpu();
    return tree - root;
  };
  await expect.poll(ofChildren).toBeGreaterThanOrEqual(290);
  await program[Symbol.asyncDispose]();
  await expect.poll(() => program.cpu()).toEqual({ tree: 0, root: 0 });
});

test('a program that ends too early, or is not there, is told with its last words', async () => {
  await using program = new ProcessTree({ file: process.execPath, args: ['-e', 'console.error("no broker"); process.exit(3)'] });
  await expect.poll(() => complaint(program)).toMatch(/ended with code 3: no broker/);
  await using missing = new ProcessTree({ file: 'no-such-program', args: [] });
  await expect.poll(() => complaint(missing)).toMatch(/ENOENT/);
});

function complaint(program: ProcessTree): string {
  try {
    program.checkRunning();
    return '';
  } catch (error) {
    return String(error);
  }
}
