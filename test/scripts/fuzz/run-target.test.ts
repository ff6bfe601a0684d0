import { expect, test } from 'vitest';
import { describeOutcomes } from '../../../scripts/fuzz/describe.ts';
import { runTarget } from '../../../scripts/fuzz/run-target.ts';
import type { FuzzTarget } from '../../../scripts/fuzz/target.ts';
import { targets } from '../../../scripts/fuzz/targets/all-targets.ts';
import exit from '../../support/fuzz/exit.ts';
import hang from '../../support/fuzz/hang.ts';
import memory from '../../support/fuzz/memory.ts';
import sound from '../../support/fuzz/sound.ts';
import throws from '../../support/fuzz/throw.ts';

const seed = 7;
const run = (target: FuzzTarget, first: number, last: number) => runTarget({ target, first, last }, seed, () => undefined);

test.each([
  ['what is thrown', throws, /^planted$/, '"t"'],
  ['what never ends', hang, /^no end within 3 s$/, 'h"'],
  ['what ends the process', exit, /^the process ended/, 'e"'],
  ['what takes all memory', memory, /^the process took \d+ MB of memory$/, 'm"'],
])('a planted fault is found, and falls again when its case alone is run: %s', async (_, target, reason, inputEnd) => {
  const { fall } = await run(target, 1, 500);
  expect(fall?.reason).toMatch(reason);
  const number = fall?.number ?? 0;
  const again = await run(target, number, number);
  expect(again).toMatchObject({ cases: 1, fall: { number, input: fall?.input, reason: expect.stringMatching(reason) } });
  expect(fall?.input.endsWith(inputEnd)).toBe(true);
  expect(describeOutcomes([again], seed)).toContain(`repeat: npm run fuzz -- --seed 7 --only planted --case ${number}`);
});

test('a target without a fault holds, in all its cases', async () => {
  const outcome = await run(sound, 1, 1001);
  expect(outcome).toMatchObject({ name: 'planted', cases: 1001 });
  expect(outcome.fall).toBeUndefined();
  expect(outcome.memoryMb).toBeGreaterThan(10);
});

/** Enough for each kind of hostile piece to be met. */
const casesInTests = { settings: 3000 } as const satisfies { readonly [name: string]: number };

test.each(targets.map((target) => [target.name, target] as const))('some cases of %s hold', async (name, target) => {
  const known: { readonly [name: string]: number } = casesInTests;
  const { cases, fall } = await run(target, 1, known[name] ?? 500);
  expect(fall).toBeUndefined();
  expect(cases).toBe(known[name] ?? 500);
});
