import { writeFile } from 'node:fs/promises';
import { print } from '../terminal/output.ts';
import { endAtSignals, runProgram } from '../terminal/program.ts';
import type { Fault } from './fault.ts';
import { faults } from './faults.ts';
import { type FaultsOptions, parseOptions, usage } from './options.ts';
import { faultsPage } from './page.ts';
import { isComplete, type Outcome, runFault } from './run-fault.ts';
import { type Servers, startServers } from './servers.ts';
import { head, rowOf } from './table.ts';

endAtSignals();
await runProgram({ parse: parseOptions, usage, run });

/** Resolves to the exit code: 0 when no record was lost or doubled. */
async function run({ only, records, write }: FaultsOptions): Promise<number> {
  const chosen = faults.filter(({ name }) => only.length === 0 || only.some((word) => name.includes(word)));
  if (chosen.length === 0) throw new Error(`no fault has a name with ${only.join(' or ')}`);
  print(head.join(' | '));
  const outcomes = await runAll(chosen, records);
  if (write && outcomes.length === faults.length) {
    await writeFile(new URL('../../docs/faults.md', import.meta.url), faultsPage(outcomes));
  }
  return outcomes.length === chosen.length && outcomes.every(isComplete) ? 0 : 1;
}

/** Prints a row a fault, as it comes; one that a connector does not get over is told, and has no outcome. */
async function runAll(chosen: readonly Fault[], records: number): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  let servers: Servers | undefined;
  for (const fault of chosen) {
    try {
      servers ??= await startServers();
      const outcome = await runFault(fault, servers, records);
      outcomes.push(outcome);
      print(rowOf(outcome).join(' | '));
    } catch (error) {
      print(`${fault.name} | failed: ${error instanceof Error ? error.message : error}`);
      // Whatever state it has left them in.
      await servers?.[Symbol.asyncDispose]();
      servers = undefined;
    }
  }
  await servers?.[Symbol.asyncDispose]();
  return outcomes;
}
