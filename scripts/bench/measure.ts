import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { context, type EventFile, type Program, Worker, type WorkRequest } from './worker.ts';

/** The median figures of the function and of what it is compared with, and how many times the other's the function's is. */
export interface Comparison {
  readonly sink: number;
  readonly bare: number;
  readonly ratio: number;
}

/** The function package and the loop that it is measured against. */
export interface Contenders {
  readonly sink: Program;
  readonly bare: Program;
}

const rounds = 6;
const round: WorkRequest = { cpuMilliseconds: 80 };
/** Until the compiler has settled, which takes longest when the events are small. */
const warmUps: Readonly<Record<'large' | 'small', WorkRequest>> = { large: { cpuMilliseconds: 800 }, small: { cpuMilliseconds: 1800 } };
const smallEvent = 1000;

/**
 * CPU in µs a record. The programs take turns, so that what disturbs the machine disturbs both, and each in several processes, as two of
 * the same program differ by up to a fifth for as long as they live.
 */
export async function compareCpu(contenders: Contenders, event: EventFile, processes: number): Promise<Comparison> {
  const sink: number[] = [];
  const bare: number[] = [];
  const warmUp = warmUps[event.records < smallEvent ? 'small' : 'large'];
  for (let process = 0; process < processes; process++) {
    await using sinkWorker = new Worker(contenders.sink, event);
    await using bareWorker = new Worker(contenders.bare, event);
    await Promise.all([sinkWorker.run(warmUp), bareWorker.run(warmUp)]);
    for (let turn = 0; turn < rounds; turn++) {
      sink.push((await sinkWorker.run(round)).cpuMicroseconds / event.records);
      bare.push((await bareWorker.run(round)).cpuMicroseconds / event.records);
    }
  }
  return compare(sink, bare);
}

/** The most memory, in MB, of a process that is invoked once. */
export async function measurePeakMemory(program: Program, event: EventFile): Promise<number> {
  await using worker = new Worker(program, event);
  const { peakMemory } = await worker.run({ cpuMilliseconds: 0 });
  return peakMemory;
}

/** A comparison, and the median of a process that does nothing. */
export interface ColdStart extends Comparison {
  readonly idle: number;
}

/** Wall time in ms from the start of a process to its end, with the response to its first event; `idle`: of `node -e 0`. */
export async function compareColdStart(contenders: Contenders, event: EventFile, starts: number): Promise<ColdStart> {
  const program = fileURLToPath(new URL('first-response.cjs', import.meta.url));
  const timeFirstResponse = ({ file, environment }: Program) => timeProcess([program, file, event.file, context], environment);
  const sink: number[] = [];
  const bare: number[] = [];
  const idle: number[] = [];
  for (let start = 0; start < starts; start++) {
    sink.push(await timeFirstResponse(contenders.sink));
    bare.push(await timeFirstResponse(contenders.bare));
    idle.push(await timeProcess(['-e', '0'], contenders.sink.environment));
  }
  return { ...compare(sink, bare), idle: median(idle) };
}

/** The size of a folder's files in bytes. */
export async function measureSize(folder: string): Promise<number> {
  const files = await readdir(folder, { recursive: true });
  const sizes = await Promise.all(files.map((file) => stat(join(folder, file))));
  return sizes.reduce((bytes, entry) => bytes + (entry.isFile() ? entry.size : 0), 0);
}

function compare(sink: readonly number[], bare: readonly number[]): Comparison {
  return { sink: median(sink), bare: median(bare), ratio: median(sink) / median(bare) };
}

async function timeProcess(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, args, { env, stdio: 'ignore' });
  const [code, signal] = await once(child, 'exit');
  if (code !== 0) throw new Error(`the process ended with ${signal ?? `code ${code}`}`);
  return performance.now() - started;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}
