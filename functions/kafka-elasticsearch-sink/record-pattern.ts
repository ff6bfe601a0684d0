import { type ByteString, slice } from './byte-string.ts';
import { hasHalfCharacter, parseText, Record } from './record.ts';
import { rememberLast } from './remember-last.ts';

/*
 * The events that senders really make have few shapes. One expression an element checks the whole of it by the grammar of JSON (RFC 8259) and captures
 * what is needed; the sticky flag makes it a parser that never searches. What it lets through is JSON byte for byte as it came; whatever it does not
 * know is read the general way, alone. The bench's CPU a record, `npm run bench -- function`, is what earns it.
 */
const text = String.raw`"[^"\\\x00-\x1f]*(?:\\(?:["\\/bfnrt]|u[\da-fA-F]{4})[^"\\\x00-\x1f]*)*"`;
const textOrNull = `${text}|null`;
/** Integers so short that a number of JavaScript keeps every digit. */
const count = String.raw`0|[1-9]\d{0,14}`;
const integer = `-?(?:${count})`;
const scalar = `(?:${text}|${integer}|true|false|null)`;
/** Headers nest no deeper than an array of flat objects; others are read the general way. */
const flatObject = object(repeated(member(text, scalar)));
const shallowArray = `\\[${repeated(`(?:${scalar}|${flatObject})`)}\\]`;
const headers = object(repeated(member(text, `(?:${scalar}|${flatObject}|${shallowArray})`)));
const topic = `(?!"")${text}`;

/** https://github.com/AliwareMQ/aliyun-kafka-connectors/tree/master/kafka-connect-fc */
const connectorRecord = object(
  [
    `(?:${named('key', textOrNull)}, ?)?${named('offset', count)}`,
    named('overflowFlag', 'true|false'),
    named('partition', count),
    named('timestamp', integer),
    named('topic', topic),
    `(?:${named('value', textOrNull)}, ?)?${member('"valueSize"', `(?:${count})`)}`,
  ].join(', ?'),
);
/** https://help.aliyun.com/zh/functioncompute/fc/user-guide/formats-of-event-for-different-triggers */
const data = object(
  [
    named('topic', topic),
    named('partition', count),
    named('offset', count),
    `${named('timestamp', integer)}(?:, ?${named('headers', headers)})?(?:, ?${named('key', textOrNull)})?(?:, ?${named('value', textOrNull)})?`,
  ].join(', ?'),
);
const attribute = member('"(?!data")[a-z]+"', text);
const cloudEvent = object(`(?:${attribute}, ?)*${member('"data"', data)}(?:, ?${attribute})*`);

type Captures = readonly (ByteString | undefined)[];

interface Shape {
  readonly pattern: RegExp;
  readonly read: (json: ByteString, captures: Captures) => Record | undefined;
}

const shapes: readonly Shape[] = [
  { pattern: new RegExp(connectorRecord, 'y'), read: readConnectorRecord },
  { pattern: new RegExp(cloudEvent, 'y'), read: readData },
  { pattern: new RegExp(data, 'y'), read: readData },
];
/** The shape that matched last: most elements have that of the one before. */
let lastShape = shapes[0];

/** The record that begins there, if it has one of the shapes. */
export function matchRecord(event: ByteString, start: number): Record | undefined {
  const likely = lastShape && matchShape(lastShape, event, start);
  if (likely) return likely;
  for (const shape of shapes) {
    const record = shape === lastShape ? undefined : matchShape(shape, event, start);
    if (record) {
      lastShape = shape;
      return record;
    }
  }
  return undefined;
}

function matchShape({ pattern, read }: Shape, event: ByteString, start: number): Record | undefined {
  pattern.lastIndex = start;
  const captures = captured(pattern, event);
  return captures && read(slice(event, start, pattern.lastIndex), captures);
}

/** A text with millions of escapes is more than an expression remembers. */
function captured(pattern: RegExp, event: ByteString): Captures | undefined {
  try {
    return (pattern.exec(event) ?? undefined) as Captures | undefined;
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** undefined where it holds half a character: that is for the general way to refuse. */
const topicOf = rememberLast((json: ByteString) => {
  const topic = parseText(json);
  return hasHalfCharacter(topic) ? undefined : topic;
});

function readConnectorRecord(json: ByteString, captures: Captures): Record | undefined {
  const [, keyJson, offset, overflowFlag, partition, timestampJson, topicJson, valueJson] = captures;
  const topic = topicOf(topicJson as ByteString);
  if (topic === undefined) return undefined;
  const position = { topic, partition: Number(partition), offset: Number(offset) };
  return new Record({ position, json, isConnectorFormat: true, isOverflow: overflowFlag === 'true', keyJson, valueJson, timestampJson });
}

function readData(json: ByteString, captures: Captures): Record | undefined {
  const [, topicJson, partition, offset, timestampJson, headersJson, keyJson, valueJson] = captures;
  const topic = topicOf(topicJson as ByteString);
  if (topic === undefined) return undefined;
  const position = { topic, partition: Number(partition), offset: Number(offset) };
  return new Record({ position, json, isConnectorFormat: false, isOverflow: false, keyJson, valueJson, timestampJson, headersJson });
}

function object(members: string): string {
  return `\\{${members}\\}`;
}

/** Matches none, one or several, with commas between them. */
function repeated(element: string): string {
  return `(?:${element}(?:, ?${element})*)?`;
}

function member(name: string, value: string): string {
  return `${name}: ?${value}`;
}

/** Matches a member, and captures its value. */
function named(name: string, value: string): string {
  return member(`"${name}"`, `(${value})`);
}
