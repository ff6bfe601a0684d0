import type { Transport } from '@elastic/transport';
import type { Settings } from '../../shared/settings.ts';
import { decode } from './decode.ts';
import { bulk } from './elasticsearch/bulk.ts';
import type { Log } from './log.ts';
import { map } from './map.ts';
import { type Result, settle } from './settle.ts';

/** Moves the records of one event into Elasticsearch: decode, map, write, settle. Resolves only when every record is written. */
export async function deliver(event: Buffer, settings: Settings, transport: Transport, log: Log): Promise<Result> {
  const records = decode(event);
  const operations = records.map((record) => map(record, settings.ES_INDEX));
  const outcomes = await bulk(transport, operations);
  return settle(outcomes, log);
}
