/** The middle of the values, the upper one of two; NaN of none. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

/** Collects what several rounds found of several things, and tells each thing's median. */
export class Samples {
  readonly #samples = new Map<string, number[]>();

  add(name: string, value: number): void {
    this.#samples.set(name, [...(this.#samples.get(name) ?? []), value]);
  }

  medians(): Figures {
    return Object.fromEntries([...this.#samples].map(([name, values]) => [name, median(values)]));
  }
}

/** One figure of each thing that was measured, by its name. */
export type Figures = Readonly<Record<string, number>>;

/** How many times the second figure the first one is; NaN where one of them is missing. */
export function ratio(figures: Figures, name: string, base: string): number {
  return (figures[name] ?? Number.NaN) / (figures[base] ?? Number.NaN);
}
