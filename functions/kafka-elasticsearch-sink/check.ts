import type { CheckResponse, FunctionCheck } from '../../shared/commands.ts';
import { checkElasticsearch } from './elasticsearch/check-elasticsearch.ts';
import type { Session } from './elasticsearch/session.ts';
import type { InvocationContext } from './invocation-context.ts';
import type { Mapper } from './map.ts';

/** Looks at everything that a delivery and the other commands need, from where the function is, and changes nothing. */
export async function check(session: Session, mapper: Mapper): Promise<CheckResponse> {
  const settings: FunctionCheck = { name: 'settings', ok: true, detail: 'all settings are allowed' };
  const elasticsearch = await checkElasticsearch(session, sampleIndex(session, mapper));
  return { checks: [settings, ...elasticsearch, ...(await checkKafka(session)), ...checkErrorDestination(session)] };
}

/** The index that a record of now would go to; undefined: nobody knows its topic. */
function sampleIndex({ settings }: InvocationContext, mapper: Mapper): string | undefined {
  const { ES_INDEX, SOURCE_TOPIC } = settings;
  if (ES_INDEX.parts.some(({ kind }) => kind === 'topic') && !SOURCE_TOPIC) return undefined;
  const index = mapper.indexOf({ position: { topic: SOURCE_TOPIC ?? '', partition: 0, offset: 0 }, timestamp: Date.now() });
  return typeof index === 'string' ? index : undefined;
}

async function checkKafka({ deadline, settings }: InvocationContext): Promise<FunctionCheck[]> {
  if (settings.KAFKA_BOOTSTRAP_SERVERS !== undefined) return (await import('./kafka/index.ts')).checkBrokers(settings, deadline.leftMs / 4);
  const detail = 'KAFKA_BOOTSTRAP_SERVERS is not set: delivery needs no broker, but test messages do';
  return [{ name: 'brokers', ok: null, detail, fix: 'set it where the function reaches the brokers' }];
}

function checkErrorDestination({ settings: { ERROR_DATA_TOPIC, ERROR_INDEX } }: InvocationContext): FunctionCheck[] {
  if (ERROR_DATA_TOPIC !== undefined || ERROR_INDEX !== undefined) return [];
  const detail = 'none is set: rejected records are only named in the log';
  return [{ name: 'error destination', ok: null, detail, fix: 'set ERROR_DATA_TOPIC or ERROR_INDEX' }];
}
