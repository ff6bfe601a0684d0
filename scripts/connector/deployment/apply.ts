import { randomInt } from 'node:crypto';
import type { AlibabaCloud } from '../cloud/alibaba-cloud.ts';
import type { JsonObject } from '../cloud/json.ts';
import { revealed } from '../config/environment.ts';
import { functionName, logProjectMark, type Names, triggerName } from '../config/names.ts';
import type { Props } from '../config/schema.ts';
import { switchOff, switchOn, untilItRuns } from '../running/stream.ts';
import type { Change, Step } from './plan.ts';
import { madeByPlan, type Resource } from './resource.ts';
import { requireOnly } from './rivals.ts';

const randomCharacters = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** What steps need beyond themselves. */
export interface ApplyContext {
  readonly cloud: AlibabaCloud;
  readonly names: Names;
  readonly props: Props;
  /** The package; a removal has none. */
  readonly zip?: Buffer;
  /** The service, once it is there. */
  readonly serviceName: string | undefined;
  readonly securityGroupId: string | undefined;
}

type Of<Kind extends Resource['kind']> = Extract<Resource, { kind: Kind }>;

interface Carrier<Kind extends Resource['kind']> {
  create?(resource: Of<Kind>, site: Site): Promise<void>;
  change?(resource: Of<Kind>, site: Site, changes: readonly Change[]): Promise<void>;
  delete?(resource: Of<Kind>, site: Site): Promise<void>;
}

/** Carries out the steps of one plan, in order; each is safe to repeat, so that an interrupted run is taken up by the next. */
export class Site {
  readonly cloud: AlibabaCloud;
  readonly names: Names;
  readonly props: Props;
  readonly #zip: Buffer | undefined;
  readonly #hasService: boolean;
  #serviceName: string | undefined;
  #securityGroupId: string | undefined;

  constructor({ cloud, names, props, zip, serviceName, securityGroupId }: ApplyContext) {
    this.cloud = cloud;
    this.names = names;
    this.props = props;
    this.#zip = zip;
    this.#hasService = serviceName !== undefined;
    this.#serviceName = serviceName;
    this.#securityGroupId = securityGroupId;
  }

  /** Throws `CloudFailure`. */
  async apply({ action, changes, resource }: Step): Promise<void> {
    const carrier = carriers[resource.kind] as Carrier<typeof resource.kind>;
    if (action === 'delete' || action === 'replace') await carrier.delete?.(resource as never, this);
    if (action === 'create' || action === 'replace') await carrier.create?.(resource as never, this);
    if (action === 'change') await carrier.change?.(resource as never, this, changes);
  }

  /** Of the Kafka instance. */
  get instanceId(): string {
    return this.props.kafka.instanceId;
  }

  /** Whether this deployment has made the service, and not an earlier one. */
  get hasMadeService(): boolean {
    return !this.#hasService && this.#serviceName !== undefined;
  }

