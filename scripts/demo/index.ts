import { endAtSignals, runProgram } from '../terminal/program.ts';
import { count, runDemo } from './demo.ts';
import { parseOptions, usage } from './options.ts';

endAtSignals();
await runProgram(main);

/** Resolves to the exit code: 0 when every record has arrived. */
async function main(): Promise<number> {
  const options = parseOptions(process.argv.slice(2), process.env);
  if (!options) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const { searchResponse, index, sent, indexed, rejected, throughput } = await runDemo(options);
  process.stdout.write(`\nGET /${index}/_search\n${searchResponse}\n`);
  process.stdout.write(`${throughput}\n`);
  process.stdout.write(`${count(sent)} records sent, ${count(indexed)} indexed, ${count(rejected)} rejected\n`);
  return indexed === sent && rejected === 0 ? 0 : 1;
}
