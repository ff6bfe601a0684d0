const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
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

/** An object, and where those of its members stand that are copied as they came. */
export interface ObjectSpan extends Span {
  value: Span | undefined;
  offset: Span | undefined;
  timestamp: Span | undefined;
  headers: Span | undefined;
  /** The same of the object `data`; undefined in that one. */
  data: ObjectSpan | undefined;
}

/*
 * Finds where things stand in JSON without parsing it: numbers keep every digit, texts their escapes, and a name that stands twice stands
 * twice, of which the last counts, as for `JSON.parse`. The bytes must be JSON that `JSON.parse` accepts; nothing is checked again here.
 */

/** Where the elements of an array stand; `areObjects`: each is an object with a member at least. */
export function scanArray(bytes: Buffer, count: number, areObjects: boolean): Span[] {
  return (areObjects ? splitObjects(bytes, count) : undefined) ?? walkArray(bytes);
}

/**
 * Cuts an array of objects at every `}`, `,`, `{`, `"` that follow each other. Each true cut is such a place; so when there are as many places
 * as true cuts, all of them are true, although nobody has looked what stands inside a text. undefined: there were others.
 *
 * A native search for braces costs a tenth of a walk over all bytes.
 */
function splitObjects(bytes: Buffer, count: number): Span[] | undefined {
  const spans: Span[] = [];
  let start = bytes.indexOf(openBrace);
  for (let brace = bytes.indexOf(openBrace, start + 1); brace !== -1; brace = bytes.indexOf(openBrace, brace + 1)) {
    const end = endBefore(bytes, brace);
    if (end === undefined) continue;
    if (spans.length === count) return undefined;
    spans.push({ bytes, start, end });
    start = brace;
  }
  if (spans.length !== count - 1) return undefined;
  spans.push({ bytes, start, end: bytes.lastIndexOf(closeBrace) + 1 });
  return spans;
}

/** After the `}` that stands before a `,` before the `{` at `brace`, if a `"` follows. */
function endBefore(bytes: Buffer, brace: number): number | undefined {
  if (bytes[skipSpace(bytes, brace + 1)] !== quote) return undefined;
  const separator = skipSpaceBack(bytes, brace - 1);
  if (bytes[separator] !== comma) return undefined;
  const end = skipSpaceBack(bytes, separator - 1);
  return bytes[end] === closeBrace ? end + 1 : undefined;
}

function walkArray(bytes: Buffer): Span[] {
  const elements: Span[] = [];
  let index = skipSpace(bytes, skipSpace(bytes, 0) + 1);
  while (bytes[index] !== closeBracket) {
    const end = endOfValue(bytes, index);
    elements.push({ bytes, start: index, end });
    index = next(bytes, end);
  }
  return elements;
}

function emptyObject(bytes: Buffer, start: number) {
  return { bytes, start, end: 0, value: undefined, offset: undefined, timestamp: undefined, headers: undefined, data: undefined };
}

/** The members of the object that begins at `start`, and those of its `data`, but not of a `data` in that: events may nest as deep as they like. */
export function scanObject(bytes: Buffer, start: number): ObjectSpan {
  return scanMembers(bytes, start, true);
}

function scanMembers(bytes: Buffer, start: number, withData: boolean): ObjectSpan {
  const object: { -readonly [name in keyof ObjectSpan]: ObjectSpan[name] } = emptyObject(bytes, start);
  let index = skipSpace(bytes, start + 1);
  while (bytes[index] !== closeBrace) {
    const nameEnd = endOfString(bytes, index);
    const valueStart = skipSpace(bytes, skipSpace(bytes, nameEnd) + 1);
    const member = nameOf(bytes, index + 1, nameEnd - 1);
    const isData = withData && member === 'data' && bytes[valueStart] === openBrace;
    const value = isData ? scanMembers(bytes, valueStart, false) : { bytes, start: valueStart, end: endOfValue(bytes, valueStart) };
    assign(object, member, value);
    index = next(bytes, value.end);
  }
  object.end = index + 1;
  return object;
}

/** Where a member's name stands in JSON, for all objects at once: a native search costs a fraction of a walk. No name may be written with escapes. */
export class NameIndex {
  readonly #bytes: Buffer;
  readonly #length: number;
  readonly #places: number[] = [];
  /** Objects are mostly asked for in their order. */
  #next = 0;

  /** `text`: the bytes, one character each. */
  constructor(bytes: Buffer, text: string, name: string) {
    const quoted = `"${name}"`;
    this.#bytes = bytes;
    this.#length = quoted.length;
    for (let place = text.indexOf(quoted); place !== -1; place = text.indexOf(quoted, place + 1)) this.#places.push(place);
  }

