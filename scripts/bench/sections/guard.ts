import { reportProgress } from '../../terminal/report.ts';
import { type Bench, bareLoop, names, saveShape, sinkProgram } from '../bench.ts';
import { forms } from '../events.ts';
import { measureCpu } from '../measure.ts';
import { shown, type Table } from '../report/table.ts';
import { StandIn } from '../stand-in.ts';
import { ratio } from '../statistics.ts';

/** How many times the bare loop's CPU the function's is, for one form of events. */
export interface GuardResult {
  readonly form: string;
  readonly ratio: number;
}

/** What fails: far enough from what is aimed at, 1.0, that a busy machine alone does not reach it. */
const worstRatio = 1.5;

const effort = { processes: 2, warmUpMs: 900, rounds: 8 };

/** Measures the function beside the bare loop at one shape of each form; about 15 seconds. */
export async function measureGuard(bench: Bench): Promise<GuardResult[]> {
  await using standIn = await StandIn.start();
  const programs = [sinkProgram(bench, standIn.url), bareLoop(standIn.url)];
  const results: GuardResult[] = [];
  for (const form of forms) {
    reportProgress(form);
    const event = await saveShape(bench, { form, content: 'English', valueSize: 667, records: 1000 });
    const [figures = {}] = await measureCpu(programs, [event], effort);
    results.push({ form, ratio: ratio(figures, names.sink, names.bareLoop) });
  }
  return results;
}

/** The forms whose ratio is worse than what is allowed, or unknown. */
export function failures(results: readonly GuardResult[]): string[] {
  return results
    .filter(({ ratio: measured }) => !(measured <= worstRatio))
    .map(
      ({ form, ratio: measured }) =>
        `${form}: the function needs ${shown(measured)} times the CPU of the bare loop; at most ${worstRatio} is allowed`,
    );
}

/** The ratios as a table. */
export function guardTables(results: readonly GuardResult[]): Table[] {
  return [
    {
      title: 'Guard',
      note: `CPU of the function in times of the bare loop's; at most ${worstRatio}.`,
      head: ['event', 'ratio'],
      rows: results.map(({ form, ratio: measured }) => [form, shown(measured)]),
    },
  ];
}
