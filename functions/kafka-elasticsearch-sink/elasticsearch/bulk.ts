import type { Failure } from '../../../shared/errors.ts';
import { formatPosition } from '../../../shared/position.ts';
import type { Operation, Rejected } from '../operation.ts';
import { redact } from '../redact.ts';
import { type Batch, joinBatches } from './batch.ts';
import { classifyItem, classifyRequest, type RequestVerdict } from './classify.ts';
import { NoAnswer } from './client.ts';
import { addSightings, type Fate, isOpen, noSighting, type Settlement, settleItems } from './items.ts';
import { errorOf } from './json.ts';
import { Lookups, type Restoring } from './lookups.ts';
import { isAliasUnknown } from './reasons.ts';
import { parseBulkAnswer } from './response.ts';
import { anew, confirming, inHalf, isExhausted, type Search, searchLimitMs, searchOn, triesAlone } from './search.ts';
import { failureFrom, noAnswerOnly, type Pause, type Session, waitForRetry } from './session.ts';
import { type Company, isSilent, judgeSuspects, type Suspect } from './suspects.ts';

/** What became of the operations, all of which the target has settled. */
export interface Written extends Pick<Settlement, 'written' | 'deleted' | 'unchanged' | 'stale' | 'dropped' | 'rejected'> {
  /** Operations that were sent again, each time counted. */
  readonly retried: number;
}

/** What a writer knows of where it writes. */
export interface Destination extends Restoring {
  readonly company: Company;
  /** Whether the name is known to be an alias, on a server that can be told to write to aliases only. */
  readonly isAlias: (index: string) => boolean;
}

/** The least that tells each operation's outcome: a fraction of the whole answer to send and to parse. */
const answerFields = ['status', 'result', 'failure_store', 'error.type', 'error.reason'].map((field) => `items.*.${field}`).join(',');

/**
 * Writes operations and settles each: sends again what heals, and splits a request until the operation that keeps it from being answered stands
 * alone. What an answer leaves open is judged at the end, by `finish`, once for all requests.
 */
export class BulkWriter {
  readonly #session: Session;
  readonly #destination: Destination;
  readonly #lookups: Lookups;
  readonly #written = { written: 0, deleted: 0, unchanged: 0, stale: noSighting, dropped: noSighting };
  readonly #rejected: Rejected[] = [];
  /** Indices that have taken a document in this invocation. */
  readonly #taken = new Set<string>();
  /** How often each operation has failed. */
  readonly #failures = new Map<Operation, number>();
  #suspects: Suspect[] = [];
  /** Later operations on the documents of suspects, which wait so that their order holds. */
  #held: Batch[] = [];
  readonly #heldDocuments = new Set<string>();
  /** Operations, each time that they were sent. */
  #sent = 0;
  /** The first fault that needs a person. */
  #fault: Failure | undefined;
  /** The first other error. */
  #error: unknown;
  /** Every request would fail alike. */
  #isHopeless = false;
  /** The last answer that was one, or that none came in the whole time for one. */
  #cause: string | undefined;

  constructor(session: Session, destination: Destination) {
    this.#session = session;
    this.#destination = destination;
    this.#lookups = new Lookups(session, destination);
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
    return this.#isHopeless || this.#error !== undefined;
  }

  /** Remembers what needs a person, to be thrown when all other operations have settled. */
  fail(failure: Failure): void {
    this.#fault ??= failure;
  }

