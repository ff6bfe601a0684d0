import { isUtf8 } from 'node:buffer';
import { Failure } from '../../shared/errors.ts';
import { isOffset, type Position, parseOffset } from '../../shared/position.ts';
import { type ByteString, decodeText, encode, fromBytes, slice } from './byte-string.ts';
import { closeBracket, comma, openBracket } from './json-characters.ts';
import { endOfJson, isSpace, trimSpace } from './json-checker.ts';
import {
  hasMoreValues,
  type KeptMembers,
  keepMembers,
  type ObjectMembers,
  onOneLine,
  quoteLargeIntegers,
  scanObject,
} from './json-scanner.ts';
import { type Element, hasHalfCharacter, Record } from './record.ts';
import { matchRecord } from './record-pattern.ts';

/** Work that `s` sends instead of records: `{"command": …}`. */
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
  const start = skipSpaceBytes(event, 0);
  return event[start] === openBracket ? decodeArray(event, start) : decodeCommand(event);
}

function decodeArray(event: Buffer, start: number): Element[] {
  const text = new EventText(event);
  const elements: Element[] = [];
  let withoutTopic = 0;
  let index = skipSpaceBytes(event, start + 1);
  while (elements.length > 0 || event[index] !== closeBracket) {
    const record = text.matchRecord(index);
    const end = record ? index + record.json.length : endOfJson(text.whole, index);
    if (end === undefined) throw notJson(event.length);
    const element = record ?? decodeElement(onOneLine(slice(text.whole, index, end)));
    if (element.position.topic === undefined && ++withoutTopic > maxWithoutTopic) throw tooManyWithoutTopic(event.length);
    elements.push(element);
    index = skipSpaceBytes(event, end);
    if (event[index] !== comma) break;
    index = skipSpaceBytes(event, index + 1);
  }
  if (event[index] !== closeBracket || skipSpaceBytes(event, index + 1) < event.length) throw notJson(event.length);
  return elements;
}

/** As many as the trigger puts into one event; whoever writes to a topic makes none. Each would take a line of the log, and many times its bytes. */
const maxWithoutTopic = 10_000;

function tooManyWithoutTopic(bytes: number): Failure {
  return new Failure('EventInvalid', `the event, ${bytes} bytes, has more than ${maxWithoutTopic} elements that are no records`);
}

function skipSpaceBytes(bytes: Buffer, start: number): number {
  let index = start;
  while (isSpace(bytes[index] ?? 0)) index++;
  return index;
}

/** Small enough for a text among V8's young objects: as a large one, the whole event would set off a mark-compact collection every few invocations. */
const windowBytes = 48 * 1024;
/** Elements up to this size are matched in a window; larger ones, and those without a usual shape, in the whole event. */
const windowElementBytes = 8 * 1024;

/** An event as text, a window at a time where that is enough. */
class EventText {
  readonly #event: Buffer;
  #window: ByteString;
  #start = 0;
  #whole: ByteString | undefined;

  constructor(event: Buffer) {
    this.#event = event;
    this.#window = fromBytes(event.subarray(0, windowBytes));
  }

  /** The whole event. */
  get whole(): ByteString {
    this.#whole ??= fromBytes(this.#event);
    return this.#whole;
  }

  /** The record that begins there, if it has one of the usual shapes. */
  matchRecord(index: number): Record | undefined {
    if (this.#isCut && this.#end - index < windowElementBytes) this.#moveTo(index);
    return matchRecord(this.#window, index - this.#start) ?? (this.#isCut ? matchRecord(this.whole, index) : undefined);
  }

  get #end(): number {
    return this.#start + this.#window.length;
  }

  /** Whether more of the event stands behind the window. */
  get #isCut(): boolean {
    return this.#end < this.#event.length;
  }

  #moveTo(index: number): void {
    this.#start = index;
    this.#window = fromBytes(this.#event.subarray(index, index + windowBytes));
  }
}

/** Levels of nesting that every Elasticsearch takes: 7 overflows its stack beyond about 1000 and never responds, 8 refuses a whole request. */
const maxDepth = 900;
/** Objects that are larger are never parsed as a whole, which can take twenty times their memory. */
const maxParsedBytes = 1024 * 1024;
const readMembers = ['topic', 'partition', 'offset', 'timestamp', 'headers', 'key', 'value', 'overflowFlag', 'valueSize'];
const elementMembers: KeptMembers = {
  keptAs: (name) => (readMembers.includes(name) ? name : undefined),
  maxDepth,
  withData: true,
};

function parseElement(json: ByteString): unknown {
  return JSON.parse(json.length > maxParsedBytes ? keepMembers(json, elementMembers) : decodeText(json));
}

/** Parses JSON, of which an object that is large has only the members that are kept, and nothing in them; throws where it is not JSON. */
export function parseObject(text: string, keptAs: KeptMembers['keptAs']): unknown {
  if (text.length <= maxParsedBytes) return JSON.parse(text);
  const json = trimSpace(encode(text));
  if (endOfJson(json, 0) !== json.length) throw new SyntaxError('not JSON');
  return JSON.parse(keepMembers(json, { keptAs, maxDepth, withData: false }));
}

/** Whether the event was a command. */
export function isCommand(decoded: Element[] | Command): decoded is Command {
  return !Array.isArray(decoded);
}

function decodeCommand(event: Buffer): Command {
  const parsed = parseEvent(event);
  if (isObject(parsed) && typeof parsed.command === 'string') return parsed as Command;
  throw new Failure('EventInvalid', `the event, ${event.length} bytes, is not a JSON array of records, nor a command`);
}

