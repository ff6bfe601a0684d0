import { isUtf8 } from 'node:buffer';
import { Failure } from '../../shared/errors.ts';
import { type Position, parseOffset } from '../../shared/position.ts';
import { type ByteString, fromByteString, toByteString } from './byte-string.ts';
import { compact, type ObjectMembers, scanArray, scanObject } from './json-scanner.ts';

/** One record of an event. */
export interface Record {
  readonly kind: 'record';
  readonly position: Position;
  readonly key: string | undefined;
  /** The value's text; undefined: a null value, or one that is not in the event. */
  readonly value: string | undefined;
  /** In ms since 1970, when it is a number at all. */
  readonly timestamp: number | undefined;
  /** The value was too large for the event and is not in it. */
  readonly isOverflow: boolean;
  /** The element of the event, or the text that it held, on one line. */
  readonly json: ByteString;
  /** The connector's own format: the element is the record. Otherwise the Kafka trigger's: `data` of a CloudEvent, or that alone. */
  readonly isConnector: boolean;
  /** The value was not a text there, but parsed JSON. */
  readonly isJsonValue: boolean;
  readonly traits: Traits;
}

/** What is known of a whole event, and saves a closer look at each record; looked for when first needed, as most settings never do. */
class Traits {
  readonly #json: ByteString;
  #areTimestampsIntegers: boolean | undefined;
  #areNamesPlain: boolean | undefined;

  constructor(json: ByteString) {
    this.#json = json;
  }

  /** No timestamp has a fraction or an exponent, which JavaScript would write otherwise. */
  get areTimestampsIntegers(): boolean {
    this.#areTimestampsIntegers ??= !/"timestamp"\s*:\s*-?\d+[.eE]/.test(this.#json);
    return this.#areTimestampsIntegers;
  }

  /** No name is written with the escape of a letter. */
  get areNamesPlain(): boolean {
    this.#areNamesPlain ??= !this.#json.includes('\\u00');
    return this.#areNamesPlain;
  }
}

/** An element of the event that is no record; its position as far as it can be read. */
interface BadElement {
  readonly kind: 'bad';
  readonly position: Partial<Position>;
  readonly json: ByteString;
  readonly reason: string;
}

export type Element = Record | BadElement;

/** Work that `s` asks for, instead of records: `{"command": …}`. */
export interface Command {
  readonly command: string;
  readonly [argument: string]: unknown;
}

interface Members {
  readonly [name: string]: unknown;
}

/**
 * Reads an event: a JSON array of records in any of the formats that the Kafka trigger and the Function Compute sink connector send,
 * told apart element by element, or a command. Throws `EventInvalid` for anything else; one bad element is a value, not an error.
 *
 * Sources: https://help.aliyun.com/zh/functioncompute/fc/user-guide/formats-of-event-for-different-triggers,
 * https://github.com/AliwareMQ/aliyun-kafka-connectors/tree/master/kafka-connect-fc
 */
export function decode(event: Buffer): Element[] | Command {
  if (!isUtf8(event)) throw new Failure('EventInvalid', `the event, ${event.length} bytes, is not valid UTF-8`);
  const text = event.toString();
  const parsed = parseEvent(text);
  if (!Array.isArray(parsed)) return asCommand(parsed, event.length);
  // ASCII is its own bytes.
  const json = onOneLine(text.length === event.length ? text : event.toString('latin1'));
  const elements = scanArray(json, parsed.length, parsed.every(hasMembers));
  if (elements.length !== parsed.length) throw new Error(`found ${elements.length} elements in an array of ${parsed.length}`);
  const traits = new Traits(json);
  return elements.map((element, index) => decodeElement(parsed[index], element, traits));
}

/** Whether the event was a command. */
export function isCommand(decoded: Element[] | Command): decoded is Command {
  return !Array.isArray(decoded);
}

function parseEvent(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, and with it a record's content.
    throw new Failure('EventInvalid', `the event, ${text.length} characters, is not JSON`);
  }
}

function asCommand(parsed: unknown, length: number): Command {
  if (isObject(parsed) && typeof parsed.command === 'string') return parsed as Command;
  throw new Failure('EventInvalid', `the event, ${length} bytes, is not a JSON array of records, nor a command`);
}

