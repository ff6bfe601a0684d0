import type { Settings } from '../../../shared/settings.ts';
import { writeBytes } from '../byte-string.ts';
import type { MappedOperation, Operation } from '../operation.ts';

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

/** The limits of a request; an operation that is larger alone stands alone. */
type Limits = Pick<Settings, 'BATCH_MAX_BYTES' | 'BATCH_MAX_RECORDS'>;

/**
 * Cuts operations, in their order, into requests. Lines become bytes at once: kept as texts they would burden the garbage collector. All requests
 * share one buffer, so that memory is taken for the lines there are, however they are cut.
 */
export class Batcher {
  readonly #limits: Limits;
  readonly #closed: Batch[] = [];
  #operations: Operation[] = [];
  #ends: number[] = [];
  #buffer: Buffer;
  /** Where the lines of the open request stand in the buffer. */
  #start = 0;
  #end = 0;
  /** The size of the open request and all that come. */
  #expectedBytes: number;

  /** `expectedBytes` is the size of all lines; a good guess spares copies. */
  constructor(limits: Limits, expectedBytes: number) {
    this.#limits = limits;
    this.#buffer = Buffer.allocUnsafe(expectedBytes);
    this.#expectedBytes = expectedBytes;
  }

  add({ lines, operation }: MappedOperation): void {
    const { BATCH_MAX_BYTES, BATCH_MAX_RECORDS } = this.#limits;
    const bytes = lines.reduce((sum, piece) => sum + piece.length, 0);
    const isFull = this.#end - this.#start + bytes > BATCH_MAX_BYTES || this.#operations.length >= BATCH_MAX_RECORDS;
    if (isFull && this.#operations.length > 0) this.#close();
    if (this.#end + bytes > this.#buffer.length) this.#moveOpen(bytes);
    for (const piece of lines) this.#end = writeBytes(piece, this.#buffer, this.#end);
    this.#operations.push(operation);
    this.#ends.push(this.#end - this.#start);
  }

  finish(): readonly Batch[] {
    if (this.#operations.length > 0) this.#close();
    return this.#closed;
  }

  /** Moves the open request into a buffer that holds it twice, and so many bytes more, or all the rest that is expected. */
  #moveOpen(bytes: number): void {
    const open = this.#buffer.subarray(this.#start, this.#end);
    this.#expectedBytes -= this.#start;
    this.#buffer = Buffer.allocUnsafe(Math.max(open.length * 2 + bytes, this.#expectedBytes));
    open.copy(this.#buffer);
    this.#start = 0;
    this.#end = open.length;
  }

  #close(): void {
    this.#closed.push(new Batch(this.#operations, this.#buffer.subarray(this.#start, this.#end), this.#ends));
    this.#operations = [];
    this.#ends = [];
    this.#start = this.#end;
  }
}

/** The operations of batches in as few as the limits allow, in their order. */
export function joinBatches(batches: readonly Batch[], { BATCH_MAX_BYTES, BATCH_MAX_RECORDS }: Limits): readonly Batch[] {
  const joined: Batch[] = [];
  let open: Batch[] = [];
  let bytes = 0;
  for (const batch of batches) {
    const isFull = bytes + batch.body.length > BATCH_MAX_BYTES || open.length >= BATCH_MAX_RECORDS;
    if (isFull && open.length > 0) joined.push(concatenate(open.splice(0)));
    bytes = (isFull ? 0 : bytes) + batch.body.length;
    open = [...open, batch];
  }
  return open.length > 0 ? [...joined, concatenate(open)] : joined;
}

function concatenate(batches: readonly Batch[]): Batch {
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
