import { formatPosition } from '../../../shared/position.ts';
import type { Report } from '../../terminal/report.ts';
import { runTasks, type Task } from '../../terminal/tasks.ts';
import { openContext } from '../config/context.ts';
import { environmentIn } from '../config/environment.ts';
import { type DeployedConnector, findConnector, isRunningNow } from '../running/connector.ts';
import { describeAddress } from '../running/functions.ts';
import { waitUntilReady } from '../running/readiness.ts';
import { readPositions, requireSkippable } from '../running/skips.ts';
import { stopTasks } from '../running/stop-stream.ts';
import { configOf, runs, streamState, switchOn } from '../running/stream.ts';
import { triggerFields } from '../running/trigger.ts';
import type { Command } from './command.ts';

export const resume: Command = {
  summary: 'Go on reading where the connector stopped',
  options: {
    skip: {
      type: 'string',
      description: 'positions (topic+partition+offset, separated by commas) that go to the error destination instead of Elasticsearch',
    },
  },
  run: async (inputs, { values }) => {
    const positions = typeof values.skip === 'string' ? readPositions(values.skip) : [];
    const connector = await findConnector(await openContext(inputs));
    const { address, cloud, names, props, trigger } = connector;
    requireOneSource(connector);
    await requireNoOtherReader(connector);
    const source = { ...props.kafka, consumerGroup: names.consumerGroup };
    const skipped = positions.map(formatPosition);
    const isSkipping = skipped.length > 0;
    if (isSkipping) {
      requireErrorDestination(connector);
      await requireSkippable(positions, cloud.kafka, source);
    }
    const isRunning = await isRunningNow(connector);
    const starts = isSkipping || !isRunning;
    const check: Task = { title: 'Let the function check what it needs', run: (report) => checkBeforeStart(connector, report) };
    const start: Task = {
      title: 'Switch the trigger on, and wait until its stream runs',
      run: () => switchOn(cloud, address, configOf(trigger)),
    };
    await runTasks([
      ...(isSkipping ? [{ title: `Let the function skip ${skipped.join(', ')}`, run: () => skip(connector, skipped) }] : []),
      ...(starts ? [check] : []),
      // The next retry of a batch may be minutes away; a stream that begins anew delivers it at once.
      ...(isSkipping && isRunning ? stopTasks(connector) : []),
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
async function checkBeforeStart(connector: DeployedConnector, report: Report): Promise<void> {
  await waitUntilReady(connector, report).catch((error: unknown) => {
    throw new Error(
      `${error instanceof Error ? error.message : error}\nThe stream was not started: mend this first, so that no record is lost.`,
    );
  });
}

/** Throws when function and trigger name different topics: after a deployment that was interrupted on its way to another topic, records of the old one would go where those of the new one go. */
function requireOneSource({ function: row, trigger }: DeployedConnector): void {
  const { SOURCE_TOPIC } = environmentIn(row);
  const { Topic } = triggerFields(trigger).source;
  if (SOURCE_TOPIC === undefined || SOURCE_TOPIC === Topic) return;
  throw new Error(
    `The trigger reads ${Topic}, and the function is set up for ${SOURCE_TOPIC}: a deployment has not ended. Run \`s deploy\`, which goes on from there.`,
  );
}

/** Two that read as one group would each get a part of the records. */
async function requireNoOtherReader({ cloud, other }: DeployedConnector): Promise<void> {
  if (!other?.trigger || !runs(other.trigger, await streamState(cloud, other.trigger))) return;
  throw new Error(`${describeAddress(other)} reads as the group of this connector: a move has not ended. Run \`s deploy\`, which ends it.`);
}

/** What is skipped must go somewhere. */
function requireErrorDestination(connector: DeployedConnector): void {
  const { ERROR_DATA_TOPIC, ERROR_INDEX } = environmentIn(connector.function);
  if (ERROR_DATA_TOPIC || ERROR_INDEX) return;
  throw new Error(
    '--skip: the function has no error destination, so a skipped record would be lost. Run `s deploy`, which sets one, and then this command again.',
  );
}

/** Offsets stay as they are: the function hands the records over when they are delivered again. */
async function skip({ address, cloud, ...connector }: DeployedConnector, positions: readonly string[]): Promise<void> {
  const before = environmentIn(connector.function);
  const all = new Set([...(before.SKIP_POSITIONS?.split(',') ?? []), ...positions]);
  const environmentVariables = { ...before, SKIP_POSITIONS: [...all].join(',') };
  await cloud.functionCompute(address.generation).updateFunction(address.name, { environmentVariables });
}
