import type { Failure } from '../../../shared/errors.ts';
import { formatPosition } from '../../../shared/position.ts';
import type { Element } from '../decode.ts';
import type { Operation, Rejected } from '../map.ts';
import { redact } from '../redact.ts';
import { parseBulkAnswer } from './answer.ts';
import type { Batch } from './batch.ts';
import { classifyItem, classifyRequest, type ItemVerdict, type RequestVerdict } from './classify.ts';
import { NoAnswer } from './client.ts';
import { failureFrom, noAnswerOnly, requestLimitMs, type Session, waitForRetry } from './session.ts';
import { diagnose } from './target.ts';

/** What became of the operations, all of which the target has settled. */
export interface Written {
  readonly written: number;
  readonly deleted: number;
  /** It was there already. */
  readonly unchanged: number;
  /** Of the unchanged, those of which something newer was there. */
  readonly stale: readonly Element[];
  readonly rejected: readonly Rejected[];
  /** Operations that were sent again, each time counted. */
  readonly retried: number;
}

/** The least that tells each operation's outcome: a fraction of the whole answer to send and to parse. */
const answerFields = 'items.*.status,items.*.error.type,items.*.error.reason';

/**
 * Writes all operations and settles each: sends again what heals, splits a request until the operation that makes Elasticsearch refuse it
 * stands alone. Throws what needs a person after the other operations have settled, and
 * `ElasticsearchUnavailable` at the deadline; then no request is on its way any more.
 */
export class BulkWriter {
  readonly #session: Session;
  /** Makes a vanished index again; resolves to whether it did. */
  readonly #restore: (index: string) => Promise<boolean>;
  readonly #counts = { written: 0, deleted: 0, unchanged: 0 };
  readonly #stale: Element[] = [];
  readonly #rejected: Rejected[] = [];
  readonly #diagnoses = new Map<string, Promise<string | undefined>>();
  #retried = 0;
  /** The first fault that needs a person. */
  #fault: Failure | undefined;
  /** Every request would fail alike. */
  #isHopeless = false;

  constructor(session: Session, restore: (index: string) => Promise<boolean>) {
    this.#session = session;
    this.#restore = restore;
  }

