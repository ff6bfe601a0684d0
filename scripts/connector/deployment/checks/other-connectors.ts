import { canName, type IndexPattern, parseIndexPattern, resolveTopic } from '../../../../shared/index-pattern.ts';
import { revealSecrets } from '../../config/environment.ts';
import { describeAddress } from '../../running/functions.ts';
import type { OtherConnector } from '../survey.ts';
import { type Check, type CheckContext, failed, noticed } from './check-result.ts';

const title = 'Other connectors';

/** Connectors of this package that this one may be meant to follow, or that write where it writes. */
export function otherChecks(context: CheckContext): Check[] {
  const { props, survey } = context;
  const { instanceId, topic } = props.kafka;
  const own = writerOf(revealSecrets(context.environment ?? {}));
  const clashes = survey.others.flatMap((other) => clashOf(context, own, other) ?? []);
  if (clashes[0]) return [clashes[0]];
  const isRelated = (other: OtherConnector) =>
    other.connector === props.name ||
    (other.instanceId === instanceId && other.topic === topic) ||
    writeOneIndex(own, writerOf(other.environment));
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

/** Why this connector and another must not both write. */
function clashOf({ props }: CheckContext, own: Writer, other: OtherConnector): Check | undefined {
  const its = writerOf(other.environment);
  const removal = `remove it first: \`s remove\` with name ${other.connector} and kafka.instanceId ${other.instanceId}`;
  const anotherIndex = 'Set elasticsearch.errorIndex to an index that no other connector uses';
  const isSameSource = other.instanceId === props.kafka.instanceId && other.topic === props.kafka.topic;
  if (!isSameSource && own.documentPositions !== undefined && own.documentPositions === its.documentPositions && writeOneIndex(own, its)) {
    const detail = `${describe(other)} writes positions of ${other.topic} into the same index: each would overwrite the other's documents`;
    return failed(title, detail, `Set document.idPrefix; or, when this one is to follow it, ${removal}.`);
  }
  if (own.positions === its.positions && haveOneErrorIndex(own, its)) {
    const detail = `${describe(other)} hands rejected records to ${own.errorIndex}, too, where their positions are their ids: each would overwrite the other's, and replay them`;
    return failed(title, detail, `${anotherIndex}, or set document.idPrefix; or, when this one is to follow it, ${removal}.`);
  }
  if (rejectIntoDocuments(own, its) || rejectIntoDocuments(its, own)) {
    const detail = `${describe(other)} and this one do not agree on an index: the rejected records of one would lie among documents of the other`;
    return failed(title, detail, `${anotherIndex}; or ${removal}.`);
  }
  return undefined;
}

/** Where a function writes, as far as its settings tell. */
interface Writer {
  /** The address of Elasticsearch. */
  readonly host: string;
  readonly documents: DocumentIndex | undefined;
  readonly errorIndex: string | undefined;
  /** What stands before partition and offset in the ids of rejected records: no two texts make one id, since neither number holds a `+`. */
  readonly positions: string;
  /** The same for documents; undefined where positions are not their ids. */
  readonly documentPositions: string | undefined;
}

/** The index of documents, or the many that a pattern names. */
interface DocumentIndex {
  readonly pattern: IndexPattern;
  readonly topic: string;
  /** Its name, with what stands for the date. */
  readonly name: string;
}

function writerOf({
  DOCUMENT_ID = 'position',
  DOCUMENT_ID_PREFIX = '',
  ERROR_INDEX,
  ES_ENDPOINT = '',
  ES_INDEX = '',
  SOURCE_TOPIC = '',
}: {
  readonly [name: string]: string;
}): Writer {
  const pattern = parseIndexPattern(ES_INDEX);
  const positions = `${DOCUMENT_ID_PREFIX}${SOURCE_TOPIC}`;
  return {
    // An instance has one name in its VPC and one on the Internet.
    host: ES_ENDPOINT.toLowerCase().replace('.public.', '.'),
    documents: pattern && { pattern, topic: SOURCE_TOPIC, name: resolveTopic(pattern, SOURCE_TOPIC) },
    errorIndex: ERROR_INDEX,
    positions,
    documentPositions: DOCUMENT_ID === 'position' ? positions : undefined,
  };
}

/** Whether documents of both go into one index of one Elasticsearch. */
function writeOneIndex(own: Writer, its: Writer): boolean {
  return own.host === its.host && own.documents !== undefined && its.documents !== undefined && mayMeet(own.documents, its.documents);
}

function haveOneErrorIndex(own: Writer, its: Writer): boolean {
  return own.host === its.host && own.errorIndex !== undefined && own.errorIndex === its.errorIndex;
}

/** Whether what the one rejects goes where documents of the other go. */
function rejectIntoDocuments({ errorIndex, host }: Writer, other: Writer): boolean {
  const { documents } = other;
  return (
    host === other.host && errorIndex !== undefined && documents !== undefined && canName(documents.pattern, errorIndex, documents.topic)
  );
}

/** Whether a record of one may go where one of the other may go; of two dates, what differs in their formats alone is not taken to hold them apart. */
function mayMeet(own: DocumentIndex, its: DocumentIndex): boolean {
  if (!its.pattern.hasDate) return canName(own.pattern, its.name, own.topic);
  if (!own.pattern.hasDate) return canName(its.pattern, own.name, its.topic);
  return fixedParts(own.name) === fixedParts(its.name);
}

function fixedParts(name: string): string {
  return name.replace(/\{.*\}/, '{}');
}
