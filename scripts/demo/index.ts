import { count, runDemo } from './demo.ts';
import { parseOptions, usage } from './options.ts';

// Everything started here ends with this process: the servers and the function's instance watch a pipe to it.
process.on('SIGINT', () => process.exit(130));
process.on('SIGTERM', () => process.exit(143));

try {
  process.exitCode = await main();
} catch (error) {
  process.stderr.write(`\n${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
process.exit();

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
