import type { Failure } from '../../../shared/errors.ts';
import { formatPosition } from '../../../shared/position.ts';
import type { Operation, Rejected } from '../operation.ts';
import { redact, redactedFailure } from '../redact.ts';
import { type Batch, joinBatches } from './batch.ts';
import {
  afterFailedTry,
  type Bisection,
  bulkLimitMs,
  forConfirmation,
  forHalf,
  isExhausted,
  maxTriesAlone,
  restarted,
} from './bisection.ts';
import { type BulkTry, sendBulk, sentWith, type TargetRequirements } from './bulk-request.ts';
import { classifyItem, type ItemVerdict, type RequestVerdict } from './classify.ts';
import { addAffected, isOpen, noneAffected, type OperationOutcome, type Settlement, settleItems } from './items.ts';
import { type MissingIndexRecovery, OutcomeResolver } from './outcome-resolver.ts';
import type { RecentWrites } from './recent-writes.ts';
import { type RetryWait, waitForRetry } from './send.ts';
import type { Session } from './session.ts';
import { attributeSuspects, isUnanswered, type Suspect } from './suspects.ts';

/** What became of the operations, when each is settled. */
export interface BulkResult extends Pick<Settlement, 'written' | 'deleted' | 'unchanged' | 'stale' | 'dropped' | 'rejected'> {
  /** Operations that were sent again, each time counted. */
  readonly retried: number;
}

/** What a writer knows of the indices that it writes to, and can do when one is missing. */
export interface BulkTarget extends TargetRequirements, MissingIndexRecovery {
  readonly recentWrites: RecentWrites;
}

/**
 * Writes operations and settles each: retries what is retriable, and splits a request that is refused or gets no response until the operation at
 * fault stands alone. Whose fault such a one is decides `finish`, once for all requests.
 */
export class BulkWriter {
  readonly #session: Session;
  readonly #target: BulkTarget;
  readonly #resolver: OutcomeResolver;
  readonly #written = { written: 0, deleted: 0, unchanged: 0, stale: noneAffected, dropped: noneAffected };
  readonly #rejected: Rejected[] = [];
  /** Indices that have taken a document in this invocation. */
  readonly #taken = new Set<string>();
  /** How often each operation has failed. */
  readonly #failures = new Map<Operation, number>();
  #suspects: Suspect[] = [];
  /** Later operations on the documents of suspects, which wait so that their order holds. */
  #held: Batch[] = [];
  readonly #heldDocuments = new Set<string>();
  /** How many operations were sent, each counted every time. */
  #sent = 0;
  /** How many deletions were not sent, since there is no index. */
  #unsentDeletions = 0;
  /** The first fault that needs a person. */
  #fault: Failure | undefined;
  /** The first other error. */
  #error: unknown;
  /** Every request would fail alike. */
  #isAborted = false;
  /** What the last response said, or, while there was none, why. */
  #cause: string | undefined;

  constructor(session: Session, target: BulkTarget) {
    this.#session = session;
    this.#target = target;
    this.#resolver = new OutcomeResolver(session, target);
  }

