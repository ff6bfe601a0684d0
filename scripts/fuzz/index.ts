import { buildPackage } from '../bundle/package.ts';
import { print } from '../terminal/output.ts';
import { endAtSignals, runProgram } from '../terminal/program.ts';
import { runTask } from '../terminal/tasks.ts';
import { describeOutcomes } from './describe.ts';
import { type FuzzOptions, parseOptions, usage } from './options.ts';
import { planTargets } from './plan.ts';
import { runTarget, type TargetOutcome } from './run-target.ts';
import { targets } from './targets/all-targets.ts';

endAtSignals();
await runProgram({ parse: parseOptions, usage, run });

/** Resolves to the exit code: 0 when every case holds. */
async function run(options: FuzzOptions): Promise<number> {
  const planned = planTargets(targets, options);
  print(`--seed ${options.seed}`);
  await buildPackage();
  const outcomes: TargetOutcome[] = [];
  for (const one of planned) {
    const title = `${one.target.name}: ${one.last - one.first + 1} cases`;
    outcomes.push(await runTask(title, (report) => runTarget(one, options.seed, report)));
  }
  print(`\n${describeOutcomes(outcomes, options.seed)}`);
  return outcomes.every(({ fall }) => fall === undefined) ? 0 : 1;
}
