/**
 * What ends a line, and what a terminal obeys or hides instead of showing it: control characters (ESC begins sequences that write the clipboard or the
 * title, CR and backspace write over what was shown), marks that turn the direction of text around or have no width, halves of characters:
 * https://invisible-island.net/xterm/ctlseqs/ctlseqs.html, https://trojansource.codes
 */
const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** A text that others made, on one line, with the characters that cannot be seen as JSON's escapes. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) =>
    [...Array(character.length).keys()].map((unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`).join(''),
  );
}

/** The same of a text that has lines: tabs and line feeds stay. In JSON it is the same text. */
export function printableLines(text: string): string {
  return text.replace(/[^\t\n]+/g, (part) => printable(part));
}
