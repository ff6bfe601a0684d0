import { brokersOf, errorDestinationOf } from './brokers.ts';
import type { KafkaTopic } from './cloud/kafka.ts';
import { type Environment, environmentBytes, revealed } from './environment.ts';
import type { Names } from './names.ts';
import type { Props } from './schema.ts';
import type { Survey } from './survey.ts';

/** One thing that must hold before anything is created. */
export interface Check {
  readonly title: string;
  /** null: it may be right; the detail says what is different then. */
  readonly ok: boolean | null;
  readonly detail: string;
  readonly fix?: string;
}

/** What the checks look at; nothing of it is changed. */
export interface Case {
  readonly props: Props;
  readonly names: Names;
  readonly survey: Survey;
  /** undefined when the settings are wrong; `settingsFault` says why. */
  readonly environment: Environment | undefined;
  readonly settingsFault: string | undefined;
}

const oldestVersion = 7;

/** All checks, each with what was found and, when it fails, what to do. */
export function checksOf(subject: Case): Check[] {
  return [
    ...settingsChecks(subject),
    ...kafkaChecks(subject),
    ...topicChecks(subject),
    ...nameChecks(subject),
    ...elasticsearchChecks(subject),
    ...networkChecks(subject),
    ...brokerChecks(subject),
    ...roleChecks(subject),
  ];
}

function passed(title: string, detail: string): Check {
  return { title, ok: true, detail };
}

function failed(title: string, detail: string, fix: string): Check {
  return { title, ok: false, detail, fix };
}

function noticed(title: string, detail: string): Check {
  return { title, ok: null, detail };
}

function settingsChecks({ environment, settingsFault }: Case): Check[] {
  if (settingsFault !== undefined) return [failed('Settings of the function', settingsFault, 'Correct these properties in s.yaml.')];
  const bytes = Buffer.byteLength(JSON.stringify(revealed(environment ?? {})));
  const title = 'Environment of the function';
  if (bytes <= environmentBytes) return [passed(title, `${bytes} of ${environmentBytes} bytes`)];
  return [
    failed(
      title,
      `${bytes} bytes; Function Compute takes ${environmentBytes}`,
      'Shorten or leave out settings; a certificate may be a file.',
    ),
  ];
}

