import { randomInt } from 'node:crypto';
import type { AlibabaCloud } from '../cloud/alibaba-cloud.ts';
import type { JsonObject } from '../cloud/json.ts';
import { revealSecrets } from '../config/environment.ts';
import { functionName, logProjectMark, type Names, triggerName } from '../config/names.ts';
import type { Props } from '../config/schema.ts';
import { switchOff, switchOn, untilItRuns } from '../running/stream.ts';
import { stopIfAnotherDeploys } from './concurrent-deployments.ts';
import type { Change, Step } from './plan.ts';
import { madeByPlan, type Resource, type ResourceKind } from './resource.ts';

const randomCharacters = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** What the steps of a plan are carried out with. */
interface ApplyOptions {
  readonly cloud: AlibabaCloud;
  readonly names: Names;
  readonly props: Props;
  /** The package; a removal has none. */
  readonly zip?: Buffer;
  /** The service, once it is there. */
  readonly serviceName: string | undefined;
  readonly securityGroupId: string | undefined;
}

/** How one kind of resource is created, changed and deleted; each is safe to repeat, so that an interrupted run is taken up by the next. */
interface Provider<Kind extends ResourceKind> {
  create?(resource: Resource<Kind>, context: ApplyContext): Promise<void>;
  change?(resource: Resource<Kind>, context: ApplyContext, changes: readonly Change[]): Promise<void>;
  delete?(resource: Resource<Kind>, context: ApplyContext): Promise<void>;
}

/** Carries out the steps of one plan, in order, and holds what they share: what was there before, and what they have made. */
export class ApplyContext {
  readonly cloud: AlibabaCloud;
  readonly names: Names;
  readonly props: Props;
  readonly #zip: Buffer | undefined;
  readonly #hasService: boolean;
  #serviceName: string | undefined;
  #securityGroupId: string | undefined;

  constructor({ cloud, names, props, zip, serviceName, securityGroupId }: ApplyOptions) {
    this.cloud = cloud;
    this.names = names;
    this.props = props;
    this.#zip = zip;
    this.#hasService = serviceName !== undefined;
    this.#serviceName = serviceName;
    this.#securityGroupId = securityGroupId;
  }

  /** Carries out one step; throws `CloudFailure`. */
  async apply<Kind extends ResourceKind>({ action, changes, resource }: Step<Kind>): Promise<void> {
    const provider: Provider<Kind> = providers[resource.kind];
    if (action === 'delete' || action === 'replace') await provider.delete?.(resource, this);
    if (action === 'create' || action === 'replace') await provider.create?.(resource, this);
    if (action === 'change') await provider.change?.(resource, this, changes);
  }

  /** The Kafka instance's id. */
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

  /** The security group's id, which a plan may not have known yet. */
  securityGroup(planned: string): string {
    return planned === madeByPlan ? (this.#securityGroupId ?? '') : planned;
  }

  get zipFile(): string {
    return this.#zip?.toString('base64') ?? '';
  }
}

const providers: { readonly [Kind in ResourceKind]: Provider<Kind> } = {
  'service-linked role': {
    create: ({ name }, { cloud }) => cloud.resourceManager.createServiceLinkedRole(name),
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
    create: async ({ name, vpcId }, context) => {
      context.securityGroupId = await context.cloud.ecs.createSecurityGroup(vpcId, name, context.names.securityGroupMark);
    },
    delete: (_resource, context) => context.cloud.ecs.deleteSecurityGroup(context.securityGroup(madeByPlan)),
  },
  'whitelist entry': {
    create: ({ name, instanceId }, { cloud }) => cloud.elasticsearch.allow(instanceId, name),
  },
  service: {
    create: async (service, context) => {
      const serviceName = service.name.replace('<random>', randomSuffix());
      await context.cloud.functionCompute.createService(serviceName, serviceOptions(service, context));
      context.serviceName = serviceName;
      await stopIfAnotherDeploys(context);
    },
    change: (service, context) => context.cloud.functionCompute.updateService(service.name, serviceOptions(service, context)),
    delete: ({ name }, { cloud }) => cloud.functionCompute.deleteService(name),
  },
  function: {
    create: (resource, context) =>
      context.cloud.functionCompute.createFunction(context.serviceName, {
        functionName,
        ...functionOptions(resource),
        code: { zipFile: context.zipFile },
      }),
    change: (resource, context, changes) => {
      const hasNewCode = changes.some(({ field }) => field === 'codeChecksum');
      const options = { ...functionOptions(resource), ...(hasNewCode && { code: { zipFile: context.zipFile } }) };
      return context.cloud.functionCompute.updateFunction(context.serviceName, functionName, options);
    },
    delete: (_resource, { cloud, serviceName }) => cloud.functionCompute.deleteFunction(serviceName, functionName),
  },
  trigger: {
    create: async (resource, context) => {
      const { cloud, serviceName } = context;
      await stopIfAnotherDeploys(context);
      const options = { triggerName, triggerType: 'eventbridge', triggerConfig: triggerConfig(resource) };
      await cloud.functionCompute.createTrigger(serviceName, functionName, options);
      if (resource.enabled) await untilItRuns(cloud, serviceName);
    },
    change: (resource, { cloud, serviceName }) => (resource.enabled ? switchOn : switchOff)(cloud, serviceName, triggerConfig(resource)),
    delete: (_resource, { cloud, serviceName }) => cloud.functionCompute.deleteTrigger(serviceName, functionName, triggerName),
  },
};

function serviceOptions({ description, role, logConfig, vpcConfig }: Resource<'service'>, context: ApplyContext): JsonObject {
  const securityGroupId = context.securityGroup(vpcConfig.securityGroupId);
  return { description, role, logConfig, vpcConfig: { ...vpcConfig, securityGroupId } };
}

function functionOptions({
  kind: _kind,
  name: _name,
  codeChecksum: _checksum,
  environmentVariables,
  ...options
}: Resource<'function'>): JsonObject {
  return { ...options, environmentVariables: revealSecrets(environmentVariables) };
}

function triggerConfig({ enabled, source, eventSchema, runOptions }: Resource<'trigger'>): JsonObject {
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
