import type { Message } from 'kafkajs';
import type { Settings } from '../../../shared/settings.ts';
import { withKafka } from './connection.ts';
import { withProducer } from './producer.ts';

const retries = 5;

/** Sends a message to a partition, perhaps twice; resolves when all replicas have it. Throws `KafkaUnavailable`. */
export async function sendToPartition(
  settings: Settings,
  limitMs: number,
  topic: string,
  message: Message & { readonly partition: number },
): Promise<void> {
  await withKafka(settings, limitMs, (connection) =>
    withProducer(connection, { retries }, (producer) => producer.send({ topic, messages: [message], acks: -1 })),
  );
}
