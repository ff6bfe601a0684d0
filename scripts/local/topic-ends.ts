import { setTimeout as sleep } from 'node:timers/promises';
import type { Admin } from 'kafkajs';

const attempts = 25;
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
