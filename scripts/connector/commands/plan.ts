import { runTask } from '../../terminal/tasks.ts';
import { type Context, cloudOf, openContext } from '../config/context.ts';
import { billing, describeChecks, describeSteps, summary } from '../deployment/describe.ts';
import type { Intent } from '../deployment/intent.ts';
import type { Step } from '../deployment/plan.ts';
import { type Prepared, prepare } from '../deployment/prepare.ts';
import { otherThan } from '../running/functions.ts';
import type { Arguments, CommandOptions } from './arguments.ts';
import type { Command, Result } from './command.ts';

const changesExitCode = 2;

/** Options of `plan` and `deploy` alike. */
export const intentOptions: CommandOptions = {
  adopt: {
    type: 'boolean',
    description: "take over the group of the console's connector of this name, where it stands, as soon as nobody reads as it",
  },
  resume: { type: 'boolean', description: 'start a connector that is paused; without it, it stays so' },
};

export function readIntent(values: Arguments['values']): Intent {
  return { adopts: values.adopt === true, resumes: values.resume === true };
}

export const plan: Command = {
  summary: 'Show what deploy would create, change, replace and keep, and change nothing',
  options: {
    ...intentOptions,
    'detailed-exitcode': { type: 'boolean', description: 'exit with 0 when there is nothing to do, 2 when there is, 1 after an error' },
  },
  run: async (inputs, { values }) => {
    const context = await openContext(inputs);
    const prepared = await prepareShown(context, readIntent(values));
    if (values['detailed-exitcode'] === true && !isUpToDate(prepared)) process.exitCode = changesExitCode;
    return describePlan(context, prepared);
  },
};

export function isUpToDate({ leaving, steps }: Prepared): boolean {
  return [...steps, ...leaving].every(({ action }) => action === 'keep');
}

/** Prepares under a title on standard error. */
export async function prepareShown(context: Context, intent: Intent): Promise<Prepared> {
  const { cloud } = cloudOf(context.cloud);
  const place = cloud === undefined ? '' : ` at ${cloud}, by CLOUD_ENDPOINT`;
  const title = `Build the package, and look at ${context.props.name} in ${context.props.region}${place}`;
  return runTask(title, () => prepare(context, intent));
}

/** The plan as `plan` and `deploy` show it alike. */
export function describePlan({ cloud, props }: Context, { checks, leaving, steps }: Prepared): Result {
  const { name, region } = props;
  const formerApi = otherThan(props.function.api);
  const where = cloudOf(cloud);
  const text = [
    ...(where.cloud === undefined ? [] : [`Not Alibaba Cloud: CLOUD_ENDPOINT is set to ${where.cloud}\n`]),
    `Connector ${name} in ${region}: ${props.kafka.topic} of ${props.kafka.instanceId} → ${props.elasticsearch.index}`,
    `\nChecks\n${describeChecks(checks)}`,
    `\nPlan\n${describeSteps(steps, leaving, `Function Compute ${formerApi}`)}`,
    `\n${billing(steps)}`,
  ].join('\n');
  const rows = [...steps.map(rowOf), ...leaving.map((step) => ({ ...rowOf(step), api: formerApi }))];
  const told = { steps: rows, summary: summary([...steps, ...leaving]), billing: billing(steps) };
  return { value: { connector: name, region, ...where, checks, ...told }, text };
}

/** A step for programs. */
function rowOf({ action, changes, resource: { kind, name } }: Step) {
  return { action, kind, name, changes };
}
