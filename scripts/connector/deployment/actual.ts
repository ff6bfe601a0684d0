import type { JsonObject } from '../cloud/function-compute.ts';
import { environmentIn, hidden } from '../config/environment.ts';
import { functionName, triggerName } from '../config/names.ts';
import { runs, type StreamState } from '../running/stream.ts';
import type { Case } from './checks/check.ts';
import { type FunctionFields, notReturned, type Resource, type ServiceFields, type TriggerFields } from './resource.ts';
import type { OwnService } from './survey.ts';

/** What the cloud has of the connector, with the fields that a plan compares. */
export function existingResources({ names, props, survey }: Pick<Case, 'names' | 'props' | 'survey'>): Resource[] {
  const { roles, consumerGroup, topics, logs, network, services } = survey;
  const { logProject: project, logstore } = names;
  const makesGroup = typeof props.function.vpcConfig !== 'object';
  return [
    ...roles.filter(({ exists }) => exists).map(({ serviceName }): Resource => ({ kind: 'service-linked role', name: serviceName })),
    ...(consumerGroup ? [{ kind: 'consumer group', name: names.consumerGroup } as const] : []),
    ...topics.map(({ topic, remark: _remark, ...fields }): Resource => ({ kind: 'topic', name: topic, ...fields })),
    ...(logs.projectDescription !== undefined ? [{ kind: 'log project', name: project } as const] : []),
    ...(logs.ttl === undefined ? [] : [{ kind: 'log store', name: logstore, project, ttl: logs.ttl } as const]),
    ...(logs.hasIndex ? [{ kind: 'log index', name: logstore, project } as const] : []),
    ...(makesGroup && network.securityGroup
      ? [{ kind: 'security group', name: names.securityGroup, vpcId: network.securityGroup.vpcId } as const]
      : []),
    ...(services[0] ? resourcesOf(services[0], survey.stream) : []),
  ];
}

/** A service of the connector with what is in it. */
export function resourcesOf({ service, function: row, trigger }: OwnService, stream?: StreamState): Resource[] {
  return [
    { kind: 'service', name: service.serviceName, ...serviceFields(service) },
    ...(row ? [{ kind: 'function', name: functionName, ...functionFields(row) } as const] : []),
    ...(trigger ? [{ kind: 'trigger', name: triggerName, ...triggerFields(trigger), enabled: runs(trigger, stream) } as const] : []),
  ];
}

function serviceFields(service: JsonObject): ServiceFields {
  const [logs, vpc] = [at(service, 'logConfig'), at(service, 'vpcConfig')];
  return {
    description: text(service, 'description'),
    role: text(service, 'role'),
    logConfig: { project: text(logs, 'project'), logstore: text(logs, 'logstore') },
    vpcConfig: {
      vpcId: text(vpc, 'vpcId'),
      vSwitchIds: Array.isArray(vpc.vSwitchIds) ? vpc.vSwitchIds.map(String) : [notReturned],
      securityGroupId: text(vpc, 'securityGroupId'),
    },
  };
}

function functionFields(row: JsonObject): FunctionFields {
  const preStop = at(at(row, 'instanceLifecycleConfig'), 'preStop');
  return {
    description: text(row, 'description'),
    runtime: text(row, 'runtime'),
    handler: text(row, 'handler'),
    initializer: text(row, 'initializer'),
    initializationTimeout: Number(row.initializationTimeout),
    instanceLifecycleConfig: { preStop: { handler: text(preStop, 'handler'), timeout: Number(preStop.timeout) } },
    timeout: Number(row.timeout),
    memorySize: Number(row.memorySize),
    environmentVariables: hidden(environmentIn(row)),
    codeChecksum: text(row, 'codeChecksum'),
  };
}

/** A trigger's own fields, as the API tells of it. */
export function triggerFields(row: JsonObject): Omit<TriggerFields, 'enabled'> {
  const config = at(row, 'triggerConfig');
  const source = at(at(at(config, 'eventSourceConfig'), 'eventSourceParameters'), 'sourceKafkaParameters');
  const options = at(config, 'runOptions');
  const [retry, window, queue] = [at(options, 'retryStrategy'), at(options, 'batchWindow'), at(options, 'deadLetterQueue')];
  return {
    source: {
      RegionId: text(source, 'RegionId'),
      InstanceId: text(source, 'InstanceId'),
      Topic: text(source, 'Topic'),
      ConsumerGroup: text(source, 'ConsumerGroup'),
      OffsetReset: text(source, 'OffsetReset'),
      Network: text(source, 'Network'),
      ...given(source, 'VpcId'),
      ...given(source, 'VSwitchIds'),
      ...given(source, 'SecurityGroupId'),
    },
    eventSchema: text(at(at(config, 'eventSinkConfig'), 'deliveryOption'), 'eventSchema'),
    runOptions: {
      mode: text(options, 'mode'),
      maximumTasks: Number(options.maximumTasks),
      errorsTolerance: text(options, 'errorsTolerance'),
      retryStrategy: { PushRetryStrategy: text(retry, 'PushRetryStrategy') },
      batchWindow: { CountBasedWindow: Number(window.CountBasedWindow), TimeBasedWindow: Number(window.TimeBasedWindow) },
      ...(typeof queue.Arn === 'string' && { deadLetterQueue: { Arn: queue.Arn } }),
    },
  };
}

function at(parent: JsonObject, name: string): JsonObject {
  const value = parent[name];
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function text(parent: JsonObject, name: string): string {
  const value = parent[name];
  return typeof value === 'string' ? value : notReturned;
}

function given<Name extends string>(parent: JsonObject, name: Name): { readonly [key in Name]?: string } {
  const value = parent[name];
  return typeof value === 'string' && value !== '' ? ({ [name]: value } as { readonly [key in Name]: string }) : {};
}
