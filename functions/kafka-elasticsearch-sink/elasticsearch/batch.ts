import type { Settings } from '../../../shared/settings.ts';
import type { ByteString } from '../byte-string.ts';
import type { Operation } from '../map.ts';

/** The operations of one bulk request, and its body: https://www.elastic.co/guide/en/elasticsearch/reference/7.10/docs-bulk.html */
export class Batch {
  readonly operations: readonly Operation[];
  readonly body: Buffer;
  /** Where each operation's lines end in the body. */
  readonly #ends: readonly number[];

  constructor(operations: readonly Operation[], body: Buffer, ends: readonly number[]) {
    this.operations = operations;
    this.body = body;
    this.#ends = ends;
  }

  /** The operations of these numbers, which ascend. */
  pick(numbers: readonly number[]): Batch {
    const picked = numbers.map((number) => this.body.subarray(this.#ends[number - 1] ?? 0, this.#ends[number]));
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

  /** The first half, which is never the smaller one, and the second. */
  halve(): readonly [Batch, Batch] {
    const numbers = [...this.operations.keys()];
    const half = Math.ceil(numbers.length / 2);
    return [this.pick(numbers.slice(0, half)), this.pick(numbers.slice(half))];
  }
}

/** Of a request; an operation that is larger alone stands alone. */
type Limits = Pick<Settings, 'BATCH_MAX_BYTES' | 'BATCH_MAX_RECORDS'>;

/** Cuts operations, in their order, into requests. Lines become bytes at once: as texts they would burden the garbage collector. */
export class Batches {
  readonly #limits: Limits;
  readonly #closed: Batch[] = [];
  #operations: Operation[] = [];
  #ends: number[] = [];
  #body: Buffer;
  #end = 0;

  /** `expectedBytes`: of all lines; a good guess spares copies. */
  constructor(limits: Limits, expectedBytes: number) {
    this.#limits = limits;
    this.#body = Buffer.allocUnsafe(Math.min(limits.BATCH_MAX_BYTES, expectedBytes));
  }

  add(operation: Operation, lines: ByteString): void {
    const { BATCH_MAX_BYTES, BATCH_MAX_RECORDS } = this.#limits;
    const isFull = this.#end + lines.length > BATCH_MAX_BYTES || this.#operations.length >= BATCH_MAX_RECORDS;
    if (isFull && this.#operations.length > 0) this.#close(lines.length);
    if (this.#end + lines.length > this.#body.length) this.#grow(lines.length);
    this.#end += this.#body.write(lines, this.#end, 'latin1');
    this.#operations.push(operation);
    this.#ends.push(this.#end);
  }

  finish(): readonly Batch[] {
    if (this.#operations.length > 0) this.#close(0);
    return this.#closed;
  }

  #close(expectedBytes: number): void {
    this.#closed.push(new Batch(this.#operations, this.#body.subarray(0, this.#end), this.#ends));
    this.#body = Buffer.allocUnsafe(expectedBytes === 0 ? 0 : Math.max(expectedBytes, this.#end));
    this.#operations = [];
    this.#ends = [];
    this.#end = 0;
  }

  #grow(bytes: number): void {
    const larger = Buffer.allocUnsafe(this.#end * 2 + bytes);
    this.#body.copy(larger, 0, 0, this.#end);
    this.#body = larger;
  }
}
