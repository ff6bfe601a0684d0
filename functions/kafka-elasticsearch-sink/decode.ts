import { isUtf8 } from 'node:buffer';
import { Failure } from '../../shared/errors.ts';
import { isOffset, type Position, parseOffset } from '../../shared/position.ts';
import { checkJson } from './json-checker.ts';
import { compact, NameIndex, type ObjectSpan, type Outline, outline, type Span, scanArray, scanObject } from './json-scanner.ts';

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
  readonly json: Span;
  /** The connector's own format: the element is the record. Otherwise the Kafka trigger's: `data` of a CloudEvent, or that alone. */
  readonly isConnector: boolean;
  /** The value was not a text there, but parsed JSON. */
  readonly isJsonValue: boolean;
  readonly traits: Traits;
  /** Of a record whose value was not in the event and has been fetched: as it came. */
  readonly origin?: Record;
}

/** What is known of a whole event, and saves a closer look at each record; looked for when first needed, as not all formats need it. */
class Traits {
  readonly #bytes: Buffer;
  #known: { readonly areTimestampsIntegers: boolean; readonly values: NameIndex | undefined } | undefined;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** No timestamp has a fraction or an exponent, which JavaScript would write otherwise. */
  get areTimestampsIntegers(): boolean {
    return this.#look().areTimestampsIntegers;
  }

  /** Where the names `value` stand, unless some may be written with escapes: a letter's begins with `\u00`. */
  get values(): NameIndex | undefined {
    return this.#look().values;
  }

  #look() {
    if (this.#known) return this.#known;
    // One character a byte, in which a search takes a fraction of one in a buffer; not kept, since the records live longer.
    const text = this.#bytes.toString('latin1');
    const areTimestampsIntegers = !/"timestamp"\s*:\s*-?\d+[.eE]/.test(text);
    this.#known = { areTimestampsIntegers, values: text.includes('\\u00') ? undefined : new NameIndex(this.#bytes, text, 'value') };
    return this.#known;
  }
}

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
  return (event.length > largeEvent ? decodeLarge(event) : undefined) ?? decodeWhole(event);
}

function decodeWhole(event: Buffer): Element[] | Command {
  const parsed = parseEvent(event.toString());
  if (!Array.isArray(parsed)) return asCommand(parsed, event.length);
  const bytes = onOneLine(event);
  const spans = scanArray(bytes, parsed.length, parsed.every(hasMembers));
  if (spans.length !== parsed.length) throw new Error(`found ${spans.length} elements in an array of ${parsed.length}`);
  const traits = new Traits(bytes);
  return spans.map((span, index) => decodeElement(parsed[index], span, traits));
}

/** In levels: Elasticsearch 7 overflows its stack beyond about 1000 and never answers, and 8 refuses a whole request beyond 1000. */
const deepest = 900;
/** In bytes: up to there all of an event is parsed at once, which is quicker, and whatever it holds fits in memory. */
const largeEvent = 8 * 1024 * 1024;
/** Of an element or a value. */
const largeObject = 1024 * 1024;

/** Element by element; undefined: there is none. */
function decodeLarge(event: Buffer): Element[] | undefined {
  const bytes = onOneLine(event);
  const spans = checkJson(bytes);
  if (!spans) throw notJson(event.length);
  const traits = new Traits(bytes);
  return spans.length === 0 ? undefined : spans.map((span) => decodeElement(parseElement(span), span, traits));
}

const looked = ['topic', 'partition', 'offset', 'timestamp', 'headers', 'key', 'value', 'overflowFlag', 'valueSize'];
const elementOutline: Outline = { isKept: (name) => looked.includes(name), deepest, withData: true };

function parseElement(span: Span): unknown {
  return JSON.parse(span.end - span.start > largeObject ? outline(span, elementOutline) : textOf(span));
}

/** Parses JSON, of which an object that is large has only the members that are kept, and nothing in them; throws where it is not JSON. */
export function parseText(text: string, isKept: (name: string) => boolean): unknown {
  if (text.length <= largeObject) return JSON.parse(text);
  const bytes = Buffer.from(text);
  if (!checkJson(bytes)) throw new SyntaxError('not JSON');
  return JSON.parse(outline({ bytes, start: text.search(/\S/), end: bytes.length }, { isKept, deepest, withData: false }));
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
    throw notJson(text.length);
  }
}

function notJson(length: number): Failure {
  return new Failure('EventInvalid', `the event, ${length} characters, is not JSON`);
}

