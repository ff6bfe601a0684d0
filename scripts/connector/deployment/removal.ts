import { isReadBySomebody } from '../cloud/kafka.ts';
import { logProjectMark, type Names } from '../config/names.ts';
import type { Props } from '../config/schema.ts';
import { describeAddress, markIn, otherThan } from '../running/functions.ts';
import { topicRules } from './checks/topics.ts';
import { foundResources, type Resource, type ResourceKind } from './resources/all-resources.ts';
import type { Survey } from './survey.ts';

/** What a removal looks at, and how far it is to go. */
export interface Removal {
  readonly props: Props;
  readonly names: Names;
  readonly survey: Survey;
  /** Whether topics and consumer group are removed, too. */
  readonly withTopics: boolean;
  /** Other connectors have stores in the log project. */
  readonly hasOtherStores: boolean;
}

/** A resource that a removal leaves, and why. */
export interface Kept {
  readonly kind: ResourceKind;
  readonly name: string;
  readonly why: string;
}

/** Divides what is there, besides functions, into what goes, and what a user might expect to go and does not; what this connector has made is known by its mark, never by its name. */
export function divideForRemoval(removal: Removal): { readonly taken: readonly Resource[]; readonly kept: readonly Kept[] } {
  const taken: Resource[] = [];
  const kept: Kept[] = [];
  for (const resource of candidates(removal)) {
    const why = reasonToKeep(resource, removal);
    if (why === undefined) taken.push(resource);
    else kept.push({ kind: resource.kind, name: resource.name, why });
  }
  return { taken, kept };
}

/** The kinds that a removal neither takes nor lists: roles are no connector's own, since others of the account act by them; an index goes with its store. */
const unlistedKinds: ReadonlySet<ResourceKind> = new Set(['service-linked role', 'log index']);

function candidates({ names, props, survey }: Removal): Resource[] {
  const named = new Set(topicRules({ props, names, survey }).map(({ topic }) => topic));
  const marked = new Set(survey.topics.filter(({ remark }) => remark === names.remark).map(({ topic }) => topic));
  const isConcerned = ({ kind, name }: Resource) => !unlistedKinds.has(kind) && (kind !== 'topic' || named.has(name) || marked.has(name));
  const found = foundResources({ props, names, survey, own: undefined });
  return found.filter(isConcerned);
}

const reasons: { readonly [Kind in ResourceKind]?: (name: string, removal: Removal) => string | undefined } = {
  topic: reasonToKeepTopic,
  'consumer group': (_name, { names, survey, ...removal }) =>
    survey.consumerGroup?.remark === names.remark ? reasonToKeepPosition(removal) : 'this connector did not make it',
  'log project': (_name, removal) =>
    removal.hasOtherStores && isOwnProject(removal) ? 'other connectors have stores in it' : reasonToKeepLogs(removal),
  'log store': (_name, removal) => reasonToKeepLogs(removal),
  'security group': (_name, { names, survey }) =>
    survey.network.securityGroup?.description === names.securityGroupMark ? undefined : 'this connector did not make it',
};

function reasonToKeep({ kind, name }: Resource, removal: Removal): string | undefined {
  return reasonByUnseenFunction(kind, removal) ?? reasons[kind]?.(name, removal);
}

/** What a function of the connector that is not seen may still use; a position and its topics cannot be made again. */
function reasonByUnseenFunction(kind: ResourceKind, { names, props, survey }: Removal): string | undefined {
  const { consumerGroup, functions, unseen } = survey;
  if (functions.length > 0) return undefined;
  if (isReadBySomebody(consumerGroup)) return `somebody reads as ${names.consumerGroup}`;
  if (unseen === undefined || (kind !== 'topic' && kind !== 'consumer group')) return undefined;
  return `a function in ${otherThan(props.function.api)} may use it, which cannot be looked at (${unseen})`;
}

function reasonToKeepTopic(name: string, { names, props, survey, ...removal }: Removal): string | undefined {
  const sources = [props.kafka.topic, ...survey.functions.map((one) => markIn(one)?.topic)];
  if (sources.includes(name)) return 'it is the source topic';
  const user = survey.others.find(({ instanceId, topics }) => instanceId === props.kafka.instanceId && topics.includes(name));
  if (user) return `connector ${user.connector} uses it`;
  if (survey.topics.find(({ topic }) => topic === name)?.remark !== names.remark) return 'this connector did not make it';
  const unknown = survey.others.find(({ instanceId, isKnown }) => instanceId === props.kafka.instanceId && !isKnown);
  const mayBeUsed = unknown && `connector ${unknown.connector} may use it: ${describeAddress(unknown)} could not be looked into`;
  return reasonToKeepPosition({ props, ...removal }) ?? mayBeUsed;
}

function reasonToKeepPosition({ props, withTopics }: Pick<Removal, 'props' | 'withTopics'>): string | undefined {
  if (props.kafka.resources === 'manual') return 'kafka.resources is manual';
  return withTopics ? undefined : '--with-topics takes it, too';
}

function reasonToKeepLogs(removal: Removal): string | undefined {
  if (typeof removal.props.function.logConfig === 'object') return 'function.logConfig names it';
  return isOwnProject(removal) ? undefined : 'its project was not made by this package';
}

function isOwnProject({ survey }: Removal): boolean {
  return survey.logs.projectDescription === logProjectMark;
}
