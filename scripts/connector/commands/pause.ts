import { runTasks } from '../../terminal/tasks.ts';
import { openContext } from '../config/context.ts';
import { findConnector } from '../running/connector.ts';
import { stopTasks } from '../running/stop-stream.ts';
import type { Command } from './command.ts';

export const pause: Command = {
  summary: 'Stop reading the topic; the position is kept',
  options: {},
  run: async (inputs) => {
    const connector = await findConnector(await openContext(inputs));
    const { cloud, props } = connector;
    await runTasks(stopTasks(connector));
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
