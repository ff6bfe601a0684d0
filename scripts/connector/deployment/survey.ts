import type { AlibabaCloud } from '../cloud/alibaba-cloud.ts';
import type { SecurityGroup } from '../cloud/ecs.ts';
import type { ElasticsearchInstance } from '../cloud/elasticsearch.ts';
import type { FcService } from '../cloud/function-compute.ts';
import type { ConsumerGroup, KafkaInstance, KafkaTopic } from '../cloud/kafka.ts';
import type { VSwitch } from '../cloud/vpc.ts';
import { topicIn } from '../config/dead-letter.ts';
import { environmentIn } from '../config/environment.ts';
import { isMarkedPaused, type Mark, type Names, readMark } from '../config/names.ts';
import type { Props } from '../config/schema.ts';
import { contentsOf, type FoundServices, findServices } from '../running/services.ts';
import { hasFailed, isHeldBack, runs, type StreamState, settledState } from '../running/stream.ts';
import { triggerFields } from '../running/trigger.ts';
import type { Intent } from './intent.ts';

/** Service-linked roles that this path needs, by the service that takes them: https://github.com/devsapp/fc-deploy */
const serviceLinkedRoles: readonly (readonly [string, string])[] = [
  ['sendevent-fc.eventbridge.aliyuncs.com', 'AliyunServiceRoleForEventBridgeSendToFC'],
  ['source-kafka.eventbridge.aliyuncs.com', 'AliyunServiceRoleForEventBridgeSourceKafka'],
  ['connect-vpc.eventbridge.aliyuncs.com', 'AliyunServiceRoleForEventBridgeConnectVPC'],
];
const deadLetterRole = ['sendevent-kafka.eventbridge.aliyuncs.com', 'AliyunServiceRoleForEventBridgeSendToKafka'] as const;

/** What the cloud has of a connector and around it: the only state there is. */
export interface Survey extends Pick<FoundServices, 'services' | 'namesakes'> {
  /** Zones where Function Compute can put network interfaces. */
  readonly zones: readonly string[];
  readonly roles: readonly { readonly serviceName: string; readonly exists: boolean }[];
  readonly serviceRoleArn: string | undefined;
  readonly kafka: KafkaInstance | undefined;
  readonly topics: readonly KafkaTopic[];
  readonly consumerGroup: ConsumerGroup | undefined;
  /** The vSwitch of the trigger's source, when the properties name one. */
  readonly sourceVSwitch: VSwitch | undefined;
  readonly elasticsearch: ElasticsearchInstance | undefined;
  /** The network that the function gets; a vSwitch that is not there is undefined. */
  readonly network: Network;
  readonly logs: {
    /** undefined: there is no such project. */
    readonly projectDescription: string | undefined;
    readonly ttl: number | undefined;
    readonly hasIndex: boolean;
  };
  /** Other connectors that this package has made in the region. */
  readonly others: readonly OtherConnector[];
  /** What the trigger's stream is doing, when there is a trigger. */
  readonly stream: StreamState | undefined;
}

