import type { Product } from './product.ts';

/** Why a call has failed. */
export interface Reason {
  /** The code as the product spells it, or the network's own; may be empty. */
  readonly code: string;
  readonly status: number | undefined;
  readonly message: string;
}

/** A failure that waiting can help, and how long is waited. */
export interface Retriable {
  /** What is waited for, as words that follow "waiting for". */
  readonly waitingFor: string;
  readonly why: string;
  readonly source: string;
  /** How long is waited between attempts, all together. */
  readonly seconds: number;
  /** The calls that it holds for; all when absent. */
  readonly calls?: readonly string[];
  readonly matches: (reason: Reason) => boolean;
  /** Whether nothing was done, so that even what must not be done twice may be tried again. */
  readonly wasRefused?: (reason: Reason) => boolean;
}

const provider = 'https://github.com/aliyun/terraform-provider-alicloud/blob/master/alicloud';

/** One of these codes, exactly. */
function codes(...known: readonly string[]): Retriable['matches'] {
  return ({ code }) => known.includes(code);
}

const timeouts = /timeout|socket hang up/i;
const networkCodes = codes('ECONNRESET', 'ECONNREFUSED', 'ETIMEDOUT', 'EPIPE', 'EAI_AGAIN', 'ENOTFOUND', 'ENETUNREACH', 'EHOSTUNREACH');

/** `ResourceThrottled` is a 503 of Function Compute: https://www.alibabacloud.com/help/en/functioncompute/error-codes */
function isThrottled({ code, status }: Reason): boolean {
  return status === 429 || /throttling|^ResourceThrottled$|^QPS ?Limit ?Exceeded$/i.test(code);
}

/** What waiting can help with every product. */
const common: readonly Retriable[] = [
  {
    waitingFor: 'the rate limit',
    why: 'too many calls for now',
    source: `${provider}/errors.go`,
    seconds: 60,
    matches: isThrottled,
    wasRefused: isThrottled,
  },
  {
    waitingFor: 'the service',
    why: 'a fault on its side',
    source: `${provider}/errors.go`,
    seconds: 30,
    matches: ({ code, status }) =>
      (status !== undefined && status >= 500) || /^(ServiceUnavailable|ServerBusy|Internal(Server)?Error)$/i.test(code),
  },
  {
    waitingFor: 'the network',
    why: 'no answer',
    source: 'https://nodejs.org/api/errors.html#common-system-errors',
    seconds: 15,
    wasRefused: codes('ECONNREFUSED', 'EAI_AGAIN', 'ENOTFOUND', 'ENETUNREACH', 'EHOSTUNREACH'),
    matches: (reason) => networkCodes(reason) || (reason.status === undefined && timeouts.test(`${reason.code} ${reason.message}`)),
  },
];

const serviceCalls = ['CreateService', 'UpdateService'];
const functionCalls = ['CreateFunction', 'UpdateFunction'];
const roleCalls = [...serviceCalls, ...functionCalls, 'CreateTrigger', 'UpdateTrigger'];
const ownPermission = /not authorized to perform/i;

