import type { ByteString } from './byte-string.ts';

const quote = 0x22;
const comma = 0x2c;
const colon = 0x3a;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const space = 0x20;

/** An object's members that are copied as they came, and where it ends (exclusive). */
export interface ObjectMembers {
  readonly end: number;
  readonly value: ByteString | undefined;
  readonly offset: ByteString | undefined;
  readonly timestamp: ByteString | undefined;
  readonly headers: ByteString | undefined;
  /** The same of the object `data`. */
  readonly data: ObjectMembers | undefined;
}

/*
 * Finds where things stand in JSON without parsing it: numbers keep every digit, texts their escapes, and a name that stands twice stands
 * twice, of which the last counts, as for `JSON.parse`. It must be JSON that `JSON.parse` accepts; nothing is checked again here.
 */

/** The elements of an array of `count`; `areObjects`: each is an object with a member at least. */
export function scanArray(json: ByteString, count: number, areObjects: boolean): ByteString[] {
  return (areObjects ? splitObjects(json, count) : undefined) ?? walkArray(json);
}

/**
 * Cuts an array of objects at every `}`, `,`, `{`, `"` that follow each other. Each true cut is such a place; so when there are as many places
 * as true cuts, all of them are true, although nobody has looked what stands inside a text. undefined: there were others.
 *
 * A native search for braces costs a tenth of a walk over all characters.
 */
function splitObjects(json: ByteString, count: number): ByteString[] | undefined {
  const elements: ByteString[] = [];
  let start = json.indexOf('{');
  for (let brace = json.indexOf('{', start + 1); brace !== -1; brace = json.indexOf('{', brace + 1)) {
    const end = endBefore(json, brace);
    if (end === undefined) continue;
    if (elements.length === count) return undefined;
    elements.push(json.slice(start, end));
    start = brace;
  }
  if (elements.length !== count - 1) return undefined;
  elements.push(json.slice(start, json.lastIndexOf('}') + 1));
  return elements;
}

/** After the `}` that stands before a `,` before the `{` at `brace`, if a `"` follows. */
function endBefore(json: ByteString, brace: number): number | undefined {
  if (json.charCodeAt(skipSpace(json, brace + 1)) !== quote) return undefined;
  const separator = skipSpaceBack(json, brace - 1);
  if (json.charCodeAt(separator) !== comma) return undefined;
  const end = skipSpaceBack(json, separator - 1);
  return json.charCodeAt(end) === closeBrace ? end + 1 : undefined;
}

function walkArray(json: ByteString): ByteString[] {
  const elements: ByteString[] = [];
  let index = skipSpace(json, skipSpace(json, 0) + 1);
  while (json.charCodeAt(index) !== closeBracket) {
    const end = endOfValue(json, index);
    elements.push(json.slice(index, end));
    index = next(json, end);
  }
  return elements;
}

/** The members of the object that begins at `start`. */
export function scanObject(json: ByteString, start = 0): ObjectMembers {
  const members: { -readonly [name in keyof ObjectMembers]: ObjectMembers[name] } = {
    end: 0,
    value: undefined,
    offset: undefined,
    timestamp: undefined,
    headers: undefined,
    data: undefined,
  };
  let index = skipSpace(json, start + 1);
  while (json.charCodeAt(index) !== closeBrace) {
    const nameEnd = endOfString(json, index);
    const valueStart = skipSpace(json, skipSpace(json, nameEnd) + 1);
    const name = nameOf(json.slice(index + 1, nameEnd - 1));
    const valueEnd = endOfValue(json, valueStart);
    if (name === 'data') members.data = json.charCodeAt(valueStart) === openBrace ? scanObject(json, valueStart) : undefined;
    else if (name) members[name] = json.slice(valueStart, valueEnd);
    index = next(json, valueEnd);
  }
  return { ...members, end: index + 1 };
}

/**
 * The text, with its quotes, that is the value of the only member of that name in an object and all that stands in it; undefined: there is not
 * just one, or it has no text, or a name may be written with escapes. Inside a text nothing can pretend to be the name: its quotes are escaped.
 */
export function findText(json: ByteString, name: string): ByteString | undefined {
  const quoted = `"${name}"`;
  const place = json.indexOf(quoted);
  if (place === -1) return undefined;
  const separator = skipSpace(json, place + quoted.length);
  const start = skipSpace(json, separator + 1);
  if (json.charCodeAt(separator) !== colon || json.charCodeAt(start) !== quote) return undefined;
  const end = endOfString(json, start);
  return json.indexOf(quoted, end) === -1 ? json.slice(start, end) : undefined;
}

const memberNames = ['value', 'offset', 'timestamp', 'headers', 'data'] as const;

/** A name may be written with escapes. */
function nameOf(text: ByteString): (typeof memberNames)[number] | undefined {
  const name: unknown = text.includes('\\') ? JSON.parse(`"${text}"`) : text;
  return memberNames.find((member) => member === name);
}

/** The index of what follows an element or a member: the next one, or the bracket that closes them. */
function next(json: ByteString, end: number): number {
  const index = skipSpace(json, end);
  return json.charCodeAt(index) === comma ? skipSpace(json, index + 1) : index;
}

function skipSpaceBack(json: ByteString, start: number): number {
  let index = start;
  while (json.charCodeAt(index) <= space) index--;
  return index;
}

function skipSpace(json: ByteString, start: number): number {
  let index = start;
  while (json.charCodeAt(index) <= space) index++;
  return index;
}

function endOfValue(json: ByteString, start: number): number {
  const first = json.charCodeAt(start);
  if (first === quote) return endOfString(json, start);
  return first === openBrace || first === openBracket ? endOfNested(json, start) : endOfLiteral(json, start);
}

/** After the quote that ends the string whose first quote is at `start`. */
function endOfString(json: ByteString, start: number): number {
  let found = json.indexOf('"', start + 1);
  while (isEscaped(json, start, found)) found = json.indexOf('"', found + 1);
  return found + 1;
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
    const byte = json.charCodeAt(index);
    if (byte === quote) index = endOfString(json, index);
    else {
      if (byte === openBrace || byte === openBracket) depth++;
      else if (byte === closeBrace || byte === closeBracket) depth--;
      index++;
    }
  } while (depth > 0);
  return index;
}

/** Of a number, true, false or null. */
function endOfLiteral(json: ByteString, start: number): number {
  let index = start;
  for (
    let byte = json.charCodeAt(index);
    byte > space && byte !== comma && byte !== closeBrace && byte !== closeBracket;
    byte = json.charCodeAt(index)
  )
    index++;
  return index;
}

/** JSON without white space between its tokens. */
export function compact(json: ByteString): ByteString {
  const pieces: ByteString[] = [];
  let index = 0;
  while (index < json.length) {
    const from = index;
    const code = json.charCodeAt(index);
    index = code === quote ? endOfString(json, index) : code <= space ? skipSpace(json, index) : index + 1;
    if (code > space) pieces.push(json.slice(from, index));
  }
  return pieces.join('');
}
