/** Control characters, marks of direction and of no width, halves of characters, and separators of lines: what ends a line, or drives or deceives a terminal. */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** A text that others made, on one line, with the characters that cannot be seen as JSON's escapes. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) =>
    [...Array(character.length).keys()].map((unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`).join(''),
  );
}