  /**
   * The text that is the value of the only member of that name in an object and all that stands in it; undefined: there is not just one, or it
   * has no text. Inside a text nothing can pretend to be the name: its quotes would be escaped.
   */
  textIn({ start, end }: Span): Span | undefined {
    const bytes = this.#bytes;
    const first = this.#firstFrom(start);
    const place = this.#places[first];
    const another = this.#places[first + 1];
    if (place === undefined || place >= end || (another !== undefined && another < end)) return undefined;
    const separator = skipSpace(bytes, place + this.#length);
    const textStart = skipSpace(bytes, separator + 1);
    if (bytes[separator] !== colon || bytes[textStart] !== quote) return undefined;
    return { bytes, start: textStart, end: endOfString(bytes, textStart) };
  }

  /** The number of the first place not before `start`. */
  #firstFrom(start: number): number {
    if (this.#next > 0 && (this.#places[this.#next - 1] ?? 0) >= start) this.#next = 0;
    while ((this.#places[this.#next] ?? start) < start) this.#next++;
    return this.#next;
  }
}

type Member = 'value' | 'offset' | 'timestamp' | 'headers' | 'data';
const members: readonly Member[] = ['value', 'offset', 'timestamp', 'headers', 'data'];

/** One assignment each, which costs a fraction of one by a computed name. */
function assign(object: ObjectSpan, member: Member | undefined, value: Span | ObjectSpan): void {
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

function skipSpaceBack(bytes: Buffer, start: number): number {
  let index = start;
  while ((bytes[index] as number) <= space) index--;
  return index;
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
const shortText = 16;

/** After the quote that ends the string whose first quote is at `start`. */
function endOfString(bytes: Buffer, start: number): number {
  const short = start + shortText;
  let index = start + 1;
  while (index < short) {
    const byte = bytes[index];
    if (byte === quote) return index + 1;
    index += byte === backslash ? 2 : 1;
  }
  let found = bytes.indexOf(quote, index);
  while (isEscaped(bytes, index, found)) found = bytes.indexOf(quote, found + 1);
  return found + 1;
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

/** Which members of an object are looked at, and how deep it is worth knowing that they are nested, in levels. */
export interface Outline {
  readonly isKept: (name: string) => boolean;
  readonly deepest: number;
  /** The members of the object `data` are looked at in the same way. */
  readonly withData: boolean;
}

/**
 * The JSON of an object with no more than what is looked at: members that are kept, or too deep, and in the place of an object or array, which may
 * hold millions of others, an empty one, or the like as deep as it is.
 */
export function outline({ bytes, start, end }: Span, { isKept, deepest, withData }: Outline): string {
  if (bytes[start] !== openBrace) return standIn(bytes, start, end, 1);
  const kept: string[] = [];
  let index = skipSpace(bytes, start + 1);
  while (bytes[index] !== closeBrace) {
    const nameEnd = endOfString(bytes, index);
    const nameText = bytes.toString('utf8', index, nameEnd);
    const name: string = JSON.parse(nameText);
    const valueStart = skipSpace(bytes, skipSpace(bytes, nameEnd) + 1);
    const valueEnd = endOfValue(bytes, valueStart);
    const levels = Math.min(depthOf(bytes, valueStart, valueEnd), deepest + 1);
    const inner = { isKept, deepest, withData: false };
    if (withData && name === 'data') kept.push(`${nameText}:${outline({ bytes, start: valueStart, end: valueEnd }, inner)}`);
    else if (isKept(name) || levels >= deepest) kept.push(`${nameText}:${standIn(bytes, valueStart, valueEnd, levels)}`);
    index = next(bytes, valueEnd);
  }
  return `{${kept.join(',')}}`;
}

/** A text, a number or a literal stands for itself. */
function standIn(bytes: Buffer, start: number, end: number, levels: number): string {
  const bracket = bytes[start];
  if (bracket === openBracket) return '['.repeat(levels) + ']'.repeat(levels);
  return bracket === openBrace ? `${'{"":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}` : bytes.toString('utf8', start, end);
}

/** In levels: 0 for what is no object and no array. */
function depthOf(bytes: Buffer, start: number, end: number): number {
  let [depth, greatest] = [0, 0];
  for (let index = start; index < end; ) {
    const byte = bytes[index];
    if (byte === openBrace || byte === openBracket) greatest = Math.max(greatest, ++depth);
    else if (byte === closeBrace || byte === closeBracket) depth--;
    index = byte === quote ? endOfString(bytes, index) : index + 1;
  }
  return greatest;
}

/** The text of a piece of JSON, as it stands there, but without white space between its tokens. */
export function compact({ bytes, start, end }: Span): string {
  const compacted = Buffer.allocUnsafe(end - start);
  let length = 0;
  let isText = false;
  for (let index = start; index < end; index++) {
    const byte = bytes[index] as number;
    if (byte <= space && !isText) continue;
    compacted[length++] = byte;
    if (byte === quote) isText = !isText;
    // What a backslash escapes ends no text.
    else if (byte === backslash) compacted[length++] = bytes[++index] as number;
  }
  return compacted.toString('utf8', 0, length);
}
