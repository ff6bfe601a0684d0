import { isComplete } from '../faults/run-fault.ts';
import { startServers } from '../faults/servers.ts';
import { head, whatHappens, whatIsSeen } from '../faults/table.ts';
import { endAtSignals, runProgram } from '../terminal/program.ts';
import { parseOptions, type SoakOptions, usage } from './options.ts';
import { type SoakResult, soak } from './soak.ts';

endAtSignals();
await runProgram({ parse: parseOptions, usage, run });

/** Resolves to the exit code: 0 when no record was lost or doubled. */
async function run(options: SoakOptions): Promise<number> {
  process.stdout.write(`--seed ${options.seed}\n`);
  await using servers = await startServers();
  const started = performance.now();
  const seconds = () => ((performance.now() - started) / 1000).toFixed(0).padStart(4);
  const result = await soak(options, servers, (name) => process.stdout.write(`${seconds()} s  ${name}\n`));
  process.stdout.write(`${seconds()} s  every record is looked for\n\n${describe(result)}\n`);
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
