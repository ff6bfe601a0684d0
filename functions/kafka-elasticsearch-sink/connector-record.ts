import { type ByteString, concat, encode, nothing } from './byte-string.ts';
import { connectorFormat } from './document.ts';
import { Record } from './record.ts';

type Members = Pick<Record, 'keyJson' | 'position' | 'timestampJson'>;

/** A record as the connector sends one whose value fits in the event; a value that is undefined is null. `origin`: the record as it came without it. */
export function connectorRecord({ keyJson, position, timestampJson }: Members, value: string | undefined, origin?: Record): Record {
  const members = { keyJson, position, timestampJson, valueJson: jsonOf(value) };
  const json = concat(connectorFormat(nothing, { ...members, valueSize: value?.length ?? 0 }, nothing));
  return new Record({ ...members, json, isConnectorFormat: true, isOverflow: false, ...(origin && { origin }) });
}

/** A text as JSON; undefined where there is none. */
export function jsonOf(text: string | undefined): ByteString | undefined {
  return text === undefined ? undefined : encode(JSON.stringify(text));
}
