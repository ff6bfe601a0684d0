import { topicRules } from '../checks/topics.ts';
import type { Provider } from './provider.ts';

const errorPartitions = 6;

/** undefined: the cloud does not tell. */
export interface TopicFields {
  readonly partitions: number;
  readonly storage: 'local' | 'cloud' | undefined;
  readonly compact: boolean | undefined;
}

/** The connector's topics, never its source. */
export const topic: Provider<TopicFields> = {
  desired: (context) => {
    if (context.props.kafka.resources === 'manual') return [];
    return topicRules(context).map(({ topic: name, partitions, isLocal, compact }) => ({
      name,
      partitions: partitions.most ?? errorPartitions,
      storage: isLocal ? 'local' : 'cloud',
      compact,
    }));
  },
  found: ({ survey }) => survey.topics.map(({ topic: name, remark: _remark, ...fields }) => ({ name, ...fields })),
  create: ({ name, ...fields }, { cloud, names, props }) =>
    cloud.kafka.createTopic(props.kafka.instanceId, { topic: name, ...fields, remark: names.remark }),
  delete: ({ name }, { cloud, props }) => cloud.kafka.deleteTopic(props.kafka.instanceId, name),
  isKeptAsFound: true,
};
