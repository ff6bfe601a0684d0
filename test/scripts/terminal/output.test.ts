import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { makeOutputPrintable, note, print } from '../../../scripts/terminal/output.ts';
import { runTasks } from '../../../scripts/terminal/tasks.ts';
import { printableLines } from '../../../shared/printable.ts';
import { hostileTexts, obeyed } from '../../support/hostile-texts.ts';

const seed = 20_261_127;

afterEach(() => vi.restoreAllMocks());

/** What is written to a stream of this process while the work is done. */
async function written(stream: NodeJS.WriteStream, work: () => unknown): Promise<string> {
  const texts: string[] = [];
  vi.spyOn(stream, 'write').mockImplementation((text) => texts.push(String(text)) > 0);
  await work();
  return texts.join('');
}

test.each(hostileTexts)('%j is shown, and not obeyed', async (text) => {
  expect(printableLines(text)).not.toMatch(obeyed);
  expect(await written(process.stdout, () => print(text))).not.toMatch(obeyed);
  expect(await written(process.stderr, () => note(text))).not.toMatch(obeyed);
});

test('what is shown of a text of any characters is not obeyed, and in JSON it is the same text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(printableLines(text)).not.toMatch(obeyed);
      expect(JSON.parse(printableLines(JSON.stringify(text)))).toBe(text);
    }),
    { seed, numRuns: 2000 },
  );
});

test('text of people stays as it is: lines, tabs, Chinese, accents, signs, emoji', () => {
  const text = 'line\n\tcolumn 中文，標點 é ñ ✔ → ± 😀 العربية\n';
  expect(printableLines(text)).toBe(text);
});

test('titles and progress of tasks are made printable', async () => {
  const hostile = hostileTexts.join(' ');
  const output = await written(process.stderr, () => runTasks([{ title: hostile, run: async (report) => report(hostile) }]));
  expect(output).toContain('\\u001b');
  expect(output).not.toMatch(obeyed);
});

test('what others write to standard output is made printable, and stays the same JSON', async () => {
  const { write } = process.stdout;
  const value = { names: hostileTexts };
  const output = await written(process.stdout, () => {
    makeOutputPrintable();
    process.stdout.write(`${JSON.stringify(value)}\n`);
  });
  process.stdout.write = write;
  expect(output).not.toMatch(obeyed);
  expect(JSON.parse(output)).toEqual(value);
});
