import type { FunctionCheck } from '../../../shared/commands.ts';
import type { Report } from '../../terminal/report.ts';
import { runTasks, type Task } from '../../terminal/tasks.ts';
import type { AlibabaCloud } from '../cloud/alibaba-cloud.ts';
import type { JsonObject } from '../cloud/json.ts';
import { type Context, openContext } from '../config/context.ts';
import { markOf, pausedMarkOf } from '../config/names.ts';
import { ApplyContext } from '../deployment/apply.ts';
import type { Step } from '../deployment/plan.ts';
import type { Prepared } from '../deployment/prepare.ts';
import { isPaused, type Survey } from '../deployment/survey.ts';
import { ChecksFailed } from '../running/checks-failed.ts';
import type { FunctionAddress } from '../running/connector.ts';
import { readProgress } from '../running/lag.ts';
import { describeFunctionChecks, waitUntilReady } from '../running/readiness.ts';
import { untilStopped } from '../running/stop-stream.ts';
import { configOf, describeStream, holdBack, runs, switchOn } from '../running/stream.ts';
import { untilNobodyReads } from '../running/take-over.ts';
import { triggerFields } from '../running/trigger.ts';
import type { Command } from './command.ts';
import { confirm } from './confirm.ts';
import { describePlan, intentOptions, isUpToDate, prepareShown, readIntent } from './plan.ts';

export const deploy: Command = {
  summary: 'Create or update the connector: everything that plan shows',
  options: intentOptions,
  run: async (inputs, { assumesYes, isForProgram, values }) => {
    const context = await openContext(inputs);
    const intent = readIntent(values);
    const prepared = await prepareShown(context, intent);
    const planned = describePlan(context, prepared);
    if (!isForProgram) process.stdout.write(`${planned.text}\n\n`);
    const { name, kafka, elasticsearch } = context.props;
    const paused = isPaused(prepared.survey) && !intent.resumes ? [describePause(prepared)] : [];
    if (isUpToDate(prepared)) {
      const service = prepared.survey.services[0]?.service.serviceName;
      return {
        value: { ...planned.value, service },
        text: [`Connector ${name} was up to date; nothing was changed.`, ...paused].join('\n'),
      };
    }
    await confirmReplacement(context, prepared, assumesYes);
    const { checks, serviceName } = await carryOut(context, prepared, intent.adopts);
    const text = [
      `Checks by the function\n${describeFunctionChecks(checks)}\n`,
      `Connector ${name} is deployed, in service ${serviceName}: records of ${kafka.topic} go to ${elasticsearch.index}.`,
      ...paused,
    ].join('\n');
    return { value: { ...planned.value, service: serviceName, functionChecks: checks }, text };
  },
};

function describePause({ survey: { stream } }: Prepared): string {
  return `It stays paused, as it was found${stream ? ` (${describeStream(stream)})` : ''}: \`s resume\` or \`s deploy --resume\` starts it.`;
}

/** Who replaces a trigger should know what it has not read. */
async function confirmReplacement({ cloud, props }: Context, { steps, survey }: Prepared, assumesYes: boolean): Promise<void> {
  const trigger = survey.services[0]?.trigger;
  if (!trigger || !isOfTrigger(steps, 'replace')) return;
  const { ConsumerGroup: consumerGroup, InstanceId: instanceId, Topic: topic } = triggerFields(trigger).source;
  const { lag } = await readProgress(cloud, { instanceId, topic, consumerGroup, initialPosition: props.kafka.initialPosition });
  const behind = lag === null ? 'an unknown number of records' : `${lag} records`;
  const question = `The trigger is replaced: ${topic} of ${instanceId} is no longer read, and ${behind} that have not been delivered stay behind. Go on?`;
  await confirm(question, 'Nothing was changed.', assumesYes);
}

/** Whether one of these steps does so with the trigger. */
function isOfTrigger(steps: readonly Step[], action: Step['action']): boolean {
  return steps.some(({ resource, ...step }) => resource.kind === 'trigger' && step.action === action);
}

interface DeployOutcome {
  readonly serviceName: string;
  /** What the function has found. */
  readonly checks: readonly FunctionCheck[];
}

