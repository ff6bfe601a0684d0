import type { Message, Producer } from 'kafkajs';
import { maxTopicLength } from '../../../shared/position.ts';
import type { Settings } from '../../../shared/settings.ts';
import { textOf } from '../decode.ts';
import { isTimestamp } from '../document.ts';
import type { ErrorRecord } from '../operation.ts';
import { brokerErrorType, withKafka } from './connection.ts';
import { intoRequests, withProducer } from './producer.ts';

/** An error record may be there twice: its headers tell what it is of. */
const retries = 5;
const prefix = '__connect.errors.';

/**
 * Sends records that can never be written to `ERROR_DATA_TOPIC`, as Kafka Connect sends them to a dead letter queue: with their own key, value and
 * timestamp, and what happened in headers. Resolves only when all replicas have all of them.
 *
 * Source: https://github.com/apache/kafka/blob/trunk/connect/runtime/src/main/java/org/apache/kafka/connect/runtime/errors/DeadLetterQueueReporter.java
 */
export async function sendErrorRecords(settings: Settings, limitMs: number, topic: string, records: readonly ErrorRecord[]): Promise<void> {
  const messages = records.map((record) => messageOf(record, settings.CONNECTOR_NAME));
  await withKafka(settings, limitMs, (connection) =>
    withProducer(connection, { retries }, async (producer) => {
      for (const request of intoRequests(messages)) await send(producer, topic, request);
    }),
  );
}

/** What the topic does not take for its size goes in halves, and at last without its value, or even its key. */
async function send(producer: Producer, topic: string, messages: readonly Message[]): Promise<void> {
  const [alone, another] = messages;
  try {
    await producer.send({ topic, messages: [...messages], acks: -1 });
  } catch (error) {
    if (!alone || !isTooLarge(error)) throw error;
    if (!another) return send(producer, topic, [shortened(alone, error)]);
    const middle = Math.ceil(messages.length / 2);
    await send(producer, topic, messages.slice(0, middle));
    await send(producer, topic, messages.slice(middle));
  }
}

function isTooLarge(error: unknown): boolean {
  const errorType = brokerErrorType(error);
  return errorType === 'MESSAGE_TOO_LARGE' || errorType === 'RECORD_LIST_TOO_LARGE';
}

/** Throws the error for a message that has nothing to leave out. */
function shortened(message: Message, error: unknown): Message {
  if (message.value !== null) return { ...message, value: null, headers: { ...message.headers, valueOmitted: 'true' } };
  if (message.key !== null) return { ...message, key: null, headers: { ...message.headers, keyOmitted: 'true' } };
  throw error;
}

function messageOf({ element, type, reason }: ErrorRecord, connectorName: string): Message {
  const { partition, offset, topic = '' } = element.position;
  const record = element.kind === 'record' ? element : undefined;
  const value = record ? record.value : textOf(element.json);
  return {
    key: record?.key ?? null,
    value: value ?? null,
    ...(isTimestamp(record?.timestamp) && { timestamp: String(record?.timestamp) }),
    headers: {
      [`${prefix}topic`]: topic.slice(0, maxTopicLength),
      [`${prefix}partition`]: String(partition ?? ''),
      [`${prefix}offset`]: String(offset ?? ''),
      [`${prefix}connector.name`]: connectorName,
      // A function has no tasks of its own.
      [`${prefix}task.id`]: '0',
      [`${prefix}stage`]: 'TASK_PUT',
      [`${prefix}class.name`]: 'kafka-elasticsearch-sink',
      [`${prefix}exception.class.name`]: type,
      [`${prefix}exception.message`]: reason,
      [`${prefix}exception.stacktrace`]: `${type}: ${reason}`,
    },
  };
}
