/**
 * UTF-8 as a text of one character a byte, a ByteString of Web IDL: found, cut and joined by the engine's own text functions, and turned into bytes
 * by one copy. A type of its own, since a text that is not encoded would be written as other bytes.
 */
export type ByteString = string & { readonly [encoded]: 'UTF-8' };
declare const encoded: unique symbol;

/** The bytes of a buffer, which must be UTF-8, as a byte string. */
export function fromBytes(bytes: Buffer): ByteString {
  return bytes.toString('latin1') as ByteString;
}

/** A text, encoded; half a surrogate pair becomes U+FFFD. */
export function encode(text: string): ByteString {
  return isAscii(text) ? (text as ByteString) : fromBytes(Buffer.from(text));
}

/** The text that a byte string encodes. */
export function decodeText(bytes: ByteString): string {
  return isAscii(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString();
}

/** The length of the text that a byte string encodes, in UTF-16 code units. */
export function lengthOfText(bytes: ByteString): number {
  if (isAscii(bytes)) return bytes.length;
  const buffer = Buffer.from(bytes, 'latin1');
  let units = 0;
  for (let index = 0; index < buffer.length; index++) {
    const byte = buffer[index] as number;
    if (!isContinuation(byte)) units += byte >= firstOfFourBytes ? 2 : 1;
  }
  return units;
}

/** Beyond the first plane, where a character takes four bytes and two code units. */
const firstOfFourBytes = 0xf0;

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

/** Writes a byte string into a buffer that has room for it, and returns the index behind it. */
export function writeBytes(bytes: ByteString, buffer: Buffer, start: number): number {
  return start + buffer.write(bytes, start, 'latin1');
}

/** A piece, from `start` (inclusive) to `end` (exclusive), in bytes; it must not cut a character. */
export function slice(bytes: ByteString, start: number, end: number): ByteString {
  return bytes.slice(start, end) as ByteString;
}

/** A template whose own pieces are ASCII, and whose values are byte strings or numbers. */
export function bytes(pieces: TemplateStringsArray, ...values: readonly (ByteString | number | bigint)[]): ByteString {
  let joined = pieces[0] ?? '';
  for (let index = 0; index < values.length; index++) joined += `${values[index]}${pieces[index + 1]}`;
  return joined as ByteString;
}

/** The empty byte string, for what is left out of a template. */
export const nothing = bytes``;

/** Pieces, one behind the other, which the engine copies only when the whole is read. */
export function concat(pieces: readonly ByteString[]): ByteString {
  return pieces.reduce((whole, piece) => bytes`${whole}${piece}`, nothing);
}

/** Looks at the text with a native search, which costs a tenth of a regular expression's. */
function isAscii(text: string): boolean {
  return Buffer.byteLength(text) === text.length;
}
