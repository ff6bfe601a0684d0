import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/** The lines that a process writes, and when it has written all of an invocation. */
export class Output {
  readonly #marks = new Set<string>();
  readonly #waiting = new Map<string, () => void>();
  #hasEnded = false;
  /** Before a mark stands a line break, which makes an empty line unless one is open. */
  #isEmptyPending = false;

  constructor(stream: Readable, onLine: (text: string) => void) {
    const lines = createInterface(stream);
    lines.on('line', (text) => this.#take(text, onLine));
    lines.on('close', () => {
      this.#hasEnded = true;
      for (const resolve of this.#waiting.values()) resolve();
    });
  }

  /** Resolves when the line `mark` has come, or none can come any more. */
  async until(mark: string): Promise<void> {
    if (this.#marks.delete(mark) || this.#hasEnded) return;
    await new Promise<void>((resolve) => {
      this.#waiting.set(mark, resolve);
    });
    this.#waiting.delete(mark);
  }

  #take(text: string, onLine: (text: string) => void): void {
    if (text.startsWith(markPrefix)) {
      this.#isEmptyPending = false;
      const resolve = this.#waiting.get(text);
      if (resolve) resolve();
      else this.#marks.add(text);
      return;
    }
    if (this.#isEmptyPending) onLine('');
    this.#isEmptyPending = text === '';
    if (text !== '') onLine(text);
  }
}

/** What no function writes by chance; a random text follows. */
export const markPrefix = '\u0000end of invocation ';
