import type { TargetOutcome } from './run-target.ts';

const head = ['target', 'cases', 'seconds', 'worst memory (MB)', 'outcome'];

/** The closing table, a row a target, and what repeats each case that fell. */
export function describeOutcomes(outcomes: readonly TargetOutcome[], seed: number): string {
  const rows = outcomes.map(({ cases, fall, memoryMb, name, seconds }) => [
    name,
    String(cases),
    seconds.toFixed(1),
    memoryMb.toFixed(0),
    fall ? `case ${fall.number} falls` : 'all hold',
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const table = [head, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return [...table, ...outcomes.flatMap((outcome) => describeFall(outcome, seed))].join('\n');
}

function describeFall({ fall, name }: TargetOutcome, seed: number): readonly string[] {
  if (!fall) return [];
  return [
    '',
    `${name}: ${fall.reason}`,
    `input: ${fall.input}`,
    `repeat: npm run fuzz -- --seed ${seed} --only ${name} --case ${fall.number}`,
  ];
}
