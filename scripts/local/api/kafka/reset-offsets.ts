import type { Admin, Kafka, SeekEntry } from 'kafkajs';
import { CloudError } from '../../cloud-error.ts';
import type { Parameters } from '../acs-product.ts';
import { isObject, parseJson } from '../http.ts';

const times: ReadonlyMap<string, 'end' | 'start'> = new Map([
  ['-1', 'end'],
  ['-2', 'start'],
]);

/** Sets where a group goes on in a topic: https://www.alibabacloud.com/help/en/apsaramq-for-kafka/cloud-message-queue-for-kafka/developer-reference/api-alikafka-2019-09-16-updateconsumeroffset */
export async function resetOffsets(kafka: Kafka, admin: Admin, groupId: string, parameters: Parameters): Promise<void> {
  const topic = parameters.required('Topic');
  const partitions = await seekEntries(admin, topic, parameters);
  const { groups } = await admin.describeGroups([groupId]);
  // No page tells the code; that all consumers must have stopped is told: https://alibabacloud.com/help/en/apsaramq-for-kafka/reset-consumer-offsets
  if (groups.some(({ members }) => members.length > 0)) throw new CloudError(400, 'BIZ_CONSUMER_ONLINE', `${groupId} is read as`);
  await commit(kafka, groupId, topic, partitions);
}

/** The admin's `setOffsets` takes as long as a fetch waits, 5 s, which clients do not wait for. */
async function commit(kafka: Kafka, groupId: string, topic: string, partitions: readonly SeekEntry[]): Promise<void> {
  const consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 100 });
  await consumer.connect();
  try {
    const joined = new Promise<void>((resolve) => consumer.on(consumer.events.GROUP_JOIN, () => resolve()));
    await consumer.subscribe({ topic });
    await consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: async () => undefined });
    await joined;
    await consumer.commitOffsets(partitions.map((entry) => ({ topic, ...entry })));
  } finally {
    await consumer.disconnect();
  }
}

async function seekEntries(admin: Admin, topic: string, parameters: Parameters): Promise<SeekEntry[]> {
  if (parameters.get('ResetType') === 'offset') return requestedOffsets(parameters.required('Offsets'));
  const time = parameters.required('Time');
  const place = times.get(time);
  if (place)
    return (await admin.fetchTopicOffsets(topic)).map(({ partition, high, low }) => ({
      partition,
      offset: place === 'end' ? high : low,
    }));
  const timestamp = Number(time);
  if (!Number.isSafeInteger(timestamp) || timestamp < 0) throw invalid('Time');
  return admin.fetchTopicOffsetsByTimestamp(topic, timestamp);
}

function requestedOffsets(text: string): SeekEntry[] {
  const rows = parseJson(text);
  if (!Array.isArray(rows)) throw invalid('Offsets');
  return rows.map((row: unknown) => {
    const { Partition, Offset } = isObject(row) ? row : {};
    if (!Number.isSafeInteger(Partition) || !Number.isSafeInteger(Offset) || Number(Offset) < 0) throw invalid('Offsets');
    return { partition: Number(Partition), offset: String(Offset) };
  });
}

function invalid(name: string): CloudError {
  return new CloudError(400, 'InvalidParameter', `The specified parameter "${name}" is not valid.`);
}
