import { type ChildProcess, fork } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { instanceEnvironment, invocationContext } from './environment.ts';
import type { FunctionConfig, Hook } from './function-config.ts';
import type { InvocationLog } from './invocation-log.ts';
import { Lifeline } from './lifeline.ts';
import { residentMemory } from './memory.ts';
import { markPrefix, Output } from './output.ts';

/** What Function Compute answers for a function that failed: https://www.alibabacloud.com/help/en/fc/error-handling-5 */
export interface FunctionFault {
  readonly errorMessage: string;
  /** Absent when the process ended, or threw what is no error. */
  readonly errorType?: string;
  readonly stackTrace?: readonly string[];
}

/** A request to the process of an instance. */
export interface Call {
  readonly hook: string;
  readonly event?: Buffer;
  readonly context: { readonly requestId: string; readonly [name: string]: unknown };
  /** A line to be written to both outputs when all others have been. */
  readonly endMark: string;
}

/** What the process of an instance answers. */
export type Reply = { readonly ok: true; readonly payload: Uint8Array } | { readonly ok: false; readonly fault: FunctionFault };

const bootstrap = fileURLToPath(new URL('bootstrap.mjs', import.meta.url));
const sampleMs = 50;

/** One instance of a function: a Node process with nothing of this machine's, one call at a time. */
export class Instance {
  readonly id = `c-${randomBytes(4).toString('hex')}-${randomBytes(8).toString('hex')}`;
  readonly #config: FunctionConfig;
  readonly #process: ChildProcess;
  readonly #outputs: readonly Output[];
  readonly #lifeline: Lifeline | undefined;
  readonly #ended: Promise<unknown>;
  #log: InvocationLog | undefined;
  #peakMemory = 0;

  /** `inspect`: host and port where a debugger may attach; the function waits for it. */
  constructor(config: FunctionConfig, inspect?: string) {
    this.#config = config;
    this.#process = fork(bootstrap, {
      env: instanceEnvironment(config, this.id),
      cwd: config.codePath,
      execArgv: inspect === undefined ? [] : [`--inspect-brk=${inspect}`],
      // Events are bytes, which the default, JSON, does not carry.
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const { pid, stdout, stderr } = this.#process;
    this.#ended = once(this.#process, 'exit');
    this.#lifeline = pid === undefined ? undefined : new Lifeline(pid);
    void this.#ended.then(() => this.#lifeline?.release());
    const onLine = (text: string) => this.#log?.write(text, 'function');
    this.#outputs = [stdout, stderr].flatMap((stream) => (stream ? [new Output(stream, onLine)] : []));
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** The most that it ever held, in MB, as far as it was looked at. */
  get peakMemory(): number {
    return this.#peakMemory;
  }

  /** Runs the hook that comes before the first event, if there is one. */
  async initialize(log: InvocationLog): Promise<Reply> {
    const { initializer } = this.#config;
    return initializer ? this.#call(initializer, log) : { ok: true, payload: new Uint8Array() };
  }

  /** Passes the event to the handler; after a failure the process may have ended. */
  async invoke(event: Buffer, log: InvocationLog): Promise<Reply> {
    return this.#call(this.#config, log, event);
  }

  /** No timer and no socket of the function gets on until the next call. */
  freeze(): void {
    this.#process.kill('SIGSTOP');
  }

  /** Runs preStop, if there is one, then ends the process. */
  async stop(log: InvocationLog): Promise<void> {
    const { preStop } = this.#config;
    if (preStop && this.isRunning) await this.#call(preStop, log);
    await this.#kill();
  }

  async #kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#ended;
  }

  /** A process that exceeds its time or its memory is ended. */
  async #call({ handler, timeout }: Hook, log: InvocationLog, event?: Buffer): Promise<Reply> {
    const settled = new AbortController();
    const started = performance.now();
    const endMark = `${markPrefix}${randomUUID()}`;
    this.#log = log;
    this.#process.kill('SIGCONT');
    const call: Call = { hook: handler, context: invocationContext(this.#config, log.requestId), endMark, ...(event && { event }) };
    try {
      let isOver = false;
      const over = Promise.race([this.#exceedTime(timeout, settled.signal), this.#exceedMemory(settled.signal)]).then((fault): Reply => {
        isOver = true;
        return { ok: false, fault };
      });
      const reply = await Promise.race([
        this.#send(call, settled.signal),
        this.#ended.then(() => this.#exited(performance.now() - started)),
        over,
      ]);
      if (isOver) await this.#kill();
      await this.#sampleMemory();
      await Promise.all(this.#outputs.map((output) => output.until(endMark)));
      return reply;
    } finally {
      settled.abort();
    }
  }

  async #send(call: Call, signal: AbortSignal): Promise<Reply> {
    const reply = once(this.#process, 'message', { signal });
    // A process that is gone takes no message; its end is the answer then.
    this.#process.send(call, () => undefined);
    const [message] = await reply;
    return message as Reply;
  }

  async #exceedTime(seconds: number, signal: AbortSignal): Promise<FunctionFault> {
    await sleep(seconds * 1000, undefined, { signal });
    const errorMessage = `Function timed out after ${seconds} seconds (maxMemoryUsage: ${this.#peakMemory.toFixed(2)}MB)`;
    return { errorMessage, errorType: 'FunctionTimeoutError' };
  }

  async #exceedMemory(signal: AbortSignal): Promise<FunctionFault> {
    const { memorySize } = this.#config;
    while ((await this.#sampleMemory()) <= memorySize) await sleep(sampleMs, undefined, { signal });
    const errorMessage = `Function used more memory than its ${memorySize} MB (maxMemoryUsage: ${this.#peakMemory.toFixed(2)}MB)`;
    return { errorMessage, errorType: 'FunctionOOMError' };
  }

  #exited(ms: number): Reply {
    const figures = `duration: ${Math.round(ms)}ms, maxMemoryUsage: ${Math.round(this.#peakMemory)}MB`;
    return { ok: false, fault: { errorMessage: `Process exited unexpectedly before completing request (${figures})` } };
  }

  async #sampleMemory(): Promise<number> {
    const memory = this.pid === undefined ? 0 : await residentMemory(this.pid);
    this.#peakMemory = Math.max(this.#peakMemory, memory);
    return memory;
  }
}
