import { type Check, checkElasticsearch } from './elasticsearch/readiness.ts';
import type { Session } from './elasticsearch/session.ts';
import type { Mapper } from './map.ts';

/** Looks at everything that a delivery and the other commands need, from where the function is, and changes nothing. */
export async function check(session: Session, mapper: Mapper): Promise<{ readonly checks: readonly Check[] }> {
  const settings: Check = { name: 'settings', ok: true, detail: 'all settings are allowed' };
  return { checks: [settings, ...(await checkElasticsearch(session, mapper)), ...(await checkBrokers(session)), ...destination(session)] };
}

async function checkBrokers(session: Session): Promise<Check[]> {
  if (session.settings.KAFKA_BOOTSTRAP_SERVERS !== undefined) return (await import('./kafka/index.ts')).checkKafka(session);
  const detail = 'KAFKA_BOOTSTRAP_SERVERS is not set: delivery needs no broker, but test messages do';
  return [{ name: 'brokers', ok: null, detail, fix: 'set it where the function reaches the brokers' }];
}

function destination({ settings: { ERROR_DATA_TOPIC, ERROR_INDEX } }: Session): Check[] {
  if (ERROR_DATA_TOPIC !== undefined || ERROR_INDEX !== undefined) return [];
  const detail = 'none is set: rejected records are only named in the log';
  return [{ name: 'error destination', ok: null, detail, fix: 'set ERROR_DATA_TOPIC or ERROR_INDEX' }];
}
