import type { FunctionCheck } from '../../../shared/commands.ts';
import type { Report } from '../../terminal/report.ts';
import { runTasks, type Task } from '../../terminal/tasks.ts';
import type { FunctionAddress } from '../cloud/function-compute/function-compute.ts';
import type { Context } from '../config/context.ts';
import { isMarkedPaused, pausedSuffix } from '../config/names.ts';
import { ChecksFailed } from '../running/checks-failed.ts';
import type { CalledFunction } from '../running/connector.ts';
import { describeAddress } from '../running/functions.ts';
import { waitUntilReady } from '../running/readiness.ts';
import { untilNobodyReads } from '../running/take-over.ts';
import { ApplyContext } from './apply.ts';
import { FoundStream } from './found-stream.ts';
import type { Step } from './plan.ts';
import type { Prepared } from './prepare.ts';
import { isOfStart } from './resources/all-resources.ts';
import { isPaused } from './survey.ts';

interface DeployOutcome {
  readonly address: FunctionAddress;
  /** What the function has found. */
  readonly checks: readonly FunctionCheck[];
}

/**
 * Applies all steps but the trigger's; then the function says whether it can do its work; only then is a trigger made, changed, or started, after
 * whoever else reads as the group has been stopped. Last the other generation of Function Compute is left, if the connector moves from there.
 */
export async function carryOut(context: Context, prepared: Prepared, adopts: boolean): Promise<DeployOutcome> {
  const { cloud, props } = context;
  const { names, steps, survey } = prepared;
  const applyContext = applyContextOf(context, prepared, survey.own);
  const paused = isPaused(survey, props);
  const stream = new FoundStream(cloud, survey.own, paused);
  const former = new FoundStream(cloud, survey.former, paused);
  const todo = steps.filter(({ action }) => action !== 'keep');
  const tasksOf = (some: readonly Step[]): Task[] => some.map((step) => taskOf(step, applyContext));
  const checks: FunctionCheck[] = [];
  const goOn = async () => {
    if (isOfTrigger(steps, 'keep')) await stream.goOn();
  };
  const check: Task = {
    title: 'Let the function check what it needs',
    run: async (report) => {
      checks.push(...(await checkOrHold({ cloud, address: applyContext.address }, stream, report)));
      await stream.untilStopped(report);
      if (!survey.former) await goOn();
    },
  };
  const stop: Task = { title: 'Stop the stream until function and trigger fit again', run: (report) => stream.stop(report) };
  const startTasks = tasksOf(todo.filter(({ resource }) => isOfStart(resource))).map(({ title, run }) => ({
    title,
    run: async (report: Report) => {
      await former.requireHeld();
      await run(report);
    },
  }));
  const takeOver: Task = {
    title: `Wait until nobody reads as ${names.consumerGroup}`,
    run: (report) => untilNobodyReads(cloud, props.kafka.instanceId, names.consumerGroup, report),
  };
  await runTasks([
    ...(mustStopFirst(todo) ? [stop] : []),
    ...tasksOf(todo.filter(({ resource }) => !isOfStart(resource))),
    check,
    ...(survey.former ? [stopFormer(survey.former, former, stream, goOn)] : []),
    ...(adopts && isOfTrigger(todo, 'create') ? [takeOver] : []),
    ...keepingPause(applyContext, prepared, startTasks),
    ...leavingTasks(context, prepared),
  ]);
  return { address: applyContext.address, checks };
}

function applyContextOf(
  { cloud, props }: Context,
  { archive, names, survey }: Prepared,
  address: FunctionAddress | undefined,
): ApplyContext {
  return new ApplyContext({
    cloud,
    names,
    props,
    generation: address?.generation ?? props.function.api,
    zip: archive.zip,
    known: survey.functions,
    address,
    securityGroupId: survey.network.securityGroup?.securityGroupId,
  });
}

function taskOf(step: Step, applyContext: ApplyContext): Task {
  return { title: `${step.action} ${step.resource.kind} ${step.resource.name}`, run: () => applyContext.apply(step) };
}

/** Of another source the records would go where those of the new one go, and side by side they would not be in the order that ids by keys need. */
function mustStopFirst(todo: readonly Step[]): boolean {
  const trigger = todo.find(({ resource }) => resource.kind === 'trigger');
  return trigger?.action === 'replace' || (trigger?.changes.some(({ field, after }) => field === 'concurrency' && after === 1) ?? false);
}

/** Two that read as one group would each get a part of the records. */
function stopFormer(address: FunctionAddress, former: FoundStream, own: FoundStream, goOn: () => Promise<void>): Task {
  return {
    // After an interruption the new one may read already.
    title: `Stop the stream of ${describeAddress(address)}${own.isRunning ? '' : ', and wait until it has left the group'}`,
    run: async (report) => {
      await former.stop(report, !own.isRunning || own.isHeld);
      await goOn();
    },
  };
}

function leavingTasks(context: Context, prepared: Prepared): Task[] {
  const { former } = prepared.survey;
  if (!former) return [];
  const applyContext = applyContextOf(context, prepared, former);
  return prepared.leaving.map((step) => {
    const { title, run } = taskOf(step, applyContext);
    return { title: step.resource.name === former.name ? title : `${title} of ${describeAddress(former)}`, run };
  });
}

/** Notes the pause at the service, or the function, while a paused connector has no trigger: a deployment that takes up an interrupted one would start it. */
function keepingPause(applyContext: ApplyContext, { steps }: Prepared, triggerTasks: readonly Task[]): readonly Task[] {
  const resources = steps.map(({ resource }) => resource);
  const trigger = resources.find(({ kind }) => kind === 'trigger');
  const marked = resources.find(({ kind }) => kind === 'service') ?? resources.find(({ kind }) => kind === 'function');
  const staysPaused = trigger?.kind === 'trigger' && !trigger.enabled;
  const isReplaced = isOfTrigger(steps, 'replace');
  if (!staysPaused || !marked || !('description' in marked) || !(isReplaced || isOfTrigger(steps, 'create'))) return triggerTasks;
  const mark = isMarkedPaused(marked.description) ? marked.description.slice(0, -pausedSuffix.length) : marked.description;
  const describe = (title: string, description: string): Task => ({
    title,
    run: () => applyContext.apply({ action: 'change', resource: { ...marked, description }, changes: [] }),
  });
  return [
    ...(isReplaced ? [describe('Note the pause in the description', `${mark}${pausedSuffix}`)] : []),
    ...triggerTasks,
    describe('Leave the pause to the trigger', mark),
  ];
}

/** Whether one of these steps does so with the trigger. */
export function isOfTrigger(steps: readonly Step[], action: Step['action']): boolean {
  return steps.some(({ resource, ...step }) => resource.kind === 'trigger' && step.action === action);
}

/** A function that cannot do its work would send records to the dead letters: no trigger is made, and a stream that runs is held back at once. */
async function checkOrHold(where: CalledFunction, stream: FoundStream, report: Report): Promise<readonly FunctionCheck[]> {
  try {
    return await waitUntilReady(where, report, () => stream.hold());
  } catch (error) {
    await stream.hold();
    const consequence = stream.isHeld
      ? 'Its stream is held back until then'
      : stream.isThere
        ? 'Its stream was not started'
        : 'No trigger was made';
    const reason = error instanceof Error ? error.message : String(error);
    const message = `${reason}\n${consequence}, so that no record is lost. Mend this, and run \`s deploy\` again: it goes on from here.`;
    throw error instanceof ChecksFailed ? new ChecksFailed(message, error.value) : new Error(message);
  }
}