/** What waiting can help, product by product; `test/scripts/connector/cloud/call.test.ts` has a response for each row. */
export const retriable: { readonly [product in Product]?: readonly Retriable[] } = {
  'ApsaraMQ for Kafka': [
    {
      waitingFor: 'the Kafka instance, which takes few changes at a time',
      why: 'changes of one instance are made one after the other',
      source: `${provider}/resource_alicloud_alikafka_topic.go`,
      seconds: 300,
      matches: codes('ONS_SYSTEM_FLOW_CONTROL'),
    },
  ],
  'Function Compute': [
    {
      waitingFor: 'the roles',
      why: 'a role that was just made is not known everywhere yet',
      source: `${provider}/resource_alicloud_fc_trigger.go`,
      seconds: 120,
      calls: roleCalls,
      matches: ({ code, message }) => code === 'AccessDenied' && !ownPermission.test(message),
    },
    {
      waitingFor: 'the permission',
      why: 'so is a policy that was just attached; longer would only hide that one is missing',
      source: `${provider}/resource_alicloud_fc_service.go`,
      seconds: 20,
      calls: roleCalls,
      matches: ({ code, message }) => code === 'AccessDenied' && ownPermission.test(message),
    },
    {
      waitingFor: 'what the service or the function refers to',
      why: 'a log project or store that was just made is not seen from there yet',
      source: `${provider}/resource_alicloud_fc_service.go`,
      seconds: 120,
      // In 3.0 the function itself refers to them: https://github.com/devsapp/fc3/blob/master/src/resources/fc/index.ts
      calls: [...serviceCalls, ...functionCalls],
      matches: ({ code, message }) => code === 'InvalidArgument' && /does not exist/.test(message),
    },
    {
      waitingFor: 'the function',
      why: 'what was just made is not known everywhere yet',
      source: `${provider}/resource_alicloud_fcv3_trigger.go`,
      seconds: 30,
      calls: ['CreateFunction', 'UpdateFunction', 'TagResources', 'CreateTrigger', 'InvokeFunction'],
      matches: codes('FunctionNotFound', 'ServiceNotFound'),
      wasRefused: codes('FunctionNotFound', 'ServiceNotFound'),
    },
    {
      waitingFor: 'another change of the same function',
      why: 'two changes at once',
      source: `${provider}/resource_alicloud_fcv2_function.go`,
      seconds: 120,
      matches: codes('ConcurrentUpdateError'),
    },
    {
      waitingFor: 'the end of the old trigger',
      why: 'its event stream goes later than the call that deletes it returns',
      source: `${provider}/resource_alicloud_fc_trigger.go`,
      seconds: 120,
      calls: ['CreateTrigger'],
      matches: codes('TriggerAlreadyExists', 'EventBridgeTriggerConflict'),
    },
    {
      waitingFor: 'the end of the trigger',
      why: 'its event stream goes later than the call that deletes it returns',
      source: 'https://developer.aliyun.com/ask/279119',
      seconds: 60,
      calls: ['DeleteFunction'],
      matches: codes('FunctionNotEmpty'),
    },
    {
      waitingFor: 'the end of the function',
      why: 'it goes later than the call that deletes it returns',
      source: `${provider}/resource_alicloud_fc_service.go`,
      seconds: 60,
      calls: ['DeleteService'],
      matches: codes('ServiceNotEmpty'),
    },
  ],
  'Log Service': [
    {
      waitingFor: 'the log project',
      why: 'what was just made is not known everywhere yet',
      source: `${provider}/resource_alicloud_fc_service.go`,
      seconds: 120,
      calls: ['CreateLogStore', 'CreateIndex'],
      matches: codes('ProjectNotExist', 'LogStoreNotExist'),
    },
    {
      waitingFor: 'the log project',
      why: 'it is being made or taken away',
      source: `${provider}/service_alicloud_log.go`,
      seconds: 60,
      matches: codes('ProjectForbidden'),
    },
    {
      waitingFor: 'the rate limit',
      why: 'too much is read or written for now',
      source: 'https://www.alibabacloud.com/help/en/sls/expansion-of-resources',
      seconds: 60,
      matches: codes('ReadQuotaExceed', 'WriteQuotaExceed', 'ShardReadQuotaExceed', 'ShardWriteQuotaExceed'),
    },
  ],
  Elasticsearch: [
    {
      waitingFor: 'another change of the Elasticsearch instance',
      why: 'an instance takes one change at a time, and none while it is activating',
      source: `${provider}/service_alicloud_elasticsearch.go`,
      seconds: 600,
      matches: codes(
        'InstanceStatusNotSupportCurrentAction',
        'ConcurrencyUpdateInstanceConflict',
        'InstanceDuplicateScheduledTask',
        'InstanceActivating',
        'TokenPreviousRequestProcessError',
      ),
    },
  ],
  ECS: [
    {
      waitingFor: 'network interfaces',
      why: 'Function Compute gives them back minutes after a service is gone',
      source: `${provider}/resource_alicloud_security_group.go`,
      seconds: 900,
      calls: ['DeleteSecurityGroup'],
      matches: ({ code }) => /^(DependencyViolation(\..+)?|InvalidOperation\.Conflict)$/.test(code),
    },
  ],
};

/** The row that a failure of a call matches; undefined when waiting does not help, as with a quota. */
export function retriableBy(product: Product, call: string, reason: Reason): Retriable | undefined {
  const own = retriable[product]?.find(({ calls, matches }) => (calls?.includes(call) ?? true) && matches(reason));
  if (own || isQuota(reason)) return own;
  return common.find(({ matches }) => matches(reason));
}

/** Codes of quotas differ by product and call; all that are known say so: https://www.alibabacloud.com/help/en/sls/expansion-of-resources */
const quotas = /quota|limit.?(is.?)?exceed|exceed.*(limit|max)|(runs?|ran).?out|over.?(limit|quota)/i;

/** Whether the account may not have more of something: waiting does not help. */
export function isQuota({ code }: Reason): boolean {
  return quotas.test(code) && !/throttling|qps/i.test(code);
}

/** What a quota is of, where the call tells. */
export const quotaOf: { readonly [call: string]: string } = {
  CreateTopic: 'topics and partitions of the Kafka instance',
  CreateConsumerGroup: 'consumer groups of the Kafka instance',
  CreateProject: 'projects of Log Service',
  CreateLogStore: 'log stores of the project',
  CreateSecurityGroup: 'security groups of ECS',
  UpdatePrivateNetworkWhiteIps: "entries of the Elasticsearch instance's whitelist",
  CreateService: 'services of Function Compute',
  CreateFunction: 'functions of Function Compute, of one service in 2.0, and their code',
  CreateTrigger: 'event streams of EventBridge, which triggers are made of',
  CreateServiceLinkedRole: 'roles of RAM',
};
