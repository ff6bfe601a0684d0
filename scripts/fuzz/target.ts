import fc from 'fast-check';

/** What inputs are made for, and what must hold for each. */
interface Target<Input> {
  /** One word, for `--only`. */
  readonly name: string;
  /** The URL of the module whose default export the target is: `import.meta.url`. */
  readonly module: string;
  /** Its part of all cases, compared with those of the others. */
  readonly weight: number;
  /** The longest that one case may take, in seconds; 30 by default. */
  readonly patience?: number;
  /** Whether cases wait more than they compute, so that more of them can run at a time. */
  readonly waits?: boolean;
  readonly inputs: fc.Arbitrary<Input>;
  /** Opens what the checks of one process share. */
  readonly open: () => Promise<Checker<Input>>;
}

/** Checks inputs, one at a time. */
export interface Checker<Input> extends AsyncDisposable {
  /** Throws what does not hold for an input. */
  readonly check: (input: Input) => Promise<void>;
}

/** A case that does not hold. */
export interface Fall {
  readonly number: number;
  /** What does not hold. */
  readonly reason: string;
  /** The smallest input that was found for it, as source text. */
  readonly input: string;
}

/** One case of a run; all of it follows from the two. */
export interface CaseId {
  readonly seed: number;
  readonly number: number;
}

/** A target whose type of input nobody else needs to know. */
export interface FuzzTarget extends Pick<Target<unknown>, 'name' | 'module' | 'weight'> {
  readonly patience: number;
  readonly waits: boolean;
  /** Opens the checker; each call then checks one case. */
  readonly open: () => Promise<CaseChecker>;
  /** The input of a case, as source text. */
  readonly inputOf: (id: CaseId) => string;
}

interface CaseChecker extends AsyncDisposable {
  readonly check: (id: CaseId) => Promise<Fall | undefined>;
}

const usualPatience = 30;
/** Of the patience, for the search for a smaller input, which counts as the same case; in ms a second. */
const shrinkingMsPerSecond = 500;

/** Makes a target of a name, inputs and a check. */
export function fuzzTarget<Input>({
  inputs,
  module,
  name,
  open,
  patience = usualPatience,
  waits = false,
  weight,
}: Target<Input>): FuzzTarget {
  return {
    name,
    module,
    weight,
    patience,
    waits,
    inputOf: (id) => shown(fc.sample(inputs, { seed: seedOf(id), numRuns: 1 })[0]),
    open: async () => {
      const checker = await open();
      const property = fc.asyncProperty(inputs, (input) => checker.check(input));
      return {
        check: async (id) => {
          const details = await fc.check(property, {
            seed: seedOf(id),
            numRuns: 1,
            interruptAfterTimeLimit: patience * shrinkingMsPerSecond,
          });
          if (!details.failed) return undefined;
          return { number: id.number, reason: reasonOf(details.errorInstance), input: shown(details.counterexample?.[0]) };
        },
        [Symbol.asyncDispose]: () => checker[Symbol.asyncDispose](),
      };
    },
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

const maxShownLength = 4000;

/** An input as source text, in which control characters are escaped. */
function shown(input: unknown): string {
  const text = fc.stringify(input);
  return text.length > maxShownLength ? `${text.slice(0, maxShownLength)} … (${text.length} characters)` : text;
}

/** The seed of one case: numbers in a row must give inputs that have nothing in common, so that they are mixed as MurmurHash3 ends: https://github.com/aappleby/smhasher */
function seedOf({ number, seed }: CaseId): number {
  let mixed = (Math.imul(seed, 0x9e3779b1) ^ number) >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
