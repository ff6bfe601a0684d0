/**
 * What a terminal obeys, or hides, instead of showing it: control characters but tab and line feed (ESC begins sequences that write the clipboard or
 * the title, CR and backspace write over what was shown), marks that turn the direction of text around or have no width, halves of characters:
 * https://invisible-island.net/xterm/ctlseqs/ctlseqs.html, https://trojansource.codes
 */
const unprintable = /(?![\t\n])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** The text with `\u001b` instead of the character of that code, where a terminal would not show it; in JSON that is the same text. */
export function printable(text: string): string {
  return text.replace(unprintable, (character) =>
    Array.from({ length: character.length }, (_, unit) => `\\u${character.charCodeAt(unit).toString(16).padStart(4, '0')}`).join(''),
  );
}

/** Prints a result, made printable, and ends the line. */
export function print(text: string): void {
  process.stdout.write(`${printable(text)}\n`);
}

/** Notes on standard error what is no result, made printable, and ends the line. */
export function note(text: string): void {
  process.stderr.write(`${printable(text)}\n`);
}

/** Makes everything printable that is written to standard output from now on, whoever writes it: where it is JSON, it stays the same JSON. */
export function makeOutputPrintable(): void {
  process.stdout.write = new Proxy(process.stdout.write, {
    apply: (write, stream, [chunk, ...rest]) =>
      Reflect.apply(write, stream, [typeof chunk === 'string' ? printable(chunk) : chunk, ...rest]),
  });
}