  get serviceName(): string {
    if (this.#serviceName === undefined) throw new Error('the service has not been made yet');
    return this.#serviceName;
  }

  set serviceName(name: string) {
    this.#serviceName = name;
  }

  set securityGroupId(id: string) {
    this.#securityGroupId = id;
  }

  /** The id that a plan may not have known yet. */
  securityGroup(planned: string): string {
    return planned === madeByPlan ? (this.#securityGroupId ?? '') : planned;
  }

  get zipFile(): string {
    return this.#zip?.toString('base64') ?? '';
  }
}

const carriers: { readonly [Kind in Resource['kind']]: Carrier<Kind> } = {
  'service-linked role': {
    create: ({ name }, { cloud }) => cloud.resourceManagement.createServiceLinkedRole(name),
  },
  'consumer group': {
    create: ({ name }, { cloud, instanceId, names }) => cloud.kafka.createConsumerGroup(instanceId, name, names.remark),
    delete: ({ name }, { cloud, instanceId }) => cloud.kafka.deleteConsumerGroup(instanceId, name),
  },
  topic: {
    create: ({ name: topic, ...fields }, { cloud, instanceId, names }) =>
      cloud.kafka.createTopic(instanceId, { topic, ...fields, remark: names.remark }),
    delete: ({ name }, { cloud, instanceId }) => cloud.kafka.deleteTopic(instanceId, name),
  },
  'log project': {
    create: ({ name }, { cloud }) => cloud.logs.createProject(name, logProjectMark),
    delete: async ({ name }, { cloud }) => {
      // Other connectors of the account may have stores in it.
      if ((await cloud.logs.logstores(name)).length === 0) await cloud.logs.deleteProject(name);
    },
  },
  'log store': {
    create: ({ name, project, ttl }, { cloud }) => cloud.logs.createLogstore(project, name, ttl),
    delete: ({ name, project }, { cloud }) => cloud.logs.deleteLogstore(project, name),
  },
  // Goes with its store.
  'log index': {
    create: ({ name, project }, { cloud }) => cloud.logs.createIndex(project, name),
  },
  'security group': {
    create: async ({ name, vpcId }, site) => {
      site.securityGroupId = await site.cloud.ecs.createSecurityGroup(vpcId, name, site.names.securityGroupMark);
    },
    delete: (_resource, site) => site.cloud.ecs.deleteSecurityGroup(site.securityGroup(madeByPlan)),
  },
  'whitelist entry': {
    create: ({ name, instanceId }, { cloud }) => cloud.elasticsearch.allow(instanceId, name),
  },
  service: {
    create: async (service, site) => {
      const serviceName = service.name.replace('<random>', randomSuffix());
      await site.cloud.functionCompute.createService(serviceName, serviceOptions(service, site));
      site.serviceName = serviceName;
      await requireOnly(site);
    },
    change: (service, site) => site.cloud.functionCompute.updateService(service.name, serviceOptions(service, site)),
    delete: ({ name }, { cloud }) => cloud.functionCompute.deleteService(name),
  },
  function: {
    create: (resource, site) =>
      site.cloud.functionCompute.createFunction(site.serviceName, {
        functionName,
        ...functionOptions(resource),
        code: { zipFile: site.zipFile },
      }),
    change: (resource, site, changes) => {
      const hasNewCode = changes.some(({ field }) => field === 'codeChecksum');
      const options = { ...functionOptions(resource), ...(hasNewCode && { code: { zipFile: site.zipFile } }) };
      return site.cloud.functionCompute.updateFunction(site.serviceName, functionName, options);
    },
    delete: (_resource, { cloud, serviceName }) => cloud.functionCompute.deleteFunction(serviceName, functionName),
  },
  trigger: {
    create: async (resource, site) => {
      const { cloud, serviceName } = site;
      await requireOnly(site);
      const options = { triggerName, triggerType: 'eventbridge', triggerConfig: triggerConfig(resource) };
      await cloud.functionCompute.createTrigger(serviceName, functionName, options);
      if (resource.enabled) await untilItRuns(cloud, serviceName);
    },
    change: (resource, { cloud, serviceName }) => (resource.enabled ? switchOn : switchOff)(cloud, serviceName, triggerConfig(resource)),
    delete: (_resource, { cloud, serviceName }) => cloud.functionCompute.deleteTrigger(serviceName, functionName, triggerName),
  },
};

function serviceOptions({ description, role, logConfig, vpcConfig }: Of<'service'>, site: Site): JsonObject {
  const securityGroupId = site.securityGroup(vpcConfig.securityGroupId);
  return { description, role, logConfig, vpcConfig: { ...vpcConfig, securityGroupId } };
}

function functionOptions({
  kind: _kind,
  name: _name,
  codeChecksum: _checksum,
  environmentVariables,
  ...options
}: Of<'function'>): JsonObject {
  return { ...options, environmentVariables: revealed(environmentVariables) };
}

function triggerConfig({ enabled, source, eventSchema, runOptions }: Of<'trigger'>): JsonObject {
  return {
    triggerEnable: enabled,
    asyncInvocationType: false,
    eventRuleFilterPattern: '{}',
    eventSourceConfig: { eventSourceType: 'Kafka', eventSourceParameters: { sourceKafkaParameters: source } },
    eventSinkConfig: { deliveryOption: { mode: 'event-streaming', eventSchema } },
    runOptions,
  };
}

function randomSuffix(): string {
  return Array.from({ length: 8 }, () => randomCharacters[randomInt(randomCharacters.length)]).join('');
}
