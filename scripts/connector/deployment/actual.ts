import { type JsonObject, notReturned, objectAt, textAt } from '../cloud/json.ts';
import { environmentIn, hideSecrets } from '../config/environment.ts';
import { functionName, triggerName } from '../config/names.ts';
import type { ConnectorService } from '../running/services.ts';
import { runs, type StreamState } from '../running/stream.ts';
import { triggerFields } from '../running/trigger.ts';
import type { CheckContext } from './checks/check-result.ts';
import type { FunctionFields, Resource, ServiceFields } from './resource.ts';

/** What the cloud has of the connector, with the fields that a plan compares. */
export function actualResources({ names, props, survey }: Pick<CheckContext, 'names' | 'props' | 'survey'>): Resource[] {
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
export function resourcesOf({ service, function: row, trigger }: ConnectorService, stream?: StreamState): Resource[] {
  return [
    { kind: 'service', name: service.serviceName, ...serviceFields(service) },
    ...(row ? [{ kind: 'function', name: functionName, ...functionFields(row) } as const] : []),
    ...(trigger ? [{ kind: 'trigger', name: triggerName, ...triggerFields(trigger), enabled: runs(trigger, stream) } as const] : []),
  ];
}

function serviceFields(service: JsonObject): ServiceFields {
  const [logs, vpc] = [objectAt(service, 'logConfig'), objectAt(service, 'vpcConfig')];
  return {
    description: textAt(service, 'description'),
    role: textAt(service, 'role'),
    logConfig: { project: textAt(logs, 'project'), logstore: textAt(logs, 'logstore') },
    vpcConfig: {
      vpcId: textAt(vpc, 'vpcId'),
      vSwitchIds: Array.isArray(vpc.vSwitchIds) ? vpc.vSwitchIds.map(String) : [notReturned],
      securityGroupId: textAt(vpc, 'securityGroupId'),
    },
  };
}

function functionFields(row: JsonObject): FunctionFields {
  const preStop = objectAt(objectAt(row, 'instanceLifecycleConfig'), 'preStop');
  return {
    description: textAt(row, 'description'),
    runtime: textAt(row, 'runtime'),
    handler: textAt(row, 'handler'),
    initializer: textAt(row, 'initializer'),
    initializationTimeout: Number(row.initializationTimeout),
    instanceLifecycleConfig: { preStop: { handler: textAt(preStop, 'handler'), timeout: Number(preStop.timeout) } },
    timeout: Number(row.timeout),
    memorySize: Number(row.memorySize),
    environmentVariables: hideSecrets(environmentIn(row)),
    codeChecksum: textAt(row, 'codeChecksum'),
  };
}
