import type { Environment } from '../config/environment.ts';
import type { TriggerFields } from '../running/trigger.ts';

/** The fields of each kind of resource, besides its name. */
interface ResourceFields {
  'service-linked role': object;
  'consumer group': object;
  topic: TopicFields;
  'log project': object;
  'log store': {
    readonly project: string;
    /** The retention in days. */
    readonly ttl: number;
  };
  'log index': { readonly project: string };
  'security group': { readonly vpcId: string };
  'whitelist entry': { readonly instanceId: string };
  service: ServiceFields;
  function: FunctionFields;
  trigger: TriggerFields;
}

export type ResourceKind = keyof ResourceFields;

/** One thing in the cloud that belongs to a connector; within a plan a kind and a name stand for one. */
export type Resource<Kind extends ResourceKind = ResourceKind> = {
  [K in Kind]: { readonly kind: K; readonly name: string } & ResourceFields[K];
}[Kind];

/** undefined: the cloud does not tell. */
interface TopicFields {
  readonly partitions: number;
  readonly storage: 'local' | 'cloud' | undefined;
  readonly compact: boolean | undefined;
}

export interface ServiceFields {
  readonly description: string;
  readonly role: string;
  readonly logConfig: { readonly project: string; readonly logstore: string };
  readonly vpcConfig: {
    readonly vpcId: string;
    readonly vSwitchIds: readonly string[];
    /** `madeByPlan` while the plan has yet to make the group. */
    readonly securityGroupId: string;
  };
}

export interface FunctionFields {
  /** Names the package and its version. */
  readonly description: string;
  readonly runtime: string;
  readonly handler: string;
  readonly initializer: string;
  /** Seconds, as `timeout`. */
  readonly initializationTimeout: number;
  readonly instanceLifecycleConfig: { readonly preStop: { readonly handler: string; readonly timeout: number } };
  readonly timeout: number;
  /** MB. */
  readonly memorySize: number;
  readonly environmentVariables: Environment;
  /** CRC-64 of the package. */
  readonly codeChecksum: string;
}

/** Stands for the id of what the plan makes before it is needed. */
export const madeByPlan = '(made by this plan)';
