import { formatPosition, type Position, parsePosition } from '../../shared/position.ts';
import type { Cloud } from './cloud/cloud.ts';
import type { PartitionOffsets } from './cloud/kafka.ts';

/** The topic that a connector reads. */
interface Source {
  readonly instanceId: string;
  readonly topic: string;
}

/** How far a group is in a partition of a topic; below 0: it has committed nothing. */
interface Committed {
  readonly topic: string;
  readonly partition: number;
  readonly committed: number;
}

/** The positions of a `--skip`; throws, with what there is, for one that is none of the topic's, or at which it has no record. */
export async function readSkips(text: string, { kafka }: Cloud, { instanceId, topic }: Source): Promise<string[]> {
  const positions = text.split(',').map((part) => readPosition(part.trim(), topic));
  const held = await kafka.offsets(instanceId, topic);
  for (const position of positions) requireRecord(position, held);
  return positions.map(formatPosition);
}

function readPosition(text: string, topic: string): Position {
  const position = parsePosition(text);
  if (position?.topic === topic) return position;
  throw new Error(
    `--skip: '${text}' is not a position of ${topic}; give ${topic}+<partition>+<offset>, as \`s info\` and the log show it.`,
  );
}

function requireRecord(position: Position, held: readonly PartitionOffsets[]): void {
  const { offset, partition, topic } = position;
  const at = `--skip: there is no record at ${formatPosition(position)}`;
  const one = held.find((candidate) => candidate.partition === partition);
  if (!one) throw new Error(`${at}: ${topic} has partitions ${held.map((candidate) => candidate.partition).join(', ')}.`);
  if (offset < one.first) throw new Error(`${at}: what was there has expired, partition ${partition} begins at ${one.first}.`);
  if (offset >= one.end) throw new Error(`${at}: partition ${partition} ends before ${one.end}.`);
}

/** Of positions that were to be skipped, separated by commas, those that the group has not passed. */
export function skipsAhead(text: string | undefined, progress: readonly Committed[]): string[] {
  return (text ?? '').split(',').filter((part) => {
    const position = parsePosition(part);
    if (!position) return false;
    const one = progress.find(({ topic, partition }) => topic === position.topic && partition === position.partition);
    return one === undefined || one.committed <= position.offset;
  });
}
