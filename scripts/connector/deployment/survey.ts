import type { AlibabaCloud } from '../cloud/alibaba-cloud.ts';
import type { SecurityGroup } from '../cloud/ecs.ts';
import type { ElasticsearchInstance } from '../cloud/elasticsearch.ts';
import type { FunctionAddress, ListedFunction } from '../cloud/function-compute/function-compute.ts';
import type { ConsumerGroup, KafkaInstance, KafkaTopic } from '../cloud/kafka.ts';
import type { VSwitch } from '../cloud/vpc.ts';
import { topicIn } from '../config/dead-letter.ts';
import { environmentIn } from '../config/environment.ts';
import { isMarkedPaused, type Mark, type Names } from '../config/names.ts';
import type { Props } from '../config/schema.ts';
import { deadLetterRole, functionComputeRole, serviceLinkedRoles } from '../config/service-linked-roles.ts';
import { inCharge } from '../running/connector.ts';
import { type ConnectorFunction, contentsOf, type FoundFunctions, findFunctions, markIn } from '../running/functions.ts';
import { hasFailed, isHeldBack, runs, type StreamState, settledState } from '../running/stream.ts';
import { triggerFields } from '../running/trigger.ts';
import type { Intent } from './intent.ts';

/** A connector's function, and what the stream of its trigger is doing, when it has one. */
export interface SurveyedFunction extends ConnectorFunction {
  readonly stream: StreamState | undefined;
}

/** What the cloud has of a connector and around it: the only state there is. */
export interface Survey extends Omit<FoundFunctions, 'all' | 'functions'> {
  /** The connector's own, the oldest first: one, or one of each generation while it moves from one to the other. */
  readonly functions: readonly SurveyedFunction[];
  /** The connector's function in the generation that the properties name. */
  readonly own: SurveyedFunction | undefined;
  /** The connector's function in the other generation, from which it moves. */
  readonly former: SurveyedFunction | undefined;
  /** Zones where Function Compute can put network interfaces; undefined where it does not tell. */
  readonly zones: readonly string[] | undefined;
  readonly roles: readonly { readonly serviceName: string; readonly exists: boolean }[];
  /** The role that the function acts by; undefined when there is none of that name. */
  readonly functionRoleArn: string | undefined;
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
}

/** Another connector that this package has made in the region. */
export interface OtherConnector extends Mark, FunctionAddress {
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
  const { api } = props.function;
  // The first call tells whether the key is good: the others would only say the same.
  const { all, ...found } = await findFunctions(cloud, props);
  const [zones, source, elasticsearch, functionRoleArn, logs] = await Promise.all([
    cloud.functionCompute(api).zones(),
    surveySource(cloud, props, names),
    surveyElasticsearch(cloud, props),
    surveyFunctionRole(cloud, props),
    surveyLogs(cloud, names),
  ]);
  const isOther = (row: ListedFunction) =>
    markIn(row) !== undefined && !found.functions.some(({ generation, name }) => name === row.name && generation === row.generation);
  const [network, others, roles, functions] = await Promise.all([
    surveyNetwork(cloud, props, names, elasticsearch),
    surveyOthers(cloud, all.filter(isOther)),
    surveyRoles(cloud, props, functionRoleArn),
    Promise.all(found.functions.map((one) => withStream(cloud, one))),
  ]);
  const own = functions.find(({ generation }) => generation === api);
  const former = functions.find(({ generation }) => generation !== api);
  return { zones, ...source, elasticsearch, roles, functionRoleArn, logs, ...found, functions, own, former, others, network };
}

async function withStream(cloud: AlibabaCloud, found: ConnectorFunction): Promise<SurveyedFunction> {
  return { ...found, stream: found.trigger && (await settledState(cloud, found.trigger)) };
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

async function surveyRoles(cloud: AlibabaCloud, props: Props, functionRoleArn: string | undefined): Promise<Survey['roles']> {
  const needed = [
    ...serviceLinkedRoles,
    ...(props.onFailure === 'continue' ? [deadLetterRole] : []),
    ...(functionRoleArn === undefined && props.function.api === '3.0' ? [functionComputeRole] : []),
  ];
  return Promise.all(
    needed.map(async ([serviceName, roleName]) => ({ serviceName, exists: (await cloud.ram.roleArn(roleName)) !== undefined })),
  );
}

async function surveyFunctionRole(cloud: AlibabaCloud, props: Props): Promise<string | undefined> {
  const { role } = props.function;
  return cloud.ram.roleArn(role);
}

async function surveyLogs({ logs }: AlibabaCloud, { logProject, logstore }: Names): Promise<Survey['logs']> {
  const projectDescription = await logs.projectDescription(logProject);
  const ttl = projectDescription === undefined ? undefined : await logs.logstoreTtl(logProject, logstore);
  return { projectDescription, ttl, hasIndex: ttl !== undefined && (await logs.hasIndex(logProject, logstore)) };
}

async function surveyOthers(cloud: AlibabaCloud, rows: readonly ListedFunction[]): Promise<OtherConnector[]> {
  return Promise.all(
    rows.map(async (row) => {
      // Who may not look into functions of others still knows of them.
      const contents = await contentsOf(cloud, row).catch(() => undefined);
      const mark = markIn(row) ?? { connector: '', instanceId: '', topic: '' };
      const environment = environmentIn(contents?.function);
      const arn = contents?.trigger && triggerFields(contents.trigger).runOptions.deadLetterQueue?.Arn;
      const topics = [mark.topic, environment.ERROR_DATA_TOPIC, topicIn(arn ?? '', mark.instanceId)];
      const known = { isKnown: contents !== undefined, environment, topics: topics.filter((topic) => topic !== undefined) };
      return { ...mark, generation: row.generation, name: row.name, ...known };
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
export function isPaused({ functions }: Survey, props: Props): boolean {
  if (functions.some(({ stream, trigger }) => trigger !== undefined && runs(trigger, stream))) return false;
  const { stream, trigger } = inCharge(functions, props) ?? {};
  if (!trigger) return functions.some(({ description }) => isMarkedPaused(description));
  return stream !== undefined && !hasFailed(stream) && !isHeldBack(trigger);
}

/** Whether the plan's trigger is to run. */
export function isToRun(survey: Survey, props: Props, { resumes }: Intent): boolean {
  return resumes || !isPaused(survey, props);
}
