import { CloudError } from '../../cloud-error.ts';
import type { KafkaInstance } from '../account.ts';
import type { Parameters } from '../acs-product.ts';

/** What the cloud knows of a topic beyond what the broker knows. */
export interface TopicRow {
  readonly instanceId: string;
  readonly topic: string;
  readonly remark: string;
  readonly partitionNum: number;
  readonly localTopic: boolean;
  readonly compactTopic: boolean;
  /** When it was made, in ms since 1970. */
  readonly createTime: number;
}

const nameForm = /^[\w.-]{3,64}$/;
const remarkForm = /^[\w-]{3,64}$/;

/** The topic that a CreateTopic asks for; throws `CloudError` where the documents forbid it: https://www.alibabacloud.com/help/en/apsaramq-for-kafka/api-createtopic */
export function requestedTopic(parameters: Parameters, instance: KafkaInstance, createTime: number): TopicRow {
  const topic = checkedName(parameters.required('Topic'), 'Topic');
  const remark = parameters.required('Remark');
  if (!remarkForm.test(remark)) throw invalid('Remark', 'give 3 to 64 letters, digits, _ or -');
  const localTopic = parameters.flag('LocalTopic');
  const compactTopic = parameters.flag('CompactTopic');
  const partitionNum = parameters.integer('PartitionNum', 12, 1, 360);
  checkStorage(instance, { localTopic, compactTopic, partitionNum });
  return { instanceId: instance.instanceId, topic, remark, partitionNum, localTopic, compactTopic, createTime };
}

/** The name of a topic or a group; throws `CloudError`. */
export function checkedName(name: string, parameter: string): string {
  if (!nameForm.test(name)) throw invalid(parameter, 'give 3 to 64 letters, digits, _, - or .');
  return name;
}

/** Settings that the broker keeps for the topic. */
export function configEntries({ compactTopic }: TopicRow): { name: string; value: string }[] {
  return compactTopic ? [{ name: 'cleanup.policy', value: 'compact' }] : [];
}

/** What is wrong with a parameter, as the gateway says it. */
export function invalid(parameter: string, allowed: string): CloudError {
  return new CloudError(400, 'InvalidParameter', `The specified parameter "${parameter}" is not valid: ${allowed}.`);
}

/** Which storage takes what: https://alibabacloud.com/help/ja/apsaramq-for-kafka/cloud-message-queue-for-kafka/product-overview/limits */
function checkStorage({ edition }: KafkaInstance, topic: Pick<TopicRow, 'localTopic' | 'compactTopic' | 'partitionNum'>): void {
  if (topic.localTopic && edition === 'normal') throw invalid('LocalTopic', 'a Standard Edition instance has cloud storage only');
  if (topic.compactTopic && !topic.localTopic) throw invalid('CompactTopic', 'only a topic with LocalTopic=true can be compact');
  if (!topic.localTopic && topic.partitionNum < 2) throw invalid('PartitionNum', 'a topic with cloud storage has at least 2 partitions');
}
