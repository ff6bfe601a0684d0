import { Listr } from 'listr2';

/** Shows one line of progress under the title of a step. */
export type Report = (text: string) => void;

/** Does a titled piece of work, shown alive on a terminal and as plain lines elsewhere. */
export async function step<Value>(title: string, work: (report: Report) => Promise<Value>): Promise<Value> {
  const results: Value[] = [];
  const list = new Listr(
    {
      title,
      task: async (_, task) => {
        const report = (text: string) => {
          task.output = text;
        };
        results.push(await work(report));
      },
    },
    {
      // The caller prints the error, once, and decides about signals.
      rendererOptions: { showErrorMessage: false },
      fallbackRenderer: 'simple',
      registerSignalListeners: false,
    },
  );
  await list.run();
  return results[0] as Value;
}
