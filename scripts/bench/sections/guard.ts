import { reportProgress } from '../../terminal/report.ts';
import { type Bench, bareLoop, names, saveShape, sinkProgram } from '../bench.ts';
import { type Form, forms } from '../events.ts';
import { measureCpu } from '../measure.ts';
import { shown, type Table } from '../report/table.ts';
import { StandIn } from '../stand-in.ts';
import { type Figures, ratio } from '../statistics.ts';

/** CPU in µs a record of the function and of the bare loop, for one form of events. */
export interface GuardResult {
  readonly form: Form;
  readonly figures: Figures;
}

/** What fails: far enough from what is aimed at, 1.0, that a busy machine alone does not reach it. */
const worstRatio = 1.5;

const effort = { processes: 3, warmUpMs: 700, rounds: 5 };

/**
 * Measures the function beside the bare loop at one shape of each form; about 20 seconds. One that fails is measured once more, as a machine may
 * have been unfair to one of the programs; a function that has become slow fails twice.
 */
export async function measureGuard(bench: Bench): Promise<GuardResult[]> {
  await using standIn = await StandIn.start();
  const programs = [sinkProgram(bench, standIn.url), bareLoop(standIn.url)];
  const results: GuardResult[] = [];
  for (const form of forms) {
    reportProgress(form);
    const event = await saveShape(bench, { form, content: 'English', valueSize: 667, records: 1000 });
    const measure = async (): Promise<GuardResult> => ({ form, figures: (await measureCpu(programs, [event], effort))[0] ?? {} });
    const first = await measure();
    results.push(guardFailures([first]).length === 0 ? first : await measure());
  }
  return results;
}

/** What is to be said of forms whose ratio is worse than what is allowed, or unknown. */
export function guardFailures(results: readonly GuardResult[]): string[] {
  return results
    .filter(({ figures }) => !(ratioOf(figures) <= worstRatio))
    .map(({ figures, form }) => {
      return `${form}: the function needs ${shown(ratioOf(figures))} times the CPU of the bare loop; at most ${worstRatio} is allowed`;
    });
}

function ratioOf(figures: Figures): number {
  return ratio(figures, names.sink, names.bareLoop);
}

/** The figures as a table. */
export function guardTables(results: readonly GuardResult[]): Table[] {
  return [
    {
      title: 'Guard',
      note: `CPU in µs a record; the function may need at most ${worstRatio} times that of the bare loop.`,
      head: ['event', names.sink, names.bareLoop, 'ratio'],
      rows: results.map(({ form, figures }) => {
        return [form, shown(figures[names.sink]), shown(figures[names.bareLoop]), shown(ratioOf(figures))];
      }),
    },
  ];
}
