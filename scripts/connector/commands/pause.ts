import type { Report } from '../../terminal/report.ts';
import { runTasks, type Task } from '../../terminal/tasks.ts';
import { openContext } from '../config/context.ts';
import { environmentIn } from '../config/environment.ts';
import { functionName } from '../config/names.ts';
import { type Deployed, findDeployed, isRunningNow } from '../running/find.ts';
import { untilStopped } from '../running/handover.ts';
import { passesChecks } from '../running/readiness.ts';
import { readSkips } from '../running/skips.ts';
import { configOf, switchOff, switchOn } from '../running/stream.ts';
import { triggerFields } from '../running/trigger.ts';
import type { Command } from './command.ts';

export const pause: Command = {
  summary: 'Stop reading the topic; the position is kept',
  options: {},
  run: async (inputs) => {
    const deployed = await findDeployed(await openContext(inputs));
    const { cloud, props } = deployed;
    await runTasks(stopping(deployed));
    const kafka = await cloud.kafka.instance(props.kafka.instanceId);
    const [retentionHours, offsetRetentionHours] = [kafka?.retentionHours, kafka?.offsetRetentionHours ?? null];
    const text = [
      `Connector ${props.name} is paused. \`s resume\` goes on where it stopped.`,
      `Messages of the instance are kept for ${retentionHours} hours unless a topic says otherwise, the position of a group that nobody reads as`,
      `${offsetRetentionHours === null ? 'for as long as the instance is set to' : `for ${offsetRetentionHours} hours`}: a pause that is longer loses records, or begins anew.`,
    ].join('\n');
    return { value: { connector: props.name, state: 'paused', retentionHours, offsetRetentionHours }, text };
  },
};

/** What stops the stream for certain: a new start must not meet the end of the old one. */
function stopping(deployed: Deployed): Task[] {
  const { cloud, names, service, trigger } = deployed;
  return [
    { title: 'Switch the trigger off', run: () => switchOff(cloud, service.serviceName, configOf(trigger)) },
    { title: `Wait until nobody reads as ${names.consumerGroup}`, run: (report) => untilStopped(cloud, trigger, report) },
  ];
}

export const resume: Command = {
  summary: 'Go on reading where the connector stopped',
  options: {
    skip: {
      type: 'string',
      description: 'positions (topic+partition+offset, separated by commas) that go to the error destination instead of Elasticsearch',
    },
  },
  run: async (inputs, { values }) => {
    const deployed = await findDeployed(await openContext(inputs));
    const { cloud, names, props, service, trigger } = deployed;
    requireOneSource(deployed);
    const source = { ...props.kafka, consumerGroup: names.consumerGroup };
    if (typeof values.skip === 'string') requireErrorDestination(deployed);
    const skipped = typeof values.skip === 'string' ? await readSkips(values.skip, cloud.kafka, source) : [];
    const isRunning = await isRunningNow(deployed);
    const isSkipping = skipped.length > 0;
    const starts = isSkipping || !isRunning;
    const check: Task = { title: 'Let the function check what it needs', run: (report) => checkBeforeStart(deployed, report) };
    const start: Task = {
      title: 'Switch the trigger on, and wait until its stream runs',
      run: () => switchOn(cloud, service.serviceName, configOf(trigger)),
    };
    await runTasks([
      ...(isSkipping ? [{ title: `Let the function skip ${skipped.join(', ')}`, run: () => skip(deployed, skipped) }] : []),
      ...(starts ? [check] : []),
      // The next retry of a batch may be minutes away; a stream that begins anew delivers it at once.
      ...(isSkipping && isRunning ? stopping(deployed) : []),
      ...(starts ? [start] : []),
    ]);
    const text = [
      `Connector ${props.name} ${starts ? 'runs' : 'was running, and goes on'}.`,
      ...(isSkipping
        ? [
            `${skipped.join(', ')}: handed to the error destination as soon as it is read. The next deployment forgets what has been passed.`,
          ]
        : []),
    ].join('\n');
    return { value: { connector: props.name, state: 'running', skipped }, text };
  },
};

/** A function that cannot do its work would send records to the dead letters. */
async function checkBeforeStart({ cloud, service }: Deployed, report: Report): Promise<void> {
  await passesChecks({ cloud, serviceName: service.serviceName }, report).catch((error: unknown) => {
    throw new Error(
      `${error instanceof Error ? error.message : error}\nThe stream was not started: mend this first, so that no record is lost.`,
    );
  });
}

/** After a deployment that was interrupted on its way to another topic, records of the old one would go where those of the new one go. */
function requireOneSource({ function: row, trigger }: Deployed): void {
  const { SOURCE_TOPIC } = environmentIn(row);
  const { Topic } = triggerFields(trigger).source;
  if (SOURCE_TOPIC === undefined || SOURCE_TOPIC === Topic) return;
  throw new Error(
    `The trigger reads ${Topic}, and the function is set up for ${SOURCE_TOPIC}: a deployment has not ended. Run \`s deploy\`, which goes on from there.`,
  );
}

/** What is skipped must go somewhere. */
function requireErrorDestination(deployed: Deployed): void {
  const { ERROR_DATA_TOPIC, ERROR_INDEX } = environmentIn(deployed.function);
  if (ERROR_DATA_TOPIC || ERROR_INDEX) return;
  throw new Error(
    '--skip: the function has no error destination, so a skipped record would be lost. Run `s deploy`, which sets one, and then this command again.',
  );
}

/** Offsets stay as they are: the function hands the records over when they are delivered again. */
async function skip({ cloud, service, ...deployed }: Deployed, positions: readonly string[]): Promise<void> {
  const before = environmentIn(deployed.function);
  const all = new Set([...(before.SKIP_POSITIONS?.split(',') ?? []), ...positions]);
  const environmentVariables = { ...before, SKIP_POSITIONS: [...all].join(',') };
  await cloud.functionCompute.updateFunction(service.serviceName, functionName, { environmentVariables });
}