/** Another connector that this package has made in the region. */
export interface OtherConnector extends Mark {
  readonly serviceName: string;
  /** Whether its function and trigger could be looked at; of one that could not, nothing but the mark is known. */
  readonly isKnown: boolean;
  /** The settings of its function. */
  readonly environment: { readonly [name: string]: string };
  /** Topics of its Kafka instance: what it reads, and where its failures go. */
  readonly topics: readonly string[];
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
export async function takeSurvey(cloud: AlibabaCloud, props: Props, names: Names): Promise<Survey> {
  // The first call tells whether the key is good: the others would only say the same.
  const zones = await cloud.functionCompute.zones();
  const [source, elasticsearch, roles, serviceRoleArn, logs, { all, services, namesakes }] = await Promise.all([
    surveySource(cloud, props, names),
    surveyElasticsearch(cloud, props),
    surveyRoles(cloud, props),
    surveyServiceRole(cloud, props),
    surveyLogs(cloud, names),
    findServices(cloud, props),
  ]);
  const isOther = ({ serviceName, description }: FcService) =>
    readMark(description) !== undefined && !services.some(({ service }) => service.serviceName === serviceName);
  const trigger = services[0]?.trigger;
  const [network, others, stream] = await Promise.all([
    surveyNetwork(cloud, props, names, elasticsearch),
    surveyOthers(cloud, all.filter(isOther)),
    trigger && settledState(cloud, trigger),
  ]);
  return { zones, ...source, elasticsearch, roles, serviceRoleArn, logs, services, namesakes, others, stream, network };
}

async function surveySource(cloud: AlibabaCloud, { kafka }: Props, { consumerGroup }: Names) {
  const instance = await cloud.kafka.instance(kafka.instanceId);
  const vSwitch = kafka.vSwitchId === undefined ? undefined : cloud.vpc.vSwitch(kafka.vSwitchId);
  return {
    kafka: instance,
    topics: instance ? await cloud.kafka.topics(kafka.instanceId) : [],
    consumerGroup: instance && (await cloud.kafka.consumerGroup(kafka.instanceId, consumerGroup)),
    sourceVSwitch: await vSwitch,
  };
}

async function surveyElasticsearch(cloud: AlibabaCloud, { elasticsearch }: Props): Promise<ElasticsearchInstance | undefined> {
  return elasticsearch.instanceId === undefined ? undefined : cloud.elasticsearch.instance(elasticsearch.instanceId);
}

async function surveyRoles(cloud: AlibabaCloud, { onFailure }: Props): Promise<Survey['roles']> {
  const needed = onFailure === 'continue' ? [...serviceLinkedRoles, deadLetterRole] : serviceLinkedRoles;
  return Promise.all(
    needed.map(async ([serviceName, roleName]) => ({ serviceName, exists: (await cloud.ram.roleArn(roleName)) !== undefined })),
  );
}

async function surveyServiceRole(cloud: AlibabaCloud, props: Props): Promise<string | undefined> {
  const { role } = props.function;
  return cloud.ram.roleArn(role.startsWith('acs:') ? (role.split('/').at(-1) ?? '') : role);
}

async function surveyLogs({ logs }: AlibabaCloud, { logProject, logstore }: Names): Promise<Survey['logs']> {
  const projectDescription = await logs.projectDescription(logProject);
  const ttl = projectDescription === undefined ? undefined : await logs.logstoreTtl(logProject, logstore);
  return { projectDescription, ttl, hasIndex: ttl !== undefined && (await logs.hasIndex(logProject, logstore)) };
}

async function surveyOthers(cloud: AlibabaCloud, services: readonly FcService[]): Promise<OtherConnector[]> {
  return Promise.all(
    services.map(async (service) => {
      // Who may not look into services of others still knows of them.
      const contents = await contentsOf(cloud, service).catch(() => undefined);
      const mark = readMark(service.description) ?? { connector: '', instanceId: '', topic: '' };
      const environment = environmentIn(contents?.function);
      const arn = contents?.trigger && triggerFields(contents.trigger).runOptions.deadLetterQueue?.Arn;
      const topics = [mark.topic, environment.ERROR_DATA_TOPIC, topicIn(arn ?? '', mark.instanceId)];
      const known = { isKnown: contents !== undefined, environment, topics: topics.filter((topic) => topic !== undefined) };
      return { ...mark, serviceName: service.serviceName, ...known };
    }),
  );
}

async function surveyNetwork(
  cloud: AlibabaCloud,
  props: Props,
  names: Names,
  instance: ElasticsearchInstance | undefined,
): Promise<Network> {
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

/** Whether somebody has stopped the connector, or its retries have; one that could not start, or that a deployment holds back, is to run. */
export function isPaused({ services, stream }: Survey): boolean {
  const [own] = services;
  if (!own?.trigger) return own !== undefined && isMarkedPaused(own.service.description);
  const { trigger } = own;
  return stream !== undefined && !runs(trigger, stream) && !hasFailed(stream) && !isHeldBack(trigger);
}

/** Whether the plan's trigger is to run. */
export function isToRun(survey: Survey, { resumes }: Intent): boolean {
  return resumes || !isPaused(survey);
}
