import { Listr, ListrLogger, ProcessOutput } from 'listr2';
import { printableLines } from '../../shared/printable.ts';
import { type Report, reportingTo } from './report.ts';

/** A titled piece of work; `report` shows how far it is. */
export interface Task<Result = unknown> {
  readonly title: string;
  readonly run: (report: Report) => Promise<Result>;
}

type ResultsOf<Tasks extends readonly Task[]> = { readonly [Index in keyof Tasks]: Awaited<ReturnType<Tasks[Index]['run']>> };

/**
 * Does the work in order, shown alive on a terminal and as plain lines elsewhere, and resolves to its results. Shown on standard error, because
 * standard output is for results, unless another stream is given. Throws the error of the first work that fails.
 */
export async function runTasks<const Tasks extends readonly Task[]>(
  tasks: Tasks,
  stream: NodeJS.WriteStream = process.stderr,
): Promise<ResultsOf<Tasks>> {
  const results: unknown[] = [];
  const errors: unknown[] = [];
  const logger = new ListrLogger({ processOutput: new ProcessOutput(stream, stream) });
  const list = new Listr(
    tasks.map(({ title, run }) => ({
      title: printableLines(title),
      task: async (_context, task) => {
        const report: Report = (text) => {
          const shown = printableLines(text);
          if (task.output !== shown) task.output = shown;
        };
        try {
          results.push(await reportingTo(report, () => run(report)));
        } catch (error) {
          errors.push(error);
          // The error is printed once, by who catches it.
          throw new Error('see below');
        }
      },
    })),
    {
      renderer: 'default',
      fallbackRenderer: 'simple',
      fallbackRendererCondition: () => !stream.isTTY,
      rendererOptions: { logger, showErrorMessage: false, collapseErrors: false },
      fallbackRendererOptions: { logger },
      registerSignalListeners: false,
    },
  );
  await list.run().catch((error: unknown) => {
    throw errors[0] ?? error;
  });
  // One result a task, in their order.
  return results as ResultsOf<Tasks>;
}

/** Does one piece of work as `runTasks` does, and resolves to its result. */
export async function runTask<Result>(
  title: string,
  run: (report: Report) => Promise<Result>,
  stream?: NodeJS.WriteStream,
): Promise<Result> {
  const [result] = await runTasks([{ title, run }], stream);
  return result;
}
