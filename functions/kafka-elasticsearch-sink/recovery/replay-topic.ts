import type { KafkaMessage } from 'kafkajs';
import { formatPosition } from '../../../shared/position.ts';
import type { TopicReader } from '../kafka/index.ts';
import type { Element } from '../record.ts';
import type { Candidate } from './candidate.ts';
import { type Choice, isChosen } from './choice.ts';
import { type ErrorMessage, readErrorMessage, textOf } from './error-message.ts';
import { Marks, writeMark } from './marks.ts';
import { recordOf } from './record-of-message.ts';
import { Redelivery } from './redelivery.ts';
import type { ReplayTally } from './replay-tally.ts';
import type { Tools } from './tools.ts';

/** Which messages of an error topic are looked at. */
export interface TopicPage {
  readonly kind: 'error' | 'dead-letter';
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly count: number;
  readonly choice: Choice;
  readonly dryRun: boolean;
}

interface TopicCandidate extends Candidate {
  readonly offset: number;
  /** Not all records of it are wanted: it stays. */
  readonly isPart: boolean;
}

/** The values that are delivered together. */
const maxPageBytes = 8 * 1024 * 1024;

/** What is known of replays, as long as the instance lives. */
const knownMarks = new Map<string, Marks>();

/** Delivers what a page holds, and marks what was done in the partition. Resolves to where the next page begins; undefined: there is nothing more. */
export async function replayTopic(page: TopicPage, tools: Tools, reader: TopicReader, tally: ReplayTally): Promise<number | undefined> {
  const { partition, topic } = page;
  const range = (await reader.ranges(topic, tools.session.deadline.leftMs)).find((one) => one.partition === partition);
  if (!range) return undefined;
  const name = `${topic}/${partition}`;
  const known = knownMarks.get(name);
  const marks = known?.isWithin(range.end) ? known : new Marks();
  knownMarks.set(name, marks);
  await marks.readOn(tools, reader, { topic, partition, end: range.end });
  const { candidates, next } = await new PageReader(page, tools, marks, tally).read(reader, Math.max(range.first, page.offset), range.end);
  const redelivery = new Redelivery<TopicCandidate>(tools, tally, { dryRun: page.dryRun, handsOver: page.kind === 'dead-letter' });
  const { failed, settled } = await redelivery.deliver(candidates);
  await writeMark(tools, topic, partition, {
    settled: settled.filter(({ isPart }) => !isPart).map(({ offset }) => offset),
    failed: failed.map(({ candidate }) => candidate.offset),
  });
  return next;
}

/** Reads candidates from messages, and counts those that are none. */
class PageReader {
  readonly #page: TopicPage;
  readonly #tools: Tools;
  readonly #marks: Marks;
  readonly #tally: ReplayTally;

  constructor(page: TopicPage, tools: Tools, marks: Marks, tally: ReplayTally) {
    this.#page = page;
    this.#tools = tools;
    this.#marks = marks;
    this.#tally = tally;
  }

  async read(reader: TopicReader, first: number, end: number): Promise<{ readonly candidates: TopicCandidate[]; readonly next?: number }> {
    const { count, partition, topic } = this.#page;
    const { deadline } = this.#tools.session;
    // Delivering takes the rest of the time.
    const keptMs = deadline.leftMs / 2;
    const candidates: TopicCandidate[] = [];
    let [at, messages, bytes] = [first, 0, 0];
    while (at < end && deadline.leftMs > keptMs) {
      const piece = await reader.read(topic, partition, at, deadline.leftMs);
      if (!piece) return { candidates };
      for (const message of piece.records) {
        if (messages === count || bytes > maxPageBytes) return { candidates, next: Number(message.offset) };
        candidates.push(...this.#candidatesOf(message));
        messages += 1;
        bytes += message.value?.length ?? 0;
      }
      at = piece.next;
    }
    return at < end ? { candidates, next: at } : { candidates };
  }

  #candidatesOf(message: KafkaMessage): TopicCandidate[] {
    const read = readErrorMessage(message, this.#tools.session.settings);
    if (read.kind !== this.#page.kind) return [];
    const offset = Number(message.offset);
    const stands = { offset, name: formatPosition({ ...this.#page, offset }), attempts: this.#marks.failures(offset) + 1 };
    if (this.#marks.isSettled(offset)) return this.#skip(read.kind === 'dead-letter' ? (read.elements?.length ?? 1) : 1);
    return read.kind === 'error' ? this.#errorCandidate(read, message, stands) : this.#deadLetter(read, stands);
  }

  #errorCandidate(
    { errorType, isOwn, position }: ErrorRecordMessage,
    { headers = {}, key, timestamp, value }: KafkaMessage,
    stands: Stands,
  ): TopicCandidate[] {
    const { choice } = this.#page;
    const has = (header: string) => textOf(headers[header]) !== undefined;
    // What was no record had none, and the message has its own.
    const ownTimestamp = has('timestampOmitted') || errorType === 'bad_element' ? undefined : Number(timestamp);
    const isWanted = choice.errorType === undefined || choice.errorType === errorType;
    if (!isOwn || !isWanted || !isChosen(choice, { position, timestamp: ownTimestamp })) return this.#skip(1);
    if (!position) return this.#giveUp(stands, 'it was no record, and its position cannot be read');
    const isWhole = !has('valueOmitted') && !has('keyOmitted') && !holdsNoRecord.has(errorType);
    const content = { key: key?.toString(), value: value?.toString(), timestamp: ownTimestamp };
    const elements = isWhole ? [recordOf(position, content)] : undefined;
    return [{ ...stands, errorType, position, timestamp: ownTimestamp, elements, isPart: false }];
  }

  #deadLetter({ elements }: DeadLetterMessage, stands: Stands): TopicCandidate[] {
    const { choice } = this.#page;
    const { SOURCE_TOPIC } = this.#tools.session.settings;
    if (!elements) return this.#giveUp(stands, 'no record can be found in it');
    if (choice.errorType !== undefined) return this.#skip(elements.length);
    const own = elements.filter(({ position }) => SOURCE_TOPIC === undefined || (position.topic ?? SOURCE_TOPIC) === SOURCE_TOPIC);
    const chosen = own.filter((element) => isChosen(choice, { position: element.position, timestamp: timestampOf(element) }));
    this.#skip(elements.length - chosen.length);
    const isPart = chosen.length < own.length;
    return chosen.length === 0
      ? []
      : [{ ...stands, errorType: 'dead-letter', position: undefined, timestamp: undefined, elements: chosen, isPart }];
  }

  #skip(count: number): [] {
    this.#tally.skipped += count;
    return [];
  }

  #giveUp({ name }: Stands, reason: string): [] {
    this.#tally.addUnreadable(name, reason);
    return [];
  }
}

type ErrorRecordMessage = Extract<ErrorMessage, { readonly kind: 'error' }>;
type DeadLetterMessage = Extract<ErrorMessage, { readonly kind: 'dead-letter' }>;
type Stands = Pick<TopicCandidate, 'offset' | 'name' | 'attempts'>;

/** The errors of which an error record holds an element that is no record, or none of the value. */
export const holdsNoRecord: ReadonlySet<string> = new Set(['bad_element', 'value_not_in_event']);

function timestampOf(element: Element): number | undefined {
  return element.kind === 'record' ? element.timestamp : undefined;
}
