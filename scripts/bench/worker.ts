import type { ChildProcess } from 'node:child_process';
import { end, forkAlone, memoryLimitMb, nextMessage } from './process.ts';

/** The face of the function package, as far as it is driven here. */
export interface FunctionPackage {
  readonly initialize: (context: object) => Promise<unknown>;
  readonly handler: (event: Buffer, context: object) => Promise<{ readonly written: number }>;
}

/** Asks a worker to invoke its program with an event so often, and again until it has used so much CPU: a busy machine makes that longer, not less. */
export interface WorkRequest {
  /** The path of the event. */
  readonly file: string;
  readonly invocations: number;
  readonly cpuMilliseconds: number;
}

/** What the invocations of a request cost. */
export interface Cost {
  /** Records that the last invocation has written, by its own word. */
  readonly written: number;
  /** What one invocation takes, on average. */
  readonly cpuMicroseconds: number;
  /** The growth from before the request to the most that the process ever held, in bytes. */
  readonly memoryGrowth: number;
}

/** What a worker responds to a request. */
export type WorkResponse = (Cost & { readonly ok: true }) | { readonly ok: false; readonly error: string };

/** What is measured. */
export interface Program {
  /** What tables call it. */
  readonly name: string;
  /** An ES module, or a CommonJS file, with the face of the function package. */
  readonly file: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** An event in a file, so that a process can read it by itself. */
export interface EventFile {
  readonly file: string;
  readonly records: number;
  readonly bytes: number;
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

/** A process with nothing in it but one program and its events. */
export class Worker implements AsyncDisposable {
  readonly name: string;
  readonly #process: ChildProcess;

  constructor({ name, file, environment }: Program) {
    this.name = name;
    this.#process = forkAlone(new URL('worker.mjs', import.meta.url), [file, context], environment);
  }

  /** Throws when the program throws, ends, or does not write every record: it would be measured at other work. */
  async run({ file, records }: EventFile, amount: Omit<WorkRequest, 'file'>): Promise<Cost> {
    const request: WorkRequest = { file, ...amount };
    const message = nextMessage<WorkResponse>(this.#process);
    this.#process.send(request, () => undefined);
    const response = await message;
    if (!response.ok) throw new Error(`${this.name}: ${response.error}`);
    if (response.written !== records) throw new Error(`${this.name}: wrote ${response.written} of ${records} records`);
    return response;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await end(this.#process);
  }
}
