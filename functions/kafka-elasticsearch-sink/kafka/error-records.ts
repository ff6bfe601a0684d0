import type { Message, Producer } from 'kafkajs';
import { maxTopicLength } from '../../../shared/position.ts';
import type { Settings } from '../../../shared/settings.ts';
import { decodeText } from '../byte-string.ts';
import { isTimestamp } from '../document.ts';
import type { ErrorRecord } from '../operation.ts';
import { brokerErrorType, withKafka } from './connection.ts';
import { intoRequests, withProducer } from './producer.ts';

/** Requests may be retried, since an error record may be there twice: its headers tell which record it is of. */
const retries = 5;
const headerPrefix = '__connect.errors.';

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

/** Sends messages; those that the topic does not take for their size go in halves, and at last without their value, or even their key. */
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

/** The message without its value, or its key; throws the error where it has neither. */
function shortened(message: Message, error: unknown): Message {
  if (message.value !== null) return { ...message, value: null, headers: { ...message.headers, valueOmitted: 'true' } };
  if (message.key !== null) return { ...message, key: null, headers: { ...message.headers, keyOmitted: 'true' } };
  throw error;
}

function messageOf({ element, type, reason }: ErrorRecord, connectorName: string): Message {
  const { partition, offset, topic = '' } = element.position;
  const record = element.kind === 'record' ? element : undefined;
  const value = record ? record.value : decodeText(element.json);
  return {
    key: record?.key ?? null,
    value: value ?? null,
    ...(isTimestamp(record?.timestamp) && { timestamp: String(record?.timestamp) }),
    headers: {
      [`${headerPrefix}topic`]: topic.slice(0, maxTopicLength),
      [`${headerPrefix}partition`]: String(partition ?? ''),
      [`${headerPrefix}offset`]: String(offset ?? ''),
      [`${headerPrefix}connector.name`]: connectorName,
      // A function has no tasks of its own.
      [`${headerPrefix}task.id`]: '0',
      [`${headerPrefix}stage`]: 'TASK_PUT',
      [`${headerPrefix}class.name`]: 'kafka-elasticsearch-sink',
      [`${headerPrefix}exception.class.name`]: type,
      [`${headerPrefix}exception.message`]: reason,
      [`${headerPrefix}exception.stacktrace`]: `${type}: ${reason}`,
      ...(record?.isOverflow && { valueOmitted: 'true' }),
      ...(record && !isTimestamp(record.timestamp) && { timestampOmitted: 'true' }),
    },
  };
}
