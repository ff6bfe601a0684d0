import { openTarget, type Target } from '../context.ts';
import { type Prepared, prepare } from '../prepare.ts';
import { billing, describeChecks, describeSteps, summary } from '../print.ts';
import { runTasks } from '../steps.ts';
import type { Command, Result } from './command.ts';

export const plan: Command = {
  summary: 'Show what deploy would create, change, replace and keep, and change nothing',
  options: {},
  run: async (inputs) => {
    const target = await openTarget(inputs);
    return describePlan(target, await prepareShown(target));
  },
};

/** Prepares under a title on standard error. */
export async function prepareShown(target: Target): Promise<Prepared> {
  const results: Prepared[] = [];
  const title = `Build the package, and look at ${target.props.name} in ${target.props.region}`;
  await runTasks([{ title, run: async () => void results.push(await prepare(target)) }]);
  const [prepared] = results;
  if (!prepared) throw new Error('the plan was not made');
  return prepared;
}

/** The same for `plan` and `deploy`. */
export function describePlan({ props }: Target, { checks, steps }: Prepared): Result {
  const { name, region } = props;
  const text = [
    `Connector ${name} in ${region}: ${props.kafka.topic} of ${props.kafka.instanceId} → ${props.elasticsearch.index}`,
    `\nChecks\n${describeChecks(checks)}`,
    `\nPlan\n${describeSteps(steps)}`,
    `\n${billing(steps)}`,
  ].join('\n');
  const rows = steps.map(({ action, changes, resource }) => ({ action, kind: resource.kind, name: resource.name, changes }));
  return { value: { connector: name, region, checks, steps: rows, summary: summary(steps), billing: billing(steps) }, text };
}
