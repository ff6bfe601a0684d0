import type { StreamRecord } from './encode.ts';

interface Range {
  readonly next: bigint;
  isDone: boolean;
}

/** Which records are on their way, and up to where all of a partition have been delivered. */
export class Offsets {
  readonly #ranges = new Map<number, Range[]>();
  /** The next offset to be read of each partition, where it is not committed yet. */
  readonly #due = new Map<number, bigint>();

  /** Whether records of the partition are on their way. */
  isBusy(partition: number): boolean {
    return this.#ranges.has(partition);
  }

  /** Notes that a batch is on its way; returns what is to be called when all of it has been delivered. */
  begin(records: readonly StreamRecord[]): () => void {
    const last = new Map(records.map(({ offset, partition }) => [partition, offset]));
    const ranges = [...last].map(([partition, offset]) => {
      const range: Range = { next: offset + 1n, isDone: false };
      this.#ranges.set(partition, [...(this.#ranges.get(partition) ?? []), range]);
      return { partition, range };
    });
    return () => {
      for (const { partition, range } of ranges) {
        range.isDone = true;
        this.#advance(partition);
      }
    };
  }

  /** Takes what is to be committed. */
  takeDue(): { readonly partition: number; readonly offset: string }[] {
    const due = [...this.#due].map(([partition, next]) => ({ partition, offset: String(next) }));
    this.#due.clear();
    return due;
  }

  /** Forgets all: the partitions have been assigned anew. */
  reset(): void {
    this.#ranges.clear();
    this.#due.clear();
  }

  /** Past the batches that are done, up to the first that is not. */
  #advance(partition: number): void {
    const ranges = this.#ranges.get(partition) ?? [];
    for (let [first] = ranges; first?.isDone; [first] = ranges) {
      this.#due.set(partition, first.next);
      ranges.shift();
    }
    if (ranges.length === 0) this.#ranges.delete(partition);
  }
}