/** Applies all steps but the trigger's; then the function says whether it can do its work; only then is a trigger made, changed, or started. */
async function carryOut(context: Context, prepared: Prepared, adopts: boolean): Promise<DeployOutcome> {
  const { cloud, props } = context;
  const { archive, names, steps, survey } = prepared;
  const applyContext = new ApplyContext({
    cloud,
    names,
    props,
    zip: archive.zip,
    serviceName: survey.services[0]?.service.serviceName,
    securityGroupId: survey.network.securityGroup?.securityGroupId,
  });
  const stream = new FormerStream(cloud, survey);
  const todo = steps.filter(({ action }) => action !== 'keep');
  const taskOf = (step: Step): Task => ({
    title: `${step.action} ${step.resource.kind} ${step.resource.name}`,
    run: () => applyContext.apply(step),
  });
  const checks: FunctionCheck[] = [];
  const check: Task = {
    title: 'Let the function check what it needs',
    run: async (report) => {
      checks.push(...(await checkOrHold({ cloud, serviceName: applyContext.serviceName }, stream, report)));
      await stream.untilStopped(report);
      if (isOfTrigger(steps, 'keep')) await stream.goOn();
    },
  };
  // Its records would go where those of the new source go.
  const stop: Task = { title: 'Stop the stream of the trigger that is replaced', run: (report) => stream.stop(report) };
  const takeOver: Task = {
    title: `Wait until nobody reads as ${names.consumerGroup}`,
    run: (report) => untilNobodyReads(cloud, props.kafka.instanceId, names.consumerGroup, report),
  };
  await runTasks([
    ...(isOfTrigger(todo, 'replace') ? [stop] : []),
    ...todo.filter(({ resource }) => resource.kind !== 'trigger').map(taskOf),
    check,
    ...(adopts && isOfTrigger(todo, 'create') ? [takeOver] : []),
    ...keepingPause(applyContext, prepared, todo.filter(({ resource }) => resource.kind === 'trigger').map(taskOf)),
  ]);
  return { serviceName: applyContext.serviceName, checks };
}

/** Notes the pause at the service while a paused connector has no trigger: a deployment that takes up an interrupted one would start it. */
function keepingPause(applyContext: ApplyContext, { steps }: Prepared, triggerTasks: readonly Task[]): readonly Task[] {
  const { resource: trigger } = steps.find(({ resource }) => resource.kind === 'trigger') ?? {};
  const { resource: service } = steps.find(({ resource }) => resource.kind === 'service') ?? {};
  const isPaused = trigger?.kind === 'trigger' && !trigger.enabled;
  if (!isPaused || service?.kind !== 'service' || !(isOfTrigger(steps, 'replace') || isOfTrigger(steps, 'create'))) return triggerTasks;
  const describe = (title: string, description: string): Task => ({
    title,
    run: () => applyContext.apply({ action: 'change', resource: { ...service, description }, changes: [] }),
  });
  return [
    ...(isOfTrigger(steps, 'replace') ? [describe('Note the pause in the service', pausedMarkOf(applyContext.props))] : []),
    ...triggerTasks,
    describe('Leave the pause to the trigger', markOf(applyContext.props)),
  ];
}

/** The stream as the deployment finds it, which it stops before records go wrong; one that is interrupted then leaves it held back. */
class FormerStream {
  readonly #cloud: AlibabaCloud;
  readonly #serviceName: string;
  readonly #isPaused: boolean;
  readonly #isRunning: boolean;
  #isHeld = false;
  readonly trigger: JsonObject | undefined;

  constructor(cloud: AlibabaCloud, survey: Survey) {
    const [own] = survey.services;
    this.#cloud = cloud;
    this.#serviceName = own?.service.serviceName ?? '';
    this.trigger = own?.trigger;
    this.#isPaused = isPaused(survey);
    this.#isRunning = own?.trigger !== undefined && runs(own.trigger, survey.stream);
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Holds the stream back if it runs. */
  async hold(): Promise<void> {
    if (this.#isRunning) await this.#holdBack();
  }

  /** Stops the stream, whatever it does, and waits until its consumers have left; one that is paused stays so. */
  async stop(report: Report): Promise<void> {
    if (!this.trigger) return;
    if (!this.#isPaused) await this.#holdBack();
    await untilStopped(this.#cloud, this.trigger, report);
  }

  /** Waits until a stream that has been held back has stopped: a new start must not meet the end of the old one. */
  async untilStopped(report: Report): Promise<void> {
    if (this.#isHeld && this.trigger) await untilStopped(this.#cloud, this.trigger, report);
  }

  /** Starts the stream again if it has been held back. */
  async goOn(): Promise<void> {
    if (this.#isHeld) await switchOn(this.#cloud, this.#serviceName, configOf(this.trigger));
  }

  async #holdBack(): Promise<void> {
    if (this.#isHeld) return;
    await holdBack(this.#cloud, this.#serviceName);
    this.#isHeld = true;
  }
}

/** A function that cannot do its work would send records to the dead letters: no trigger is made, and a stream that runs is held back at once. */
async function checkOrHold(where: FunctionAddress, stream: FormerStream, report: Report): Promise<readonly FunctionCheck[]> {
  try {
    return await waitUntilReady(where, report, () => stream.hold());
  } catch (error) {
    await stream.hold();
    const consequence = stream.isHeld
      ? 'Its stream is held back until then'
      : stream.trigger
        ? 'Its stream was not started'
        : 'No trigger was made';
    const reason = error instanceof Error ? error.message : String(error);
    const message = `${reason}\n${consequence}, so that no record is lost. Mend this, and run \`s deploy\` again: it goes on from here.`;
    throw error instanceof ChecksFailed ? new ChecksFailed(message, error.value) : new Error(message);
  }
}
