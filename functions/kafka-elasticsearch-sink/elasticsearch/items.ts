import type { Element } from '../decode.ts';
import type { Operation, Rejected } from '../operation.ts';
import type { ItemVerdict } from './classify.ts';

/** What an item alone leaves open, until it has been looked up. */
export type OpenVerdict = Extract<ItemVerdict, { readonly kind: 'index-missing' | 'target-fault' | 'unclear' }>;
/** Whether it must be looked up. */
export function isOpen(verdict: ItemVerdict): verdict is OpenVerdict {
  return verdict.kind === 'index-missing' || verdict.kind === 'target-fault' || verdict.kind === 'unclear';
}

/** What became of an operation, for certain. */
export type Fate = Exclude<ItemVerdict, OpenVerdict>;
type Fault = Extract<Fate, { readonly kind: 'fault' }>;

/** How many records something happened to, and to which first. */
export interface Sighting {
  readonly count: number;
  readonly first: Element | undefined;
}

/** What one answer settles. */
export interface Settlement {
  readonly written: number;
  readonly deleted: number;
  /** It was there already. */
  readonly unchanged: number;
  /** Of the unchanged, those of which something newer was there. */
  readonly stale: Sighting;
  /** Taken by Elasticsearch, and dropped by an ingest pipeline. */
  readonly dropped: Sighting;
  readonly rejected: readonly Rejected[];
  readonly faults: readonly { readonly operation: Operation; readonly fault: Fault }[];
  /** Indices that took a document, or had it already, each with the number of such an operation. */
  readonly taken: ReadonlyMap<string, number>;
  /** Numbers of the operations that are to be sent again, in order; and why. */
  readonly again: readonly number[];
  readonly reason: string;
  /** Of those, the ones whose failure may be the record's, and its type. */
  readonly failed: ReadonlyMap<number, string>;
}

/**
 * Settles a request's operations by their fates: what heals is sent again, and with it every later operation on the same document that could
 * still change it, so that their order holds.
 */
export function settleItems(operations: readonly Operation[], fates: readonly Fate[]): Settlement {
  const again = numbersToRepeat(operations, fates);
  const isRepeated = new Set(again);
  const tally = new Tally();
  for (const [number, operation] of operations.entries()) {
    if (!isRepeated.has(number)) tally.add(operation, fates[number] as Fate, number);
  }
  return tally.settlement(again, fates);
}

function numbersToRepeat(operations: readonly Operation[], fates: readonly Fate[]): readonly number[] {
  const again: number[] = [];
  const documents = new Set<string>();
  for (const [number, { kind }] of fates.entries()) {
    const identity = operations[number]?.identity;
    const heals = kind === 'retriable' || kind === 'failed';
    const follows = identity !== undefined && documents.has(identity) && kind !== 'rejected' && kind !== 'fault';
    if (!heals && !follows) continue;
    again.push(number);
    if (identity !== undefined) documents.add(identity);
  }
  return again;
}

class Tally {
  readonly #counts = { written: 0, deleted: 0, unchanged: 0 };
  readonly #stale: Element[] = [];
  readonly #dropped: Element[] = [];
  readonly #rejected: Rejected[] = [];
  readonly #faults: { operation: Operation; fault: Fault }[] = [];
  readonly #taken = new Map<string, number>();

  add(operation: Operation, fate: Fate, number: number): void {
    const { element, index, kind } = operation;
    if (fate.kind === 'rejected') this.#rejected.push({ kind: 'rejected', element, type: fate.type, reason: fate.reason });
    else if (fate.kind === 'fault') this.#faults.push({ operation, fault: fate });
    else if (fate.kind === 'dropped') this.#dropped.push(element);
    else if (fate.kind === 'written' || fate.kind === 'deleted' || fate.kind === 'unchanged') {
      this.#counts[fate.kind]++;
      if (fate.kind === 'unchanged' && fate.isStale) this.#stale.push(element);
      // A delete runs no pipeline and needs no mapping: it proves nothing for a document.
      if (kind !== 'delete') this.#taken.set(index, number);
    }
  }

  settlement(again: readonly number[], fates: readonly Fate[]): Settlement {
    const failed = new Map<number, string>();
    let reason: string | undefined;
    for (const number of again) {
      const fate = fates[number] as Fate;
      if (fate.kind === 'failed') failed.set(number, fate.type);
      if (fate.kind === 'retriable') reason ??= fate.reason;
    }
    const [type] = failed.values();
    return {
      ...this.#counts,
      stale: sighting(this.#stale),
      dropped: sighting(this.#dropped),
      rejected: this.#rejected,
      faults: this.#faults,
      taken: this.#taken,
      again,
      reason: reason ?? `500 ${type}`,
      failed,
    };
  }
}

/** Nothing happened to any record. */
export const noSighting: Sighting = { count: 0, first: undefined };

function sighting(elements: readonly Element[]): Sighting {
  return { count: elements.length, first: elements[0] };
}

/** Both together, of which the first one came before. */
export function addSightings(one: Sighting, other: Sighting): Sighting {
  return { count: one.count + other.count, first: one.first ?? other.first };
}
