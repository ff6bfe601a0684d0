/** A topic of ApsaraMQ for Kafka as an ARN names it: https://github.com/aliyun/alibabacloud-typescript-sdk, eventbridge-20200401, PutTargetsRequest */
const topicArn = /^acs:alikafka:[^:]*:[^:]*:\/?instances?\/([^/]+)\/topics?\/([^/]+)$/;

/** The topic of that instance which an ARN names; undefined when it names something else. */
export function topicIn(arn: string, instanceId: string): string | undefined {
  const [, instance, topic] = topicArn.exec(arn) ?? [];
  return instance === instanceId ? topic : undefined;
}
