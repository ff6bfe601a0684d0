import type { Operation, Rejected } from '../operation.ts';
import type { Element } from '../record.ts';
import type { ItemVerdict } from './classify.ts';

/** What an item alone leaves open, until more has been looked up. */
export type OpenVerdict = Extract<ItemVerdict, { readonly kind: 'index-missing' | 'target-fault' | 'unclear' }>;

/** Whether more must be looked up to tell the outcome. */
export function isOpen(verdict: ItemVerdict): verdict is OpenVerdict {
  return verdict.kind === 'index-missing' || verdict.kind === 'target-fault' || verdict.kind === 'unclear';
}

/** What became of an operation for certain. */
export type OperationOutcome = Exclude<ItemVerdict, OpenVerdict | { readonly kind: 'contested' }>;
type FaultOutcome = Extract<OperationOutcome, { readonly kind: 'fault' }>;

/** How many records something happened to, and the first of them. */
export interface AffectedRecords {
  readonly count: number;
  readonly first: Element | undefined;
}

/** What the items of one response settle. */
export interface Settlement {
  readonly written: number;
  readonly deleted: number;
  /** The number of operations whose document was there already. */
  readonly unchanged: number;
  /** The unchanged records of which something else was there. */
  readonly stale: AffectedRecords;
  /** The records that Elasticsearch took and an ingest pipeline dropped. */
  readonly dropped: AffectedRecords;
  readonly rejected: readonly Rejected[];
  readonly faults: readonly { readonly operation: Operation; readonly fault: FaultOutcome }[];
  /** Indices that took a document or had it already, each with the number of such an operation. */
  readonly taken: ReadonlyMap<string, number>;
  /** Numbers of the operations that are to be retried, in order. */
  readonly toRetry: readonly number[];
  /** Why operations are to be retried. */
  readonly reason: string;
  /** The numbers of the operations to be retried whose failure may be the record's fault, each with the type of its error. */
  readonly failed: ReadonlyMap<number, string>;
}

/**
 * Settles a request's operations by their outcomes: what is retriable is retried, and with it every later operation on the same document that
 * could still change it, so that their order holds.
 */
export function settleItems(operations: readonly Operation[], outcomes: readonly OperationOutcome[]): Settlement {
  const toRetry = numbersToRetry(operations, outcomes);
  const isRetried = new Set(toRetry);
  const tally = new Tally();
  for (const [number, operation] of operations.entries()) {
    if (!isRetried.has(number)) tally.add(operation, outcomes[number] as OperationOutcome, number);
  }
  return tally.settlement(toRetry, outcomes);
}

function numbersToRetry(operations: readonly Operation[], outcomes: readonly OperationOutcome[]): readonly number[] {
  const toRetry: number[] = [];
  const documents = new Set<string>();
  for (const [number, { kind }] of outcomes.entries()) {
    const identity = operations[number]?.identity;
    const isRetriable = kind === 'retriable' || kind === 'failed';
    const follows = identity !== undefined && documents.has(identity) && kind !== 'rejected' && kind !== 'fault';
    if (!isRetriable && !follows) continue;
    toRetry.push(number);
    if (identity !== undefined) documents.add(identity);
  }
  return toRetry;
}

class Tally {
  readonly #counts = { written: 0, deleted: 0, unchanged: 0 };
  readonly #stale: Element[] = [];
  readonly #dropped: Element[] = [];
  readonly #rejected: Rejected[] = [];
  readonly #faults: { operation: Operation; fault: FaultOutcome }[] = [];
  readonly #taken = new Map<string, number>();

  add(operation: Operation, outcome: OperationOutcome, number: number): void {
    const { element, index, kind } = operation;
    if (outcome.kind === 'rejected') this.#rejected.push({ kind: 'rejected', element, type: outcome.type, reason: outcome.reason });
    else if (outcome.kind === 'fault') this.#faults.push({ operation, fault: outcome });
    else if (outcome.kind === 'dropped') this.#dropped.push(element);
    else if (outcome.kind === 'written' || outcome.kind === 'deleted' || outcome.kind === 'unchanged') {
      this.#counts[outcome.kind]++;
      if (outcome.kind === 'unchanged' && outcome.isStale) this.#stale.push(element);
      // A delete runs no pipeline and needs no mapping: it proves nothing for a document.
      if (kind !== 'delete') this.#taken.set(index, number);
    }
  }

  settlement(toRetry: readonly number[], outcomes: readonly OperationOutcome[]): Settlement {
    const failed = new Map<number, string>();
    let reason: string | undefined;
    for (const number of toRetry) {
      const outcome = outcomes[number] as OperationOutcome;
      if (outcome.kind === 'failed') failed.set(number, outcome.type);
      if (outcome.kind === 'retriable') reason ??= outcome.reason;
    }
    const [type] = failed.values();
    return {
      ...this.#counts,
      stale: affectedRecords(this.#stale),
      dropped: affectedRecords(this.#dropped),
      rejected: this.#rejected,
      faults: this.#faults,
      taken: this.#taken,
      toRetry,
      reason: reason ?? `500 ${type}`,
      failed,
    };
  }
}

/** No record. */
export const noneAffected: AffectedRecords = { count: 0, first: undefined };

function affectedRecords(elements: readonly Element[]): AffectedRecords {
  return { count: elements.length, first: elements[0] };
}

/** Adds up the records that two results name, of which `one` came before `other`. */
export function addAffected(one: AffectedRecords, other: AffectedRecords): AffectedRecords {
  return { count: one.count + other.count, first: one.first ?? other.first };
}
