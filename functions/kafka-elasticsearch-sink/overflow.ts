import { connectorRecord } from './connector-record.ts';
import type { Session } from './elasticsearch/session.ts';
import type { ErrorDestination } from './error-destination.ts';
import type { InvocationContext } from './invocation-context.ts';
import type { ReadResult } from './kafka/position-reader.ts';
import type { Log } from './log.ts';
import type { ErrorRecord } from './operation.ts';
import type { Element, Record } from './record.ts';

/**
 * Puts values that were too large for the event back into their records, where `OVERFLOW` is `fetch`; a record whose value cannot be fetched stays
 * without it. Yields all elements in their order, in one piece or, with such records, in pieces whose values fit in memory: whoever is done with
 * a piece keeps nothing of it but each record's `origin`. Throws `KafkaUnavailable`.
 */
export async function* withOverflowValues(
  elements: readonly Element[],
  isSkipped: (record: Record) => boolean,
  { deadline, log, settings }: Pick<InvocationContext, 'deadline' | 'log' | 'settings'>,
): AsyncGenerator<readonly Element[]> {
  const isMissing = (element: Element): element is Record => element.kind === 'record' && element.isOverflow && !isSkipped(element);
  const missing = settings.OVERFLOW === 'fetch' ? elements.filter(isMissing) : [];
  if (missing.length === 0) {
    yield elements;
    return;
  }
  const { PositionReader } = await import('./kafka/index.ts');
  const reader = new PositionReader(
    settings,
    missing.map(({ position }) => position),
  );
  let start = 0;
  let fetched = 0;
  while (fetched < missing.length) {
    const found = await reader.next(deadline.leftMs);
    const whole = new Map<Element, Element>();
    for (const one of found) {
      const record = missing[fetched++] as Record;
      whole.set(record, withFetchedValue(record, one, log));
    }
    const next = missing[fetched];
    const end = next ? elements.indexOf(next, start) : elements.length;
    yield elements.slice(start, end).map((element) => whole.get(element) ?? element);
    start = end;
  }
}

/** Hands records to the error destination, each with its value: what was fetched and let go is fetched again, piece by piece. */
export async function handOver(records: readonly ErrorRecord[], destination: ErrorDestination, session: Session): Promise<void> {
  const elements = records.map(({ element }) => element);
  const fetched = new Set(records.filter(hadValue).map(({ element }) => element));
  let count = 0;
  for await (const piece of withOverflowValues(elements, (record) => !fetched.has(record), {
    ...session,
    deadline: session.handoverDeadline,
  })) {
    const some = records.slice(count, count + piece.length);
    await destination(
      session,
      some.map((one, index) => ({ ...one, element: piece[index] ?? one.element })),
    );
    count += piece.length;
  }
}

/** Whether the record's value is known: where it could not be fetched the record is rejected for that alone, and of one that is skipped it is not. */
function hadValue({ type }: ErrorRecord): boolean {
  return type !== 'value_not_in_event' && type !== 'skipped';
}

function withFetchedValue(record: Record, found: ReadResult, log: Log): Element {
  if (!('missing' in found)) return connectorRecord(record, found.value?.toString(), record);
  log('warn', `the value cannot be fetched: ${found.missing}`, record.position);
  return record;
}