function decodeElement(element: unknown, json: ByteString, traits: Traits): Element {
  if (typeof element === 'string') return decodeText(element, json);
  if (!isObject(element)) return { kind: 'bad', position: {}, json, reason: 'is not an object' };
  if (isObject(element.data)) return decodeTrigger(element.data, json, traits);
  const isConnector = 'overflowFlag' in element || 'valueSize' in element;
  return isConnector ? decodeConnector(element, json, traits) : decodeTrigger(element, json, traits);
}

/** What the trigger sent before 2023-02-15: each element a JSON text. */
function decodeText(text: string, json: ByteString): Element {
  try {
    const parsed: unknown = JSON.parse(text);
    const own = onOneLine(toByteString(text.trim()));
    if (isObject(parsed)) return decodeElement(parsed, own, new Traits(own));
  } catch {
    // Falls through: a text that is not JSON is no better than one that is no object.
  }
  return { kind: 'bad', position: {}, json, reason: 'is a text that holds no JSON object' };
}

function decodeConnector(element: Members, json: ByteString, traits: Traits): Element {
  const { key, value } = element;
  const position = positionOf(element, json);
  const fault = positionFault(position) ?? (isTextOrNull(value) ? keyFault(key) : '`value` is not a text');
  if (fault) return { kind: 'bad', position, json, reason: fault };
  const isOverflow = element.overflowFlag === true;
  return {
    kind: 'record',
    position: position as Position,
    key: textOrNone(key),
    value: isOverflow ? undefined : textOrNone(value),
    timestamp: numberOrNone(element.timestamp),
    isOverflow,
    json,
    isConnector: true,
    isJsonValue: false,
    traits,
  };
}

/** `data` of a CloudEvent, or the whole element. */
function decodeTrigger(data: Members, json: ByteString, traits: Traits): Element {
  const { key, value } = data;
  const position = positionOf(data, json);
  const fault = positionFault(position) ?? keyFault(key);
  if (fault) return { kind: 'bad', position, json, reason: fault };
  const isJsonValue = !isTextOrNull(value);
  return {
    kind: 'record',
    position: position as Position,
    key: textOrNone(key),
    value: isJsonValue ? fromByteString(compact(membersOf(json).value ?? '')) : textOrNone(value),
    timestamp: numberOrNone(data.timestamp),
    isOverflow: false,
    json,
    isConnector: false,
    isJsonValue,
    traits,
  };
}

/** The record's members: of `data`, or of the element itself. */
export function membersOf(json: ByteString): ObjectMembers {
  const element = scanObject(json);
  return element.data ?? element;
}

/** As far as it can be read. */
function positionOf({ topic, partition, offset }: Members, json: ByteString): Partial<Position> {
  const exact = isCount(offset) ? offset : exactOffset(offset, json);
  if (typeof topic === 'string' && topic !== '' && isCount(partition) && exact !== undefined) return { topic, partition, offset: exact };
  return {
    ...(typeof topic === 'string' && topic !== '' && { topic }),
    ...(isCount(partition) && { partition }),
    ...(exact !== undefined && { offset: exact }),
  };
}

/** Beyond 2^53, where two offsets would become one number, and so one document. */
function exactOffset(offset: unknown, json: ByteString): number | bigint | undefined {
  const digits = typeof offset === 'number' ? (membersOf(json).offset ?? '') : '';
  return /^\d{16,19}$/.test(digits) ? parseOffset(digits) : undefined;
}

function positionFault({ topic, partition, offset }: Partial<Position>): string | undefined {
  if (topic === undefined) return '`topic` is not a text with at least one character';
  if (partition === undefined) return '`partition` is not an integer of 0 or more';
  return offset === undefined ? '`offset` is not an integer of 0 or more' : undefined;
}

function keyFault(key: unknown): string | undefined {
  return isTextOrNull(key) ? undefined : '`key` is not a text';
}

function isTextOrNull(value: unknown): boolean {
  return typeof value === 'string' || value === undefined || value === null;
}

function textOrNone(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function numberOrNone(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function hasMembers(value: unknown): boolean {
  if (!isObject(value)) return false;
  for (const _ in value) return true;
  return false;
}

/** A JSON object, no array. */
export function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A raw line break, which would end a line of the bulk body, is white space wherever JSON allows it: a text holds it escaped. */
export function onOneLine(json: string): string {
  return json.includes('\n') || json.includes('\r') ? json.replace(/[\n\r]/g, ' ') : json;
}
