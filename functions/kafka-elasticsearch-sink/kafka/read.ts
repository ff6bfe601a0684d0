import type { KafkaMessage } from 'kafkajs';
import Cluster from 'kafkajs/src/cluster/index.js';
import type { Position } from '../../../shared/position.ts';
import type { Settings } from '../../../shared/settings.ts';
import { DecompressionFailed, registerCodecs } from './codecs.ts';
import { answerOf, type Connection, withKafka } from './connection.ts';

/** What has been delivered is committed. */
const readUncommitted = 0;
const metadataMaxAge = 300_000;
/** The broker sends at least one batch of records, however large it is. */
const maxBytes = 1;
const maxWaitTime = 500;

/** What stands at a position, or why nothing does that can be read. */
export type Found = KafkaMessage | { readonly missing: string };

/**
 * Reads records by their positions, in no consumer group: groups must exist beforehand in ApsaraMQ, and the trigger's is its own. Resolves to one
 * answer a position; throws `KafkaUnavailable`.
 */
export async function readRecords(settings: Settings, limitMs: number, positions: readonly Position[]): Promise<Found[]> {
  registerCodecs();
  return withKafka(settings, limitMs, async ({ config, kafka }: Connection) => {
    const cluster = new Cluster({ ...config, logger: kafka.logger(), metadataMaxAge, allowAutoTopicCreation: false });
    await cluster.connect();
    const found: Found[] = [];
    for (const position of positions) found.push(await read(cluster, position));
    return found;
  });
}

const notThere: Found = { missing: 'it is not in the topic, or not any more' };
/** Answers that no later attempt would change; that a topic is unknown is also said by a broker that has just started. */
const absent = ['OFFSET_OUT_OF_RANGE', 'INVALID_TOPIC_EXCEPTION'];

async function read(cluster: Cluster, position: Position): Promise<Found> {
  try {
    return (await fetch(cluster, position)) ?? notThere;
  } catch (error) {
    if (absent.includes(answerOf(error) ?? '')) return notThere;
    if (error instanceof DecompressionFailed) return { missing: error.message };
    throw error;
  }
}

async function fetch(cluster: Cluster, { topic, partition, offset }: Position): Promise<KafkaMessage | undefined> {
  await cluster.addTargetTopic(topic);
  const [nodeId] = Object.keys(cluster.findLeaderForPartitions(topic, [partition]));
  if (nodeId === undefined) return undefined;
  const broker = await cluster.findBroker({ nodeId });
  const partitions = [{ partition, fetchOffset: String(offset), maxBytes }];
  const answer = await broker.fetch({
    topics: [{ topic, partitions }],
    maxBytes,
    minBytes: 1,
    maxWaitTime,
    isolationLevel: readUncommitted,
  });
  const messages = answer.responses.flatMap((response) => response.partitions.flatMap((one) => one.messages));
  // A batch begins where it was made, which may be before the record.
  return messages.find((message) => message.offset === String(offset));
}
