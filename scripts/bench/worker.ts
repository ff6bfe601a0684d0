import type { ChildProcess } from 'node:child_process';
import { end, forkAlone, memoryLimitMb, nextMessage } from './process.ts';

/** The face of the function package, as far as it is driven here. */
export interface FunctionPackage {
  readonly initialize: (context: object) => Promise<unknown>;
  readonly handler: (event: Buffer, context: object) => Promise<{ readonly written: number }>;
}

/** Asks a worker to invoke the program once, and again until it has used so much CPU: a busy machine makes that longer, not less. */
export interface WorkRequest {
  readonly cpuMilliseconds: number;
}

/** What the invocations of a request cost. */
export interface Cost {
  /** Records that the last invocation has written, by its own word. */
  readonly written: number;
  /** What one invocation takes, on average. */
  readonly cpuMicroseconds: number;
  /** The most memory that the process ever held, in MB. */
  readonly peakMemory: number;
}

/** What a worker responds to a request. */
export type WorkResponse = (Cost & { readonly ok: true }) | { readonly ok: false; readonly error: string };

/** What is measured. */
export interface Program {
  /** An ES module, or a CommonJS file, with the face of the function package. */
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** An event in a file, so that a process can read it by itself. */
export interface EventFile {
  readonly file: string;
  readonly records: number;
}

/** The context of Function Compute: https://www.alibabacloud.com/help/en/functioncompute/fc/context-3 */
export const context = JSON.stringify({
  requestId: '1-65362416-68afb557d64a2e283eccebce',
  function: { name: 'bench', handler: 'index.handler', memory: memoryLimitMb, timeout: 60 },
  service: {},
  region: 'cn-hangzhou',
  accountId: '1234567890123456',
  credentials: {},
});

/** A process with nothing in it but one program and one event. */
export class Worker implements AsyncDisposable {
  readonly #process: ChildProcess;
  readonly #records: number;

  constructor(program: Program, event: EventFile) {
    this.#records = event.records;
    this.#process = forkAlone(new URL('worker.mjs', import.meta.url), [program.file, event.file, context], program.environment);
  }

  /** Throws when the program throws, ends, or does not write every record: it would be measured at other work. */
  async run(request: WorkRequest): Promise<Cost> {
    const reply = nextMessage<WorkResponse>(this.#process);
    this.#process.send(request, () => undefined);
    const response = await reply;
    if (!response.ok) throw new Error(response.error);
    if (response.written !== this.#records) throw new Error(`wrote ${response.written} of ${this.#records} records`);
    return response;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await end(this.#process);
  }
}
