import { Site } from '../apply.ts';
import { openTarget, type Target } from '../context.ts';
import type { Prepared } from '../prepare.ts';
import { runTasks } from '../steps.ts';
import { describe, type FunctionCheck, runChecks } from './check.ts';
import type { Command } from './command.ts';
import { describePlan, prepareShown } from './plan.ts';

export const deploy: Command = {
  summary: 'Create or update the connector: everything that plan shows',
  options: {},
  run: async (inputs, { isForProgram }) => {
    const target = await openTarget(inputs);
    const prepared = await prepareShown(target);
    const planned = describePlan(target, prepared);
    if (!isForProgram) process.stdout.write(`${planned.text}\n\n`);
    const serviceName = await carryOut(target, prepared);
    const { name, kafka, elasticsearch } = target.props;
    const isUnchanged = prepared.steps.every(({ action }) => action === 'keep');
    if (isUnchanged) {
      return { value: { ...planned.value, service: serviceName }, text: `Connector ${name} was up to date; nothing was changed.` };
    }
    const checks = await checkFromInside(target, serviceName);
    const text = [
      ...(checks.length > 0 ? [`Checks by the function\n${describe(checks)}\n`] : []),
      `Connector ${name} is deployed, in service ${serviceName}: records of ${kafka.topic} go to ${elasticsearch.index}.`,
    ].join('\n');
    if (checks.some(({ ok }) => ok === false))
      throw new Error(`${text}\nBut the function cannot do its work yet: mend what is marked with ✖.`);
    return { value: { ...planned.value, service: serviceName, functionChecks: checks }, text };
  },
};

/** Resolves to the name of the connector's service. */
async function carryOut({ cloud, props }: Target, { archive, names, steps, survey }: Prepared): Promise<string> {
  const site = new Site({
    cloud,
    names,
    instanceId: props.kafka.instanceId,
    zip: archive.zip,
    serviceName: survey.service?.serviceName,
    securityGroupId: survey.network.securityGroup?.securityGroupId,
  });
  const todo = steps.filter(({ action }) => action !== 'keep');
  await runTasks(
    todo.map((step) => ({ title: `${step.action} ${step.resource.kind} ${step.resource.name}`, run: () => site.apply(step) })),
  );
  return site.serviceName;
}

/** What the function itself finds; a warning, and nothing, when it cannot be asked: everything is deployed by then. */
async function checkFromInside({ cloud }: Target, serviceName: string): Promise<readonly FunctionCheck[]> {
  try {
    return await runChecks({ cloud, serviceName });
  } catch (error) {
    process.stderr.write(`The function could not be asked for its checks: ${error instanceof Error ? error.message : error}\n`);
    return [];
  }
}