  /** Sends requests, and throws nothing, so that all others can be sent before `finish` tells what failed. */
  async write(batches: readonly Batch[]): Promise<void> {
    const { DOCUMENT_ID, MAX_IN_FLIGHT } = this.#session.settings;
    const queue = batches.values();
    // Two requests on one document could overtake each other.
    const workers = DOCUMENT_ID === 'key' ? 1 : MAX_IN_FLIGHT;
    const results = await Promise.allSettled(Array.from({ length: workers }, () => this.#work(queue)));
    this.#error ??= results.find((result) => result.status === 'rejected')?.reason;
  }

  /** Whether nothing more can be written, so that `finish` will throw. */
  get isOver(): boolean {
    return this.#isAborted || this.#error !== undefined;
  }

  /** Remembers what needs a person, to be thrown when all other operations have settled. */
  fail(failure: Failure): void {
    this.#fault ??= failure;
  }

  /** Settles deletions in an index that is not there as unchanged, without a request, for which a server may make it; returns the other operations. */
  settleDeletions(batches: readonly Batch[]): readonly Operation[] {
    const operations = batches.flatMap((batch) => batch.operations);
    const others = operations.filter(({ kind }) => kind !== 'delete');
    this.#unsentDeletions += operations.length - others.length;
    return others;
  }

  /**
   * Settles what was left open. Throws what needs a person after the other operations have settled, and `ElasticsearchUnavailable` at the
   * deadline; then no request is on its way any more.
   */
  async finish(): Promise<BulkResult> {
    while (this.#suspects.length > 0 && this.#error === undefined) {
      await this.#attribute().catch((error: unknown) => {
        this.#error = error;
      });
    }
    const error = this.#fault ?? this.#error;
    if (error !== undefined) throw error;
    const { deleted, dropped, unchanged, written } = this.#written;
    const settled = written + deleted + unchanged + dropped.count + this.#rejected.length;
    return { ...this.#written, unchanged: unchanged + this.#unsentDeletions, rejected: this.#rejected, retried: this.#sent - settled };
  }

  async #work(queue: Iterator<Batch>): Promise<void> {
    for (let next = queue.next(); !next.done && !this.#isAborted; next = queue.next()) await this.#deliver(next.value);
  }

  /** Settles a batch's operations, together or in halves; `parent` is the bisection that the batch is a half, or a confirmation, of. */
  async #deliver(batch: Batch, parent?: Bisection): Promise<void> {
    let pending = this.#withoutHeld(batch);
    let bisection = parent;
    for (let attempt = 1; pending.operations.length > 0 && !this.#isAborted; attempt++) {
      const { verdict, node, hadResponse, isTimeout } = await this.#send(pending, bisection);
      if (verdict.kind === 'fault')
        return this.#abort(redactedFailure(verdict.failure, `${node}: ${verdict.reason}`, this.#session.settings));
      if (verdict.kind === 'refused') return this.#isolateRefused(pending, verdict);
      const remainder =
        verdict.kind === 'items' ? await this.#settle(pending, verdict.items, node) : { pending, reason: verdict.reason, minimumMs: 0 };
      pending = remainder.pending;
      const round = maxTriesAlone * (bisection?.rounds ?? 0);
      // A timeout was wait enough.
      const wait = { attempt: isTimeout ? 0 : attempt + round, minimumMs: remainder.minimumMs };
      await this.#waitForRetry(pending.operations, wait, { cause: `${node}: ${remainder.reason}`, isTimeout });
      if (verdict.kind !== 'doubtful') continue;
      bisection = afterFailedTry(bisection, { hadResponse, isTimeout }, this.#accepted);
      if (isExhausted(pending, bisection, parent !== undefined)) return this.#isolateUnanswered(pending, bisection, remainder.reason);
    }
  }

  #send(batch: Batch, bisection: Bisection | undefined): Promise<BulkTry> {
    this.#sent += batch.operations.length;
    return sendBulk(this.#session, this.#target, batch, bulkLimitMs(this.#session, batch, bisection));
  }

  #abort(failure: Failure): void {
    this.#isAborted = true;
    this.fail(failure);
  }

