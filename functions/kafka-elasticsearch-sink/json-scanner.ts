import { type ByteString, bytes, concat, decodeText, fromBytes, nothing, slice } from './byte-string.ts';
import {
  backslash,
  carriageReturn,
  closeBrace,
  closeBracket,
  comma,
  lineFeed,
  minus,
  nine,
  openBrace,
  openBracket,
  quote,
  space,
  zero,
} from './json-characters.ts';

/** An object's members that are copied as they came, each with the JSON that stands there. */
export interface ObjectMembers {
  readonly key: ByteString | undefined;
  readonly value: ByteString | undefined;
  readonly offset: ByteString | undefined;
  readonly timestamp: ByteString | undefined;
  readonly headers: ByteString | undefined;
  /** The members of the object `data`; undefined in that one. */
  readonly data: ObjectMembers | undefined;
}

const names = ['key', 'value', 'offset', 'timestamp', 'headers', 'data'] as const;

/*
 * Finds where things stand in JSON without parsing it: numbers keep every digit, texts their escapes, and a name that stands twice stands
 * twice, of which the last counts, as for `JSON.parse`. The text must be JSON; nothing is checked again here.
 */

/** The members of an object, and those of its `data`, but not of a `data` in that: events may nest as deep as they like. */
export function scanObject(json: ByteString): ObjectMembers {
  return scanMembers(json, 0, true).members;
}

function scanMembers(json: ByteString, start: number, withData: boolean): { readonly members: ObjectMembers; readonly end: number } {
  const members: { -readonly [name in keyof ObjectMembers]: ObjectMembers[name] } = {
    key: undefined,
    value: undefined,
    offset: undefined,
    timestamp: undefined,
    headers: undefined,
    data: undefined,
  };
  let index = skipSpace(json, start + 1);
  while (json.charCodeAt(index) !== closeBrace) {
    const nameEnd = endOfText(json, index);
    const valueStart = skipSpace(json, skipSpace(json, nameEnd) + 1);
    const name = nameOf(slice(json, index, nameEnd));
    const data =
      withData && name === 'data' && json.charCodeAt(valueStart) === openBrace ? scanMembers(json, valueStart, false) : undefined;
    const valueEnd = data?.end ?? endOfValue(json, valueStart);
    if (name === 'data') members.data = data?.members;
    else if (name !== undefined) members[name] = slice(json, valueStart, valueEnd);
    index = next(json, valueEnd);
  }
  return { members, end: index + 1 };
}

/** A name may be written with escapes. */
function nameOf(json: ByteString): (typeof names)[number] | undefined {
  const name: unknown = json.includes('\\') ? JSON.parse(json) : json.slice(1, -1);
  return names.find((one) => one === name);
}

/** The index of what follows an element or a member: the next one, or the bracket that closes them. */
function next(json: ByteString, end: number): number {
  const index = skipSpace(json, end);
  return json.charCodeAt(index) === comma ? skipSpace(json, index + 1) : index;
}

function skipSpace(json: ByteString, start: number): number {
  let index = start;
  while (json.charCodeAt(index) <= space) index++;
  return index;
}

function endOfValue(json: ByteString, start: number): number {
  const first = json.charCodeAt(start);
  if (first === quote) return endOfText(json, start);
  return first === openBrace || first === openBracket ? endOfNested(json, start) : endOfLiteral(json, start);
}

/** The index behind the quote that ends the text whose first quote is at `start`. */
function endOfText(json: ByteString, start: number): number {
  let end = json.indexOf('"', start + 1);
  while (isEscaped(json, start + 1, end)) end = json.indexOf('"', end + 1);
  return end + 1;
}

/** Whether an odd number of backslashes stands before `index`, back to `start`. */
function isEscaped(json: ByteString, start: number, index: number): boolean {
  let first = index;
  while (first > start && json.charCodeAt(first - 1) === backslash) first--;
  return (index - first) % 2 === 1;
}

function endOfNested(json: ByteString, start: number): number {
  let depth = 0;
  let index = start;
  do {
    const code = json.charCodeAt(index);
    if (code === quote) index = endOfText(json, index);
    else {
      if (code === openBrace || code === openBracket) depth++;
      else if (code === closeBrace || code === closeBracket) depth--;
      index++;
    }
  } while (depth > 0);
  return index;
}

/** The index behind a number, true, false or null. */
function endOfLiteral(json: ByteString, start: number): number {
  let index = start;
  for (let code = json.charCodeAt(index); code > space && code !== comma && code !== closeBrace && code !== closeBracket; ) {
    code = json.charCodeAt(++index);
  }
  return index;
}

/** Says which members of an object are kept, and how deep it is worth knowing that they are nested, in levels. */
export interface KeptMembers {
  /** The name under which a member is kept, undefined for one that is not: of those with one name the last counts, as for `JSON.parse`. */
  readonly keptAs: (name: string) => string | undefined;
  readonly maxDepth: number;
  /** Whether the members of the object `data` are kept in the same way. */
  readonly withData: boolean;
}

