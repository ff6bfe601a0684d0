import { print } from '../terminal/output.ts';
import { endAtSignals, runProgram } from '../terminal/program.ts';
import { count, runDemo } from './demo.ts';
import { type DemoOptions, parseOptions, usage } from './options.ts';

endAtSignals();
await runProgram({ parse: (args) => parseOptions(args, process.env), usage, run });

/** Resolves to the exit code: 0 when every record has arrived. */
async function run(options: DemoOptions): Promise<number> {
  const { searchResponse, index, sent, indexed, rejected, throughput } = await runDemo(options);
  print(`\nGET /${index}/_search\n${searchResponse}`);
  print(throughput);
  print(`${count(sent)} records sent, ${count(indexed)} indexed, ${count(rejected)} rejected`);
  return indexed === sent && rejected === 0 ? 0 : 1;
}
