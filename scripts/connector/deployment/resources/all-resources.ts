import { consumerGroup } from './consumer-group.ts';
import { connectorFunction, type FunctionFields } from './function.ts';
import { type GroupPositionFields, groupPosition } from './group-position.ts';
import { type LogIndexFields, logIndex } from './log-index.ts';
import { logProject } from './log-project.ts';
import { type LogStoreFields, logStore } from './log-store.ts';
import type { PlacementFields } from './placement.ts';
import type { FoundContext, Named, PlanContext, Provider } from './provider.ts';
import { type SecurityGroupFields, securityGroup } from './security-group.ts';
import { service } from './service.ts';
import { serviceLinkedRole } from './service-linked-role.ts';
import { type TopicFields, topic } from './topic.ts';
import { type TriggerFields, trigger } from './trigger.ts';
import { type WhitelistEntryFields, whitelistEntry } from './whitelist-entry.ts';

/** The fields of each kind of resource, besides its name. */
interface ResourceFields {
  'service-linked role': object;
  'consumer group': object;
  topic: TopicFields;
  'log project': object;
  'log store': LogStoreFields;
  'log index': LogIndexFields;
  'security group': SecurityGroupFields;
  'whitelist entry': WhitelistEntryFields;
  service: PlacementFields;
  function: FunctionFields;
  'group position': GroupPositionFields;
  trigger: TriggerFields;
}

export type ResourceKind = keyof ResourceFields;

/** One thing in the cloud that belongs to a connector; within a plan a kind and a name stand for one. */
export type Resource<Kind extends ResourceKind = ResourceKind> = {
  [K in Kind]: { readonly kind: K } & Named<ResourceFields[K]>;
}[Kind];

const providers: { readonly [Kind in ResourceKind]: Provider<ResourceFields[Kind]> } = {
  'service-linked role': serviceLinkedRole,
  'consumer group': consumerGroup,
  topic,
  'log project': logProject,
  'log store': logStore,
  'log index': logIndex,
  'security group': securityGroup,
  'whitelist entry': whitelistEntry,
  service,
  function: connectorFunction,
  'group position': groupPosition,
  trigger,
};

/** In the order of their making. */
const kinds: readonly ResourceKind[] = [
  'service-linked role',
  'consumer group',
  'topic',
  'log project',
  'log store',
  'log index',
  'security group',
  'whitelist entry',
  'service',
  'function',
  'group position',
  'trigger',
];

/** What is made or changed only when nobody reads as the group any more, and the function can do its work. */
const startKinds: ReadonlySet<ResourceKind> = new Set(['group position', 'trigger']);

export function isOfStart({ kind }: Resource): boolean {
  return startKinds.has(kind);
}

/** What a connector's function consists of; all else stands beside it. */
const functionKinds: ReadonlySet<ResourceKind> = new Set(['service', 'function', 'trigger']);

export function isOfFunction({ kind }: Resource): boolean {
  return functionKinds.has(kind);
}

export function providerOf<Kind extends ResourceKind>(kind: Kind): Provider<ResourceFields[Kind]> {
  return providers[kind];
}

/** Everything that the connector consists of, in the order of its making. */
export function desiredResources(context: PlanContext): Resource[] {
  return kinds.flatMap((kind) => withKind(kind, providerOf(kind).desired(context)));
}

/** Everything that the cloud has of it, in the same order. */
export function foundResources(context: FoundContext): Resource[] {
  return kinds.flatMap((kind) => withKind(kind, providerOf(kind).found(context)));
}

function withKind<Kind extends ResourceKind>(kind: Kind, resources: readonly Named<ResourceFields[Kind]>[]): Resource<Kind>[] {
  return resources.map((resource) => ({ ...resource, kind }));
}
