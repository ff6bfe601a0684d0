import type { KafkaTopic } from '../../cloud/kafka.ts';
import { faultOfArn, topicIn } from '../../config/dead-letter.ts';
import type { Survey } from '../survey.ts';
import { type Check, type CheckContext, failed, noticed, passed } from './check-result.ts';

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
export function topicRules({ props, names, survey }: Pick<CheckContext, 'props' | 'names' | 'survey'>): TopicRule[] {
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

/** Whether what is there keeps the rules, and, where nothing is to be made, whether all is there. */
export function topicChecks(context: CheckContext): Check[] {
  const { props, survey } = context;
  if (!survey.kafka) return [];
  const title = 'Topics of the connector';
  const isManual = props.kafka.resources === 'manual';
  if (props.kafka.connectorTopics === 'required' && !hasLocalStorage(survey)) {
    const detail = `${survey.kafka.edition} edition has no topics with local storage, which the offset, config and status topics need`;
    return [failed(title, detail, 'Set kafka.connectorTopics to auto or off: this path leaves the three topics empty.')];
  }
  const rules = topicRules(context);
  const deviations = [...misplaced(context, rules), ...rules.flatMap((rule) => deviationsOf(rule, survey.topics))];
  const missing = isManual ? missingByHand(context, rules) : [];
  const faults = [...deviations, ...missing, ...deadLetterFaults(context, rules)];
  if (faults.length > 0) return [failed(title, faults.join('; '), 'Mend the topics, or name others in s.yaml.')];
  const absent = rules.filter(({ topic, isNeeded }) => !isNeeded && !survey.topics.some((candidate) => candidate.topic === topic));
  if (isManual && absent.length > 0)
    return [noticed(title, `not there: ${absent.map(({ topic }) => topic).join(', ')}; this path does not need them`)];
  const names = rules.map(({ topic }) => topic).join(', ');
  if (props.kafka.connectorTopics === 'off' || hasLocalStorage(survey)) return [passed(title, names)];
  const leftOut = `${survey.kafka.edition} edition has no topics with local storage`;
  return [noticed(title, `${names}; ${leftOut}: the offset, config and status topics, which this path leaves empty, are left out`)];
}

/** Faults of a queue that the properties name: to one that is not there the stream would give up its records, and they would be gone. */
function deadLetterFaults({ props, survey }: CheckContext, rules: readonly TopicRule[]): string[] {
  const property = 'trigger.deadLetterQueue.Arn';
  const { instanceId, resources } = props.kafka;
  const arn = props.trigger.deadLetterQueue?.Arn;
  if (arn === undefined) return [];
  const fault = faultOfArn(arn);
  if (fault !== undefined) return [`${property}: ${fault}`];
  const topic = topicIn(arn, instanceId);
  const isThere = survey.topics.some((candidate) => candidate.topic === topic);
  const isMade = resources !== 'manual' && rules.some((rule) => rule.topic === topic && rule.isNeeded);
  if (topic === undefined || props.onFailure !== 'continue' || isThere || isMade) return [];
  return [`${property}: ${topic} of ${instanceId} does not exist`];
}

/** What is sent to the source topic would be read again, for ever; a topic with two uses suits neither. */
function misplaced({ names, props }: CheckContext, rules: readonly TopicRule[]): string[] {
  const { instanceId, topic: source } = props.kafka;
  const arn = props.trigger.deadLetterQueue?.Arn;
  const named = [
    ...rules.map(({ property, topic }) => ({ property, topic })),
    { property: 'kafka.deadLetterTopic', topic: names.deadLetterTopic },
    ...(arn === undefined ? [] : [{ property: 'trigger.deadLetterQueue.Arn', topic: topicIn(arn, instanceId) }]),
  ];
  const loops = named.filter(({ topic }) => topic === source).map(({ property }) => `${property}: ${source} is the source topic`);
  const twice = rules.filter(({ topic }, at) => rules.findIndex((rule) => rule.topic === topic) < at);
  return [...new Set(loops), ...twice.map(({ property, topic }) => `${property}: ${topic} is named by another property, too`)];
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
    ...(isLocal && found.storage === 'cloud' ? [`${at} has cloud storage, must have local storage`] : []),
    ...(compact && found.compact === false ? [`${at} has cleanup.policy delete, must have compact`] : []),
    ...(!compact && found.compact ? [`${at} has cleanup.policy compact, which would drop records; must have delete`] : []),
  ];
}

function missingByHand({ names, survey }: CheckContext, rules: readonly TopicRule[]): string[] {
  const topics = rules
    .filter(({ isNeeded, topic }) => isNeeded && !survey.topics.some((candidate) => candidate.topic === topic))
    .map(({ property, topic }) => `${property}: ${topic} does not exist`);
  return survey.consumerGroup ? topics : [...topics, `consumer group ${names.consumerGroup} does not exist`];
}
