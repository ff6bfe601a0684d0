import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { Lifeline } from '../local/runtime/lifeline.ts';
import type { Command } from './peers/contender.ts';

/** CPU in ms: of a process and all that it started, and of the process alone. */
export interface TreeCpu {
  readonly tree: number;
  readonly root: number;
}

/** Linux tells CPU in ticks of 10 ms, whatever the kernel's own are: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
const tickMs = 10;
const lastWords = 2000;

/** A program and all processes that it starts; they end with this process. */
export class ProcessTree implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #lifeline: Lifeline | undefined;
  #output = '';

  constructor({ file, args, environment }: Command) {
    const env = { ...process.env, ...environment };
    this.#process = spawn(file, args, { env, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    this.#lifeline = this.#process.pid === undefined ? undefined : new Lifeline(this.#process.pid);
    this.#process.on('error', (error) => this.#remember(error.message));
    for (const stream of [this.#process.stdout, this.#process.stderr]) stream?.on('data', (chunk) => this.#remember(String(chunk)));
  }

  get isRunning(): boolean {
    const { exitCode, pid, signalCode } = this.#process;
    return pid !== undefined && exitCode === null && signalCode === null;
  }

  /** Throws with its last words when it has ended. */
  checkRunning(): void {
    if (this.isRunning) return;
    const { exitCode, signalCode } = this.#process;
    throw new Error(`it ended with ${signalCode ?? `code ${exitCode}`}: ${this.#output.trim()}`);
  }

  async cpu(): Promise<TreeCpu> {
    const root = this.#process.pid ?? 0;
    const processes = await readProcesses();
    const tree = descendants(processes, root).reduce((sum, { cpuMs }) => sum + cpuMs, 0);
    return { tree, root: processes.find(({ pid }) => pid === root)?.cpuMs ?? 0 };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { pid } = this.#process;
    if (pid === undefined || !this.isRunning) return;
    const exit = once(this.#process, 'exit');
    // Its group: those that it started, too.
    process.kill(-pid, 'SIGKILL');
    await exit;
    this.#lifeline?.release();
  }

  #remember(text: string): void {
    this.#output = `${this.#output}${text}`.slice(-lastWords);
  }
}

interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  /** Its own, and that of children that have ended. */
  readonly cpuMs: number;
}

async function readProcesses(): Promise<ProcessStat[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
  return stats.filter((stat) => stat !== '').map(parseStat);
}

/** The name, in parentheses, may hold anything; numbers follow it. */
export function parseStat(stat: string): ProcessStat {
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const [, parent = 0] = fields;
  const ticks = fields.slice(11, 15).reduce((sum, value) => sum + value, 0);
  return { pid: Number.parseInt(stat, 10), parent, cpuMs: ticks * tickMs };
}

function descendants(processes: readonly ProcessStat[], root: number): ProcessStat[] {
  const own = processes.filter(({ pid }) => pid === root);
  const children = processes.filter(({ parent }) => parent === root);
  return [...own, ...children.flatMap(({ pid }) => descendants(processes, pid))];
}