/** The name of whatever is too deep and not kept by its own. */
const tooDeep = '';

/**
 * Returns the JSON of an object with no more members than those that are kept and one that is too deep, and in the place of an object or array, which
 * may hold millions of others, an empty one, or the like as deep as it is.
 */
export function keepMembers(json: ByteString, { keptAs, maxDepth, withData }: KeptMembers): string {
  if (json.charCodeAt(0) !== openBrace) return standIn(json, 1);
  const kept = new Map<string, string>();
  let index = skipSpace(json, 1);
  while (json.charCodeAt(index) !== closeBrace) {
    const nameEnd = endOfText(json, index);
    const name = parseName(slice(json, index, nameEnd));
    const valueStart = skipSpace(json, skipSpace(json, nameEnd) + 1);
    const valueEnd = endOfValue(json, valueStart);
    const value = slice(json, valueStart, valueEnd);
    const levels = Math.min(depthOf(value), maxDepth + 1);
    const keptName = keptAs(name) ?? (levels >= maxDepth ? tooDeep : undefined);
    if (withData && name === 'data') kept.set(name, keepMembers(value, { keptAs, maxDepth, withData: false }));
    else if (keptName !== undefined) kept.set(keptName, standIn(value, levels));
    index = next(json, valueEnd);
  }
  return `{${Array.from(kept, ([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`;
}

/** Most names have no escapes; what `JSON.parse` makes of millions of them would stay for long. */
function parseName(json: ByteString): string {
  const text = decodeText(json);
  return text.includes('\\') ? JSON.parse(text) : text.slice(1, -1);
}

/** A text, a number or a literal stands for itself. */
function standIn(json: ByteString, levels: number): string {
  const bracket = json.charCodeAt(0);
  if (bracket === openBracket) return '['.repeat(levels) + ']'.repeat(levels);
  return bracket === openBrace ? `${'{"":'.repeat(levels - 1)}{}${'}'.repeat(levels - 1)}` : decodeText(json);
}

/** How many levels a value is nested; 0 for what is no object and no array. */
function depthOf(json: ByteString): number {
  let [depth, greatest] = [0, 0];
  for (let index = 0; index < json.length; ) {
    const code = json.charCodeAt(index);
    if (code === openBrace || code === openBracket) greatest = Math.max(greatest, ++depth);
    else if (code === closeBrace || code === closeBracket) depth--;
    index = code === quote ? endOfText(json, index) : index + 1;
  }
  return greatest;
}

/** Whether JSON holds more values than that, on all its levels: each may take sixty bytes, whatever its text takes. */
export function hasMoreValues(json: ByteString, count: number): boolean {
  let values = 1;
  for (let index = 0; index < json.length && values <= count; ) {
    const code = json.charCodeAt(index);
    if (code === comma || code === openBrace || code === openBracket) values++;
    index = code === quote ? endOfText(json, index) : index + 1;
  }
  return values > count;
}

/** Makes spaces of raw line breaks, which would end a line of the bulk body; JSON allows them between its tokens alone. */
export function onOneLine(json: ByteString): ByteString {
  if (!json.includes('\n') && !json.includes('\r')) return json;
  // A regular expression would remember every one of millions.
  const line = Buffer.from(json, 'latin1');
  for (let index = 0; index < line.length; index++) {
    if (line[index] === lineFeed || line[index] === carriageReturn) line[index] = space;
  }
  return fromBytes(line);
}

/** The JSON without white space between its tokens. */
export function compact(json: ByteString): ByteString {
  const compacted = Buffer.allocUnsafe(json.length);
  let length = 0;
  let isText = false;
  for (let index = 0; index < json.length; index++) {
    const code = json.charCodeAt(index);
    if (code <= space && !isText) continue;
    compacted[length++] = code;
    if (code === quote) isText = !isText;
    // What a backslash escapes ends no text.
    else if (code === backslash) compacted[length++] = json.charCodeAt(++index);
  }
  return fromBytes(compacted.subarray(0, length));
}

/** The JSON in which integers that would lose digits as numbers, beyond 2^53, are texts. */
export function quoteLargeIntegers(json: ByteString): ByteString {
  const pieces: ByteString[] = [];
  let copied = 0;
  for (let index = 0; index < json.length; ) {
    const end = endOfToken(json, index);
    const token = end - index >= minimumLargeDigits ? slice(json, index, end) : nothing;
    if (integer.test(token) && !Number.isSafeInteger(Number(token))) {
      pieces.push(bytes`${slice(json, copied, index)}"${token}"`);
      copied = end;
    }
    index = end;
  }
  return concat([...pieces, slice(json, copied, json.length)]);
}

const integer = /^-?\d+$/;
const minimumLargeDigits = 16;

/** The index behind a text, a number, or any other character. */
function endOfToken(json: ByteString, start: number): number {
  const code = json.charCodeAt(start);
  if (code === quote) return endOfText(json, start);
  return code === minus || (code >= zero && code <= nine) ? endOfLiteral(json, start) : start + 1;
}