  async write(batches: readonly Batch[]): Promise<Written> {
    const { DOCUMENT_ID, MAX_IN_FLIGHT } = this.#session.settings;
    const queue = batches.values();
    // Two requests on one document could overtake each other.
    const lanes = DOCUMENT_ID === 'key' ? 1 : MAX_IN_FLIGHT;
    const results = await Promise.allSettled(Array.from({ length: lanes }, () => this.#work(queue)));
    const failed = results.find((result) => result.status === 'rejected');
    if (this.#fault) throw this.#fault;
    if (failed) throw failed.reason;
    return { ...this.#counts, stale: this.#stale, rejected: this.#rejected, retried: this.#retried };
  }

  async #work(queue: Iterator<Batch>): Promise<void> {
    for (let next = queue.next(); !next.done && !this.#isHopeless; next = queue.next()) await this.#deliver(next.value);
  }

  /** Settles a request's operations, alone or in pieces. */
  async #deliver(batch: Batch): Promise<void> {
    const refused = await this.#deliverOrRefuse(batch);
    if (refused.length > 1 && refused.length === batch.operations.length) {
      const [{ reason } = { reason: '' }] = refused;
      return this.#fail(failureFrom('IndexUnavailable', `every record alone is refused: ${reason}`, this.#session.settings));
    }
    this.#rejected.push(...refused);
  }

  /** Resolves to the operations that make Elasticsearch refuse a request even alone with 400; all others are settled. */
  async #deliverOrRefuse(batch: Batch): Promise<readonly Rejected[]> {
    let pending = batch;
    for (let attempt = 1; pending.operations.length > 0 && !this.#isHopeless; attempt++) {
      const { verdict, node } = await this.#send(pending);
      if (verdict.kind === 'split') return this.#split(pending, verdict);
      if (verdict.kind === 'fault') {
        this.#isHopeless = true;
        this.#fail(failureFrom(verdict.failure, `${node}: ${verdict.reason}`, this.#session.settings));
        return [];
      }
      const { again, reason } =
        verdict.kind === 'retry' ? { again: pending, reason: verdict.reason } : await this.#settle(pending, verdict.items, node);
      pending = again;
      if (pending.operations.length > 0) await this.#waitForRetry(pending.operations, attempt, `${node}: ${reason}`);
    }
    return [];
  }

  async #send({ body, operations }: Batch): Promise<{ readonly verdict: RequestVerdict; readonly node: string }> {
    const { client, settings } = this.#session;
    const query = { filter_path: answerFields, ...(settings.ES_PIPELINE !== undefined && { pipeline: settings.ES_PIPELINE }) };
    const request = {
      method: 'POST',
      path: '/_bulk',
      query,
      body,
      parse: (text: string) => parseBulkAnswer(text, operations.length),
    } as const;
    const answer = await client.send(request, requestLimitMs(this.#session)).catch(noAnswerOnly);
    const { node } = answer;
    if (answer instanceof NoAnswer) return { verdict: { kind: 'retry', reason: answer.message }, node };
    return { verdict: classifyRequest(answer, operations.length), node };
  }

  /** The first half before the second: operations on one document keep their order. */
  async #split(batch: Batch, { reason, isTooLarge }: SplitVerdict): Promise<readonly Rejected[]> {
    const [alone, another] = batch.operations;
    if (alone && !another) return this.#refuse(alone, reason, isTooLarge);
    this.#retried += batch.operations.length;
    const [first, second] = batch.halve();
    const refused = await this.#deliverOrRefuse(first);
    return [...refused, ...(await this.#deliverOrRefuse(second))];
  }

  #refuse({ element }: Operation, reason: string, isTooLarge: boolean): readonly Rejected[] {
    const rejected: Rejected = { kind: 'rejected', element, type: isTooLarge ? 'too_large' : 'request_refused', reason };
    if (!isTooLarge) return [rejected];
    this.#rejected.push(rejected);
    return [];
  }

  /** Settles what the items tell; resolves to the operations that are to be sent again, in their order. */
  async #settle(batch: Batch, items: readonly unknown[], node: string): Promise<{ readonly again: Batch; readonly reason: string }> {
    const { operations } = batch;
    const again: number[] = [];
    /** Documents of which an operation is sent again, so that every later one must be, too. */
    const documents = new Set<string | undefined>();
    let reason = '';
    for (let index = 0; index < operations.length; index++) {
      const operation = operations[index] as Operation;
      const verdict = classifyItem(items[index], operation);
      const fate = verdict.kind === 'index-missing' || verdict.kind === 'unclear' ? await this.#lookUp(verdict, operation) : verdict;
      if (fate.kind === 'retry') reason ||= fate.reason;
      if (fate.kind === 'retry' || (documents.has(operation.identity) && isRepeatable(fate))) {
        if (operation.identity !== undefined) documents.add(operation.identity);
        again.push(index);
      } else this.#conclude(operation, fate, node);
    }
    return { again: batch.pick(again), reason };
  }

  #conclude(operation: Operation, fate: Exclude<Fate, { readonly kind: 'retry' }>, node: string): void {
    const { element } = operation;
    const { settings } = this.#session;
    if (fate.kind === 'fault') this.#fail(failureFrom(fate.failure, `${describe(operation)} at ${node}: ${fate.reason}`, settings));
    else if (fate.kind === 'rejected') this.#rejected.push({ ...fate, element, reason: redact(fate.reason, settings) });
    else {
      this.#counts[fate.kind]++;
      if (fate.kind === 'unchanged' && fate.isStale) this.#stale.push(element);
    }
  }

  /** Clears up what an item alone does not tell. */
  async #lookUp(verdict: Unclear, { index }: Operation): Promise<Fate> {
    if (verdict.kind === 'index-missing') {
      if (await this.#restore(index)) return { kind: 'retry', reason: `${index} was missing` };
      return { kind: 'fault', failure: 'IndexMissing', reason: 'the index does not exist' };
    }
    const diagnosis = this.#diagnoses.get(index) ?? diagnose(this.#session, index);
    this.#diagnoses.set(index, diagnosis);
    const reason = await diagnosis;
    return reason === undefined ? { ...verdict, kind: 'rejected' } : { kind: 'fault', failure: 'IndexUnavailable', reason };
  }

  async #waitForRetry(pending: readonly Operation[], attempt: number, reason: string): Promise<void> {
    const [first] = pending;
    await waitForRetry(
      this.#session,
      attempt,
      () => `${pending.length} records not written, first ${first ? describe(first) : ''}: ${reason}`,
    );
    this.#retried += pending.length;
  }

  #fail(failure: Failure): void {
    this.#fault ??= failure;
  }
}

type SplitVerdict = Extract<RequestVerdict, { readonly kind: 'split' }>;
type Unclear = Extract<ItemVerdict, { readonly kind: 'index-missing' | 'unclear' }>;
type Fate = Exclude<ItemVerdict, Unclear>;

/** What is refused now is refused again; all else must follow the operation before it. */
function isRepeatable({ kind }: Fate): boolean {
  return kind !== 'rejected' && kind !== 'fault';
}

function describe({ element, index }: Operation): string {
  return `${formatPosition(element.position)} to ${index}`;
}
