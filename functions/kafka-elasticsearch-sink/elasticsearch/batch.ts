import type { Settings } from '../../../shared/settings.ts';
import type { Lines } from '../document.ts';
import type { Operation } from '../map.ts';

/** The operations of one bulk request, and its body: https://www.elastic.co/guide/en/elasticsearch/reference/7.10/docs-bulk.html */
export class Batch {
  readonly operations: readonly Operation[];
  readonly body: Buffer;
  /** Where each operation's lines end in the body. */
  readonly ends: readonly number[];

  constructor(operations: readonly Operation[], body: Buffer, ends: readonly number[]) {
    this.operations = operations;
    this.body = body;
    this.ends = ends;
  }

  /** The operations of these numbers, which ascend. */
  pick(numbers: readonly number[]): Batch {
    const picked = numbers.map((number) => this.body.subarray(this.ends[number - 1] ?? 0, this.ends[number]));
    let end = 0;
    const ends = picked.map((lines) => {
      end += lines.length;
      return end;
    });
    return new Batch(
      numbers.flatMap((number) => this.operations[number] ?? []),
      Buffer.concat(picked),
      ends,
    );
  }

  /** The operations that pass, in their order. */
  filter(passes: (operation: Operation) => boolean): Batch {
    const numbers = [...this.operations.keys()].filter((number) => passes(this.operations[number] as Operation));
    return numbers.length === this.operations.length ? this : this.pick(numbers);
  }

  /** The first half, which is never the smaller one, and the second. */
  halve(): readonly [Batch, Batch] {
    const numbers = [...this.operations.keys()];
    const half = Math.ceil(numbers.length / 2);
    return [this.pick(numbers.slice(0, half)), this.pick(numbers.slice(half))];
  }
}

/** Of a request; an operation that is larger alone stands alone. */
type Limits = Pick<Settings, 'BATCH_MAX_BYTES' | 'BATCH_MAX_RECORDS'>;

/** Cuts operations, in their order, into requests. Lines become bytes at once: kept as texts they would burden the garbage collector. */
export class Batches {
  readonly #limits: Limits;
  readonly #closed: Batch[] = [];
  #operations: Operation[] = [];
  #ends: number[] = [];
  #body: Buffer;
  #end = 0;
  #expectedBytes: number;

  /** `expectedBytes`: of all lines; a good guess spares copies. */
  constructor(limits: Limits, expectedBytes: number) {
    this.#limits = limits;
    this.#expectedBytes = expectedBytes;
    this.#body = this.#allocate(0);
  }

  add(operation: Operation, lines: Lines): void {
    const { BATCH_MAX_BYTES, BATCH_MAX_RECORDS } = this.#limits;
    let end = this.#write(lines);
    const isFull = end > BATCH_MAX_BYTES || this.#operations.length >= BATCH_MAX_RECORDS;
    if (isFull && this.#operations.length > 0) end = this.#closeBefore(end);
    this.#operations.push(operation);
    this.#ends.push(end);
    this.#end = end;
  }

  finish(): readonly Batch[] {
    if (this.#operations.length > 0) this.#close();
    return this.#closed;
  }

  /** Writes the lines after those that are there, and returns where they end. */
  #write({ head, body, tail }: Lines): number {
    const isText = typeof body === 'string';
    const bodyLimit = isText ? body.length * bytesOfCharacter : body.end - body.start;
    this.#reserve((head.length + tail.length) * bytesOfCharacter + bodyLimit);
    const start = this.#end + this.#body.write(head, this.#end);
    const end = start + (isText ? this.#body.write(body, start) : body.bytes.copy(this.#body, start, body.start, body.end));
    return end + this.#body.write(tail, end);
  }

  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#body.length) return;
    const larger = Buffer.allocUnsafe(this.#end * 2 + bytes);
    this.#body.copy(larger, 0, 0, this.#end);
    this.#body = larger;
  }

  /** Ends the request before the lines that were written last, up to `end`, which begin the next one; returns where they end there. */
  #closeBefore(end: number): number {
    const rest = this.#body.subarray(this.#end, end);
    this.#close();
    this.#expectedBytes -= this.#end;
    this.#body = this.#allocate(rest.length);
    this.#operations = [];
    this.#ends = [];
    this.#end = 0;
    return rest.copy(this.#body);
  }

  #close(): void {
    this.#closed.push(new Batch(this.#operations, this.#body.subarray(0, this.#end), this.#ends));
  }

  #allocate(leastBytes: number): Buffer {
    return Buffer.allocUnsafe(Math.max(leastBytes, Math.min(this.#limits.BATCH_MAX_BYTES, this.#expectedBytes)));
  }
}

/** Of UTF-8, for a UTF-16 code unit, at most. */
const bytesOfCharacter = 3;

/** The operations of all batches as one, in their order. */
export function joinBatches(batches: readonly Batch[]): Batch {
  let start = 0;
  const ends = batches.flatMap((batch) => {
    const shifted = batch.ends.map((end) => end + start);
    start += batch.body.length;
    return shifted;
  });
  return new Batch(
    batches.flatMap(({ operations }) => operations),
    Buffer.concat(batches.map(({ body }) => body)),
    ends,
  );
}