function asCommand(parsed: unknown, length: number): Command {
  if (isObject(parsed) && typeof parsed.command === 'string') return parsed as Command;
  throw new Failure('EventInvalid', `the event, ${length} bytes, is not a JSON array of records, nor a command`);
}

function decodeElement(element: unknown, json: Span, traits: Traits): Element {
  if (typeof element === 'string') return decodeText(element, json);
  if (!isObject(element)) return { kind: 'bad', position: {}, json, reason: 'is not an object' };
  if (isObject(element.data)) return decodeTrigger(element.data, json, traits);
  const isConnector = 'overflowFlag' in element || 'valueSize' in element;
  return isConnector ? decodeConnector(element, json, traits) : decodeTrigger(element, json, traits);
}

/** What the trigger sent before 2023-02-15: each element a JSON text. */
function decodeText(text: string, json: Span): Element {
  try {
    const bytes = onOneLine(Buffer.from(text.trim()));
    const span = { bytes, start: 0, end: bytes.length };
    const parsed: unknown = text.length > largeObject && checkJson(bytes) ? parseElement(span) : JSON.parse(text);
    if (isObject(parsed)) return decodeElement(parsed, span, new Traits(bytes));
  } catch {
    // Falls through: a text that is not JSON is no better than one that is no object.
  }
  return { kind: 'bad', position: {}, json, reason: 'is a text that holds no JSON object' };
}

function decodeConnector(element: Members, json: Span, traits: Traits): Element {
  const { key, value } = element;
  const position = positionOf(element, json);
  const fault = positionFault(position) ?? (isTextOrNull(value) ? keyFault(key) : '`value` is not a text') ?? depthFault(element);
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
function decodeTrigger(data: Members, json: Span, traits: Traits): Element {
  const { key, value } = data;
  const position = positionOf(data, json);
  const { headers, timestamp } = data;
  const fault = positionFault(position) ?? keyFault(key) ?? depthFault({ headers, timestamp });
  if (fault) return { kind: 'bad', position, json, reason: fault };
  const isJsonValue = !isTextOrNull(value);
  return {
    kind: 'record',
    position: position as Position,
    key: textOrNone(key),
    value: isJsonValue ? compactValue(json) : textOrNone(value),
    timestamp: numberOrNone(data.timestamp),
    isOverflow: false,
    json,
    isConnector: false,
    isJsonValue,
    traits,
  };
}

function compactValue(json: Span): string | undefined {
  const { value } = membersOf(json);
  return value && compact(value);
}

/** Where the record's members stand: in `data`, or in the element itself. */
export function membersOf({ bytes, start }: Span): ObjectSpan {
  const element = scanObject(bytes, start);
  return element.data ?? element;
}

/** As far as it can be read. */
function positionOf({ topic, partition, offset }: Members, json: Span): Partial<Position> {
  const exact = isCount(offset) ? offset : exactOffset(offset, json);
  if (typeof topic === 'string' && topic !== '' && isCount(partition) && exact !== undefined) return { topic, partition, offset: exact };
  return {
    ...(typeof topic === 'string' && topic !== '' && { topic }),
    ...(isCount(partition) && { partition }),
    ...(exact !== undefined && { offset: exact }),
  };
}

/** Beyond 2^53, where two offsets would become one number, and so one document. */
function exactOffset(offset: unknown, json: Span): number | bigint | undefined {
  const digits = typeof offset === 'number' ? textOf(membersOf(json).offset) : '';
  return isOffset(digits) ? parseOffset(digits) : undefined;
}

function positionFault({ topic, partition, offset }: Partial<Position>): string | undefined {
  if (topic === undefined) return '`topic` is not a text with at least one character';
  if (partition === undefined) return '`partition` is not an integer of 0 or more';
  return offset === undefined ? '`offset` is not an integer of 0 or more' : undefined;
}

function keyFault(key: unknown): string | undefined {
  return isTextOrNull(key) ? undefined : '`key` is not a text';
}

/** Of what is copied as it came. */
function depthFault(members: Members): string | undefined {
  for (const name in members) {
    if (isTooDeep(members[name])) return `a member is nested deeper than ${deepest} levels`;
  }
  return undefined;
}

/** Whether parsed JSON is nested deeper than Elasticsearch bears. */
export function isTooDeep(value: unknown, levels = deepest): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  const members: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  return members.some((member) => isTooDeep(member, levels - 1));
}

/** Whether a text is long enough to be too deep: each level takes two characters. */
export function mayBeTooDeep(text: string): boolean {
  return text.length > 2 * deepest;
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
