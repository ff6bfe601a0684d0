import type { Kafka } from 'kafkajs';
import { deadLetterTopic, type StreamConfig } from './config.ts';
import { encodeEvent, type StreamRecord } from './encode.ts';

/** Hands records that could not be delivered to the dead-letter queue, or, without one, discards them and says so. Throws when the queue takes them not. */
export async function giveUp(kafka: Kafka, records: readonly StreamRecord[], config: StreamConfig): Promise<void> {
  const { deadLetterQueue, onWarning, Topic, unconfirmed } = config;
  const [first] = records;
  if (!deadLetterQueue) {
    onWarning(
      `${records.length} records are discarded, the first of them ${Topic}+${first?.partition}+${first?.offset}: there is no dead-letter queue`,
    );
    return;
  }
  const wholeEvent = [{ value: encodeEvent(records) }];
  const elements = records.map(({ key, text }) => ({ key, value: text }));
  const producer = kafka.producer({ retry: { retries: 3 } });
  await producer.connect();
  try {
    await producer.send({
      topic: deadLetterTopic(deadLetterQueue.Arn),
      messages: unconfirmed.deadLetter === 'event' ? wholeEvent : elements,
    });
  } finally {
    await producer.disconnect();
  }
}
