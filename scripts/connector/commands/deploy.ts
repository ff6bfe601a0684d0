import { Site } from '../apply.ts';
import { openTarget, type Target } from '../context.ts';
import type { Prepared } from '../prepare.ts';
import { runTasks } from '../steps.ts';
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
    const text = isUnchanged
      ? `Connector ${name} was up to date; nothing was changed.`
      : `Connector ${name} is deployed, in service ${serviceName}: records of ${kafka.topic} go to ${elasticsearch.index}.`;
    return { value: { ...planned.value, service: serviceName }, text };
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
