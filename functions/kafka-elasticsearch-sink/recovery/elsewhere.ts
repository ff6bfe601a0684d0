import type { Position } from '../../../shared/position.ts';
import type { TopicReader } from '../kafka/index.ts';
import { type ErrorMessage, readErrorMessage } from './error-message.ts';
import { OffsetSet } from './offset-set.ts';
import type { Tools } from './tools.ts';

/** Which offsets of one partition are at the error topic, and which in dead letters. */
export interface Elsewhere {
  readonly errors: OffsetSet;
  readonly deadLettered: OffsetSet;
}

/** Reads the topics whole, each once; throws `KafkaUnavailable`, also when the time is not enough. */
export async function readElsewhere(
  { session: { deadline, settings } }: Tools,
  reader: TopicReader,
  topics: ReadonlySet<string>,
  source: Source,
): Promise<Elsewhere> {
  const elsewhere: Elsewhere = { errors: new OffsetSet(), deadLettered: new OffsetSet() };
  for (const topic of topics) {
    for (const { end, first, partition } of await reader.ranges(topic, deadline.leftMs)) {
      for (let next: number | undefined = first; next !== undefined && next < end; ) {
        const piece = await reader.read(topic, partition, next, deadline.leftMs);
        for (const message of piece?.records ?? []) note(readErrorMessage(message, settings), source, elsewhere);
        next = piece?.next;
      }
    }
  }
  return elsewhere;
}

/** A partition of the source topic. */
interface Source {
  readonly topic: string;
  readonly partition: number;
}

function note(message: ErrorMessage, { partition, topic }: Source, { deadLettered, errors }: Elsewhere): void {
  const isOfSource = (position: Partial<Position> | undefined) => position?.topic === topic && position.partition === partition;
  if (message.kind === 'error' && message.isOwn && isOfSource(message.position)) errors.add(Number(message.position?.offset));
  if (message.kind !== 'dead-letter') return;
  for (const { position } of message.elements ?? []) if (isOfSource(position)) deadLettered.add(Number(position.offset));
}
