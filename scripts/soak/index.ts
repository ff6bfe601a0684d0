import { isComplete } from '../faults/run-fault.ts';
import { startServers } from '../faults/servers.ts';
import { head, whatHappens, whatIsSeen } from '../faults/table.ts';
import { print } from '../terminal/output.ts';
import { endAtSignals, runProgram } from '../terminal/program.ts';
import { parseOptions, type SoakOptions, usage } from './options.ts';
import { type SoakResult, soak } from './soak.ts';

endAtSignals();
await runProgram({ parse: parseOptions, usage, run });

/** Resolves to the exit code: 0 when no record was lost or doubled. */
async function run(options: SoakOptions): Promise<number> {
  print(`--seed ${options.seed}`);
  await using servers = await startServers();
  const started = performance.now();
  const seconds = () => ((performance.now() - started) / 1000).toFixed(0).padStart(4);
  const result = await soak(options, servers, (name) => print(`${seconds()} s  ${name}`));
  print(`${seconds()} s  every record is looked for\n\n${describe(result)}`);
  return isComplete(result) ? 0 : 1;
}

/** The table: a row a kind of fault, and the audit below. */
function describe({ audit, catchUpSeconds, kinds }: SoakResult): string {
  const rows = kinds.map(({ name, seen, times }) => [
    name,
    [`times: ${times}`, ...whatHappens(seen)].join('; '),
    whatIsSeen(seen),
    '',
    '',
    '',
  ]);
  const caughtUp = `all delivered ${catchUpSeconds.toFixed(0)} s after the last`;
  const all = ['all', caughtUp, '', String(audit.records), String(audit.missing), String(audit.extra)];
  return [head, ...rows, all].map((row) => row.join(' | ')).join('\n');
}
