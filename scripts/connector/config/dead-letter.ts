/** A topic of ApsaraMQ for Kafka as an ARN names it: https://github.com/aliyun/alibabacloud-typescript-sdk, eventbridge-20200401, PutTargetsRequest */
const topicArn = /^acs:alikafka:[^:]*:[^:]*:\/?instances?\/([^/]+)\/topics?\/([\w.-]+)$/i;
const form = 'acs:alikafka:<region>:<account>:instance/<instance>/topic/<topic>';

/** The ARN of a topic of an instance. */
export function arnOf({
  region,
  accountId,
  instanceId,
  topic,
}: { readonly [part in 'region' | 'accountId' | 'instanceId' | 'topic']: string }): string {
  return `acs:alikafka:${region}:${accountId}:instance/${instanceId}/topic/${topic}`;
}

/** The topic of that instance which an ARN names; undefined when it names something else. */
export function topicIn(arn: string, instanceId: string): string | undefined {
  const [, instance, topic] = topicArn.exec(arn) ?? [];
  return instance === instanceId ? topic : undefined;
}

/** What is wrong with the form of a dead-letter queue's ARN, which may name a queue of another product, too; undefined when nothing is. */
export function faultOfArn(arn: string): string | undefined {
  if (/^acs:alikafka\b/i.test(arn)) return topicArn.test(arn) ? undefined : `'${arn}' names no topic; give ${form}`;
  return /^acs:[^:\s]+:/i.test(arn) ? undefined : `'${arn}' is not an ARN; give ${form}`;
}
