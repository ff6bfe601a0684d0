import { writeFile } from 'node:fs/promises';
import { table } from '../docs/markdown.ts';
import { distributions } from '../local/servers/elasticsearch/distributions.ts';
import { print } from '../terminal/output.ts';
import { runProgram } from '../terminal/program.ts';
import { type MatrixOptions, parseOptions, usage } from './options.ts';
import { serversPage } from './page.ts';
import { type Column, runOn } from './run-on.ts';
import { headOf, rowsOf } from './table.ts';

await runProgram({ parse: parseOptions, usage, run });

/** Resolves to the exit code: 0 when no test failed. */
async function run({ only, write }: MatrixOptions): Promise<number> {
  const columns: Column[] = [];
  for (const name of only) columns.push(await runOn(distributions[name]));
  print(table(headOf(columns), rowsOf(columns)));
  if (write) await writeFile(new URL('../../docs/servers.md', import.meta.url), serversPage(columns));
  return columns.some(({ hasFailed }) => hasFailed) ? 1 : 0;
}
