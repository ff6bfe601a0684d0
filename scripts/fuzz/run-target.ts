import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Report } from '../terminal/report.ts';
import { heapLimitMb } from './limits.ts';
import type { PlannedTarget } from './plan.ts';
import type { Fall } from './target.ts';
import type { WorkerCases, WorkerResult } from './worker-messages.ts';

/** What became of a target's cases. */
export interface TargetOutcome {
  readonly name: string;
  readonly cases: number;
  readonly seconds: number;
  /** The most memory that one of its processes ever had. */
  readonly memoryMb: number;
  readonly fall?: Fall;
}

/** Checks a target's cases in a process for each processor, and ends all of them when a case falls, hangs, or takes its process with it. */
export async function runTarget(planned: PlannedTarget, seed: number, report: Report): Promise<TargetOutcome> {
  const started = performance.now();
  const folder = await mkdtemp(join(tmpdir(), 'fuzz-'));
  const count = planned.last - planned.first + 1;
  const step = Math.min(availableParallelism() * (planned.target.waits ? processesThatWait : 1), count);
  const workers = Array.from({ length: step }, (_, index) => new Worker(planned, { seed, step, folder, index }));
  try {
    await Promise.all(workers.map((worker) => worker.start()));
    await watch(workers, () => report(`${checkedBy(workers)} of ${count} cases, ${Math.round((performance.now() - started) / 1000)} s`));
    const fall = workers.map((worker) => worker.fall).find((one) => one !== undefined);
    return {
      name: planned.target.name,
      cases: checkedBy(workers),
      seconds: (performance.now() - started) / 1000,
      memoryMb: Math.max(...workers.map((worker) => worker.memoryMb)),
      ...(fall && { fall }),
    };
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
    await rm(folder, { recursive: true });
  }
}

/** For each processor. */
const processesThatWait = 4;
const lookEveryMs = 250;
const tellEveryMs = 2000;

async function watch(workers: readonly Worker[], tell: () => void): Promise<void> {
  let toldAt = performance.now();
  while (workers.some((worker) => worker.isRunning) && workers.every((worker) => worker.fall === undefined)) {
    await Promise.race([sleep(lookEveryMs), ...workers.filter((worker) => worker.isRunning).map((worker) => worker.ended)]);
    await Promise.all(workers.map((worker) => worker.look()));
    if (performance.now() - toldAt < tellEveryMs) continue;
    toldAt = performance.now();
    tell();
  }
}

function checkedBy(workers: readonly Worker[]): number {
  return workers.reduce((sum, worker) => sum + worker.checked, 0);
}

/** Which of the cases a process has: every `step`th, from the one with that index. */
interface Part {
  readonly seed: number;
  readonly step: number;
  readonly index: number;
  readonly folder: string;
}

/** One process that checks some of a target's cases. */
class Worker {
  readonly #planned: PlannedTarget;
  readonly #cases: WorkerCases;
  #process: ChildProcess | undefined;
  #result: WorkerResult | undefined;
  #current: number;
  #since = performance.now();
  #errors = '';
  ended: Promise<unknown> = Promise.resolve();
  fall: Fall | undefined;

  constructor(planned: PlannedTarget, { folder, index, seed, step }: Part) {
    this.#planned = planned;
    const { first, last, target } = planned;
    this.#cases = { module: target.module, seed, first: first + index, last, step, caseFile: join(folder, String(index)) };
    this.#current = this.#cases.first;
  }

  async start(): Promise<void> {
    await writeFile(this.#cases.caseFile, '');
    const execArgv = ['--import', 'tsx', `--max-old-space-size=${heapLimitMb}`];
    const program = fileURLToPath(new URL('worker.ts', import.meta.url));
    this.#process = fork(program, [JSON.stringify(this.#cases)], { execArgv, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.#process.on('message', (result: WorkerResult) => {
      this.#result = result;
    });
    this.#process.stderr?.on('data', (chunk) => {
      this.#errors = `${this.#errors}${chunk}`.slice(-maxErrorLength);
    });
    this.ended = once(this.#process, 'exit');
  }

  get isRunning(): boolean {
    return this.#process?.exitCode === null && this.#process.signalCode === null;
  }

  get memoryMb(): number {
    return this.#result?.memoryMb ?? 0;
  }

  /** How many cases it has checked, the open one too. */
  get checked(): number {
    return Math.floor((this.#current - this.#cases.first) / this.#cases.step) + 1;
  }

  /** Looks at how far it is; one that has ended without a word, or stands still, has a case that falls. */
  async look(): Promise<void> {
    await this.#readCase();
    if (this.#result?.fall) this.fall = this.#result.fall;
    else if (!this.isRunning && !this.#result) this.fall = this.#fallOf(`the process ended: ${this.#errors.trim()}`);
    else if (this.isRunning && performance.now() - this.#since > this.#planned.target.patience * 1000)
      this.fall = this.#fallOf(`no end within ${this.#planned.target.patience} s`);
  }

  async stop(): Promise<void> {
    if (this.isRunning) this.#process?.kill('SIGKILL');
    await this.ended;
  }

  async #readCase(): Promise<void> {
    const number = Number.parseInt(await readFile(this.#cases.caseFile, 'utf8'), 10);
    // Until it is written: the process is starting, which takes its time on a busy machine.
    if (Number.isNaN(number)) this.#since = performance.now();
    else if (number !== this.#current) {
      this.#current = number;
      this.#since = performance.now();
    }
  }

  #fallOf(reason: string): Fall {
    const number = this.#current;
    return { number, reason, input: this.#planned.target.inputOf({ seed: this.#cases.seed, number }) };
  }
}

const maxErrorLength = 2000;
