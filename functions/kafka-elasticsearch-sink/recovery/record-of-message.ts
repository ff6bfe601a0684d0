import type { KafkaMessage } from 'kafkajs';
import type { Position } from '../../../shared/position.ts';
import { type ByteString, concat, encode, nothing } from '../byte-string.ts';
import { connectorFormat } from '../document.ts';
import { Record } from '../record.ts';

/** What a record is, beside its position; a timestamp that is left out is not known. */
export interface RecordContent {
  readonly key: string | null | undefined;
  readonly value: string | null | undefined;
  readonly timestamp: string | number | undefined;
}

/** The record as the connector sends one. */
export function recordOf(position: Position, { key, timestamp, value }: RecordContent): Record {
  const members = {
    position,
    keyJson: jsonOf(key),
    valueJson: jsonOf(value),
    timestampJson: timestamp === undefined ? undefined : encode(String(timestamp)),
  };
  const json = concat(connectorFormat(nothing, { ...members, valueSize: value?.length ?? 0 }, nothing));
  return new Record({ ...members, json, isConnectorFormat: true, isOverflow: false });
}

/** A message of the source topic as the trigger would deliver it, in which what is not UTF-8 becomes U+FFFD. */
export function contentOf({ key, timestamp, value }: Pick<KafkaMessage, 'key' | 'timestamp' | 'value'>): RecordContent {
  return { key: key?.toString(), timestamp, value: value?.toString() };
}

function jsonOf(text: string | null | undefined): ByteString | undefined {
  return text === null || text === undefined ? undefined : encode(JSON.stringify(text));
}
