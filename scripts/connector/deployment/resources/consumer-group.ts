import type { Provider } from './provider.ts';

/** The group that the trigger reads as, whose position outlives every trigger. */
export const consumerGroup: Provider<object> = {
  desired: ({ names, props }) => (props.kafka.resources === 'manual' ? [] : [{ name: names.consumerGroup }]),
  found: ({ names, survey }) => (survey.consumerGroup ? [{ name: names.consumerGroup }] : []),
  create: ({ name }, { cloud, names, props }) => cloud.kafka.createConsumerGroup(props.kafka.instanceId, name, names.remark),
  delete: ({ name }, { cloud, props }) => cloud.kafka.deleteConsumerGroup(props.kafka.instanceId, name),
};
