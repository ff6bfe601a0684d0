import type { Failure } from '../../../shared/errors.ts';
import { formatPosition, type Position } from '../../../shared/position.ts';
import type { ErrorDestination } from '../error-destination.ts';
import type { ReadResult } from '../kafka/position-reader.ts';
import type { ErrorRecord } from '../operation.ts';
import type { Element } from '../record.ts';
import type { Candidate, Failed, Outcome } from './candidate.ts';
import { Documents, type Place } from './documents.ts';
import { contentOf, recordOf } from './record-of-message.ts';
import type { ReplayTally } from './replay-tally.ts';
import type { Tools } from './tools.ts';

interface RedeliveryOptions {
  /** Tells what would be done, and does nothing. */
  readonly dryRun: boolean;
  /** Hands what still can never be written to the error destination, if there is one: it is not there yet. */
  readonly handsOver: boolean;
}

/** One record, or the records of one dead letter, and all candidates that are copies of it. */
interface Group<Source extends Candidate> {
  readonly copies: readonly [Source, ...Source[]];
  readonly elements: readonly Element[];
}

const maxLookups = 1000;

/** Delivers candidates as an event is delivered; each record once, and none that is in the index already. */
export class Redelivery<Source extends Candidate> {
  readonly #tools: Tools;
  readonly #options: RedeliveryOptions;
  readonly #tally: ReplayTally;
  readonly #documents: Documents;
  readonly #settled: Source[] = [];
  readonly #failed: Failed<Source>[] = [];

  constructor(tools: Tools, tally: ReplayTally, options: RedeliveryOptions) {
    this.#tools = tools;
    this.#tally = tally;
    this.#options = options;
    this.#documents = new Documents(tools);
  }

  /** Resolves when all are settled, or have failed again. Throws what keeps records from being written that is not their fault: then nothing is settled. */
  async deliver(candidates: readonly Source[]): Promise<Outcome<Source>> {
    const groups = withoutDoubles(candidates);
    this.#tally.skipped += candidates.length - groups.length;
    await this.#deliver(groups.flatMap((copies) => (copies[0].elements ? [{ copies, elements: copies[0].elements }] : [])));
    const omitted = groups.filter(([first]) => first.elements === undefined);
    for await (const restored of this.#restored(omitted)) await this.#deliver(restored);
    return { settled: this.#settled, failed: this.#failed };
  }

  async #deliver(groups: readonly Group<Source>[]): Promise<void> {
    if (groups.length === 0) return;
    const indexed = await this.#indexed(groups.flatMap(({ elements }) => elements));
    const open = groups.map((group) => ({ ...group, elements: group.elements.filter((element) => !indexed.has(element)) }));
    this.#tally.skipped += indexed.size;
    for (const { copies, elements } of open) if (elements.length > 0) this.#tally.addChosen({ ...copies[0], elements });
    if (this.#options.dryRun) return;
    const rejected = new Map<Element, ErrorRecord>();
    const elements = open.flatMap((group) => group.elements);
    if (elements.length > 0) this.#tally.addDelivery(await this.#tools.deliver(elements, this.#destination(rejected)));
    for (const group of open) this.#conclude(group, rejected);
  }

  #conclude({ copies, elements }: Group<Source>, rejected: ReadonlyMap<Element, ErrorRecord>): void {
    const fault = elements.map((element) => rejected.get(element)).find((one) => one !== undefined);
    const isElsewhere = this.#options.handsOver && this.#tools.errorDestination !== undefined;
    if (!fault || isElsewhere) this.#settled.push(...copies);
    else this.#failed.push(...copies.map((candidate) => ({ candidate, type: fault.type, reason: fault.reason })));
  }

  #destination(rejected: Map<Element, ErrorRecord>): ErrorDestination {
    return async (session, records) => {
      for (const record of records) rejected.set(record.element, record);
      if (this.#options.handsOver) await this.#tools.errorDestination?.(session, records);
    };
  }

  /** Which elements are in the index already, where their positions tell. */
  async #indexed(elements: readonly Element[]): Promise<ReadonlySet<Element>> {
    const indexed = new Set<Element>();
    if (this.#tools.session.settings.DOCUMENT_ID !== 'position') return indexed;
    const places = new Map<Place, Element>();
    for (const element of elements) {
      if (element.kind === 'record') places.set({ position: element.position, key: element.key, timestamp: element.timestamp }, element);
    }
    const all = [...places.keys()];
    for (let start = 0; start < all.length; start += maxLookups) {
      for (const place of await this.#documents.indexed(all.slice(start, start + maxLookups))) {
        const element = places.get(place);
        if (element) indexed.add(element);
      }
    }
    return indexed;
  }

  /** The records that their error records do not hold, read from the source topic, in pieces that fit in memory. */
  async *#restored(groups: readonly Group<Source>['copies'][]): AsyncGenerator<readonly Group<Source>[]> {
    const { deadline, settings } = this.#tools.session;
    const wanted = groups.flatMap((copies) => (copies[0].position ? [{ copies, position: copies[0].position }] : []));
    if (settings.KAFKA_BOOTSTRAP_SERVERS === undefined) {
      for (const { copies } of wanted)
        this.#giveUp(copies, 'it is not whole in its error record, and the function knows no brokers to read it from');
      return;
    }
    if (wanted.length === 0) return;
    const { PositionReader } = await import('../kafka/index.ts');
    const reader = new PositionReader(
      settings,
      wanted.map(({ position }) => position),
    );
    for (let done = 0; done < wanted.length; ) {
      const found = await reader.next(deadline.leftMs).catch(whyUnavailable);
      if (typeof found === 'string') {
        for (const { copies } of wanted.slice(done)) this.#giveUp(copies, found);
        return;
      }
      const some = wanted.slice(done, done + found.length);
      done += found.length;
      yield some.flatMap(({ copies, position }, number) => this.#restore(copies, position, found[number]));
    }
  }

  #restore(copies: Group<Source>['copies'], position: Position, found: ReadResult | undefined): Group<Source>[] {
    const { timestamp } = copies[0];
    if (!found || 'missing' in found)
      return this.#giveUp(copies, `it is not whole in its error record, and ${found?.missing ?? 'was not read'}`);
    if (timestamp !== undefined && Number(found.timestamp) !== timestamp)
      return this.#giveUp(copies, 'it is not whole in its error record, and another record has its position now');
    return [{ copies, elements: [recordOf(position, contentOf(found))] }];
  }

  #giveUp(copies: Group<Source>['copies'], reason: string): [] {
    this.#tally.addUnreadable(copies[0].position ? formatPosition(copies[0].position) : copies[0].name, reason);
    return [];
  }
}

function whyUnavailable(error: unknown): string {
  if (error instanceof Error && error.name === ('KafkaUnavailable' satisfies Failure['name']))
    return `it is not whole in its error record: ${error.message}`;
  throw error;
}

/** Candidates of one position together: a crash may have left a record twice. */
function withoutDoubles<Source extends Candidate>(candidates: readonly Source[]): Group<Source>['copies'][] {
  const groups = new Map<string, [Source, ...Source[]]>();
  for (const candidate of candidates) {
    const name = candidate.position ? formatPosition(candidate.position) : candidate.name;
    const group = groups.get(name);
    if (group) group.push(candidate);
    else groups.set(name, [candidate]);
  }
  return [...groups.values()];
}
