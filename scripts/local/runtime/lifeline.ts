import { type ChildProcess, spawn } from 'node:child_process';

/**
 * Ends a process when this one ends, however it does: a frozen process would not notice. A shell waits for the end of its input, which this
 * process holds open, and then kills.
 */
export class Lifeline {
  readonly #shell: ChildProcess;

  constructor(pid: number) {
    this.#shell = spawn('/bin/sh', ['-c', 'read _; kill -9 "$1"', 'sh', String(pid)], { stdio: ['pipe', 'ignore', 'ignore'], env: {} });
    this.#shell.unref();
  }

  /** The process has ended by itself. */
  release(): void {
    this.#shell.kill('SIGKILL');
  }
}