function kafkaChecks({ props, survey }: Case): Check[] {
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

function threadChecks({ kafka }: Props, source: KafkaTopic | undefined): Check[] {
  if (!source || source.partitions >= kafka.consumerThreads) return [];
  return [
    noticed('Consumer threads', `${source.partitions} of ${kafka.consumerThreads}: more than the topic has partitions would be idle`),
  ];
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

/** A topic of the connector and the rules of the original's page for it. */
interface TopicRule {
  readonly property: string;
  readonly topic: string;
  readonly partitions: { readonly least: number; readonly most?: number };
  readonly isLocal: boolean;
  readonly compact: boolean;
  readonly isNeeded: boolean;
}

/** Whether this edition can have topics with local storage, and so compact ones. */
function hasLocalStorage({ kafka }: Survey): boolean {
  return kafka?.edition.startsWith('professional') ?? false;
}

/** Which topics the connector has, with the rules for each. */
export function topicRules({ props, names, survey }: Pick<Case, 'props' | 'names' | 'survey'>): TopicRule[] {
  const { connectorTopics } = props.kafka;
  const local = { isLocal: true, compact: true, isNeeded: connectorTopics === 'required' };
  const hasConnectorTopics = connectorTopics === 'required' || (connectorTopics === 'auto' && hasLocalStorage(survey));
  const error = { partitions: { least: 1 }, isLocal: false, compact: false };
  const connector = [
    { property: 'kafka.offsetTopic', topic: names.offsetTopic, partitions: { least: 2 }, ...local },
    { property: 'kafka.configTopic', topic: names.configTopic, partitions: { least: 1, most: 1 }, ...local },
    { property: 'kafka.statusTopic', topic: names.statusTopic, partitions: { least: 1 }, ...local },
  ];
  const deadLetter = {
    property: 'kafka.deadLetterTopic',
    topic: names.deadLetterTopic,
    isNeeded: props.onFailure === 'continue',
    ...error,
  };
  const errorData = { property: 'kafka.errorDataTopic', topic: names.errorDataTopic, isNeeded: true, ...error };
  const errors = deadLetter.topic === errorData.topic ? [errorData] : [deadLetter, errorData];
  return [...(hasConnectorTopics ? connector : []), ...errors];
}

function topicChecks(subject: Case): Check[] {
  const { props, survey } = subject;
  if (!survey.kafka) return [];
  const title = 'Topics of the connector';
  const isManual = props.kafka.resources === 'manual';
  if (props.kafka.connectorTopics === 'required' && !hasLocalStorage(survey)) {
    const detail = `${survey.kafka.edition} edition has no topics with local storage, which the offset, config and status topics need`;
    return [failed(title, detail, 'Set kafka.connectorTopics to auto or off: this path leaves the three topics empty.')];
  }
  const rules = topicRules(subject);
  const deviations = rules.flatMap((rule) => deviationsOf(rule, survey.topics));
  const missing = isManual ? missingByHand(subject, rules) : [];
  const faults = [...deviations, ...missing];
  if (faults.length > 0) return [failed(title, faults.join('; '), 'Mend the topics, or name others in s.yaml.')];
  const absent = rules.filter(({ topic, isNeeded }) => !isNeeded && !survey.topics.some((candidate) => candidate.topic === topic));
  if (isManual && absent.length > 0)
    return [noticed(title, `not there: ${absent.map(({ topic }) => topic).join(', ')}; this path does not need them`)];
  return [passed(title, rules.map(({ topic }) => topic).join(', '))];
}

function deviationsOf({ property, topic, partitions, isLocal, compact }: TopicRule, topics: readonly KafkaTopic[]): string[] {
  const found = topics.find((candidate) => candidate.topic === topic);
  if (!found) return [];
  const at = `${property}: ${topic}`;
  const { least, most = Number.POSITIVE_INFINITY } = partitions;
  return [
    ...(found.partitions < least || found.partitions > most
      ? [`${at} has ${found.partitions} partitions, ${most === least ? `must have ${least}` : `needs at least ${least}`}`]
      : []),
    ...(isLocal && found.storage !== 'local' ? [`${at} has cloud storage, must have local storage`] : []),
    ...(compact && !found.compact ? [`${at} has cleanup.policy delete, must have compact`] : []),
    ...(!compact && found.compact ? [`${at} has cleanup.policy compact, which would drop records; must have delete`] : []),
  ];
}

function missingByHand({ names, survey }: Case, rules: readonly TopicRule[]): string[] {
  const topics = rules
    .filter(({ isNeeded, topic }) => isNeeded && !survey.topics.some((candidate) => candidate.topic === topic))
    .map(({ property, topic }) => `${property}: ${topic} does not exist`);
  return survey.consumerGroup ? topics : [...topics, `consumer group ${names.consumerGroup} does not exist`];
}

function nameChecks({ props, names, survey }: Case): Check[] {
  const { service, namesakes, consumerGroup } = survey;
  const title = 'Name of the connector';
  if (service) return [passed(title, `${props.name} is this connector's, in service ${service.serviceName}`)];
  const unmarked = namesakes.filter(({ description }) => !description.startsWith('Elasticsearch sink connector '));
  const isConsuming = consumerGroup !== undefined && !['EMPTY', 'DEAD', 'UNKNOWN', ''].includes(consumerGroup.state);
  if (isConsuming) {
    const owner = unmarked[0] ? `the connector of service ${unmarked[0].serviceName}` : 'another consumer';
    const detail = `${names.consumerGroup} is used by ${owner}, which reads ${consumerGroup.topics.join(', ') || 'nothing yet'}`;
    return [failed(title, detail, 'Choose another name, or stop and remove that one first.')];
  }
  if (unmarked[0] && consumerGroup) {
    const detail = `${props.name} is the name of the connector of service ${unmarked[0].serviceName}, which was not made by this package`;
    return [failed(title, detail, 'Choose another name, or remove that connector first.')];
  }
  return [passed(title, `${props.name} is free in ${props.kafka.instanceId}`)];
}

function elasticsearchChecks({ props, survey }: Case): Check[] {
  const title = 'Elasticsearch';
  const { instanceId, endpoint } = props.elasticsearch;
  if (instanceId === undefined) {
    if (endpoint !== undefined) return [noticed(title, `${endpoint}: without elasticsearch.instanceId nothing can be looked up`)];
    return [failed(title, 'neither instanceId nor endpoint is set', 'Set elasticsearch.instanceId.')];
  }
  const { elasticsearch } = survey;
  if (!elasticsearch)
    return [
      failed(
        title,
        `${instanceId} is not in ${props.region}`,
        'Correct elasticsearch.instanceId and region: instance and function are in one region.',
      ),
    ];
  if (elasticsearch.status !== 'active') {
    return [failed(title, `${instanceId} is ${elasticsearch.status}`, 'Wait until it is active.')];
  }
  const major = Number.parseInt(elasticsearch.version, 10);
  if (major < oldestVersion)
    return [failed(title, `${instanceId} has version ${elasticsearch.version}`, 'Use an instance of 7.0 or newer.')];
  return [
    passed(title, `${instanceId} is active, version ${elasticsearch.version}, ${elasticsearch.protocol}`),
    ...whitelistChecks(survey),
  ];
}

/** Networks of the function that Elasticsearch does not let in yet. */
export function missingFromWhitelist({ elasticsearch, network }: Survey): string[] {
  if (!elasticsearch || network.vpcId !== elasticsearch.vpcId) return [];
  const networks = network.vSwitches.flatMap((vSwitch) => (vSwitch ? [vSwitch.cidrBlock] : []));
  return networks.filter((cidr) => !elasticsearch.whitelist.some((entry) => holds(entry, cidr)));
}

function whitelistChecks(survey: Survey): Check[] {
  const title = 'Whitelist of Elasticsearch';
  const { elasticsearch, network } = survey;
  if (network.vpcId !== elasticsearch?.vpcId) {
    return [
      noticed(
        title,
        `the function is in ${network.vpcId}, Elasticsearch in ${elasticsearch?.vpcId}: a route between them, and its address here, are yours`,
      ),
    ];
  }
  const missing = missingFromWhitelist(survey);
  if (missing.length > 0) return [noticed(title, `${missing.join(', ')} is missing; the plan adds it`)];
  return [passed(title, `lets in ${network.vSwitches.map((vSwitch) => vSwitch?.cidrBlock).join(', ')}`)];
}

/** Whether every address of the second network is in the first; both as `a.b.c.d/bits` or an address. */
function holds(entry: string, cidr: string): boolean {
  const [outer, inner] = [range(entry), range(cidr)];
  return outer !== undefined && inner !== undefined && outer.first <= inner.first && inner.last <= outer.last;
}

function range(cidr: string): { readonly first: number; readonly last: number } | undefined {
  const [, address = '', bits = '32'] = /^(\d{1,3}(?:\.\d{1,3}){3})(?:\/(\d{1,2}))?$/.exec(cidr) ?? [];
  if (address === '') return undefined;
  const size = 2 ** (32 - Number(bits));
  const number = address.split('.').reduce((value, part) => value * 256 + Number(part), 0);
  const first = Math.floor(number / size) * size;
  return { first, last: first + size - 1 };
}

function networkChecks({ props, survey }: Case): Check[] {
  const title = 'Network of the function';
  const { vpcId, vSwitchIds, vSwitches, securityGroup } = survey.network;
  if (vpcId === undefined) {
    if (props.elasticsearch.instanceId !== undefined) return [];
    return [
      failed(title, 'is not known without elasticsearch.instanceId', 'Set function.vpcConfig to {vpcId, vSwitchIds, securityGroupId}.'),
    ];
  }
  const faults = vSwitchIds.flatMap((vSwitchId, number) => {
    const vSwitch = vSwitches[number];
    if (!vSwitch) return [`${vSwitchId} does not exist`];
    if (vSwitch.vpcId !== vpcId) return [`${vSwitchId} is not in ${vpcId}`];
    if (!survey.zones.includes(vSwitch.zoneId))
      return [`${vSwitchId} is in ${vSwitch.zoneId}, where Function Compute has no network; it has in ${survey.zones.join(', ')}`];
    return [];
  });
  const isGiven = typeof props.function.vpcConfig === 'object';
  if (isGiven && securityGroup?.vpcId !== vpcId) faults.push(`the security group is not in ${vpcId}`);
  if (faults.length > 0) return [failed(title, faults.join('; '), 'Set function.vpcConfig to a vSwitch of that VPC in such a zone.')];
  return [passed(title, `${vSwitchIds.join(', ')} in ${vpcId}`)];
}

/** Which of the ways to brokers the function has, and what follows for rejected records. */
function brokerChecks({ names, props, survey }: Case): Check[] {
  const brokers = brokersOf(props, survey);
  const title = 'Brokers from the function';
  const protocol = props.kafka.securityProtocol ?? 'PLAINTEXT';
  const missing =
    survey.kafka?.vpcId === survey.network.vpcId
      ? `the instance has no endpoint for ${protocol}`
      : `${survey.kafka?.vpcId} is another VPC, and kafka.bootstrapServers names no address that a route leads to`;
  const destination = errorDestinationOf(props, brokers);
  const place = destination === 'index' ? `index ${names.errorIndex}` : `topic ${names.errorDataTopic}`;
  const isElsewhere = destination === 'index' && props.kafka.errorDataTopic !== undefined;
  return [
    brokers === undefined
      ? noticed(title, `${missing}: test messages, audit and replay need them; delivery does not`)
      : passed(title, `${brokers}, ${protocol}`),
    isElsewhere
      ? noticed('Rejected records', `go to ${place}, not to kafka.errorDataTopic: the function reaches no broker`)
      : passed('Rejected records', `go to ${place}`),
  ];
}

function roleChecks({ props, survey }: Case): Check[] {
  const title = 'Role of the service';
  const { role } = props.function;
  if (survey.serviceRoleArn !== undefined) return [passed(title, survey.serviceRoleArn)];
  const fix =
    'Open the Function Compute console once, which makes AliyunFCDefaultRole, or set function.role to a role with network interface and log permissions.';
  return [failed(title, `${role} does not exist`, fix)];
}