  /**
   * Judges what was left open. Throws what needs a person after the other operations have settled, and `ElasticsearchUnavailable` at the
   * deadline; then no request is on its way any more.
   */
  async finish(): Promise<Written> {
    while (this.#suspects.length > 0 && this.#error === undefined) {
      await this.#judge().catch((error: unknown) => {
        this.#error = error;
      });
    }
    const error = this.#fault ?? this.#error;
    if (error !== undefined) throw error;
    const { deleted, dropped, unchanged, written } = this.#written;
    const settled = written + deleted + unchanged + dropped.count + this.#rejected.length;
    return { ...this.#written, rejected: this.#rejected, retried: this.#sent - settled };
  }

  async #work(queue: Iterator<Batch>): Promise<void> {
    for (let next = queue.next(); !next.done && !this.#isHopeless; next = queue.next()) await this.#deliver(next.value);
  }

  /** Settles a request's operations, alone or in pieces. `piece`: it is one of a request that was not answered. */
  async #deliver(batch: Batch, piece?: Search): Promise<void> {
    let pending = this.#withoutHeld(batch);
    let search = piece;
    for (let attempt = 1; pending.operations.length > 0 && !this.#isHopeless; attempt++) {
      const { verdict, node, isAnswered, isSilence } = await this.#send(pending, search);
      if (verdict.kind === 'fault') return this.#giveUp(failureFrom(verdict.failure, `${node}: ${verdict.reason}`, this.#session.settings));
      if (verdict.kind === 'refused') return this.#narrowRefused(pending, verdict);
      const left =
        verdict.kind === 'items' ? await this.#settle(pending, verdict.items, node) : { pending, reason: verdict.reason, leastMs: 0 };
      pending = left.pending;
      const round = triesAlone * (search?.rounds ?? 0);
      // Silence was wait enough.
      const pause = { attempt: isSilence ? 0 : attempt + round, leastMs: left.leastMs };
      await this.#waitForRetry(pending.operations, pause, { cause: `${node}: ${left.reason}`, isSilence });
      if (verdict.kind !== 'doubtful') continue;
      search = searchOn(search, { isAnswered, isSilence }, this.#accepted);
      if (isExhausted(pending, search, piece !== undefined)) return this.#narrowUnanswered(pending, search, left.reason);
    }
  }

  async #send(batch: Batch, search: Search | undefined): Promise<Response> {
    const { client, settings } = this.#session;
    const { body, operations } = batch;
    this.#sent += operations.length;
    const requiresAlias = settings.ES_PIPELINE === undefined && operations.every(({ index }) => this.#destination.isAlias(index));
    const query = {
      filter_path: answerFields,
      ...(settings.ES_PIPELINE !== undefined && { pipeline: settings.ES_PIPELINE }),
      ...(requiresAlias && { require_alias: 'true' }),
    };
    const parse = (text: string) => parseBulkAnswer(text, operations.length);
    const request = { method: 'POST', path: '/_bulk', query, body, parse } as const;
    const answer = await client.send(request, searchLimitMs(this.#session, batch, search)).catch(noAnswerOnly);
    const { node } = answer;
    if (answer instanceof NoAnswer) {
      return { verdict: { kind: 'doubtful', reason: answer.message }, node, isAnswered: false, isSilence: answer.isTimeout };
    }
    if (requiresAlias && answer.status === 400 && isAliasUnknown(errorOf(answer.json))) {
      this.#destination.giveUpAliases();
      return { verdict: { kind: 'retriable', reason: 'require_alias is not known' }, node, isAnswered: true, isSilence: false };
    }
    return { verdict: classifyRequest(answer, operations.length, settings), node, isAnswered: true, isSilence: false };
  }

  #giveUp(failure: Failure): void {
    this.#isHopeless = true;
    this.fail(failure);
  }

  async #narrowRefused(batch: Batch, { isTooLarge, reason, targetFault, type }: RefusedVerdict): Promise<void> {
    const [first, another] = batch.operations;
    const isOneIndex = batch.operations.every(({ index }) => index === first?.index);
    if (another && !(targetFault !== undefined && isOneIndex)) return this.#split(batch);
    if (first && isTooLarge) this.#rejected.push({ kind: 'rejected', element: first.element, type, reason });
    else this.#suspects.push({ batch, by: 'refusal', errorType: type, reason, targetFault });
  }

  async #narrowUnanswered(batch: Batch, search: Search, reason: string): Promise<void> {
    const [alone, another] = batch.operations;
    if (another) return this.#split(batch, search);
    this.#suspects.push({ batch, by: 'silence', reason, search });
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

  /** The first half before the second: operations on one document keep their order. */
  async #split(batch: Batch, search?: Search): Promise<void> {
    for (const half of batch.halve()) await this.#deliver(half, search && inHalf(search));
  }

  /** Settles what the items tell; resolves to the operations that are to be sent again, in their order, and why. */
  async #settle(batch: Batch, items: readonly unknown[], node: string): Promise<Left> {
    const settlement = settleItems(batch.operations, await this.#fatesOf(batch.operations, items));
    this.#add(settlement, node);
    for (const [index, number] of settlement.taken) {
      this.#taken.add(index);
      this.#destination.company.note(batch.pick([number]), this.#session.clock.now());
    }
    const suspects = new Map<number, Suspect>();
    for (const [number, type] of settlement.failed) {
      if (this.#hasFailedTooOften(batch.operations[number])) suspects.set(number, failing(batch.pick([number]), type));
    }
    this.#suspects.push(...suspects.values());
    const isLonely = [...settlement.failed.keys()].some((number) => !this.#taken.has(batch.operations[number]?.index ?? ''));
    return {
      pending: batch.pick(settlement.again.filter((number) => !suspects.has(number))),
      reason: settlement.reason,
      // Where nothing else passes, Elasticsearch gets some time to heal before the tries are over.
      leastMs: isLonely ? this.#lonelyWaitMs : 0,
    };
  }

  #hasFailedTooOften(operation: Operation | undefined): boolean {
    if (!operation) return false;
    const failures = (this.#failures.get(operation) ?? 0) + 1;
    this.#failures.set(operation, failures);
    return failures >= triesAlone;
  }

  async #fatesOf(operations: readonly Operation[], items: readonly unknown[]): Promise<readonly Fate[]> {
    const fates: Fate[] = [];
    for (const [number, operation] of operations.entries()) {
      const verdict = classifyItem(items[number], operation, this.#session.settings);
      fates.push(isOpen(verdict) ? await this.#lookups.fateOf(verdict, operation.index) : verdict);
    }
    return fates;
  }

  #add({ deleted, dropped, faults, rejected, stale, unchanged, written }: Settlement, node: string): void {
    const { settings } = this.#session;
    const sum = this.#written;
    sum.written += written;
    sum.deleted += deleted;
    sum.unchanged += unchanged;
    sum.stale = addSightings(sum.stale, stale);
    sum.dropped = addSightings(sum.dropped, dropped);
    this.#rejected.push(...rejected.map((one) => ({ ...one, reason: redact(one.reason, settings) })));
    for (const { operation, fault } of faults) {
      this.fail(failureFrom(fault.failure, `${describe(operation)} at ${node}: ${fault.reason}`, settings));
    }
  }

  /** Between two tries of an operation that fails where nothing else passes, in ms. */
  get #lonelyWaitMs(): number {
    return Math.min(longestLonelyWaitMs, this.#session.deadline.leftMs / 8);
  }

  get #accepted(): number {
    return this.#written.written + this.#written.unchanged;
  }

  /** Settles the suspects whose fault can be told, and sends those again that were not answered. */
  async #judge(): Promise<void> {
    const suspects = this.#suspects;
    this.#suspects = [];
    this.#heldDocuments.clear();
    const evidence = { accepted: this.#accepted, taken: this.#taken, company: this.#destination.company };
    const { fault, rejected, unconfirmed, undecided } = await judgeSuspects(suspects, evidence, this.#session);
    this.#rejected.push(...rejected);
    if (fault) this.fail(fault);
    for (const { batch, search } of unconfirmed) {
      if (this.#accepted === search.acceptedBefore) await this.#session.clock.sleep(this.#lonelyWaitMs);
      await this.#deliver(batch, confirming(search));
    }
    const silent = undecided.filter(isSilent);
    const failed = undecided.filter((suspect) => !isSilent(suspect));
    if (failed.length > 0 && !this.#fault) throw this.#unavailable(failed.flatMap(({ batch }) => batch.operations));
    const [first] = silent;
    const batches = silent.map(({ batch }) => batch);
    for (const batch of joinBatches(batches, this.#session.settings)) await this.#deliver(batch, first && anew(first.search));
    if (this.#suspects.length === 0) await this.write(this.#held.splice(0));
  }

  #unavailable(pending: readonly Operation[]): Failure {
    return failureFrom('ElasticsearchUnavailable', describePending(pending, this.#cause ?? ''), this.#session.settings);
  }

  /** Throws `ElasticsearchUnavailable` when the time is up. */
  async #waitForRetry(pending: readonly Operation[], pause: Pause, { cause, isSilence }: Failed): Promise<void> {
    if (pending.length === 0) return;
    // That a try was cut off tells less than an answer.
    if (!isSilence || this.#cause === undefined) this.#cause = cause;
    await waitForRetry(this.#session, pause, () => describePending(pending, this.#cause ?? cause));
  }
}

const longestLonelyWaitMs = 2000;

/** What is to be sent again, why, and not before how many ms. */
interface Left {
  readonly pending: Batch;
  readonly reason: string;
  readonly leastMs: number;
}

/** Why a try has failed. */
interface Failed {
  readonly cause: string;
  readonly isSilence: boolean;
}

interface Response {
  readonly verdict: RequestVerdict;
  readonly node: string;
  /** By whoever. */
  readonly isAnswered: boolean;
  /** Nothing came in time. */
  readonly isSilence: boolean;
}

type RefusedVerdict = Extract<RequestVerdict, { readonly kind: 'refused' }>;

function failing(batch: Batch, type: string): Suspect {
  return { batch, by: 'failure', errorType: type, reason: `500 ${type}` };
}

function describe({ element, index }: Operation): string {
  return `${formatPosition(element.position)} to ${index}`;
}

function describePending(pending: readonly Operation[], cause: string): string {
  const [first] = pending;
  return `${pending.length} records not written, first ${first ? describe(first) : ''}: ${cause}`;
}
