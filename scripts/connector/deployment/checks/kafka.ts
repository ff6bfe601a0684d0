import type { KafkaTopic } from '../../cloud/kafka.ts';
import type { Props } from '../../config/schema.ts';
import { deliversInOrder } from '../consumers.ts';
import type { Survey } from '../survey.ts';
import { type Check, type CheckContext, failed, noticed, passed } from './check-result.ts';

/** The instance, its source topic, and how the trigger reads it. */
export function kafkaChecks({ props, survey }: CheckContext): Check[] {
  const title = 'Kafka instance';
  const { kafka } = survey;
  const { instanceId, topic } = props.kafka;
  if (!kafka) {
    const fix = 'Correct kafka.instanceId and region: instance and function are in one region.';
    return [failed(title, `${instanceId} is not in ${props.region}`, fix)];
  }
  if (!kafka.isRunning) return [failed(title, `${instanceId} is not running`, 'Wait until it runs, or renew it.')];
  const source = survey.topics.find((candidate) => candidate.topic === topic);
  return [
    passed(title, `${instanceId} (${kafka.name}) runs, ${kafka.edition} edition`),
    source
      ? passed('Source topic', `${topic}, ${source.partitions} partitions`)
      : failed(
          'Source topic',
          `${topic} is not in ${instanceId}`,
          'Make the topic, or correct kafka.topic: this connector never makes it.',
        ),
    ...threadChecks(props, source),
    ...sourceNetworkChecks(props, survey),
  ];
}

function threadChecks(props: Props, source: KafkaTopic | undefined): Check[] {
  const title = 'Consumer threads';
  const { consumerThreads } = props.kafka;
  if (deliversInOrder(props)) {
    const why =
      'documents are named by keys, and in Function Compute 3.0 the order of batches that are delivered side by side is not known';
    return [noticed(title, `1 of ${consumerThreads}: ${why}`)];
  }
  if (!source || source.partitions >= consumerThreads) return [];
  return [noticed(title, `${source.partitions} of ${consumerThreads}: more than the topic has partitions would be idle`)];
}

function sourceNetworkChecks({ kafka }: Props, survey: Survey): Check[] {
  const { vpcId, vSwitchId } = kafka;
  const title = "Network of the trigger's source";
  const instanceVpc = survey.kafka?.vpcId;
  if (vpcId !== undefined && vpcId !== instanceVpc)
    return [failed(title, `${vpcId} is not the VPC of the instance, ${instanceVpc}`, 'Correct kafka.vpcId, or leave it out.')];
  if (vSwitchId === undefined) return [];
  if (survey.sourceVSwitch?.vpcId === instanceVpc) return [passed(title, `${vSwitchId} in ${instanceVpc}`)];
  return [failed(title, `${vSwitchId} is not in the VPC of the instance, ${instanceVpc}`, 'Correct kafka.vSwitchId, or leave it out.')];
}
