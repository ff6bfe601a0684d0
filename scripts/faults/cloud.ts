import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Account } from '../local/api/account.ts';

/** What a local cloud is started with. */
export interface CloudSetup {
  readonly account: Account;
  readonly stateFolder: string;
}

/** What the process of a local cloud tells: where it is, a line of a function's log, or why an invocation failed. */
export interface CloudEvent {
  readonly endpoint?: string;
  readonly line?: string;
  readonly failure?: string;
}

const program = fileURLToPath(new URL('cloud-process.ts', import.meta.url));

/** A local cloud in a process of its own, so that it can be killed as a machine fails: nothing is committed, no instance is told. */
export class Cloud {
  readonly #setup: CloudSetup;
  readonly #onEvent: (event: CloudEvent) => void;
  #process: ChildProcess | undefined;

  constructor(setup: CloudSetup, onEvent: (event: CloudEvent) => void) {
    this.#setup = setup;
    this.#onEvent = onEvent;
  }

  /** Starts it on its state, after `kill` again, and makes it the cloud that the connector's commands know. */
  async start(): Promise<void> {
    const child = fork(program, [JSON.stringify(this.#setup)], { execArgv: ['--import', 'tsx'] });
    this.#process = child;
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`the local cloud ended with code ${code}`);
    });
    const started = new Promise<string>((resolve) => {
      child.on('message', (message) => {
        // Written by the program above.
        const event: CloudEvent = JSON.parse(String(message));
        if (event.endpoint !== undefined) resolve(event.endpoint);
        this.#onEvent(event);
      });
    });
    // After its start it may end.
    ended.catch(() => undefined);
    process.env.CLOUD_ENDPOINT = await Promise.race([started, ended]);
  }

  /** Ends it, with its streams and all instances of functions, at once. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** The same for a process that is about to exit, and can wait for nothing. */
  abandon(): void {
    this.#process?.kill('SIGKILL');
  }

  /** Kills every instance of a function; resolves to how many there were. */
  async killInstances(): Promise<number> {
    const { stdout } = await execa('pgrep', ['-P', String(this.#process?.pid), '-f', 'bootstrap.mjs'], { reject: false });
    const pids = stdout.split('\n').filter(Boolean).map(Number);
    for (const pid of pids) process.kill(pid, 'SIGKILL');
    return pids.length;
  }
}
