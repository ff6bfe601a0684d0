import fc from 'fast-check';
import { fuzzTarget } from '../../../scripts/fuzz/target.ts';

/** Faults that are planted, each behind a letter: what is thrown, what never ends, what ends the process, and what takes all memory. */
const faults: { readonly [letter: string]: () => void } = {
  t: () => {
    throw new Error('planted');
  },
  h: () => {
    for (;;);
  },
  e: () => process.exit(3),
  m: () => void Buffer.alloc(700 * 1024 * 1024, 'x'),
};

/** A target that falls where a text begins with the letter of a fault. */
export function planted(letters: string, module: string) {
  return fuzzTarget({
    name: 'planted',
    module,
    weight: 1,
    patience: letters === 'h' ? 3 : 60,
    inputs: fc.string({ unit: fc.constantFrom(...letters, 'a', 'b'), minLength: 1, maxLength: 12 }),
    open: async () => ({ check: async (text) => faults[text.at(-1) ?? '']?.(), [Symbol.asyncDispose]: async () => undefined }),
  });
}
