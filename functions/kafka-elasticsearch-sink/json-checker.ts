import { type ByteString, slice } from './byte-string.ts';
import {
  backslash,
  carriageReturn,
  closeBrace,
  closeBracket,
  colon,
  comma,
  letterE,
  letterU,
  lineFeed,
  minus,
  nine,
  openBrace,
  openBracket,
  plus,
  point,
  quote,
  space,
  tab,
  zero,
} from './json-characters.ts';

/** The bit that makes a capital letter a small one. */
const lowerCaseBit = 0x20;

const escapes = new Set(Buffer.from('"\\/bfnrt'));
const literals = ['true', 'false', 'null'];

/**
 * The end of the JSON value (RFC 8259) that begins there, or undefined: it is not JSON. Takes exactly what `JSON.parse` takes, but makes nothing of
 * it, which can take twenty times its memory, and bears any depth.
 */
export function endOfJson(json: ByteString, start: number): number | undefined {
  return new Checker(json, start).check();
}

/** The index of the first character that is no white space of JSON. */
export function skipSpace(json: ByteString, start: number): number {
  let index = start;
  while (isSpace(json.charCodeAt(index))) index++;
  return index;
}

/** The JSON without white space around it. */
export function trimSpace(json: ByteString): ByteString {
  let end = json.length;
  while (isSpace(json.charCodeAt(end - 1))) end--;
  return slice(json, skipSpace(json, 0), end);
}

class Checker {
  readonly #json: ByteString;
  /** The brackets that are to come, the next one last. */
  #closing = new Uint8Array(64);
  #depth = 0;
  #index: number;

  constructor(json: ByteString, start: number) {
    this.#json = json;
    this.#index = start;
  }

  check(): number | undefined {
    do {
      if (!this.#enterValue()) return undefined;
    } while (this.#leaveValues());
    return this.#depth === 0 ? this.#index : undefined;
  }

  /** Goes down to the first value that holds no other. */
  #enterValue(): boolean {
    for (;;) {
      this.#skipSpace();
      const code = this.#code;
      if (code !== openBracket && code !== openBrace) return this.#passScalar(code);
      this.#push(code === openBracket ? closeBracket : closeBrace);
      this.#index++;
      this.#skipSpace();
      if (this.#code === this.#closing[this.#depth - 1]) return true;
      if (code === openBrace && !this.#passName()) return false;
    }
  }

  /** Leaves all values that end here; returns whether another one follows. */
  #leaveValues(): boolean {
    while (this.#depth > 0) {
      this.#skipSpace();
      const bracket = this.#closing[this.#depth - 1];
      const code = this.#json.charCodeAt(this.#index++);
      if (code === bracket) this.#depth--;
      else return code === comma && (bracket === closeBracket || this.#passName());
    }
    return false;
  }

  /** The character code, NaN at the end. */
  get #code(): number {
    return this.#json.charCodeAt(this.#index);
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
    if (this.#code !== quote || !this.#passText()) return false;
    this.#skipSpace();
    return this.#json.charCodeAt(this.#index++) === colon;
  }

  #passScalar(first: number): boolean {
    if (first === quote) return this.#passText();
    if (first === minus || isDigit(first)) return this.#passNumber();
    const literal = literals.find((one) => this.#json.startsWith(one, this.#index));
    this.#index += literal?.length ?? 0;
    return literal !== undefined;
  }

  #passText(): boolean {
    for (;;) {
      const code = this.#json.charCodeAt(++this.#index);
      if (code === quote) break;
      if (!(code >= space)) return false;
      if (code === backslash && !this.#passEscape()) return false;
    }
    this.#index++;
    return true;
  }

  #passEscape(): boolean {
    const letter = this.#json.charCodeAt(++this.#index);
    if (letter !== letterU) return escapes.has(letter);
    for (let digit = 0; digit < 4; digit++) {
      if (!isHexDigit(this.#json.charCodeAt(++this.#index))) return false;
    }
    return true;
  }

  #passNumber(): boolean {
    if (this.#code === minus) this.#index++;
    if (this.#code === zero) this.#index++;
    else if (!this.#passDigits()) return false;
    if (this.#code === point) {
      this.#index++;
      if (!this.#passDigits()) return false;
    }
    return (this.#code | lowerCaseBit) !== letterE || this.#passExponent();
  }

  #passExponent(): boolean {
    const sign = this.#json.charCodeAt(++this.#index);
    if (sign === plus || sign === minus) this.#index++;
    return this.#passDigits();
  }

  #passDigits(): boolean {
    const start = this.#index;
    while (isDigit(this.#code)) this.#index++;
    return this.#index > start;
  }

  #skipSpace(): void {
    this.#index = skipSpace(this.#json, this.#index);
  }
}

/** Whether a character code is white space of JSON. */
export function isSpace(code: number): boolean {
  return code === space || code === lineFeed || code === carriageReturn || code === tab;
}

function isDigit(code: number): boolean {
  return code >= zero && code <= nine;
}

function isHexDigit(code: number): boolean {
  const letter = code | lowerCaseBit;
  return isDigit(code) || (letter >= 0x61 && letter <= 0x66);
}
