import leven from 'leven';

/** A known name, and how many letters a misspelt one must gain, lose or exchange to become it. */
export interface NearestName {
  readonly name: string;
  readonly differingLetters: number;
}

/** The known name that differs least from `name`, the first of several; undefined where none is known. */
export function findNearest(name: string, known: readonly string[]): NearestName | undefined {
  const candidates = known.map((candidate) => ({ name: candidate, differingLetters: leven(name, candidate) }));
  return candidates.sort((left, right) => left.differingLetters - right.differingLetters)[0];
}

const maxMisspeltLetters = 3;
/** Longer ones are like no known name, and comparing them takes as long as they are. */
const maxNameLength = 100;

/** The known name that a misspelt one was probably meant to be, upper and lower case taken for one; undefined where none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > maxNameLength) return undefined;
  const lowered = known.map((candidate) => candidate.toLowerCase());
  const nearest = findNearest(name.toLowerCase(), lowered);
  return nearest && nearest.differingLetters <= maxMisspeltLetters ? known[lowered.indexOf(nearest.name)] : undefined;
}
