import { createHash } from 'node:crypto';
import type { Props } from './schema.ts';

/** The names of a service's one function and of its trigger, alike in every connector: the service's name tells whose they are. */
export const functionName = 'elasticsearch-sink';
export const triggerName = 'kafka';

const marker = /^Elasticsearch sink connector (\S+) of Kafka instance (\S+), topic (\S+)/;

/** Names of everything that belongs to a connector, as the console's connector has them where it has them. */
export interface Names {
  readonly consumerGroup: string;
  readonly offsetTopic: string;
  readonly configTopic: string;
  readonly statusTopic: string;
  readonly deadLetterTopic: string;
  readonly errorDataTopic: string;
  readonly errorIndex: string;
  readonly logProject: string;
  readonly logstore: string;
  readonly securityGroup: string;
  /** Marks the topics and the group that this connector has made: 3 to 64 letters, digits, `_` and `-`. */
  readonly remark: string;
  /** Marks the security group that it has made. */
  readonly securityGroupMark: string;
}

/** The names that the properties give or leave to be made from the connector's. */
export function namesOf({ name, kafka, elasticsearch, region, ...props }: Props, accountId: string): Names {
  // Equal names in two instances are two connectors.
  const unique = `${name}-${createHash('sha256').update(kafka.instanceId).digest('hex').slice(0, 8)}`;
  const { logConfig } = props.function ?? {};
  const logs = typeof logConfig === 'object' ? logConfig : { project: `kafka-sink-${accountId}-${region}`, logstore: unique };
  return {
    consumerGroup: groupOf(name),
    offsetTopic: kafka.offsetTopic ?? `connect-offset-${name}`,
    configTopic: kafka.configTopic ?? `connect-config-${name}`,
    statusTopic: kafka.statusTopic ?? `connect-status-${name}`,
    deadLetterTopic: kafka.deadLetterTopic ?? `connect-error-${name}`,
    errorDataTopic: kafka.errorDataTopic ?? `connect-error-${name}`,
    errorIndex: elasticsearch.errorIndex ?? `connect-error-${name}`,
    logProject: logs.project,
    logstore: logs.logstore,
    securityGroup: `connect-${unique}`,
    remark: `kafka-es-sink_${name}`,
    securityGroupMark: `Elasticsearch sink connector ${name} of Kafka instance ${kafka.instanceId}`,
  };
}

/** Marks the log project that connectors of the account share. */
export const logProjectMark = 'Logs of Elasticsearch sink connectors';

/** The group that a connector reads as. */
export function groupOf(connector: string): string {
  return `connect-${connector}`;
}

/** Service names of this connector: its own ends with 8 random characters. */
export function isServiceOf(serviceName: string, connector: string): boolean {
  return (
    serviceName.startsWith(`${servicePrefix(connector)}-`) && /^-[a-z0-9]{8}$/.test(serviceName.slice(servicePrefix(connector).length))
  );
}

/** `kafka-service-<name>`, as the console's connector names its services. */
export function servicePrefix(connector = ''): string {
  return connector === '' ? 'kafka-service' : `kafka-service-${connector}`;
}

/** A service's description, by which the connector that it belongs to is found again. */
export function markOf({ name, kafka }: Props): string {
  return `Elasticsearch sink connector ${name} of Kafka instance ${kafka.instanceId}, topic ${kafka.topic}`;
}

/** Follows the mark while a paused connector has no trigger: so the pause, which only a trigger could tell, outlives it. */
const pausedSuffix = ' (paused)';

/** The description of the service of a connector that is paused and has no trigger. */
export function pausedMarkOf(props: Props): string {
  return `${markOf(props)}${pausedSuffix}`;
}

export function isMarkedPaused(description: string): boolean {
  return readMark(description) !== undefined && description.endsWith(pausedSuffix);
}

/** What a service's description names. */
export interface Mark {
  readonly connector: string;
  readonly instanceId: string;
  readonly topic: string;
}

/** undefined: the description is none of this package's. */
export function readMark(description: string): Mark | undefined {
  const [, connector, instanceId, topic] = marker.exec(description) ?? [];
  if (connector === undefined || instanceId === undefined || topic === undefined) return undefined;
  return { connector, instanceId, topic };
}
