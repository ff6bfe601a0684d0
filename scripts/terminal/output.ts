import { printableLines } from '../../shared/printable.ts';

/** Prints a result, made printable, and ends the line. */
export function print(text: string): void {
  process.stdout.write(`${printableLines(text)}\n`);
}

/** Notes on standard error what is no result, made printable, and ends the line. */
export function note(text: string): void {
  process.stderr.write(`${printableLines(text)}\n`);
}

/** Makes everything printable that is written to standard output from now on, whoever writes it: where it is JSON, it stays the same JSON. */
export function makeOutputPrintable(): void {
  process.stdout.write = new Proxy(process.stdout.write, {
    apply: (write, stream, [chunk, ...rest]) =>
      Reflect.apply(write, stream, [typeof chunk === 'string' ? printableLines(chunk) : chunk, ...rest]),
  });
}
