import { canName, type IndexPattern, parseIndexPattern, resolveTopic } from '../../../../shared/index-pattern.ts';
import { isReadBySomebody } from '../../cloud/kafka.ts';
import { revealSecrets } from '../../config/environment.ts';
import { describeAddress, duplicateFix, duplicatesIn, markIn } from '../../running/functions.ts';
import { describeStream, hasFailed, isHeldBack, runs } from '../../running/stream.ts';
import { isPaused, type OtherConnector } from '../survey.ts';
import { type Check, type CheckContext, failed, noticed, passed } from './check-result.ts';

/** Whether the connector is one, alone with its group and its documents, and whether it runs. */
export function connectorChecks(context: CheckContext): Check[] {
  return [...nameChecks(context), ...groupChecks(context), ...otherChecks(context), ...streamChecks(context)];
}

function nameChecks({ intent, props, survey }: CheckContext): Check[] {
  const title = 'Name of the connector';
  const { consumerGroup, functions, namesakes, own, former } = survey;
  const duplicates = duplicatesIn(functions);
  if (duplicates.length > 1) {
    const detail = `${props.name} has ${duplicates.length}, and never two may read as its group: ${duplicates.map(describeAddress).join(' and ')}`;
    return [failed(title, detail, duplicateFix)];
  }
  const there = own ?? former;
  if (there) return [passed(title, `${props.name} is this connector's, in ${describeAddress(there)}`)];
  const foreign = namesakes.find((one) => markIn(one) === undefined);
  if (!foreign || !consumerGroup || intent.adopts) return [passed(title, `${props.name} is free in ${props.kafka.instanceId}`)];
  const detail = `${props.name} is the name of the connector of ${describeAddress(foreign)}, which was not made by this package`;
  return [failed(title, detail, 'Take it over with `s deploy --adopt`, choose another name, or remove that connector first.')];
}

/** Before a trigger is made nobody else may read as its group: each would get a part of the records. */
function groupChecks({ intent, names, props, survey }: CheckContext): Check[] {
  const title = 'Consumer group';
  const { consumerGroup, namesakes, own, former } = survey;
  const foreign = namesakes.find((one) => markIn(one) === undefined);
  const { topic } = props.kafka;
  if (own?.trigger || former?.trigger) return [];
  if (intent.adopts && !consumerGroup) {
    return [failed(title, `there is no group ${names.consumerGroup} to take over`, 'Correct the name, or deploy without --adopt.')];
  }
  if (intent.adopts && consumerGroup && consumerGroup.topics.length > 0 && !consumerGroup.topics.includes(topic)) {
    const detail = `${names.consumerGroup} stands in ${consumerGroup.topics.join(', ')}, not in ${topic}`;
    return [failed(title, detail, 'Correct kafka.topic, or deploy without --adopt.')];
  }
  if (!isReadBySomebody(consumerGroup)) return [];
  if (intent.adopts) {
    return [noticed(title, `${names.consumerGroup} is read as: the deployment waits before it makes the trigger, until nobody does`)];
  }
  const owner = foreign ? `the connector of ${describeAddress(foreign)}` : 'another consumer';
  const detail = `${names.consumerGroup} is used by ${owner}, which reads ${consumerGroup?.topics.join(', ') || 'nothing yet'}`;
  const otherwise = 'Take it over with `s deploy --adopt`, choose another name, or stop and remove that one first.';
  return [
    failed(title, detail, foreign ? otherwise : `Is another deployment under way? Then run this again when it has ended. ${otherwise}`),
  ];
}

/** Connectors of this package that this one may be meant to follow, or that write where it writes. */
function otherChecks(context: CheckContext): Check[] {
  const title = 'Other connectors';
  const { props, survey } = context;
  const { instanceId, topic } = props.kafka;
  const clash = survey.others.find((other) => writesSameDocuments(context, other));
  if (clash) {
    const detail = `${describe(clash)} writes positions of ${clash.topic} into the same index: each would overwrite the other's documents`;
    const fix = `Set document.idPrefix; or, when this one is to follow it, remove it first: \`s remove\` with name ${clash.connector} and kafka.instanceId ${clash.instanceId}.`;
    return [failed(title, detail, fix)];
  }
  const isRelated = (other: OtherConnector) =>
    other.connector === props.name || (other.instanceId === instanceId && other.topic === topic) || writesSameIndex(context, other);
  return survey.others.flatMap((other) => {
    if (!other.isKnown) return [noticed(title, unknown(other))];
    return isRelated(other) ? [noticed(title, `${describe(other)} goes on beside this one; \`s remove\` takes it away`)] : [];
  });
}

