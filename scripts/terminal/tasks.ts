import { Listr, ListrLogger, ProcessOutput } from 'listr2';
import { reportingTo } from './report.ts';

/** A titled piece of work. */
export interface Task {
  readonly title: string;
  /** `report` shows how far the work is. */
  readonly run: (report: (text: string) => void) => Promise<void>;
}

/** Does the work in order, shown alive on a terminal and as plain lines elsewhere, on standard error: standard output is for results. */
export async function runTasks(tasks: readonly Task[]): Promise<void> {
  const errors: unknown[] = [];
  const logger = new ListrLogger({ processOutput: new ProcessOutput(process.stderr, process.stderr) });
  const list = new Listr(
    tasks.map(({ title, run }) => ({
      title,
      // The error is printed once, by who catches it.
      task: (_context, task) => {
        const report = (text: string) => {
          if (task.output !== text) task.output = text;
        };
        return reportingTo(report, () => run(report)).catch((error: unknown) => {
          errors.push(error);
          throw new Error('see below');
        });
      },
    })),
    {
      renderer: 'default',
      fallbackRenderer: 'simple',
      fallbackRendererCondition: () => !process.stderr.isTTY,
      rendererOptions: { logger, showErrorMessage: false, collapseErrors: false },
      fallbackRendererOptions: { logger },
      registerSignalListeners: false,
    },
  );
  await list.run().catch((error: unknown) => {
    throw errors[0] ?? error;
  });
}
