import { endAtSignals, runProgram } from '../terminal/program.ts';
import { count, runDemo } from './demo.ts';
import { type DemoOptions, parseOptions, usage } from './options.ts';

endAtSignals();
await runProgram({ parse: (args) => parseOptions(args, process.env), usage, run });

/** Resolves to the exit code: 0 when every record has arrived. */
async function run(options: DemoOptions): Promise<number> {
  const { searchResponse, index, sent, indexed, rejected, throughput } = await runDemo(options);
  process.stdout.write(`\nGET /${index}/_search\n${searchResponse}\n`);
  process.stdout.write(`${throughput}\n`);
  process.stdout.write(`${count(sent)} records sent, ${count(indexed)} indexed, ${count(rejected)} rejected\n`);
  return indexed === sent && rejected === 0 ? 0 : 1;
}
