const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const space = 0x20;

/** A piece of a buffer, in bytes: from `start` (inclusive) to `end` (exclusive). */
export interface Span {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/** An element of an array, and where those of its members stand that are copied as they came. */
export interface ElementSpan extends Span {
  value: Span | undefined;
  offset: Span | undefined;
  timestamp: Span | undefined;
  headers: Span | undefined;
  /** The same of the object `data`. */
  data: ElementSpan | undefined;
}

/**
 * Finds where the elements of a JSON array stand, and some members of those that are objects, in one pass and without parsing: numbers keep
 * every digit, texts their escapes, and a name that stands twice stands twice, of which the last counts, as for `JSON.parse`. The bytes must be
 * an array that `JSON.parse` accepts; nothing is checked again here.
 */
export function scanArray(bytes: Buffer): ElementSpan[] {
  const elements: ElementSpan[] = [];
  let index = skipSpace(bytes, skipSpace(bytes, 0) + 1);
  while (bytes[index] !== closeBracket) {
    const element = scanElement(bytes, index);
    elements.push(element);
    index = next(bytes, element.end);
  }
  return elements;
}

/** The element that begins at `start`; of an object, its members too. */
export function scanElement(bytes: Buffer, start: number): ElementSpan {
  return bytes[start] === openBrace ? scanObject(bytes, start) : elementSpan(bytes, start, endOfValue(bytes, start));
}

function elementSpan(bytes: Buffer, start: number, end: number) {
  return { bytes, start, end, value: undefined, offset: undefined, timestamp: undefined, headers: undefined, data: undefined };
}

function scanObject(bytes: Buffer, start: number): ElementSpan {
  const object: { -readonly [name in keyof ElementSpan]: ElementSpan[name] } = elementSpan(bytes, start, 0);
  let index = skipSpace(bytes, start + 1);
  while (bytes[index] !== closeBrace) {
    const nameEnd = endOfString(bytes, index);
    const valueStart = skipSpace(bytes, skipSpace(bytes, nameEnd) + 1);
    const member = nameOf(bytes, index + 1, nameEnd - 1);
    const isData = member === 'data' && bytes[valueStart] === openBrace;
    const value = isData ? scanObject(bytes, valueStart) : { bytes, start: valueStart, end: endOfValue(bytes, valueStart) };
    assign(object, member, value);
    index = next(bytes, value.end);
  }
  object.end = index + 1;
  return object;
}

type Member = 'value' | 'offset' | 'timestamp' | 'headers' | 'data';
const members: readonly Member[] = ['value', 'offset', 'timestamp', 'headers', 'data'];

/** One assignment each, which costs a fraction of one by a computed name. */
function assign(object: ElementSpan, member: Member | undefined, value: Span | ElementSpan): void {
  if (member === 'value') object.value = value;
  else if (member === 'offset') object.offset = value;
  else if (member === 'timestamp') object.timestamp = value;
  else if (member === 'headers') object.headers = value;
  else if (member === 'data') object.data = 'data' in value ? value : undefined;
}

function nameOf(bytes: Buffer, start: number, end: number): Member | undefined {
  for (const member of members) {
    if (member.length === end - start && isText(bytes, start, member)) return member;
  }
  // A name may be written with escapes, which are longer than what they stand for.
  return end - start > shortestEscaped && bytes.subarray(start, end).includes(backslash) ? unescaped(bytes, start, end) : undefined;
}

const shortestEscaped = 8;

function unescaped(bytes: Buffer, start: number, end: number): Member | undefined {
  const name: unknown = JSON.parse(`"${bytes.toString('utf8', start, end)}"`);
  return members.find((member) => member === name);
}

function isText(bytes: Buffer, start: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (bytes[start + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}

/** The index of what follows an element or a member: the next one, or the bracket that closes them. */
function next(bytes: Buffer, end: number): number {
  const index = skipSpace(bytes, end);
  return bytes[index] === comma ? skipSpace(bytes, index + 1) : index;
}

function skipSpace(bytes: Buffer, start: number): number {
  let index = start;
  while ((bytes[index] as number) <= space) index++;
  return index;
}

function endOfValue(bytes: Buffer, start: number): number {
  const first = bytes[start];
  if (first === quote) return endOfString(bytes, start);
  return first === openBrace || first === openBracket ? endOfNested(bytes, start) : endOfLiteral(bytes, start);
}

/** Bytes: most names and short texts end before, where a native search would cost more than it saves. */
const shortText = 24;

/** After the quote that ends the string whose first quote is at `start`. */
function endOfString(bytes: Buffer, start: number): number {
  const short = start + shortText;
  let index = start + 1;
  while (index < short) {
    const byte = bytes[index];
    if (byte === quote) return index + 1;
    index += byte === backslash ? 2 : 1;
  }
  const found = bytes.indexOf(quote, index);
  if (!isEscaped(bytes, index, found)) return found + 1;
  // JSON inside the text: an escaped quote every few bytes, which a search would find one by one.
  for (let byte = bytes[index]; byte !== quote; byte = bytes[index]) index += byte === backslash ? 2 : 1;
  return index + 1;
}

/** Whether an odd number of backslashes stands before `index`, back to `start`. */
function isEscaped(bytes: Buffer, start: number, index: number): boolean {
  let first = index;
  while (first > start && bytes[first - 1] === backslash) first--;
  return (index - first) % 2 === 1;
}

function endOfNested(bytes: Buffer, start: number): number {
  let depth = 0;
  let index = start;
  do {
    const byte = bytes[index];
    if (byte === quote) index = endOfString(bytes, index);
    else {
      if (byte === openBrace || byte === openBracket) depth++;
      else if (byte === closeBrace || byte === closeBracket) depth--;
      index++;
    }
  } while (depth > 0);
  return index;
}

/** Of a number, true, false or null. */
function endOfLiteral(bytes: Buffer, start: number): number {
  let index = start;
  for (
    let byte = bytes[index] as number;
    byte > space && byte !== comma && byte !== closeBrace && byte !== closeBracket;
    byte = bytes[index] as number
  )
    index++;
  return index;
}

/** The text of a piece of JSON, as it stands there, but without white space between its tokens. */
export function compact({ bytes, start, end }: Span): string {
  const pieces: string[] = [];
  let index = start;
  while (index < end) {
    const from = index;
    const byte = bytes[index] as number;
    index = byte === quote ? endOfString(bytes, index) : byte <= space ? skipSpace(bytes, index) : index + 1;
    if (byte > space) pieces.push(bytes.toString('utf8', from, index));
  }
  return pieces.join('');
}
