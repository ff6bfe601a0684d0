import type { KafkaMessage } from 'kafkajs';
import type { Position } from '../../../shared/position.ts';
import { encode } from '../byte-string.ts';
import { connectorRecord, jsonOf } from '../connector-record.ts';
import type { Record } from '../record.ts';

/** What a record is, beside its position; a timestamp that is left out is not known. */
export interface RecordContent {
  readonly key: string | null | undefined;
  readonly value: string | null | undefined;
  readonly timestamp: string | number | undefined;
}

/** The record as the connector sends one. */
export function recordOf(position: Position, { key, timestamp, value }: RecordContent): Record {
  const timestampJson = timestamp === undefined ? undefined : encode(String(timestamp));
  return connectorRecord({ position, keyJson: jsonOf(key ?? undefined), timestampJson }, value ?? undefined);
}

/** A message of the source topic as the trigger would deliver it, in which what is not UTF-8 becomes U+FFFD. */
export function contentOf({ key, timestamp, value }: Pick<KafkaMessage, 'key' | 'timestamp' | 'value'>): RecordContent {
  return { key: key?.toString(), timestamp, value: value?.toString() };
}
