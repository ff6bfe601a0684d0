/** A line of a function's log. */
export interface LogLine {
  readonly requestId: string;
  readonly instanceId: string;
  /** When it was written, in ms since 1970. */
  readonly time: number;
  readonly text: string;
  /** Who wrote it. */
  readonly source: 'function' | 'platform';
}

/** What is logged of one invocation, in its order, and its tail. */
export class InvocationLog {
  readonly requestId: string;
  readonly #instanceId: string;
  readonly #onLine: (line: LogLine) => void;
  #tail = '';

  constructor(requestId: string, instanceId: string, onLine: (line: LogLine) => void) {
    this.requestId = requestId;
    this.#instanceId = instanceId;
    this.#onLine = onLine;
  }

  /** `text`: cut to what a line of the log can hold. */
  write(text: string, source: LogLine['source']): void {
    const line = cut(text);
    this.#tail = lastBytes(`${this.#tail}${line}\n`, tailBytes);
    this.#onLine({ requestId: this.requestId, instanceId: this.#instanceId, time: Date.now(), text: line, source });
  }

  /** The last 4 KB: what `X-Fc-Log-Type: Tail` asks for. */
  get tail(): string {
    return this.#tail;
  }
}

const tailBytes = 4096;
/** https://help.aliyun.com/zh/functioncompute/fc/product-overview/limits-of-usage */
const lineBytes = 32 * 1024;

function cut(text: string): string {
  if (Buffer.byteLength(text) <= lineBytes) return text;
  // A character that is cut in its middle goes, too.
  return Buffer.from(text)
    .subarray(0, lineBytes)
    .toString()
    .replace(/\uFFFD$/, '');
}

function lastBytes(text: string, count: number): string {
  const bytes = Buffer.from(text);
  return bytes.length <= count
    ? text
    : bytes
        .subarray(-count)
        .toString()
        .replace(/^\uFFFD+/, '');
}
