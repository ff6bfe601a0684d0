import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type Figures, Samples } from './statistics.ts';
import { type EventFile, type Program, Worker } from './worker.ts';

/** How long CPU is measured. */
export interface Effort {
  /** Processes of each program: two of the same program differ by up to a fifth for as long as they live. */
  readonly processes: number;
  /** CPU of each process before the first figure is taken, until the compiler has settled, in ms. */
  readonly warmUpMs: number;
  /** Turns of each process at each event. */
  readonly rounds: number;
}

const turn = { cpuMilliseconds: 60, invocations: 1 };

/**
 * Medians of the CPU of each program, in µs a record, one for each event. The programs take turns, so that what disturbs the machine disturbs
 * all of them; CPU, not time, since other work on the machine makes an order longer, not more.
 */
export async function measureCpu(programs: readonly Program[], events: readonly EventFile[], effort: Effort): Promise<Figures[]> {
  const samples = events.map(() => new Samples());
  for (let process = 0; process < effort.processes; process++) {
    const workers = programs.map((program) => new Worker(program));
    try {
      await Promise.all(workers.map((worker) => warmUp(worker, events, effort.warmUpMs)));
      for (const [index, event] of events.entries()) await takeTurns(workers, event, effort.rounds, samples[index]);
    } finally {
      await Promise.all(workers.map((worker) => worker[Symbol.asyncDispose]()));
    }
  }
  return samples.map((sample) => sample.medians());
}

async function takeTurns(workers: readonly Worker[], event: EventFile, rounds: number, samples: Samples | undefined): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (const worker of workers) samples?.add(worker.name, (await worker.run(event, turn)).cpuMicroseconds / event.records);
  }
}

async function warmUp(worker: Worker, events: readonly EventFile[], cpuMs: number): Promise<void> {
  for (const event of events) await worker.run(event, { cpuMilliseconds: cpuMs / events.length, invocations: 1 });
}

/** Medians of the CPU of the first invocations of new processes, in µs a record, over all of these invocations. */
export async function measureFirstInvocations(
  programs: readonly Program[],
  event: EventFile,
  { invocations, processes }: { readonly invocations: number; readonly processes: number },
): Promise<Figures> {
  const samples = new Samples();
  for (let process = 0; process < processes; process++) {
    for (const program of programs) {
      await using worker = new Worker(program);
      const { cpuMicroseconds } = await worker.run(event, { cpuMilliseconds: 0, invocations });
      samples.add(program.name, cpuMicroseconds / event.records);
    }
  }
  return samples.medians();
}

/** By how much the memory of a process grows when it is invoked once, at its most, in times of the event's size. */
export async function measureMemoryGrowth(programs: readonly Program[], event: EventFile): Promise<Figures> {
  const samples = new Samples();
  for (const program of programs) {
    await using worker = new Worker(program);
    const { memoryGrowth } = await worker.run(event, { cpuMilliseconds: 0, invocations: 1 });
    samples.add(program.name, memoryGrowth / event.bytes);
  }
  return samples.medians();
}

/** A Node process that is run to its end. */
export interface Start {
  readonly name: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Medians of the time from the start of a process to its end, in ms. */
export async function measureStarts(starts: readonly Start[], rounds: number): Promise<Figures> {
  const samples = new Samples();
  for (let round = 0; round < rounds; round++) {
    for (const start of starts) samples.add(start.name, await timeProcess(start));
  }
  return samples.medians();
}

async function timeProcess({ name, args, environment: env }: Start): Promise<number> {
  const started = performance.now();
  const child = spawn(process.execPath, args, { env, stdio: 'ignore' });
  const [code, signal] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${name}: the process ended with ${signal ?? `code ${code}`}`);
  return performance.now() - started;
}

/** The size of a folder's files in bytes. */
export async function measureSize(folder: string): Promise<number> {
  const files = await readdir(folder, { recursive: true });
  const entries = await Promise.all(files.map((file) => stat(join(folder, file))));
  return entries.reduce((bytes, entry) => bytes + (entry.isFile() ? entry.size : 0), 0);
}
