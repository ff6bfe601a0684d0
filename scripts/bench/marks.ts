import { printTable } from './table.ts';

/** What the sections found; undefined where the function failed. */
export interface Figures {
  readonly cpuRatios: readonly (number | undefined)[];
  readonly coldStartRatio: number | undefined;
  /** The size of the package, in KB. */
  readonly size: number;
  /** The most memory of each run, in MB. */
  readonly peaks: readonly (number | undefined)[];
}

/** Prints what the function is held to beside what was measured; of several figures, the worst counts. */
export function printMarks({ cpuRatios, coldStartRatio, size, peaks }: Figures): void {
  const printRow = printTable('Marks', [
    ['', -34],
    ['measured', 10],
    ['mark', 8],
    ['', -6],
    ['aim', 5],
    ['', -6],
  ]);
  const cpu = worst(cpuRatios);
  const memory = worst(peaks);
  printRow('CPU, times the bare loop (worst)', shown(cpu, 2), '<= 1.50', verdict(cpu, 1.5), '1.25', verdict(cpu, 1.25));
  printRow(
    'cold start, times the bare loop',
    shown(coldStartRatio, 2),
    '<= 1.50',
    verdict(coldStartRatio, 1.5),
    '1.30',
    verdict(coldStartRatio, 1.3),
  );
  printRow('package that every start loads, KB', shown(size, 0), '< 300', verdict(size, 300));
  printRow('event of 32 MB, peak in MB (worst)', shown(memory, 0), '<= 512', verdict(memory, 512));
}

function worst(figures: readonly (number | undefined)[]): number | undefined {
  return figures.reduce((most, figure) => (most === undefined || figure === undefined ? undefined : Math.max(most, figure)));
}

function shown(figure: number | undefined, digits: number): string {
  return figure === undefined ? 'failed' : figure.toFixed(digits);
}

function verdict(figure: number | undefined, most: number): string {
  return figure !== undefined && figure <= most ? 'met' : 'missed';
}
