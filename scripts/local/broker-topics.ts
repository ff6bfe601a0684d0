import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin, ITopicConfig } from 'kafkajs';

const attempts = 100;
const pauseMs = 200;

/** First and next offset of each partition. A partition of a topic just made may have no leader yet, which kafkajs does not wait for here. */
export async function topicEnds(admin: Admin, topic: string): ReturnType<Admin['fetchTopicOffsets']> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await admin.fetchTopicOffsets(topic);
    } catch (error) {
      const isRetriable = error instanceof Error && 'retriable' in error && error.retriable === true;
      if (!isRetriable || attempt === attempts) throw error;
      await sleep(pauseMs);
    }
  }
}

/** Makes a topic, whose partitions may have no leaders yet; resolves to whether the broker did not have it. */
export async function makeTopic(admin: Admin, topic: ITopicConfig): Promise<boolean> {
  // kafkajs's own wait for leaders fails on a busy machine, when the topic has been made already: `topicEnds` waits for them.
  return admin.createTopics({ topics: [topic], waitForLeaders: false });
}
