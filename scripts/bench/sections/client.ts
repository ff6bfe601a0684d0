import { reportProgress } from '../../terminal/report.ts';
import { type Bench, bareLoop, environmentFor, files, names, saveShape, sinkProgram } from '../bench.ts';
import { type EventShape, forms } from '../events.ts';
import { measureCpu } from '../measure.ts';
import { shown, type Table } from '../report/table.ts';
import { StandIn } from '../stand-in.ts';
import type { Figures } from '../statistics.ts';

/** CPU in µs a record of the function and of the official client, each given the same event. */
export type ClientResult = readonly { readonly shape: EventShape; readonly figures: Figures }[];

const effort = { processes: 2, warmUpMs: 1500, rounds: 5 };
const programNames = [names.sink, 'client.bulk', 'helpers.bulk', names.bareLoop];

/** Measures the function beside the two ways of the official client, against a server that stores nothing; about half a minute. */
export async function measureClient(bench: Bench): Promise<ClientResult> {
  await using standIn = await StandIn.start();
  const { url } = standIn;
  const environment = environmentFor(url);
  const programs = [
    sinkProgram(bench, url),
    { name: 'client.bulk', file: files.clientBulk, environment },
    { name: 'helpers.bulk', file: files.helpersBulk, environment },
    bareLoop(url),
  ];
  const cases: { readonly shape: EventShape; readonly figures: Figures }[] = [];
  for (const form of forms) {
    reportProgress(form);
    const shape: EventShape = { form, content: 'English', valueSize: 667, records: 1000 };
    const [figures = {}] = await measureCpu(programs, [await saveShape(bench, shape)], effort);
    cases.push({ shape, figures });
  }
  return cases;
}

/** The figures as tables. */
export function clientTables(result: ClientResult): Table[] {
  return [
    {
      title: 'The function beside the official client',
      note: 'CPU in µs a record from the event to the response, 1,000 records of 667 bytes. The client is given the parsed event, and the same documents and ids.',
      head: ['event', ...programNames],
      rows: result.map(({ shape, figures }) => [shape.form, ...programNames.map((name) => shown(figures[name]))]),
    },
  ];
}
