import { reportProgress } from '../../../terminal/report.ts';
import { CloudFailure } from '../../cloud/call.ts';
import { triggerFields } from '../../running/trigger.ts';
import type { PlanContext, Provider } from './provider.ts';

export interface GroupPositionFields {
  readonly topic: string;
  readonly at: 'end';
}

/**
 * Where a group that has no position yet begins, with `initialPosition: latest`. Without it the group has none until its first record is delivered,
 * and each start of the stream begins at the end anew, past what came while it did not run.
 */
export const groupPosition: Provider<GroupPositionFields> = {
  desired: (context) =>
    needsPosition(context) ? [{ name: context.names.consumerGroup, topic: context.props.kafka.topic, at: 'end' }] : [],
  found: () => [],
  create: async ({ name, topic }, { cloud, props }) => {
    try {
      await cloud.kafka.moveGroupToEnd(props.kafka.instanceId, name, topic);
    } catch (error) {
      if (!(error instanceof CloudFailure) || !error.isRefusal) throw error;
      reportProgress(`${error.message} Until ${name} has delivered a first record, a pause passes over what comes meanwhile.`);
    }
  },
};

function needsPosition({ props: { kafka }, survey: { consumerGroup, own } }: PlanContext): boolean {
  const isRead = own?.trigger !== undefined && triggerFields(own.trigger).source.Topic === kafka.topic;
  return kafka.initialPosition === 'latest' && !isRead && !consumerGroup?.topics.includes(kafka.topic);
}
