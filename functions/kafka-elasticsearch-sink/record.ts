import type { Position } from '../../shared/position.ts';
import { type ByteString, decodeText, lengthOfText } from './byte-string.ts';
import { compact } from './json-scanner.ts';

/** A record of an event: its position, and its members' JSON as it stands in the event; what a member means is decoded when it is read, by a getter. */
export class Record {
  readonly kind = 'record';
  readonly position: Position;
  /** The element of the event, or the JSON that its text held; without line breaks. */
  readonly json: ByteString;
  /** Whether the element is in the format of the Function Compute sink connector, where it is the record itself. Otherwise it is in the Kafka trigger's: `data` of a CloudEvent, or that alone. */
  readonly isConnectorFormat: boolean;
  /** The value was too large for the event and is not in it. */
  readonly isOverflow: boolean;
  readonly keyJson: ByteString | undefined;
  /** The value's JSON; it is undefined for a null value, and for one that is not in the event. */
  readonly valueJson: ByteString | undefined;
  readonly timestampJson: ByteString | undefined;
  readonly headersJson: ByteString | undefined;
  /** The record as it came, of one whose value was not in the event and has been fetched. */
  readonly origin: Record | undefined;

  constructor({ position, json, isConnectorFormat, isOverflow, keyJson, valueJson, timestampJson, headersJson, origin }: RecordParts) {
    this.position = position;
    this.json = json;
    this.isConnectorFormat = isConnectorFormat;
    this.isOverflow = isOverflow;
    this.keyJson = isNull(keyJson) ? undefined : keyJson;
    this.valueJson = isOverflow || isNull(valueJson) ? undefined : valueJson;
    this.timestampJson = isNull(timestampJson) ? undefined : timestampJson;
    this.headersJson = isNull(headersJson) ? undefined : headersJson;
    this.origin = origin;
  }

  get key(): string | undefined {
    return this.keyJson && parseText(this.keyJson);
  }

  /** Whether the value was not a text in the event, but parsed JSON. */
  get isJsonValue(): boolean {
    return this.valueJson !== undefined && !this.valueJson.startsWith('"');
  }

  /** The value's text; undefined for a null value, and for one that is not in the event. */
  get value(): string | undefined {
    if (this.valueJson === undefined) return undefined;
    return this.isJsonValue ? decodeText(compact(this.valueJson)) : parseText(this.valueJson);
  }

  /** The length of the value's text, in UTF-16 code units. */
  get valueSize(): number {
    if (this.valueJson === undefined) return 0;
    return this.isJsonValue ? (this.value?.length ?? 0) : unescapedLength(this.valueJson);
  }

  /** The timestamp in ms since 1970, when it is a number at all. */
  get timestamp(): number | undefined {
    const timestamp = Number(this.timestampJson ?? '"');
    return Number.isNaN(timestamp) ? undefined : timestamp;
  }
}

type RecordParts = Omit<Partial<Record>, 'position'> & Pick<Record, 'position' | 'json' | 'isConnectorFormat' | 'isOverflow'>;

/** An element of the event that is no record; its position as far as it can be read. */
interface BadElement {
  readonly kind: 'bad';
  readonly position: Partial<Position>;
  readonly json: ByteString;
  readonly reason: string;
}

export type Element = Record | BadElement;

/** Whether a text has half of a surrogate pair, which UTF-8 cannot hold: all of them become the same replacement character. */
export function hasHalfCharacter(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}

/** Decodes a JSON text. */
export function parseText(json: ByteString): string {
  return json.includes('\\') ? JSON.parse(decodeText(json)) : decodeText(json).slice(1, -1);
}

/** The length of the text that a JSON text stands for, without making it. */
function unescapedLength(json: ByteString): number {
  let length = lengthOfText(json) - 2;
  for (let escaped = json.indexOf('\\'); escaped !== -1; ) {
    const escapeLength = json.startsWith('u', escaped + 1) ? 6 : 2;
    length -= escapeLength - 1;
    escaped = json.indexOf('\\', escaped + escapeLength);
  }
  return length;
}

function isNull(json: ByteString | undefined): boolean {
  return json === 'null';
}
