import { formatPosition } from '../../shared/position.ts';
import { decode, type Element, isCommand, type Record } from './decode.ts';
import type { Session } from './elasticsearch/session.ts';
import type { Found } from './kafka/read.ts';

/**
 * Puts values that were too large for the event back into their records, where `OVERFLOW` is `fetch`; a record whose value is not to be had stays
 * without it. Throws `KafkaUnavailable`, before anything has been written.
 */
export async function fetchOverflow(
  elements: readonly Element[],
  isSkipped: (record: Record) => boolean,
  session: Session,
): Promise<readonly Element[]> {
  if (session.settings.OVERFLOW !== 'fetch') return elements;
  const isMissing = (element: Element): element is Record => element.kind === 'record' && element.isOverflow && !isSkipped(element);
  const missing = elements.filter(isMissing);
  if (missing.length === 0) return elements;
  const { readRecords } = await import('./kafka/index.ts');
  const found = await readRecords(
    session.settings,
    session.deadline.leftMs,
    missing.map(({ position }) => position),
  );
  const whole = new Map(missing.map((record, number) => [record, restore(record, found[number], session)]));
  return elements.map((element) => (element.kind === 'record' ? (whole.get(element) ?? element) : element));
}

function restore(record: Record, found: Found | undefined, { log }: Session): Element {
  if (found && !('missing' in found)) return withValue(record, found.value);
  log('warn', `the value cannot be fetched: ${found?.missing}`, record.position);
  return record;
}

/** The record as the connector sends one whose value fits. */
function withValue({ key, position, timestamp }: Record, bytes: Buffer | null): Element {
  const { offset, partition, topic } = position;
  const value = bytes?.toString();
  const keyMember = key === undefined ? '' : `"key":${JSON.stringify(key)},`;
  const others = JSON.stringify({ overflowFlag: false, partition, timestamp, topic, value, valueSize: value?.length ?? 0 });
  const decoded = decode(Buffer.from(`[{${keyMember}"offset":${offset},${others.slice(1)}]`));
  const [element] = isCommand(decoded) ? [] : decoded;
  if (!element) throw new Error(`the record at ${formatPosition(position)} was lost when its value was put back`);
  return element;
}
