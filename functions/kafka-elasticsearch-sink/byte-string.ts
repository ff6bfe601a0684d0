/**
 * Bytes of UTF-8 as a text of one character a byte: JavaScript cuts, searches and joins such texts several times quicker than buffers.
 * The term is Web IDL's: https://webidl.spec.whatwg.org/#idl-ByteString
 */
export type ByteString = string;

const ascii = /^[\t -~]*$/;

/** The bytes of a text. */
export function toByteString(text: string): ByteString {
  return ascii.test(text) ? text : Buffer.from(text).toString('latin1');
}

/** The text that the bytes write. */
export function fromByteString(bytes: ByteString): string {
  return ascii.test(bytes) ? bytes : Buffer.from(bytes, 'latin1').toString();
}
