/** What a RAM policy allows; conditions are not looked at: https://www.alibabacloud.com/help/en/ram/policy-structure-and-syntax */
export interface PolicyStatement {
  readonly Effect: string;
  readonly Action: readonly string[];
  readonly Resource: string | readonly string[];
}

/** A permission as RAM spells it, and what it is for. */
export interface Permission {
  /** Such as `alikafka:ListTopic`. */
  readonly permission: string;
  /** An ARN, or a star. */
  readonly resource: string;
}

/** A call that somebody wants to make. */
interface Attempt {
  readonly product: string;
  readonly action: string;
  readonly resource?: string;
}

/** Whose user makes it; without a policy it may make every call. */
interface Owner {
  readonly accountId: string;
  readonly region: string;
  readonly policy?: readonly PolicyStatement[];
}

const prefixes: { readonly [product: string]: string } = { sls: 'log', resourcemanager: 'ram' };

/** Permissions that are not called as their calls: https://www.alibabacloud.com/help/en/apsaramq-for-kafka/cloud-message-queue-for-kafka/developer-reference/api-alikafka-2019-09-16-createtopic and its neighbours */
const names: { readonly [action: string]: string } = {
  GetInstanceList: 'ListInstance',
  GetTopicList: 'ListTopic',
  GetTopicStatus: 'ListTopic',
  GetConsumerList: 'ListGroup',
  GetConsumerProgress: 'ListGroup',
  CreateConsumerGroup: 'CreateGroup',
  DeleteConsumerGroup: 'DeleteGroup',
  UpdateConsumerOffset: 'UpdateGroup',
  UpdatePrivateNetworkWhiteIps: 'UpdateWhiteIps',
  GetLogs: 'GetLogStoreLogs',
};

/** The permission that the account's policy lacks for a call; undefined when it may be made. */
export function permissionFor({ accountId, policy, region }: Owner, { action, product, resource }: Attempt): Permission | undefined {
  if (policy === undefined) return undefined;
  const prefix = prefixes[product] ?? product;
  const permission = `${prefix}:${names[action] ?? action}`;
  const arn = resource === undefined ? '*' : `acs:${prefix}:${region}:${accountId}:${resource}`;
  const isNamed = ({ Action, Resource }: PolicyStatement) =>
    Action.some((pattern) => fits(pattern, permission)) && (arn === '*' || [Resource].flat().some((pattern) => fits(pattern, arn)));
  const named = policy.filter(isNamed);
  const isAllowed = named.some(({ Effect }) => Effect === 'Allow') && !named.some(({ Effect }) => Effect === 'Deny');
  return isAllowed ? undefined : { permission, resource: arn };
}

/** `*` stands for any text. */
function fits(pattern: string, text: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`).test(text);
}