  async #isolateRefused(batch: Batch, { isTooLarge, reason, targetFault, type }: RefusedVerdict): Promise<void> {
    const [first, another] = batch.operations;
    const isOneIndex = batch.operations.every(({ index }) => index === first?.index);
    if (another && !(targetFault !== undefined && isOneIndex)) return this.#split(batch);
    if (first && isTooLarge) this.#rejected.push({ kind: 'rejected', element: first.element, type, reason });
    else this.#suspects.push({ batch, by: 'refusal', errorType: type, reason, targetFault });
  }

  async #isolateUnanswered(batch: Batch, bisection: Bisection, reason: string): Promise<void> {
    const [alone, another] = batch.operations;
    if (another) return this.#split(batch, bisection);
    this.#suspects.push({ batch, by: 'no-response', reason, bisection });
    if (alone?.identity !== undefined) this.#heldDocuments.add(alone.identity);
  }

  /** Puts the operations aside whose documents wait for a suspect. */
  #withoutHeld(batch: Batch): Batch {
    if (this.#heldDocuments.size === 0) return batch;
    const isHeld = ({ identity }: Operation) => identity !== undefined && this.#heldDocuments.has(identity);
    const [held, free] = [batch.filter(isHeld), batch.filter((operation) => !isHeld(operation))];
    if (held.operations.length > 0) this.#held.push(held);
    return free;
  }

  /** Delivers the first half before the second: operations on one document keep their order. */
  async #split(batch: Batch, bisection?: Bisection): Promise<void> {
    for (const half of batch.halve()) await this.#deliver(half, bisection && forHalf(bisection));
  }

  /** Settles what the items tell; resolves to the operations that are to be retried, in their order, and why. */
  async #settle(batch: Batch, items: readonly unknown[], node: string): Promise<Remainder> {
    const settlement = settleItems(batch.operations, await this.#outcomesOf(batch, items));
    this.#add(settlement, node);
    for (const [index, number] of settlement.taken) {
      this.#taken.add(index);
      this.#target.recentWrites.remember(batch.pick([number]), this.#session.clock.now());
    }
    const suspects = new Map<number, Suspect>();
    for (const [number, type] of settlement.failed) {
      if (this.#hasFailedTooOften(batch.operations[number])) suspects.set(number, failedSuspect(batch.pick([number]), type));
    }
    this.#suspects.push(...suspects.values());
    const hasNoProgress = [...settlement.failed.keys()].some((number) => !this.#taken.has(batch.operations[number]?.index ?? ''));
    return {
      pending: batch.pick(settlement.toRetry.filter((number) => !suspects.has(number))),
      reason: settlement.reason,
      // Where nothing else passes, Elasticsearch gets some time to recover before the tries are over.
      minimumMs: hasNoProgress ? this.#noProgressWaitMs : 0,
    };
  }

  #hasFailedTooOften(operation: Operation | undefined): boolean {
    if (!operation) return false;
    const failures = (this.#failures.get(operation) ?? 0) + 1;
    this.#failures.set(operation, failures);
    return failures >= maxTriesAlone;
  }

  async #outcomesOf(batch: Batch, items: readonly unknown[]): Promise<readonly OperationOutcome[]> {
    const outcomes: OperationOutcome[] = [];
    const isSent = sentWith(this.#session, batch);
    for (const [number, operation] of batch.operations.entries()) {
      const verdict = classifyItem(items[number], operation, this.#session.settings, isSent);
      if (verdict.kind === 'contested') outcomes.push(this.#judge(verdict, operation));
      else outcomes.push(isOpen(verdict) ? await this.#resolver.resolve(verdict, operation.index) : verdict);
    }
    return outcomes;
  }

  #judge({ type, reason }: Extract<ItemVerdict, { readonly kind: 'contested' }>, operation: Operation): OperationOutcome {
    return this.#hasFailedTooOften(operation) ? { kind: 'rejected', type, reason } : { kind: 'retriable', reason: `400 ${type}` };
  }

  #add({ deleted, dropped, faults, rejected, stale, unchanged, written }: Settlement, node: string): void {
    const { settings } = this.#session;
    const sum = this.#written;
    sum.written += written;
    sum.deleted += deleted;
    sum.unchanged += unchanged;
    sum.stale = addAffected(sum.stale, stale);
    sum.dropped = addAffected(sum.dropped, dropped);
    this.#rejected.push(...rejected.map((one) => ({ ...one, reason: redact(one.reason, settings) })));
    for (const { operation, fault } of faults) {
      this.fail(redactedFailure(fault.failure, `${describe(operation)} at ${node}: ${fault.reason}`, settings));
    }
  }

  /** The wait between two tries of an operation that fails where nothing else passes. */
  get #noProgressWaitMs(): number {
    return Math.min(maxNoProgressWaitMs, this.#session.deadline.leftMs / 8);
  }

  get #accepted(): number {
    return this.#written.written + this.#written.unchanged;
  }

  /** Settles the suspects whose fault can be told, and retries those that got no response. */
  async #attribute(): Promise<void> {
    const suspects = this.#suspects;
    this.#suspects = [];
    this.#heldDocuments.clear();
    const evidence = { accepted: this.#accepted, taken: this.#taken, recentWrites: this.#target.recentWrites };
    const { fault, rejected, unconfirmed, undecided } = await attributeSuspects(suspects, evidence, this.#session);
    this.#rejected.push(...rejected);
    if (fault) this.fail(fault);
    for (const { batch, bisection } of unconfirmed) {
      if (this.#accepted === bisection.acceptedBefore) await this.#session.clock.sleep(this.#noProgressWaitMs);
      await this.#deliver(batch, forConfirmation(bisection));
    }
    const unanswered = undecided.filter(isUnanswered);
    const failed = undecided.filter((suspect) => !isUnanswered(suspect));
    if (failed.length > 0 && !this.#fault) throw this.#unavailable(failed.flatMap(({ batch }) => batch.operations));
    const [first] = unanswered;
    const batches = unanswered.map(({ batch }) => batch);
    for (const batch of joinBatches(batches, this.#session.settings)) await this.#deliver(batch, first && restarted(first.bisection));
    if (this.#suspects.length === 0) await this.write(this.#held.splice(0));
  }

  #unavailable(pending: readonly Operation[]): Failure {
    return redactedFailure('ElasticsearchUnavailable', describePending(pending, this.#cause ?? ''), this.#session.settings);
  }

  /** Throws `ElasticsearchUnavailable` when the time is up. */
  async #waitForRetry(pending: readonly Operation[], wait: RetryWait, { cause, isTimeout }: TryFailure): Promise<void> {
    if (pending.length === 0) return;
    // That a try was cut off tells less than a response.
    if (!isTimeout || this.#cause === undefined) this.#cause = cause;
    await waitForRetry(this.#session, wait, () => describePending(pending, this.#cause ?? cause));
  }
}

const maxNoProgressWaitMs = 2000;

/** What is to be retried, why, and the least wait before. */
interface Remainder {
  readonly pending: Batch;
  readonly reason: string;
  readonly minimumMs: number;
}

/** Why a try has failed. */
interface TryFailure {
  readonly cause: string;
  readonly isTimeout: boolean;
}

type RefusedVerdict = Extract<RequestVerdict, { readonly kind: 'refused' }>;

function failedSuspect(batch: Batch, type: string): Suspect {
  return { batch, by: 'failure', errorType: type, reason: `500 ${type}` };
}

function describe({ element, index }: Operation): string {
  return `${formatPosition(element.position)} to ${index}`;
}

function describePending(pending: readonly Operation[], cause: string): string {
  const [first] = pending;
  return `${pending.length} records not written, first ${first ? describe(first) : ''}: ${cause}`;
}
