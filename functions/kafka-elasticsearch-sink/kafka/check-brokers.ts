import type { FunctionCheck } from '../../../shared/commands.ts';
import { Failure, failures } from '../../../shared/errors.ts';
import type { Settings } from '../../../shared/settings.ts';
import { withKafka } from './connection.ts';

/** Whether the brokers respond and have the topics that the function reads or writes, looked up within `limitMs`; changes nothing. */
export async function checkBrokers(settings: Settings, limitMs: number): Promise<FunctionCheck[]> {
  const { ERROR_DATA_TOPIC, KAFKA_BOOTSTRAP_SERVERS = [], SOURCE_TOPIC } = settings;
  const wanted = [
    ...(SOURCE_TOPIC === undefined ? [] : [{ name: 'source topic', topic: SOURCE_TOPIC }]),
    ...(ERROR_DATA_TOPIC === undefined ? [] : [{ name: 'error destination', topic: ERROR_DATA_TOPIC }]),
  ];
  try {
    return await withKafka(settings, limitMs, async ({ kafka }) => {
      const admin = kafka.admin();
      await admin.connect();
      const topics = await admin.listTopics();
      const reached: FunctionCheck = { name: 'brokers', ok: true, detail: `${KAFKA_BOOTSTRAP_SERVERS.join(',')} answer` };
      return [reached, ...wanted.map(({ name, topic }) => checkTopic(name, topic, topics))];
    });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    const { remedy } = failures[error.name];
    return [{ name: 'brokers', ok: false, detail: error.message.replace(`; ${remedy}`, ''), fix: remedy }];
  }
}

function checkTopic(name: string, topic: string, topics: readonly string[]): FunctionCheck {
  if (topics.includes(topic))
    return { name, ok: true, detail: `the topic ${topic} is there; whether the user may write to it is not asked` };
  return { name, ok: false, detail: `the topic ${topic} is not there, or not for this user`, fix: `make ${topic}, or let the user see it` };
}
