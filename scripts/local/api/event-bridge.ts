import type { Account } from './account.ts';
import type { AcsAction, AcsProduct } from './acs-product.ts';
import type { EventStreams, StreamView } from './event-streams.ts';
import { objectAt } from './http.ts';
import type { Roles } from './roles.ts';

const success = { Code: 'Success', Message: 'Operation success.', Success: true };

/** EventBridge, API 2020-04-01, as far as a trigger's stream needs it: https://www.alibabacloud.com/help/doc-detail/343391.htm */
export function eventBridgeProduct({ region }: Account, streams: EventStreams, roles: Roles): AcsProduct {
  const get: AcsAction = ({ parameters }) => ({
    ...success,
    Data: view(region, streams.describe(parameters.required('EventStreamingName'))),
  });
  const start: AcsAction = ({ parameters }) => {
    streams.start(parameters.required('EventStreamingName'));
    return { ...success, Data: true };
  };
  const pause: AcsAction = async ({ parameters }) => {
    await streams.pause(parameters.required('EventStreamingName'));
    return { ...success, Data: true };
  };
  const createRole: AcsAction = ({ parameters }) => {
    const roleName = parameters.required('ProductName');
    roles.createServiceLinked(roleName);
    return { ...success, Data: { StsRoleName: roleName } };
  };
  const actions = {
    GetEventStreaming: get,
    StartEventStreaming: start,
    PauseEventStreaming: pause,
    CreateServiceLinkedRoleForProduct: createRole,
  };
  return { name: 'eventbridge', version: '2020-04-01', actions };
}

function view(region: string, { deployment, reason, status }: StreamView): object {
  const { name, destination, triggerConfig } = deployment;
  const { serviceName, functionName } = destination;
  const parameters = objectAt(objectAt(triggerConfig, 'eventSourceConfig'), 'eventSourceParameters');
  const options = objectAt(triggerConfig, 'runOptions');
  return {
    EventStreamingName: name,
    Status: status,
    // What `Extensions` holds no document tells: https://github.com/aliyun/alibabacloud-csharp-sdk, eventbridge-20200401
    DetailedStatus: { DelayTime: 0, DiffOffset: 0, TPS: 0, Extensions: reason === undefined ? {} : { ErrorMessage: reason } },
    FilterPattern: triggerConfig.eventRuleFilterPattern ?? '{}',
    Source: { SourceKafkaParameters: { RegionId: region, ...objectAt(parameters, 'sourceKafkaParameters') } },
    Sink: {
      SinkFcParameters: {
        ...(serviceName !== undefined && { ServiceName: { Value: serviceName, Form: 'CONSTANT' } }),
        FunctionName: { Value: functionName, Form: 'CONSTANT' },
      },
    },
    RunOptions: {
      MaximumTasks: options.maximumTasks,
      ErrorsTolerance: options.errorsTolerance,
      RetryStrategy: options.retryStrategy,
      BatchWindow: options.batchWindow,
      DeadLetterQueue: options.deadLetterQueue,
    },
  };
}
