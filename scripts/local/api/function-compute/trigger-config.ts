import { deadLetterTopic } from '../../stream/config.ts';
import type { Generation } from '../generation.ts';
import { type JsonObject, objectAt, textAt } from '../http.ts';
import { integerAt, invalid } from './resource.ts';

/** The Kafka source of a trigger's configuration. */
export function kafkaSource(config: JsonObject): JsonObject {
  return objectAt(objectAt(objectAt(config, 'eventSourceConfig'), 'eventSourceParameters'), 'sourceKafkaParameters');
}

/** Throws `CloudError` for values that no account may give: https://www.alibabacloud.com/help/en/functioncompute/fc/advanced-features-of-triggers */
export function checkTriggerConfig(config: JsonObject, generation: Generation): void {
  checkSource(kafkaSource(config));
  checkDelivery(objectAt(objectAt(config, 'eventSinkConfig'), 'deliveryOption'));
  const options = objectAt(config, 'runOptions');
  if (generation === '2.0') integerAt(options, 'maximumTasks', 1, 1, Number.MAX_SAFE_INTEGER);
  checkRunOptions(options);
}

function checkSource(source: JsonObject): void {
  for (const field of ['InstanceId', 'Topic', 'ConsumerGroup']) {
    if (!textAt(source, field)) throw invalid(`sourceKafkaParameters.${field} is required`);
  }
  oneOf(source, 'OffsetReset', ['latest', 'earliest']);
  oneOf(source, 'Network', ['Default', 'PublicNetwork']);
}

function checkRunOptions(options: JsonObject): void {
  if (options.mode !== 'event-streaming') throw invalid('runOptions.mode must be event-streaming for Kafka');
  oneOf(options, 'errorsTolerance', ['NONE', 'ALL']);
  oneOf(objectAt(options, 'retryStrategy'), 'PushRetryStrategy', ['BACKOFF_RETRY', 'EXPONENTIAL_DECAY_RETRY']);
  const window = objectAt(options, 'batchWindow');
  integerAt(window, 'CountBasedWindow', 100, 1, 10_000);
  integerAt(window, 'TimeBasedWindow', 0, 0, 15);
  if (options.deadLetterQueue === undefined) return;
  if (options.errorsTolerance !== 'ALL') throw invalid('deadLetterQueue needs errorsTolerance ALL');
  checkDeadLetterQueue(objectAt(options, 'deadLetterQueue'));
}

function checkDeadLetterQueue(queue: JsonObject): void {
  try {
    deadLetterTopic(textAt(queue, 'Arn') ?? '');
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
}

function checkDelivery(option: JsonObject): void {
  oneOf(option, 'eventSchema', ['CloudEvents', 'RawData']);
  integerAt(option, 'concurrency', 1, 1, 300);
}

function oneOf(parent: JsonObject, field: string, allowed: readonly string[]): void {
  const value = parent[field];
  if (value !== undefined && !(typeof value === 'string' && allowed.includes(value))) {
    throw invalid(`${field} ${JSON.stringify(value)} must be ${allowed.join(' or ')}`);
  }
}
