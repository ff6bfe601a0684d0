import { createHash } from 'node:crypto';
import type { Props } from './schema.ts';

const marker = /^Elasticsearch sink connector (\S+) of Kafka instance (\S+), topic ([^\s,]+)/;

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

/** Whether a service (2.0) or a function (3.0) may be this connector's by its name, which ends with 8 random characters. */
export function isNamedAfter(name: string, connector: string): boolean {
  const prefix = namePrefix(connector);
  return name.startsWith(`${prefix}-`) && /^-[a-z0-9]{8}$/.test(name.slice(prefix.length));
}

/** `kafka-service-<name>`, as the console's connector names its services. */
export function namePrefix(connector = ''): string {
  return connector === '' ? 'kafka-service' : `kafka-service-${connector}`;
}

/** Of a function: https://www.alibabacloud.com/help/en/functioncompute/fc-3-0/developer-reference/api-fc-2023-03-30-struct-createfunctioninput */
const maxFunctionNameLength = 64;

/** The longest name of a connector whose function can have its name, in 3.0. */
export const maxConnectorNameLength = maxFunctionNameLength - `${namePrefix('')}--12345678`.length;

/** The description of a service (2.0) or a function (3.0), by which the connector that it belongs to is found again; what else it tells may follow. */
export function markOf({ name, kafka }: Props): string {
  return `Elasticsearch sink connector ${name} of Kafka instance ${kafka.instanceId}, topic ${kafka.topic}`;
}

/** Ends the description while a paused connector has no trigger: so the pause, which only a trigger could tell, outlives it. */
export const pausedSuffix = ' (paused)';

export function isMarkedPaused(description: string): boolean {
  return readMark(description) !== undefined && description.endsWith(pausedSuffix);
}

/** What such a description names. */
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
