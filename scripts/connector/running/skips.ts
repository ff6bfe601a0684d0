import { formatPosition, type Position, parsePosition } from '../../../shared/position.ts';
import type { KafkaApi, PartitionOffsets } from '../cloud/kafka.ts';

/** The topic that a connector reads, and as whom. */
interface Source {
  readonly instanceId: string;
  readonly topic: string;
  readonly consumerGroup: string;
}

/** How far a group is in a partition of a topic; `committed` is below 0 when it has committed nothing. */
interface Committed {
  readonly topic: string;
  readonly partition: number;
  readonly committed: number;
}

/** The positions of a `--skip`; throws for what is none. */
export function readPositions(text: string): Position[] {
  return text.split(',').map((part) => {
    const position = parsePosition(part.trim());
    if (position) return position;
    throw new Error(`--skip: '${part.trim()}' is not a position; give <topic>+<partition>+<offset>, as \`s info\` and the log show it.`);
  });
}

/** Throws, with what there is, for a position that is none of the topic's, at which it has no record, or that the group has passed. */
export async function requireSkippable(
  positions: readonly Position[],
  kafka: Pick<KafkaApi, 'offsets' | 'consumerGroup'>,
  { instanceId, topic, consumerGroup }: Source,
): Promise<void> {
  const other = positions.find((position) => position.topic !== topic);
  if (other) throw new Error(`--skip: '${formatPosition(other)}' is not a position of ${topic}, which is what this connector reads.`);
  const [held, group] = await Promise.all([kafka.offsets(instanceId, topic), kafka.consumerGroup(instanceId, consumerGroup)]);
  for (const position of positions) {
    requireRecord(position, held);
    requireAhead(position, group?.partitions ?? []);
  }
}

function requireRecord(position: Position, held: readonly PartitionOffsets[]): void {
  const { offset, partition, topic } = position;
  const at = `--skip: there is no record at ${formatPosition(position)}`;
  const one = held.find((candidate) => candidate.partition === partition);
  if (!one) throw new Error(`${at}: ${topic} has partitions ${held.map((candidate) => candidate.partition).join(', ')}.`);
  if (offset < one.first) throw new Error(`${at}: what was there has expired, partition ${partition} begins at ${one.first}.`);
  if (offset >= one.end) throw new Error(`${at}: partition ${partition} ends before ${one.end}.`);
}

/** What the group has passed is not delivered again, so it would wait to be skipped for ever: who names it means another. */
function requireAhead(position: Position, progress: readonly Committed[]): void {
  const passed = passedAt(position, progress);
  if (passed === undefined) return;
  const next = formatPosition({ ...position, offset: passed });
  throw new Error(`--skip: ${formatPosition(position)} is already passed: the group goes on at ${next}. \`s info\` shows where it stands.`);
}

/** Returns those of the positions, separated by commas, that the group has not passed and so are still to be skipped. */
export function skipsAhead(text: string | undefined, progress: readonly Committed[]): string[] {
  return (text ?? '').split(',').filter((part) => {
    const position = parsePosition(part);
    return position !== undefined && passedAt(position, progress) === undefined;
  });
}

/** Returns where the group goes on when it has passed the position, undefined when it has not. */
function passedAt({ topic, partition, offset }: Position, progress: readonly Committed[]): number | undefined {
  const one = progress.find((candidate) => candidate.topic === topic && candidate.partition === partition);
  return one !== undefined && one.committed > offset ? one.committed : undefined;
}
