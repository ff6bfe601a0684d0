import { functionDescription } from '../../bundle/version.ts';
import type { Environment } from '../config/environment.ts';
import { functionName, markOf, pausedMarkOf, servicePrefix, triggerName } from '../config/names.ts';
import type { TriggerFields } from '../running/trigger.ts';
import type { CheckContext } from './checks/check-result.ts';
import { missingFromWhitelist } from './checks/elasticsearch.ts';
import { topicRules } from './checks/topics.ts';
import { madeByPlan, type Resource, type ServiceFields } from './resource.ts';
import { isToRun } from './survey.ts';

/** Days that the log store keeps lines. */
export const logRetentionDays = 30;
const initializerSeconds = 60;
const preStopSeconds = 10;
const errorPartitions = 6;

/** What a plan starts from: everything has been checked. */
export interface PlanContext extends CheckContext {
  readonly accountId: string;
  readonly environment: Environment;
  /** CRC-64 of the built package. */
  readonly codeChecksum: string;
}

/** Everything that the connector consists of, in the order of its making. */
export function desiredResources(context: PlanContext): Resource[] {
  return [
    ...roleResources(context),
    ...kafkaResources(context),
    ...logResources(context),
    ...networkResources(context),
    serviceResource(context),
    functionResource(context),
    triggerResource(context),
  ];
}

function roleResources({ survey }: PlanContext): Resource[] {
  return survey.roles.map(({ serviceName }) => ({ kind: 'service-linked role', name: serviceName }));
}

function kafkaResources(context: PlanContext): Resource[] {
  const { names, props } = context;
  if (props.kafka.resources === 'manual') return [];
  const topics = topicRules(context).map(({ topic, partitions, isLocal, compact }): Resource => {
    const storage = isLocal ? 'local' : 'cloud';
    return { kind: 'topic', name: topic, partitions: partitions.most ?? errorPartitions, storage, compact };
  });
  return [{ kind: 'consumer group', name: names.consumerGroup }, ...topics];
}

function logResources({ names, props }: PlanContext): Resource[] {
  const { logProject: project, logstore } = names;
  if (typeof props.function.logConfig === 'object') return [];
  return [
    { kind: 'log project', name: project },
    { kind: 'log store', name: logstore, project, ttl: logRetentionDays },
    { kind: 'log index', name: logstore, project },
  ];
}

function networkResources({ names, props, survey }: PlanContext): Resource[] {
  const { vpcId = '' } = survey.network;
  const instanceId = survey.elasticsearch?.instanceId ?? '';
  const group: Resource[] =
    typeof props.function.vpcConfig === 'object' ? [] : [{ kind: 'security group', name: names.securityGroup, vpcId }];
  return [...group, ...missingFromWhitelist(survey).map((name): Resource => ({ kind: 'whitelist entry', name, instanceId }))];
}

function serviceResource({ intent, names, props, survey }: PlanContext): Resource {
  const { vpcId = '', vSwitchIds, securityGroup } = survey.network;
  const fields: ServiceFields = {
    description: !survey.services[0]?.trigger && !isToRun(survey, intent) ? pausedMarkOf(props) : markOf(props),
    role: survey.serviceRoleArn ?? '',
    logConfig: { project: names.logProject, logstore: names.logstore },
    vpcConfig: { vpcId, vSwitchIds, securityGroupId: securityGroup?.securityGroupId ?? madeByPlan },
  };
  return { kind: 'service', name: survey.services[0]?.service.serviceName ?? `${servicePrefix(props.name)}-<random>`, ...fields };
}

function functionResource({ environment, codeChecksum, props }: PlanContext): Resource {
  return {
    kind: 'function',
    name: functionName,
    description: functionDescription,
    runtime: 'nodejs20',
    handler: 'index.handler',
    initializer: 'index.initialize',
    initializationTimeout: initializerSeconds,
    instanceLifecycleConfig: { preStop: { handler: 'index.preStop', timeout: preStopSeconds } },
    timeout: props.function.timeout,
    memorySize: props.function.memorySize,
    environmentVariables: environment,
    codeChecksum,
  };
}

function triggerResource(context: PlanContext): Resource {
  const { intent, props, survey } = context;
  const partitions = survey.topics.find(({ topic }) => topic === props.kafka.topic)?.partitions ?? props.kafka.consumerThreads;
  const runOptions: TriggerFields['runOptions'] = {
    mode: 'event-streaming',
    maximumTasks: Math.min(props.kafka.consumerThreads, partitions),
    errorsTolerance: props.onFailure === 'stop' ? 'NONE' : 'ALL',
    retryStrategy: props.trigger.retryStrategy,
    batchWindow: props.trigger.batchWindow,
    // Taken only together with tolerance ALL.
    ...(props.onFailure === 'continue' && { deadLetterQueue: props.trigger.deadLetterQueue ?? deadLetterQueue(context) }),
  };
  return {
    kind: 'trigger',
    name: triggerName,
    enabled: isToRun(survey, intent),
    source: source(context),
    eventSchema: props.trigger.eventSchema,
    runOptions,
  };
}

function source({ names, props, survey }: PlanContext): TriggerFields['source'] {
  const { instanceId, topic, initialPosition, vpcId, vSwitchId, securityGroupId } = props.kafka;
  const own = {
    RegionId: props.region,
    InstanceId: instanceId,
    Topic: topic,
    ConsumerGroup: names.consumerGroup,
    OffsetReset: initialPosition,
  };
  // A network can be named only in this mode: https://github.com/devsapp/fc/blob/main/docs/zh/yaml/triggers.md
  if (vpcId === undefined && vSwitchId === undefined && securityGroupId === undefined) return { ...own, Network: 'Default' };
  return {
    ...own,
    Network: 'PublicNetwork',
    VpcId: vpcId ?? survey.kafka?.vpcId ?? '',
    VSwitchIds: vSwitchId ?? survey.kafka?.vSwitchId ?? '',
    SecurityGroupId: securityGroupId ?? survey.kafka?.securityGroupId ?? '',
  };
}

/** https://github.com/aliyun/alibabacloud-typescript-sdk, eventbridge-20200401, PutTargetsRequest */
function deadLetterQueue({ accountId, names, props }: PlanContext): { readonly Arn: string } {
  return { Arn: `acs:alikafka:${props.region}:${accountId}:instance/${props.kafka.instanceId}/topic/${names.deadLetterTopic}` };
}