/** Far more than any command has. */
const maxCommandValues = 100_000;

function parseEvent(event: Buffer): unknown {
  const json = trimSpace(fromBytes(event));
  if (endOfJson(json, 0) !== json.length) throw notJson(event.length);
  if (hasMoreValues(json, maxCommandValues))
    throw new Failure(
      'EventInvalid',
      `the event, ${event.length} bytes, is no array of records, and has more than ${maxCommandValues} values`,
    );
  // An offset as text keeps its digits.
  return JSON.parse(decodeText(quoteLargeIntegers(json)));
}

function notJson(bytes: number): Failure {
  return new Failure('EventInvalid', `the event, ${bytes} bytes, is not JSON`);
}

/** Reads an element the general way, which takes any; its text must be JSON. */
export function decodeElement(json: ByteString): Element {
  const element = parseElement(json);
  if (typeof element === 'string') return decodeTextElement(element, json);
  if (!isObject(element)) return { kind: 'bad', position: {}, json, reason: 'is not an object' };
  const members = scanObject(json);
  if (isObject(element.data)) return decodeData(element.data, json, members.data ?? members);
  const isConnectorFormat = 'overflowFlag' in element || 'valueSize' in element;
  return isConnectorFormat ? decodeConnectorRecord(element, json, members) : decodeData(element, json, members);
}

/** Reads what the trigger sent before 2023-02-15: an element that is a JSON text. */
function decodeTextElement(text: string, json: ByteString): Element {
  const inner = trimSpace(encode(text));
  const record = matchWhole(inner);
  if (record) return record;
  if (inner.startsWith('{') && endOfJson(inner, 0) === inner.length) return decodeElement(onOneLine(inner));
  return { kind: 'bad', position: {}, json, reason: 'is a text that holds no JSON object' };
}

function matchWhole(json: ByteString): Record | undefined {
  const record = matchRecord(json, 0);
  return record?.json.length === json.length ? record : undefined;
}

function decodeConnectorRecord(element: Members, json: ByteString, members: ObjectMembers): Element {
  const { key, value } = element;
  const position = positionOf(element, members);
  const fault = positionFault(position) ?? (isTextOrNull(value) ? keyFault(key) : '`value` is not a text') ?? depthFault(element);
  if (fault) return { kind: 'bad', position, json, reason: fault };
  const isOverflow = element.overflowFlag === true;
  return recordOf(position as Position, json, members, { isConnectorFormat: true, isOverflow });
}

/** Reads the `data` of a CloudEvent, or an element that is that alone. */
function decodeData(data: Members, json: ByteString, members: ObjectMembers): Element {
  const { headers, key, timestamp } = data;
  const position = positionOf(data, members);
  const fault = positionFault(position) ?? keyFault(key) ?? depthFault({ headers, timestamp });
  if (fault) return { kind: 'bad', position, json, reason: fault };
  return recordOf(position as Position, json, members, { isConnectorFormat: false, isOverflow: false });
}

function recordOf(
  position: Position,
  json: ByteString,
  { key: keyJson, value: valueJson, timestamp: timestampJson, headers: headersJson }: ObjectMembers,
  { isConnectorFormat, isOverflow }: Pick<Record, 'isConnectorFormat' | 'isOverflow'>,
): Record {
  return new Record({ position, json, isConnectorFormat, isOverflow, keyJson, valueJson, timestampJson, headersJson });
}

/** The position, as far as it can be read. */
function positionOf({ topic, partition, offset }: Members, members: ObjectMembers): Partial<Position> {
  const exact = isCount(offset) ? offset : exactOffset(offset, members);
  if (isTopic(topic) && isCount(partition) && exact !== undefined) return { topic, partition, offset: exact };
  return {
    ...(isTopic(topic) && { topic }),
    ...(isCount(partition) && { partition }),
    ...(exact !== undefined && { offset: exact }),
  };
}

/** Halves of characters would all become the same one in an id, and so different topics one. */
function isTopic(topic: unknown): topic is string {
  return typeof topic === 'string' && topic !== '' && !hasHalfCharacter(topic);
}

/** An offset beyond 2^53, where two would become one number, and so one document. */
function exactOffset(offset: unknown, members: ObjectMembers): number | bigint | undefined {
  const digits = typeof offset === 'number' ? (members.offset ?? '') : '';
  return isOffset(digits) ? parseOffset(digits) : undefined;
}

function positionFault({ topic, partition, offset }: Partial<Position>): string | undefined {
  if (topic === undefined) return '`topic` is not a text with at least one character, and no half of one';
  if (partition === undefined) return '`partition` is not an integer of 0 or more';
  return offset === undefined ? '`offset` is not an integer of 0 or more' : undefined;
}

function keyFault(key: unknown): string | undefined {
  return isTextOrNull(key) ? undefined : '`key` is not a text';
}

/** What is wrong with members that are copied as they came. */
function depthFault(members: Members): string | undefined {
  for (const name in members) {
    if (isTooDeep(members[name])) return `a member is nested deeper than ${maxDepth} levels`;
  }
  return undefined;
}

/** Whether parsed JSON is nested deeper than Elasticsearch bears. */
export function isTooDeep(value: unknown, levels = maxDepth): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (levels === 0) return true;
  const members: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  return members.some((member) => isTooDeep(member, levels - 1));
}

/** Whether a text is long enough to be too deep: each level takes two characters. */
export function mayBeTooDeep(text: string): boolean {
  return text.length > 2 * maxDepth;
}

function isTextOrNull(value: unknown): boolean {
  return typeof value === 'string' || value === undefined || value === null;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

/** Whether a value is a JSON object, and no array. */
export function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
