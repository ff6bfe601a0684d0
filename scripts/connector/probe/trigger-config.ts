import type { JsonObject } from '../cloud/json.ts';
import { arnOf } from '../config/dead-letter.ts';
import { triggerConfig } from '../running/trigger.ts';
import type { ProbeRun } from './made-things.ts';

/** How the probe's trigger delivers; what is left out is as a connector has it. */
export interface DeliveryOptions {
  /** The topic of dead letters is read instead of the probe's own. */
  readonly deadLetters?: boolean;
  readonly eventSchema?: 'CloudEvents' | 'RawData';
  readonly errorsTolerance?: 'ALL' | 'NONE';
  /** `deliveryOption.concurrency`. */
  readonly concurrency?: number;
  /** `maximumTasks`, which only 2.0 has. */
  readonly tasks?: number;
  /** Records of one push. */
  readonly records?: number;
}

/** The configuration of the trigger, in the form that both generations take; the retry strategy is the short one, 3 times within a minute. */
export function probeTriggerConfig({ api, cloud, props, names }: ProbeRun, options: DeliveryOptions): JsonObject {
  const { deadLetters = false, eventSchema = 'CloudEvents', errorsTolerance = 'ALL', concurrency = 1, tasks = 1, records = 100 } = options;
  const { region, kafka } = props;
  const { consumerGroup, deadLetterTopic, topic } = names;
  const deadLetterArn = arnOf({ region, accountId: cloud.access.accountId, instanceId: kafka.instanceId, topic: deadLetterTopic });
  return triggerConfig({
    enabled: true,
    source: {
      RegionId: region,
      InstanceId: kafka.instanceId,
      Topic: deadLetters ? deadLetterTopic : topic,
      ConsumerGroup: consumerGroup,
      OffsetReset: 'earliest',
      Network: 'Default',
    },
    eventSchema,
    concurrency,
    runOptions: {
      mode: 'event-streaming',
      ...(api === '2.0' && { maximumTasks: tasks }),
      errorsTolerance,
      retryStrategy: { PushRetryStrategy: 'BACKOFF_RETRY' },
      batchWindow: { CountBasedWindow: records, TimeBasedWindow: 0 },
      ...(errorsTolerance === 'ALL' && !deadLetters && { deadLetterQueue: { Arn: deadLetterArn } }),
    },
  });
}
