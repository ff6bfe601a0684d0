import { topicIn } from '../config/dead-letter.ts';
import type { DeployedConnector } from './connector.ts';
import { triggerFields } from './trigger.ts';

/** The topic that takes what the trigger gives up; undefined where it has none, or none of this Kafka instance. */
export function deadLetterTopicOf({ props, trigger }: DeployedConnector): string | undefined {
  const { deadLetterQueue } = triggerFields(trigger).runOptions;
  return deadLetterQueue && topicIn(deadLetterQueue.Arn, props.kafka.instanceId);
}
