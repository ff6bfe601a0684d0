import { writeFile } from 'node:fs/promises';
import { note, print } from '../terminal/output.ts';
import { endAtSignals, runProgram } from '../terminal/program.ts';
import { runTask } from '../terminal/tasks.ts';
import { type Bench, openBench } from './bench.ts';
import { describeMachine, machineLine } from './machine.ts';
import { type BenchOptions, parseOptions, type Section, usage } from './options.ts';
import { formatResults, writeDocuments } from './report/documents.ts';
import { formatText, type Table } from './report/table.ts';
import type { Measured, Results } from './results.ts';
import { clientTables, measureClient } from './sections/client.ts';
import { functionTables, measureFunction } from './sections/function.ts';
import { guardFailures, guardTables, measureGuard } from './sections/guard.ts';
import { measurePeers, peersTables } from './sections/peers.ts';

endAtSignals();
await runProgram({ parse: parseOptions, usage, run });

/** Resolves to the exit code: 0 when all could be measured and, for the guard, the function is quick enough. */
async function run(options: BenchOptions): Promise<number> {
  const bench = await openBench();
  print(machineLine(describeMachine()));
  return options.guard ? guard(bench) : measure(bench, options);
}

async function guard(bench: Bench): Promise<number> {
  const results = await runTask('guard', () => measureGuard(bench));
  printTables(guardTables(results));
  const failures = guardFailures(results);
  for (const failure of failures) note(failure);
  return failures.length === 0 ? 0 : 1;
}

async function measure(bench: Bench, options: BenchOptions): Promise<number> {
  const results: Results = {
    machine: describeMachine(),
    function: await take('function', options, () => measureFunction(bench), functionTables),
    client: await take('client', options, () => measureClient(bench), clientTables),
    peers: await take('peers', options, () => measurePeers(bench, options.peers), peersTables),
  };
  if (options.json !== undefined) await writeFile(options.json, formatResults(results));
  if (options.write) await writeDocuments(results);
  return options.sections.every((section) => results[section]) ? 0 : 1;
}

/** Runs a section that is wanted, and prints it; one that fails is told, and undefined, and the others are run all the same. */
async function take<Result>(
  section: Section,
  { sections }: BenchOptions,
  measure: () => Promise<Result>,
  tables: (result: Result) => readonly Table[],
): Promise<Measured<Result> | undefined> {
  if (!sections.includes(section)) return undefined;
  try {
    const result = await runTask(section, measure);
    printTables(tables(result));
    return { date: new Date().toISOString().slice(0, 10), command: ['npm run bench --', ...process.argv.slice(2)].join(' '), result };
  } catch (error) {
    note(`${section}: ${error instanceof Error ? error.message : error}`);
    return undefined;
  }
}

function printTables(tables: readonly Table[]): void {
  for (const table of tables) print(`\n${formatText(table)}`);
}
