import { stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type EventShape, type Form, type Language, largestEvent, makeEvent } from './events.ts';
import { type Comparison, type Contenders, compareColdStart, compareCpu, measurePeakMemory, measureSize } from './measure.ts';
import { memoryLimitMb } from './process.ts';
import { printTable } from './table.ts';
import type { EventFile } from './worker.ts';

/** What the sections share: the programs, the folder of the package, and a folder for events. */
export interface Bench extends Contenders {
  readonly packageFolder: string;
  readonly eventFolder: string;
}

const languages: readonly Language[] = ['English', 'Chinese'];
const forms: readonly Form[] = ['connector', 'CloudEvents'];
const valueSizes = [100, 667, 5000];
const recordsOfCase = 2500;
const processesOfCase = 3;
const processesOfGrowth = 2;
const recordsOfGrowth = [1, 10, 100, 1000, 10_000, 50_000];
const coldStarts = 15;

const shapeColumns = [
  ['values', -7],
  ['bytes', 5],
  ['event', -11],
  ['records', 7],
] as const;
const comparisonColumns = [
  ['function', 8],
  ['bare', 8],
  ['ratio', 6],
] as const;

/** CPU a record for each kind of event; resolves to the ratios, undefined where the function failed. */
export async function benchCpu(bench: Bench): Promise<(number | undefined)[]> {
  const printRow = printTable('CPU in µs a record', [...shapeColumns, ...comparisonColumns]);
  const ratios: (number | undefined)[] = [];
  for (const shape of casesOf(valueSizes)) {
    const event = await save(bench, makeEvent({ ...shape, records: recordsOfCase }), recordsOfCase);
    const result = await attempt(() => compareCpu(bench, event, processesOfCase));
    printRow(...describe(shape, event), ...compared(result));
    ratios.push(result instanceof Error ? undefined : result.ratio);
  }
  return ratios;
}

/** CPU a record as the event grows. */
export async function benchGrowth(bench: Bench): Promise<void> {
  const printRow = printTable('Growth: CPU in µs a record', [...shapeColumns, ...comparisonColumns]);
  for (const records of recordsOfGrowth) {
    const shape: EventShape = { language: 'English', form: 'connector', valueSize: 100, records };
    const event = await save(bench, makeEvent(shape), records);
    printRow(...describe(shape, event), ...compared(await attempt(() => compareCpu(bench, event, processesOfGrowth))));
  }
}

/** Resolves to how many times as long as the bare loop the function takes; undefined when it failed. */
export async function benchColdStart(bench: Bench): Promise<number | undefined> {
  const title = `Cold start: ms from the start of a process to its end, after the first answer; idle: \`node -e 0\`; ${coldStarts} starts`;
  const printRow = printTable(title, [...comparisonColumns, ['idle', 8]]);
  const event = await save(bench, makeEvent({ language: 'English', form: 'connector', valueSize: 667, records: 1 }), 1);
  const result = await attempt(() => compareColdStart(bench, event, coldStarts));
  printRow(...compared(result), ...(result instanceof Error ? [] : [result.idle.toFixed(2)]));
  return result instanceof Error ? undefined : result.ratio;
}

/** Resolves to the size, in KB, of what every start loads; the Kafka client, which few instances load, is printed beside it. */
export async function benchSize({ packageFolder, sink }: Bench): Promise<number> {
  const printRow = printTable('Package in KB', [
    ['every start', 11],
    ['whole', 8],
  ]);
  const [first, whole] = [(await stat(sink.file)).size / 1000, (await measureSize(packageFolder)) / 1000];
  printRow(first.toFixed(1), whole.toFixed(1));
  return first;
}

/** Peak memory of the largest events there are; resolves to the peaks in MB, undefined where the function failed. */
export async function benchMemory(bench: Bench): Promise<(number | undefined)[]> {
  const title = `Peak memory in MB of a process that gets one event of 32 MB, its heap limited to ${memoryLimitMb} MB`;
  const printRow = printTable(title, [...shapeColumns, ...comparisonColumns.slice(0, 2)]);
  const peaks: (number | undefined)[] = [];
  for (const shape of casesOf(valueSizes.slice(0, 2))) {
    const { json, records } = largestEvent(shape);
    const event = await save(bench, json, records);
    const sink = await attempt(() => measurePeakMemory(bench.sink, event));
    const bare = await attempt(() => measurePeakMemory(bench.bare, event));
    printRow(...describe(shape, event), ...[sink, bare].map(peak));
    peaks.push(sink instanceof Error ? undefined : sink);
  }
  return peaks;
}

function casesOf(sizes: readonly number[]): Omit<EventShape, 'records'>[] {
  return languages.flatMap((language) => forms.flatMap((form) => sizes.map((valueSize) => ({ language, form, valueSize }))));
}

async function save({ eventFolder }: Bench, json: Buffer, records: number): Promise<EventFile> {
  const file = join(eventFolder, 'event.json');
  await writeFile(file, json);
  return { file, records };
}

/** One case that fails is a row of its table, and the others are measured all the same. */
async function attempt<Value>(measure: () => Promise<Value>): Promise<Value | Error> {
  try {
    return await measure();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function describe({ language, valueSize, form }: Omit<EventShape, 'records'>, { records }: EventFile): string[] {
  return [language, String(valueSize), form, String(records)];
}

function compared(result: Comparison | Error): string[] {
  if (result instanceof Error) return [`failed: ${result.message.slice(0, 80)}`];
  return [result.sink.toFixed(2), result.bare.toFixed(2), result.ratio.toFixed(2)];
}

function peak(result: number | Error): string {
  return result instanceof Error ? 'failed' : result.toFixed(0);
}
