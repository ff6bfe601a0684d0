import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Kafka, KafkaMessage } from 'kafkajs';

/** Where a query begins, partition by partition. */
export type Start = { readonly partition: number; readonly offset: string };

const shownBytes = 1024;
const maxMessages = 10;
const readLimitMs = 1500;

/** Up to 10 messages from there on, each shown to at most 1 KB: https://help.aliyun.com/document_detail/113172.html */
export async function queryMessages(kafka: Kafka, topic: string, starts: readonly Start[]): Promise<object[]> {
  const groupId = `query-message-${randomUUID()}`;
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
  const found: object[] = [];
  const full = new AbortController();
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message }) => {
        const start = starts.find((candidate) => candidate.partition === partition);
        if (!start || Number(message.offset) < Number(start.offset) || full.signal.aborted) return;
        found.push(shown(topic, partition, message));
        if (found.length === maxMessages) full.abort();
      },
    });
    for (const start of starts) consumer.seek({ topic, ...start });
    await sleep(readLimitMs, undefined, { signal: full.signal }).catch(() => undefined);
    return found;
  } finally {
    await consumer.disconnect();
    const admin = kafka.admin();
    await admin.deleteGroups([groupId]).catch(() => undefined);
    await admin.disconnect();
  }
}

function shown(topic: string, partition: number, { key, value, offset, timestamp }: KafkaMessage): object {
  return {
    Topic: topic,
    Partition: partition,
    Offset: Number(offset),
    Timestamp: Number(timestamp),
    TimestampType: 'CreateTime',
    Key: cut(key).toString(),
    KeyTruncated: (key?.length ?? 0) > shownBytes,
    SerializedKeySize: key?.length ?? -1,
    TruncatedKeySize: cut(key).length,
    Value: cut(value).toString(),
    ValueTruncated: (value?.length ?? 0) > shownBytes,
    SerializedValueSize: value?.length ?? -1,
    TruncatedValueSize: cut(value).length,
  };
}

function cut(bytes: Buffer | null): Buffer {
  return (bytes ?? Buffer.alloc(0)).subarray(0, shownBytes);
}
