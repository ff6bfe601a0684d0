import type { Span } from './json-scanner.ts';

const tab = 0x09;
const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const quote = 0x22;
const plus = 0x2b;
const comma = 0x2c;
const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
const nine = 0x39;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const letterE = 0x65;
const letterU = 0x75;
/** What makes a capital letter a small one. */
const smallLetter = 0x20;

const escapes = new Set(Buffer.from('"\\/bfnrt'));
const literals = ['true', 'false', 'null'].map((literal) => Buffer.from(literal));

/**
 * Checks that bytes, which are UTF-8, are JSON (RFC 8259), as `JSON.parse` does, but makes nothing of them, which can take twenty times their
 * memory. Returns where the elements stand, none where it is no array; undefined: the bytes are not JSON.
 */
export function checkJson(bytes: Buffer): readonly Span[] | undefined {
  return new Checker(bytes).check();
}

class Checker {
  readonly #bytes: Buffer;
  readonly #elements: Span[] = [];
  /** The brackets that are to come, the next one last. */
  #closing = new Uint8Array(64);
  #depth = 0;
  #index = 0;
  /** Of the element. */
  #start: number;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.#start = bytes.length;
  }

  check(): readonly Span[] | undefined {
    do {
      if (!this.#enterValue()) return undefined;
    } while (this.#leaveValues());
    return this.#depth === 0 && this.#index === this.#bytes.length ? this.#elements : undefined;
  }

  /** Goes down to the first value that holds no other. */
  #enterValue(): boolean {
    for (;;) {
      this.#skipSpace();
      if (this.#depth === 1) this.#start = this.#index;
      const byte = this.#bytes[this.#index];
      if (byte !== openBracket && byte !== openBrace) return this.#passScalar(byte);
      this.#push(byte === openBracket ? closeBracket : closeBrace);
      this.#index++;
      this.#skipSpace();
      if (this.#bytes[this.#index] === this.#closing[this.#depth - 1]) return true;
      if (byte === openBrace && !this.#passName()) return false;
    }
  }

  /** Leaves all values that end here; returns whether another one follows. */
  #leaveValues(): boolean {
    for (;;) {
      const end = this.#index;
      this.#skipSpace();
      if (this.#depth === 0) return false;
      const bracket = this.#closing[this.#depth - 1];
      if (this.#depth === 1 && bracket === closeBracket && end > this.#start) {
        this.#elements.push({ bytes: this.#bytes, start: this.#start, end });
      }
      const byte = this.#bytes[this.#index++];
      if (byte === bracket) this.#depth--;
      else return byte === comma && (bracket === closeBracket || this.#passName());
    }
  }

  #push(bracket: number): void {
    if (this.#depth === this.#closing.length) {
      const larger = new Uint8Array(this.#depth * 2);
      larger.set(this.#closing);
      this.#closing = larger;
    }
    this.#closing[this.#depth++] = bracket;
  }

  #passName(): boolean {
    this.#skipSpace();
    if (this.#bytes[this.#index] !== quote || !this.#passText()) return false;
    this.#skipSpace();
    return this.#bytes[this.#index++] === colon;
  }

  #passScalar(first: number | undefined): boolean {
    if (first === quote) return this.#passText();
    if (first === minus || isDigit(first)) return this.#passNumber();
    const literal = literals.find((one) => this.#bytes.subarray(this.#index, this.#index + one.length).equals(one));
    this.#index += literal?.length ?? 0;
    return literal !== undefined;
  }

  #passText(): boolean {
    for (;;) {
      const byte = this.#bytes[++this.#index];
      if (byte === quote) break;
      if (byte === undefined || byte < space) return false;
      if (byte === backslash && !this.#passEscape()) return false;
    }
    this.#index++;
    return true;
  }

  #passEscape(): boolean {
    const letter = this.#bytes[++this.#index] ?? 0;
    if (letter !== letterU) return escapes.has(letter);
    for (let digit = 0; digit < 4; digit++) {
      if (!isHexDigit(this.#bytes[++this.#index])) return false;
    }
    return true;
  }

  #passNumber(): boolean {
    if (this.#bytes[this.#index] === minus) this.#index++;
    if (this.#bytes[this.#index] === zero) this.#index++;
    else if (!this.#passDigits()) return false;
    if (this.#bytes[this.#index] === point) {
      this.#index++;
      if (!this.#passDigits()) return false;
    }
    return ((this.#bytes[this.#index] ?? 0) | smallLetter) !== letterE || this.#passExponent();
  }

  #passExponent(): boolean {
    const sign = this.#bytes[++this.#index];
    if (sign === plus || sign === minus) this.#index++;
    return this.#passDigits();
  }

  #passDigits(): boolean {
    const start = this.#index;
    while (isDigit(this.#bytes[this.#index])) this.#index++;
    return this.#index > start;
  }

  #skipSpace(): void {
    while (isSpace(this.#bytes[this.#index])) this.#index++;
  }
}

function isSpace(byte: number | undefined): boolean {
  return byte === space || byte === lineFeed || byte === carriageReturn || byte === tab;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= zero && byte <= nine;
}

function isHexDigit(byte: number | undefined): boolean {
  const letter = (byte ?? 0) | smallLetter;
  return isDigit(byte) || (letter >= 0x61 && letter <= 0x66);
}
