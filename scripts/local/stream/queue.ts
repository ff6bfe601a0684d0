import { EventEmitter, once } from 'node:events';
import type { Clock } from './clock.ts';
import type { StreamRecord } from './encode.ts';

/** When a batch is full. */
export interface Window {
  readonly count: number;
  /** After the first record. */
  readonly ms: number;
  /** The size of the event. */
  readonly bytes: number;
}

/** Records that are read ahead, at least. */
const readAhead = 1000;

/** Records that have been read and wait to be delivered, in the order of their partitions. */
export class RecordQueue {
  readonly #window: Window;
  readonly #clock: Clock;
  readonly #changes = new EventEmitter();
  #records: StreamRecord[] = [];
  #bytes = 0;

  constructor(window: Window, clock: Clock) {
    this.#window = window;
    this.#clock = clock;
    this.#changes.setMaxListeners(0);
  }

  /** Whether more should be read. */
  get hasRoom(): boolean {
    return this.#records.length < Math.max(readAhead, 2 * this.#window.count) && this.#bytes < this.#window.bytes;
  }

  put(records: readonly StreamRecord[]): void {
    for (const record of records) this.#records.push(record);
    this.#change();
  }

  /** Leaves only what is wanted. */
  keep(isKept: (record: StreamRecord) => boolean): void {
    this.#records = this.#records.filter(isKept);
    this.#change();
  }

  /** Resolves when records have come or gone, or the signal is given. */
  async change(signal: AbortSignal): Promise<void> {
    await once(this.#changes, 'change', { signal }).catch(() => undefined);
  }

  /**
   * Takes the next batch of allowed partitions as soon as the window is full, and resolves to what `claim` made of it in the same moment, before
   * anybody else can take; undefined when the signal is given.
   */
  async collect<Claim>(
    isAllowed: (partition: number) => boolean,
    claim: (records: readonly StreamRecord[]) => Claim,
    signal: AbortSignal,
  ): Promise<Claim | undefined> {
    let dueAt = Number.POSITIVE_INFINITY;
    while (!signal.aborted) {
      const { records, isFull } = this.#select(isAllowed);
      if (records.length > 0) dueAt = Math.min(dueAt, this.#clock.now() + this.#window.ms);
      if (isFull || (records.length > 0 && this.#clock.now() >= dueAt)) {
        this.#remove(records);
        return claim(records);
      }
      await this.#changeOrDue(dueAt, signal);
    }
    return undefined;
  }

  #select(isAllowed: (partition: number) => boolean): { readonly records: readonly StreamRecord[]; readonly isFull: boolean } {
    const records: StreamRecord[] = [];
    let bytes = '[]'.length;
    for (const record of this.#records) {
      if (!isAllowed(record.partition)) continue;
      const isFull = records.length >= this.#window.count || bytes + record.bytes > this.#window.bytes;
      if (isFull && records.length > 0) return { records, isFull };
      records.push(record);
      bytes += record.bytes + ','.length;
    }
    return { records, isFull: records.length >= this.#window.count };
  }

  #remove(records: readonly StreamRecord[]): void {
    const removed = new Set(records);
    this.#records = this.#records.filter((record) => !removed.has(record));
    this.#change();
  }

  async #changeOrDue(dueAt: number, signal: AbortSignal): Promise<void> {
    const settled = new AbortController();
    const either = AbortSignal.any([signal, settled.signal]);
    const waits = [this.change(either)];
    if (dueAt !== Number.POSITIVE_INFINITY) waits.push(this.#clock.sleep(dueAt - this.#clock.now(), either));
    await Promise.race(waits);
    settled.abort();
  }

  #change(): void {
    this.#bytes = this.#records.reduce((sum, { bytes }) => sum + bytes, 0);
    this.#changes.emit('change');
  }
}
