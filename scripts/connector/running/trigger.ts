import { type JsonObject, objectAt, textAt } from '../cloud/json.ts';

/** A trigger's configuration, as far as both generations of Function Compute have it. */
export interface TriggerFields {
  readonly source: {
    readonly RegionId: string;
    readonly InstanceId: string;
    readonly Topic: string;
    readonly ConsumerGroup: string;
    readonly OffsetReset: string;
    readonly Network: string;
    readonly VpcId?: string;
    readonly VSwitchIds?: string;
    readonly SecurityGroupId?: string;
  };
  readonly eventSchema: string;
  readonly runOptions: {
    readonly mode: string;
    readonly errorsTolerance: string;
    readonly retryStrategy: { readonly PushRetryStrategy: string };
    readonly batchWindow: { readonly CountBasedWindow: number; readonly TimeBasedWindow: number };
    readonly deadLetterQueue?: { readonly Arn: string };
  };
}

/** What a trigger is to be: with the one field of either generation that the other has not. */
export interface DesiredTrigger extends TriggerFields {
  /** Whether its stream runs. */
  readonly enabled: boolean;
  /** How many batches are delivered at a time, in 3.0. */
  readonly concurrency?: number;
  readonly runOptions: TriggerFields['runOptions'] & {
    /** How many tasks read, in 2.0. */
    readonly maximumTasks?: number;
  };
}

/** The configuration of such a trigger, as the API takes it. */
export function triggerConfig({ enabled, source, eventSchema, concurrency, runOptions }: DesiredTrigger): JsonObject {
  return {
    triggerEnable: enabled,
    asyncInvocationType: false,
    eventRuleFilterPattern: '{}',
    eventSourceConfig: { eventSourceType: 'Kafka', eventSourceParameters: { sourceKafkaParameters: source } },
    eventSinkConfig: { deliveryOption: { mode: 'event-streaming', eventSchema, ...(concurrency !== undefined && { concurrency }) } },
    runOptions,
  };
}

/** Reads the fields of a trigger from what the API tells of it. */
export function triggerFields(row: JsonObject): TriggerFields {
  const config = objectAt(row, 'triggerConfig');
  const source = objectAt(objectAt(objectAt(config, 'eventSourceConfig'), 'eventSourceParameters'), 'sourceKafkaParameters');
  const options = objectAt(config, 'runOptions');
  const [retry, window, queue] = [
    objectAt(options, 'retryStrategy'),
    objectAt(options, 'batchWindow'),
    objectAt(options, 'deadLetterQueue'),
  ];
  return {
    source: {
      RegionId: textAt(source, 'RegionId'),
      InstanceId: textAt(source, 'InstanceId'),
      Topic: textAt(source, 'Topic'),
      ConsumerGroup: textAt(source, 'ConsumerGroup'),
      OffsetReset: textAt(source, 'OffsetReset'),
      Network: textAt(source, 'Network'),
      ...(isFilled(source.VpcId) && { VpcId: source.VpcId }),
      ...(isFilled(source.VSwitchIds) && { VSwitchIds: source.VSwitchIds }),
      ...(isFilled(source.SecurityGroupId) && { SecurityGroupId: source.SecurityGroupId }),
    },
    eventSchema: textAt(objectAt(objectAt(config, 'eventSinkConfig'), 'deliveryOption'), 'eventSchema'),
    runOptions: {
      mode: textAt(options, 'mode'),
      errorsTolerance: textAt(options, 'errorsTolerance'),
      retryStrategy: { PushRetryStrategy: textAt(retry, 'PushRetryStrategy') },
      batchWindow: { CountBasedWindow: Number(window.CountBasedWindow), TimeBasedWindow: Number(window.TimeBasedWindow) },
      ...(typeof queue.Arn === 'string' && { deadLetterQueue: { Arn: queue.Arn } }),
    },
  };
}

function isFilled(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}
