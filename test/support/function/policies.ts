/** The values of `ON_FAILURE`. */
export const policies = ['continue', 'stop'] as const;

/** Each row under both policies. */
export function underBoth<Row extends readonly unknown[]>(rows: readonly (readonly [string, ...Row])[]) {
  return policies.flatMap((policy) => rows.map(([name, ...row]) => [name, policy, ...row] as const));
}
