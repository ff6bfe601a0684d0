/** Of Function Compute: 2.0 with services, 3.0 without. */
export type Generation = '2.0' | '3.0';

export const generations: readonly Generation[] = ['2.0', '3.0'];

/** Reads the generation that a command line names; throws for one that there is not. */
export function readGeneration(option: string, text: string): Generation {
  const generation = generations.find((one) => one === text);
  if (generation) return generation;
  throw new Error(`${option}: '${text}' is not allowed; give ${generations.join(' or ')}`);
}