function unknown({ connector, instanceId, topic, ...address }: OtherConnector): string {
  const which = `connector ${connector} of ${describeAddress(address)}, which reads ${topic} of ${instanceId},`;
  return `${which} could not be looked into: it may write into the same index, or use the same topics`;
}

function describe({ connector, instanceId, topic, environment, ...address }: OtherConnector): string {
  return `connector ${connector} of ${describeAddress(address)}, which reads ${topic} of ${instanceId} into ${environment.ES_INDEX ?? 'an unknown index'},`;
}

/** Whether both name documents by position, and the names are equal though the records are not; of one topic they would be the same. */
function writesSameDocuments(context: CheckContext, other: OtherConnector): boolean {
  const { instanceId, topic } = context.props.kafka;
  if (other.instanceId === instanceId && other.topic === topic) return false;
  const settings = revealSecrets(context.environment ?? {});
  const [own, its] = [settings, other.environment].map(({ DOCUMENT_ID, DOCUMENT_ID_PREFIX = '', SOURCE_TOPIC = '' }) =>
    DOCUMENT_ID === undefined || DOCUMENT_ID === 'position' ? `${DOCUMENT_ID_PREFIX}${SOURCE_TOPIC}` : undefined,
  );
  return own !== undefined && own === its && writesSameIndex(context, other);
}

/** Whether both write into one index of one Elasticsearch, as far as its address tells. */
function writesSameIndex({ environment }: CheckContext, other: OtherConnector): boolean {
  const settings = revealSecrets(environment ?? {});
  const [own, its] = [writtenIndexOf(settings), writtenIndexOf(other.environment)];
  return own !== undefined && its !== undefined && own.host === its.host && mayMeet(own, its);
}

/** The index that a function writes into, with its Elasticsearch. */
interface WrittenIndex {
  readonly host: string;
  readonly pattern: IndexPattern;
  readonly topic: string;
  /** The name of the index, with what stands for the date. */
  readonly name: string;
}

function writtenIndexOf({
  ES_ENDPOINT = '',
  ES_INDEX = '',
  SOURCE_TOPIC = '',
}: {
  readonly [name: string]: string;
}): WrittenIndex | undefined {
  const pattern = parseIndexPattern(ES_INDEX);
  // An instance has one name in its VPC and one on the Internet.
  const host = ES_ENDPOINT.toLowerCase().replace('.public.', '.');
  return pattern && { host, pattern, topic: SOURCE_TOPIC, name: resolveTopic(pattern, SOURCE_TOPIC) };
}

/** Whether a record of one may go where one of the other may go; of two dates, what differs in their formats alone is not taken to hold them apart. */
function mayMeet(own: WrittenIndex, its: WrittenIndex): boolean {
  if (!its.pattern.hasDate) return canName(own.pattern, its.name, own.topic);
  if (!own.pattern.hasDate) return canName(its.pattern, own.name, its.topic);
  return fixedParts(own.name) === fixedParts(its.name);
}

function fixedParts(name: string): string {
  return name.replace(/\{.*\}/, '{}');
}

function streamChecks({ intent, props, survey }: CheckContext): Check[] {
  const title = 'Stream of the trigger';
  const { own } = survey;
  const stream = own?.stream;
  const trigger = own?.trigger;
  if (!trigger || !stream) return [];
  const status = describeStream(stream);
  if (stream.status === 'UNKNOWN') {
    return [
      noticed(title, `${status}; its trigger is ${runs(trigger, stream) ? 'enabled' : 'not enabled'}, which is all that can be told`),
    ];
  }
  if (runs(trigger, stream)) return [passed(title, stream.status)];
  if (hasFailed(stream)) return [noticed(title, `${status}; the deployment starts it`)];
  if (isHeldBack(trigger))
    return [noticed(title, `${status}, held back; the deployment starts it as soon as the function can do its work`)];
  if (intent.resumes || !isPaused(survey, props)) return [noticed(title, `${status}; the deployment starts it`)];
  return [noticed(title, `${status}: it is paused or has stopped, and stays so; \`s deploy --resume\` or \`s resume\` starts it`)];
}
