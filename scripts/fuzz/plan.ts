import type { FuzzOptions } from './options.ts';
import type { FuzzTarget } from './target.ts';

/** The cases of one target, by their numbers. */
export interface PlannedTarget {
  readonly target: FuzzTarget;
  readonly first: number;
  readonly last: number;
}

/** Shares the cases among targets, by their weights; throws when there is none of the name that is asked for. */
export function planTargets(targets: readonly FuzzTarget[], { cases, number, only }: FuzzOptions): readonly PlannedTarget[] {
  const chosen = targets.filter(({ name }) => only === undefined || name === only);
  if (chosen.length === 0) throw new Error(`--only: '${only}' is not a target; there are ${targets.map(({ name }) => name).join(', ')}`);
  const weights = chosen.reduce((sum, { weight }) => sum + weight, 0);
  return chosen.map((target) => {
    const last = Math.max(1, Math.round((cases * target.weight) / weights));
    return number === undefined ? { target, first: 1, last } : { target, first: number, last: number };
  });
}
