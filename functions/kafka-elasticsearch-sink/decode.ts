import { isUtf8 } from 'node:buffer';
import { Failure } from '../../shared/errors.ts';
import { type Position, parseOffset } from '../../shared/position.ts';
import { compact, type ElementSpan, type Span, scanArray, scanElement } from './json-scanner.ts';

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
  readonly origin: Origin;
}

/** Where the record's own bytes stand, on one line, so that they can be copied as they came. */
type Origin =
  /** The connector's own format: the whole record. */
  | { readonly format: 'connector'; readonly json: ElementSpan }
  /** The Kafka trigger's: `data` of a CloudEvent. `isJson`: the value was not a text there, but parsed JSON. */
  | { readonly format: 'trigger'; readonly data: ElementSpan; readonly isJson: boolean };

/** An element of the event that is no record; its position as far as it can be read. */
interface BadElement {
  readonly kind: 'bad';
  readonly position: Partial<Position>;
  readonly json: Span;
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
  const parsed = parseEvent(event);
  if (!Array.isArray(parsed)) return asCommand(parsed, event.length);
  const bytes = onOneLine(event);
  const spans = scanArray(bytes);
  if (spans.length !== parsed.length) throw new Error(`found ${spans.length} elements in an array of ${parsed.length}`);
  return spans.map((span, index) => decodeElement(parsed[index], span));
}

/** Whether the event was a command. */
export function isCommand(decoded: Element[] | Command): decoded is Command {
  return !Array.isArray(decoded);
}

function parseEvent(event: Buffer): unknown {
  try {
    return JSON.parse(event.toString());
  } catch {
    // The parser's own message quotes the text, and with it a record's content.
    throw new Failure('EventInvalid', `the event, ${event.length} bytes, is not JSON`);
  }
}

function asCommand(parsed: unknown, length: number): Command {
  if (isObject(parsed) && typeof parsed.command === 'string') return parsed as Command;
  throw new Failure('EventInvalid', `the event, ${length} bytes, is not a JSON array of records, nor a command`);
}

function decodeElement(element: unknown, span: ElementSpan): Element {
  if (typeof element === 'string') return decodeText(element, span);
  if (!isObject(element)) return { kind: 'bad', position: {}, json: span, reason: 'is not an object' };
  if (isObject(element.data)) return decodeTrigger(element.data, span.data ?? span, span);
  if ('overflowFlag' in element || 'valueSize' in element) return decodeConnector(element, span);
  return decodeTrigger(element, span, span);
}

/** What the trigger sent before 2023-02-15: each element a JSON text. */
function decodeText(text: string, span: Span): Element {
  try {
    const parsed: unknown = JSON.parse(text);
    const bytes = onOneLine(Buffer.from(text.trim()));
    if (isObject(parsed)) return decodeElement(parsed, scanElement(bytes, 0));
  } catch {
    // Falls through: a text that is not JSON is no better than one that is no object.
  }
  return { kind: 'bad', position: {}, json: span, reason: 'is a text that holds no JSON object' };
}

function decodeConnector(element: Members, json: ElementSpan): Element {
  const { key, value, overflowFlag } = element;
  const position = positionOf(element, json);
  const fault = positionFault(position) ?? (isTextOrNull(value) ? keyFault(key) : '`value` is not a text');
  if (fault) return { kind: 'bad', position, json, reason: fault };
  const isOverflow = overflowFlag === true;
  return record(position, element, isOverflow ? undefined : value, isOverflow, { format: 'connector', json });
}

function decodeTrigger(data: Members, span: ElementSpan, whole: Span): Element {
  const position = positionOf(data, span);
  const fault = positionFault(position) ?? keyFault(data.key);
  if (fault) return { kind: 'bad', position, json: whole, reason: fault };
  const isJson = !isTextOrNull(data.value);
  const value = isJson && span.value ? compact(span.value) : data.value;
  return record(position, data, value, false, { format: 'trigger', data: span, isJson });
}

function record(position: Partial<Position>, { key, timestamp }: Members, value: unknown, isOverflow: boolean, origin: Origin): Record {
  return {
    kind: 'record',
    position: position as Position,
    key: typeof key === 'string' ? key : undefined,
    value: typeof value === 'string' ? value : undefined,
    timestamp: typeof timestamp === 'number' ? timestamp : undefined,
    isOverflow,
    origin,
  };
}

/** As far as it can be read. */
function positionOf({ topic, partition, offset }: Members, span: ElementSpan): Partial<Position> {
  const exact = isCount(offset) ? offset : exactOffset(span.offset);
  if (typeof topic === 'string' && topic !== '' && isCount(partition) && exact !== undefined) return { topic, partition, offset: exact };
  return {
    ...(typeof topic === 'string' && topic !== '' && { topic }),
    ...(isCount(partition) && { partition }),
    ...(exact !== undefined && { offset: exact }),
  };
}

/** Beyond 2^53, where two offsets would become one number, and so one document. */
function exactOffset(span: Span | undefined): number | bigint | undefined {
  const digits = textOf(span);
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

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text of a piece of JSON, as it stands there. */
export function textOf(span: Span | undefined): string {
  return span ? span.bytes.toString('utf8', span.start, span.end) : '';
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;

/** A raw line break, which would end a line of the bulk body, is white space wherever JSON allows it: a text holds it escaped. */
function onOneLine(json: Buffer): Buffer {
  if (!json.includes(lineFeed) && !json.includes(carriageReturn)) return json;
  return Buffer.from(json.map((byte) => (byte === lineFeed || byte === carriageReturn ? space : byte)));
}
