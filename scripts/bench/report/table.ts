/** Figures as a reader sees them, in the terminal and in the page. */
export interface Table {
  readonly title: string;
  /** What the figures are: unit, and how they were taken. */
  readonly note: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** The figure with so many digits; `failed` where there is none. */
export function shown(figure: number | undefined, digits = 2): string {
  return figure === undefined || Number.isNaN(figure) ? 'failed' : figure.toFixed(digits);
}

/** The table for a terminal: numbers stand right, so that their digits stand below each other. */
export function formatText({ title, note, head, rows }: Table): string {
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)));
  const isNumeric = head.map((_, column) => rows.every((row) => /^([\d.,]+|failed|–)$/.test(row[column] ?? '')));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (isNumeric[column] ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0))).join('  ');
  return [title, note, '', ...[head, ...rows].map((row) => line(row).trimEnd())].join('\n');
}
