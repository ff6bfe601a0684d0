import { reportProgress } from '../../terminal/report.ts';
import { type Bench, bareLoop, names, saveShape, sinkProgram } from '../bench.ts';
import type { Form } from '../events.ts';
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

/** The forms that are sent by default. Of RawData the bare loop copies elements as they are, where the function makes envelopes: its margin is too small for a guard. */
const guardedForms: readonly Form[] = ['connector', 'CloudEvents'];

const effort = { processes: 1, warmUpMs: 700, rounds: 5 };
/**
 * Processes at most of each form. About one in two stays slower by half for as long as it lives: the garbage collector keeps what previous
 * invocations have left until its next full collection. A function that has become slow is slow in all of them.
 */
const maxProcesses = 8;

/** Measures the function beside the bare loop at one shape of each, in new processes until one is good enough. */
export async function measureGuard(bench: Bench): Promise<GuardResult[]> {
  await using standIn = await StandIn.start();
  const programs = [sinkProgram(bench, standIn.url), bareLoop(standIn.url)];
  const results: GuardResult[] = [];
  for (const form of guardedForms) {
    reportProgress(form);
    const event = await saveShape(bench, { form, content: 'English', valueSize: 667, records: 1000 });
    results.push(await best(async () => ({ form, figures: (await measureCpu(programs, [event], effort))[0] ?? {} })));
  }
  return results;
}

async function best(measure: () => Promise<GuardResult>): Promise<GuardResult> {
  let result = await measure();
  for (let process = 1; process < maxProcesses && guardFailures([result]).length > 0; process++) {
    const next = await measure();
    if (!(ratioOf(result.figures) <= ratioOf(next.figures))) result = next;
  }
  return result;
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
