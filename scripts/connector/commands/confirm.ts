import { createInterface } from 'node:readline/promises';
import { printableLines } from '../../../shared/printable.ts';

/** Throws `refusal` when the answer is not yes, and what to do when there is nobody to ask. */
export async function confirm(question: string, refusal: string, assumesYes: boolean): Promise<void> {
  if (assumesYes) return;
  if (!process.stdin.isTTY) throw new Error(`${question} There is no terminal to ask on: say yes with -y. ${refusal}`);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(printableLines(`${question} [y/N] `));
  terminal.close();
  if (!/^y(es)?$/i.test(answer.trim())) throw new Error(refusal);
}
