import type { Cloud } from './cloud/cloud.ts';
import type { SecurityGroup } from './cloud/ecs.ts';
import type { ElasticsearchInstance } from './cloud/elasticsearch.ts';
import type { FcService, JsonObject } from './cloud/function-compute.ts';
import type { ConsumerGroup, KafkaInstance, KafkaTopic } from './cloud/kafka.ts';
import type { VSwitch } from './cloud/vpc.ts';
import { functionName, isServiceOf, type Names, readMark, servicePrefix, triggerName } from './names.ts';
import type { Props } from './schema.ts';

/** Service-linked roles that this path needs, by the service that takes them: https://github.com/devsapp/fc-deploy */
const serviceLinkedRoles: readonly (readonly [string, string])[] = [
  ['sendevent-fc.eventbridge.aliyuncs.com', 'AliyunServiceRoleForEventBridgeSendToFC'],
  ['source-kafka.eventbridge.aliyuncs.com', 'AliyunServiceRoleForEventBridgeSourceKafka'],
  ['connect-vpc.eventbridge.aliyuncs.com', 'AliyunServiceRoleForEventBridgeConnectVPC'],
];
const deadLetterRole = ['sendevent-kafka.eventbridge.aliyuncs.com', 'AliyunServiceRoleForEventBridgeSendToKafka'] as const;

/** What the cloud has of a connector and around it: the only state there is. */
export interface Survey {
  /** Zones where Function Compute can put network interfaces. */
  readonly zones: readonly string[];
  readonly roles: readonly { readonly serviceName: string; readonly exists: boolean }[];
  readonly serviceRoleArn: string | undefined;
  readonly kafka: KafkaInstance | undefined;
  readonly topics: readonly KafkaTopic[];
  readonly consumerGroup: ConsumerGroup | undefined;
  /** Of the trigger's source, when the properties name one. */
  readonly sourceVSwitch: VSwitch | undefined;
  readonly elasticsearch: ElasticsearchInstance | undefined;
  /** The network that the function gets; a vSwitch that is not there is undefined. */
  readonly network: Network;
  readonly logs: { readonly hasProject: boolean; readonly ttl: number | undefined; readonly hasIndex: boolean };
  /** This connector's own service, and those that have its name and are not its own. */
  readonly service: FcService | undefined;
  readonly namesakes: readonly FcService[];
  readonly function: JsonObject | undefined;
  readonly trigger: JsonObject | undefined;
}

/** Where the function's network interfaces are, or would be. */
interface Network {
  readonly vpcId: string | undefined;
  readonly vSwitchIds: readonly string[];
  readonly vSwitches: readonly (VSwitch | undefined)[];
  /** The one that the properties name, or that was made for this connector. */
  readonly securityGroup: SecurityGroup | undefined;
}

/** Looks at everything that a deployment touches, and changes nothing. */
export async function survey(cloud: Cloud, props: Props, names: Names): Promise<Survey> {
  // The first call tells whether the key is good: the others would only say the same.
  const zones = await cloud.functionCompute.zones();
  const [source, elasticsearch, roles, serviceRoleArn, logs, deployed] = await Promise.all([
    surveySource(cloud, props, names),
    surveyElasticsearch(cloud, props),
    surveyRoles(cloud, props),
    surveyServiceRole(cloud, props),
    surveyLogs(cloud, names),
    surveyService(cloud, props),
  ]);
  const network = await surveyNetwork(cloud, props, names, elasticsearch);
  return { zones, ...source, elasticsearch, roles, serviceRoleArn, logs, ...deployed, network };
}

async function surveySource(cloud: Cloud, { kafka }: Props, { consumerGroup }: Names) {
  const instance = await cloud.kafka.instance(kafka.instanceId);
  const vSwitch = kafka.vSwitchId === undefined ? undefined : cloud.vpc.vSwitch(kafka.vSwitchId);
  return {
    kafka: instance,
    topics: instance ? await cloud.kafka.topics(kafka.instanceId) : [],
    consumerGroup: instance && (await cloud.kafka.consumerGroup(kafka.instanceId, consumerGroup)),
    sourceVSwitch: await vSwitch,
  };
}

async function surveyElasticsearch(cloud: Cloud, { elasticsearch }: Props): Promise<ElasticsearchInstance | undefined> {
  return elasticsearch.instanceId === undefined ? undefined : cloud.elasticsearch.instance(elasticsearch.instanceId);
}

async function surveyRoles(cloud: Cloud, { onFailure }: Props): Promise<Survey['roles']> {
  const needed = onFailure === 'continue' ? [...serviceLinkedRoles, deadLetterRole] : serviceLinkedRoles;
  return Promise.all(
    needed.map(async ([serviceName, roleName]) => ({ serviceName, exists: (await cloud.ram.roleArn(roleName)) !== undefined })),
  );
}

async function surveyServiceRole(cloud: Cloud, props: Props): Promise<string | undefined> {
  const { role } = props.function;
  return cloud.ram.roleArn(role.startsWith('acs:') ? (role.split('/').at(-1) ?? '') : role);
}

async function surveyLogs({ logs }: Cloud, { logProject, logstore }: Names): Promise<Survey['logs']> {
  const hasProject = await logs.hasProject(logProject);
  const ttl = hasProject ? await logs.logstoreTtl(logProject, logstore) : undefined;
  return { hasProject, ttl, hasIndex: ttl !== undefined && (await logs.hasIndex(logProject, logstore)) };
}

/** The connector's own service with what is in it, and the services of others that have its name. */
export async function surveyService(
  { functionCompute }: Cloud,
  { name, kafka }: Props,
): Promise<Pick<Survey, 'service' | 'namesakes' | 'function' | 'trigger'>> {
  const services = (await functionCompute.services(servicePrefix(name))).filter(({ serviceName }) => isServiceOf(serviceName, name));
  const isOwn = ({ description }: FcService) =>
    readMark(description)?.connector === name && readMark(description)?.instanceId === kafka.instanceId;
  const service = services.find(isOwn);
  return {
    service,
    namesakes: services.filter((candidate) => !isOwn(candidate)),
    function: service && (await functionCompute.function(service.serviceName, functionName)),
    trigger: service && (await functionCompute.trigger(service.serviceName, functionName, triggerName)),
  };
}

async function surveyNetwork(cloud: Cloud, props: Props, names: Names, instance: ElasticsearchInstance | undefined): Promise<Network> {
  const { vpcConfig } = props.function;
  const isGiven = typeof vpcConfig === 'object';
  const vpcId = isGiven ? vpcConfig.vpcId : instance?.vpcId;
  const vSwitchIds = isGiven ? vpcConfig.vSwitchIds : instance ? [instance.vSwitchId] : [];
  const [vSwitches, securityGroup] = await Promise.all([
    Promise.all(vSwitchIds.map((vSwitchId) => cloud.vpc.vSwitch(vSwitchId))),
    isGiven
      ? cloud.ecs.securityGroup({ securityGroupId: vpcConfig.securityGroupId })
      : vpcId && cloud.ecs.securityGroup({ vpcId, securityGroupName: names.securityGroup }),
  ]);
  return { vpcId, vSwitchIds, vSwitches, securityGroup: securityGroup || undefined };
}
