import { Site } from '../apply.ts';
import { ChecksFailed } from '../checks/check.ts';
import { openTarget, type Target } from '../context.ts';
import { triggerFields } from '../existing.ts';
import { describeFunctionChecks, type FunctionCheck, passesChecks } from '../function-checks.ts';
import type { Step } from '../plan.ts';
import type { Prepared } from '../prepare.ts';
import { readProgress } from '../progress.ts';
import { runTasks, type Task } from '../steps.ts';
import { describeStream, holdBack, runs } from '../stream.ts';
import { isPaused } from '../survey.ts';
import { untilNobodyReads } from '../takeover.ts';
import type { Command } from './command.ts';
import { confirm } from './confirm.ts';
import { describePlan, intentOptions, isUpToDate, prepareShown, readIntent } from './plan.ts';

export const deploy: Command = {
  summary: 'Create or update the connector: everything that plan shows',
  options: intentOptions,
  run: async (inputs, { assumesYes, isForProgram, values }) => {
    const target = await openTarget(inputs);
    const intent = readIntent(values);
    const prepared = await prepareShown(target, intent);
    const planned = describePlan(target, prepared);
    if (!isForProgram) process.stdout.write(`${planned.text}\n\n`);
    const { name, kafka, elasticsearch } = target.props;
    const paused = isPaused(prepared.survey) && !intent.resumes ? [describePause(prepared)] : [];
    if (isUpToDate(prepared)) {
      const service = prepared.survey.services[0]?.service.serviceName;
      return {
        value: { ...planned.value, service },
        text: [`Connector ${name} was up to date; nothing was changed.`, ...paused].join('\n'),
      };
    }
    await confirmReplacement(target, prepared, assumesYes);
    const { checks, serviceName } = await carryOut(target, prepared, intent.adopts);
    const text = [
      `Checks by the function\n${describeFunctionChecks(checks)}\n`,
      `Connector ${name} is deployed, in service ${serviceName}: records of ${kafka.topic} go to ${elasticsearch.index}.`,
      ...paused,
    ].join('\n');
    return { value: { ...planned.value, service: serviceName, functionChecks: checks }, text };
  },
};

function describePause({ survey: { stream } }: Prepared): string {
  return `It stays paused, as it was found (${stream ? describeStream(stream) : ''}): \`s resume\` or \`s deploy --resume\` starts it.`;
}

/** Who replaces a trigger should know what it has not read. */
async function confirmReplacement({ cloud, props }: Target, { steps, survey }: Prepared, assumesYes: boolean): Promise<void> {
  const trigger = survey.services[0]?.trigger;
  if (!trigger || !steps.some(({ action, resource }) => resource.kind === 'trigger' && action === 'replace')) return;
  const { ConsumerGroup: consumerGroup, InstanceId: instanceId, Topic: topic } = triggerFields(trigger).source;
  const { lag } = await readProgress(cloud, { instanceId, topic, consumerGroup, initialPosition: props.kafka.initialPosition });
  const behind = lag === null ? 'an unknown number of records' : `${lag} records`;
  const question = `The trigger is replaced: ${topic} of ${instanceId} is no longer read, and ${behind} that have not been delivered stay behind. Go on?`;
  await confirm(question, 'Nothing was changed.', assumesYes);
}

interface Outcome {
  readonly serviceName: string;
  /** Of the function. */
  readonly checks: readonly FunctionCheck[];
}

/** All but the trigger; then the function says whether it can do its work; only then is a trigger made, changed, or started. */
async function carryOut(target: Target, prepared: Prepared, adopts: boolean): Promise<Outcome> {
  const { cloud, props } = target;
  const { archive, names, steps, survey } = prepared;
  const site = new Site({
    cloud,
    names,
    props,
    zip: archive.zip,
    serviceName: survey.services[0]?.service.serviceName,
    securityGroupId: survey.network.securityGroup?.securityGroupId,
  });
  const todo = steps.filter(({ action }) => action !== 'keep');
  const isOfTrigger = ({ resource }: Step) => resource.kind === 'trigger';
  const taskOf = (step: Step): Task => ({
    title: `${step.action} ${step.resource.kind} ${step.resource.name}`,
    run: () => site.apply(step),
  });
  const checks: FunctionCheck[] = [];
  const check: Task = {
    title: 'Let the function check what it needs',
    run: async (report) => void checks.push(...(await checkOrHold(target, prepared, site.serviceName, report))),
  };
  const takeOver: Task = {
    title: `Wait until nobody reads as ${names.consumerGroup}`,
    run: (report) => untilNobodyReads(cloud, props.kafka.instanceId, names.consumerGroup, report),
  };
  await runTasks([
    ...todo.filter((step) => !isOfTrigger(step)).map(taskOf),
    check,
    ...(adopts && todo.some(({ action, resource }) => resource.kind === 'trigger' && action === 'create') ? [takeOver] : []),
    ...todo.filter(isOfTrigger).map(taskOf),
  ]);
  return { serviceName: site.serviceName, checks };
}

/** A function that cannot do its work would send records to the dead letters: no trigger is made, and a stream that runs is held back. */
async function checkOrHold(
  { cloud }: Target,
  { survey: { services, stream } }: Prepared,
  serviceName: string,
  report: (text: string) => void,
): Promise<readonly FunctionCheck[]> {
  try {
    return await passesChecks({ cloud, serviceName }, report);
  } catch (error) {
    const trigger = services[0]?.trigger;
    const isRunning = trigger !== undefined && runs(trigger, stream);
    if (isRunning) await holdBack(cloud, serviceName);
    const consequence = isRunning ? 'Its stream is held back until then' : trigger ? 'Its stream was not started' : 'No trigger was made';
    const reason = error instanceof Error ? error.message : String(error);
    const message = `${reason}\n${consequence}, so that no record is lost. Mend this, and run \`s deploy\` again: it goes on from here.`;
    throw error instanceof ChecksFailed ? new ChecksFailed(message, error.value) : new Error(message);
  }
}
