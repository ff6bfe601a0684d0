const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/**
 * The bytes of each element of a JSON array, without parsing: a record's numbers, duplicate names and escapes stay as they are.
 * The array must be one that `JSON.parse` accepts; that it has `count` elements is checked.
 */
export function elementBytes(array: Buffer, count: number): Buffer[] {
  const elements: Buffer[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < array.length; index++) {
    switch (array[index]) {
      case quote:
        index = endOfString(array, index);
        break;
      case openBracket:
      case openBrace:
        if (++depth === 1) start = index + 1;
        break;
      case closeBracket:
      case closeBrace:
        if (--depth === 0 && count > 0) elements.push(array.subarray(start, index));
        break;
      case comma:
        if (depth === 1) {
          elements.push(array.subarray(start, index));
          start = index + 1;
        }
        break;
    }
  }
  if (elements.length !== count) throw new Error(`found ${elements.length} elements in an array of ${count}`);
  return elements;
}

/** The index of the quote that ends the string whose first quote is at `start`. */
function endOfString(array: Buffer, start: number): number {
  let index = start + 1;
  while (array[index] !== quote) index += array[index] === backslash ? 2 : 1;
  return index;
}
