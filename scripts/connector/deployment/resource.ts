import type { Environment } from '../config/environment.ts';
import type { TriggerFields } from '../running/trigger.ts';

/** One thing in the cloud that belongs to a connector; within a plan a kind and a name stand for one. */
export type Resource =
  | { readonly kind: 'service-linked role'; readonly name: string }
  | { readonly kind: 'consumer group'; readonly name: string }
  | ({ readonly kind: 'topic'; readonly name: string } & TopicFields)
  | { readonly kind: 'log project'; readonly name: string }
  | { readonly kind: 'log store'; readonly name: string; readonly project: string; readonly ttl: number }
  | { readonly kind: 'log index'; readonly name: string; readonly project: string }
  | { readonly kind: 'security group'; readonly name: string; readonly vpcId: string }
  | { readonly kind: 'whitelist entry'; readonly name: string; readonly instanceId: string }
  | ({ readonly kind: 'service'; readonly name: string } & ServiceFields)
  | ({ readonly kind: 'function'; readonly name: string } & FunctionFields)
  | ({ readonly kind: 'trigger'; readonly name: string } & TriggerFields);

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
