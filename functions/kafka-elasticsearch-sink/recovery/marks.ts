import type { TopicReader } from '../kafka/index.ts';
import { replayedHeader, textOf } from './error-message.ts';
import { OffsetSet } from './offset-set.ts';
import type { Tools } from './tools.ts';

/** First and last offset of a run. */
type Run = readonly [number, number];

/** What one replay has done to messages of a partition, as it stands in the value of a mark. */
interface Mark {
  readonly settled: readonly Run[];
  readonly failed: readonly Run[];
}

/** What all replays have done to the messages of one partition of an error topic. */
export class Marks {
  readonly #settled = new OffsetSet();
  readonly #failures = new Map<number, number>();
  #next = 0;

  /** Whether they are those of a partition that ends there; not when its topic has been made anew. */
  isWithin(end: number): boolean {
    return this.#next <= end;
  }

  /** Whether a message has been delivered, so that it is not to be delivered again. */
  isSettled(offset: number): boolean {
    return this.#settled.has(offset);
  }

  /** How often a replay of the message has failed. */
  failures(offset: number): number {
    return this.#failures.get(offset) ?? 0;
  }

  /** Reads the marks up to `end` that have come since the last time; throws `KafkaUnavailable`, also when the time is not enough. */
  async readOn(
    { session: { deadline, settings } }: Tools,
    reader: TopicReader,
    { end, partition, topic }: { readonly topic: string; readonly partition: number; readonly end: number },
  ): Promise<void> {
    while (this.#next < end) {
      const piece = await reader.read(topic, partition, this.#next, deadline.leftMs);
      if (!piece) return;
      for (const { headers = {}, value } of piece.records) {
        if (textOf(headers[replayedHeader]) === settings.CONNECTOR_NAME) this.#add(parseMark(value));
      }
      this.#next = piece.next;
    }
  }

  #add({ failed, settled }: Mark): void {
    for (const offset of offsetsOf(settled)) this.#settled.add(offset);
    for (const offset of offsetsOf(failed)) this.#failures.set(offset, this.failures(offset) + 1);
  }
}

/** Notes in the partition itself what was done, where whoever replays next reads it, whatever was chosen. */
export async function writeMark(
  { session: { deadline, settings } }: Tools,
  topic: string,
  partition: number,
  done: { readonly settled: readonly number[]; readonly failed: readonly number[] },
): Promise<void> {
  if (done.settled.length + done.failed.length === 0) return;
  const mark: Mark = { settled: runsOf(done.settled), failed: runsOf(done.failed) };
  const message = { partition, key: null, value: JSON.stringify(mark), headers: { [replayedHeader]: settings.CONNECTOR_NAME } };
  const { sendToPartition } = await import('../kafka/index.ts');
  await sendToPartition(settings, deadline.leftMs, topic, message);
}

function runsOf(offsets: readonly number[]): readonly Run[] {
  const runs: [number, number][] = [];
  for (const offset of [...new Set(offsets)].sort((left, right) => left - right)) {
    const last = runs.at(-1);
    if (last?.[1] === offset - 1) last[1] = offset;
    else runs.push([offset, offset]);
  }
  return runs;
}

function* offsetsOf(runs: readonly Run[]): Generator<number> {
  for (const [first, last] of runs) for (let offset = first; offset <= last; offset++) yield offset;
}

/** Reads a mark; nothing of what is none, which somebody else may have written. */
function parseMark(value: Buffer | null): Mark {
  try {
    const { failed, settled }: Partial<Mark> = JSON.parse(value?.toString() ?? 'null');
    return { failed: validRuns(failed), settled: validRuns(settled) };
  } catch {
    return { failed: [], settled: [] };
  }
}

const maxRunLength = 10_000;

function validRuns(runs: readonly Run[] | undefined): readonly Run[] {
  return (runs ?? []).filter(([first, last]) => Number.isSafeInteger(first) && Number.isSafeInteger(last) && last - first < maxRunLength);
}
