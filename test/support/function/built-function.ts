import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { expect } from 'vitest';
import { packageFolder } from '../../../scripts/bundle/package.ts';
import { type FunctionConfig, localAccount } from '../../../scripts/local/runtime/function-config.ts';
import { type FunctionFault, Instance, type Reply } from '../../../scripts/local/runtime/instance.ts';
import { InvocationLog } from '../../../scripts/local/runtime/invocation-log.ts';
import { eventFrom } from './records.ts';
import { secretsIn } from './secrets.ts';

/** The result of an invocation. */
export type Result = Readonly<
  Record<'received' | 'written' | 'deleted' | 'unchanged' | 'skipped' | 'rejected' | 'retried' | 'tookMs', number>
>;

/** What the caller of an invocation gets: the result, or the error's name and message. */
export interface InvocationOutcome {
  readonly result?: Result;
  readonly errorType?: string | undefined;
  readonly errorMessage?: string;
  /** The whole response as text. */
  readonly text: string;
  readonly tookMs: number;
}

/** A line of the function's log. */
export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

/** Environment variables; undefined leaves one out. */
export interface Variables {
  readonly [name: string]: string | undefined;
}

/** The options of the function that a test chooses. */
export interface FunctionOptions {
  /** The function's timeout in seconds. */
  readonly timeout?: number;
  /** Handlers of the hooks. */
  readonly initializer?: string;
  readonly preStop?: string;
  /** Folder of the package, where it is not the built one. */
  readonly codePath?: string;
}

/** A call of a function that has failed. */
class FunctionFailed extends Error {
  readonly fault: FunctionFault;

  constructor(fault: FunctionFault) {
    super(fault.errorMessage);
    this.fault = fault;
  }
}

/** The built package as a connector's function, with these variables. */
export function functionConfig(variables: Variables, options: FunctionOptions = {}): FunctionConfig {
  const { codePath = packageFolder, initializer = 'index.initialize', preStop = 'index.preStop', timeout = 60 } = options;
  const set = Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return {
    generation: '2.0',
    ...localAccount,
    functionName: 'sink',
    codePath,
    handler: 'index.handler',
    // Of hooks the tests ask what they do, not how soon on a busy machine.
    initializer: { handler: initializer, timeout: 60 },
    preStop: { handler: preStop, timeout: 60 },
    environmentVariables: Object.fromEntries(set),
    timeout,
    memorySize: 512,
  };
}

/** One instance of the built function in a process of its own, as Function Compute runs it; its end fails a test where it has told a secret. */
export class BuiltFunction implements AsyncDisposable {
  /** The lines of its log so far. */
  readonly lines: string[] = [];
  readonly #responses: string[] = [];
  readonly #instance: Instance;

  private constructor(instance: Instance) {
    this.#instance = instance;
  }

  /** Resolves when its initializer has run; throws `FunctionFailed` when that fails. */
  static async start(variables: Variables, options?: FunctionOptions): Promise<BuiltFunction> {
    const started = new BuiltFunction(new Instance(functionConfig(variables, options)));
    try {
      payloadOf(await started.#instance.initialize(started.#openLog()));
      return started;
    } catch (error) {
      await started.stop();
      throw error;
    }
  }

  get pid(): number | undefined {
    return this.#instance.pid;
  }

  get isRunning(): boolean {
    return this.#instance.isRunning;
  }

  /** The most resident memory that its process ever had, in MB: https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
  async peakMemory(): Promise<number> {
    const status = await readFile(`/proc/${this.pid}/status`, 'utf8');
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1]) / 1024;
  }

  /** The response to any event, as text; throws `FunctionFailed`. */
  async send(event: string | Buffer): Promise<string> {
    const reply = await this.#instance.invoke(Buffer.from(event), this.#openLog());
    this.#responses.push(reply.ok ? Buffer.from(reply.payload).toString() : JSON.stringify(reply.fault));
    return payloadOf(reply).toString();
  }

  /** The response to a command, parsed; throws `FunctionFailed`. */
  async command<Response>(command: object): Promise<Response> {
    return JSON.parse(await this.send(JSON.stringify(command))) as Response;
  }

  /** The result of one event of these elements, whose numbers add up; throws `FunctionFailed`. */
  async deliver(...elements: readonly (string | object)[]): Promise<Result> {
    const result = JSON.parse(await this.send(eventFrom(...elements))) as Result;
    const { received, written, deleted, unchanged, skipped, rejected } = result;
    expect(received, JSON.stringify(result)).toBe(written + deleted + unchanged + skipped + rejected);
    return result;
  }

  /** Delivers as `deliver` does, but a failure is an outcome, too. */
  async invoke(...elements: readonly (string | object)[]): Promise<InvocationOutcome> {
    const started = performance.now();
    const outcome = await this.deliver(...elements).then((result) => ({ result, text: JSON.stringify(result) }), outcomeOf);
    return { ...outcome, tookMs: performance.now() - started };
  }

  /** The lines so far, of one level. */
  log(level: string): LogLine[] {
    return this.lines.map((line) => JSON.parse(line) as LogLine).filter((line) => line.level === level);
  }

  async stop(): Promise<void> {
    await this.#instance.stop(this.#openLog());
    expect(secretsIn([...this.lines, ...this.#responses].join('\n'))).toEqual([]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #openLog(): InvocationLog {
    return new InvocationLog(randomUUID(), this.#instance.id, ({ text }) => this.lines.push(text));
  }
}

function payloadOf(reply: Reply): Buffer {
  if (reply.ok) return Buffer.from(reply.payload);
  throw new FunctionFailed(reply.fault);
}

function outcomeOf(error: unknown): Pick<InvocationOutcome, 'errorType' | 'errorMessage' | 'text'> {
  if (!(error instanceof FunctionFailed)) throw error;
  const { errorType, errorMessage } = error.fault;
  return { errorType, errorMessage, text: JSON.stringify(error.fault) };
}

/** What Function Compute responds to a call that must fail. */
export async function failureOf(call: Promise<unknown>): Promise<{ readonly errorType: string; readonly errorMessage: string }> {
  const error = await call.then(
    (response) => ({ response }),
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ fault: { errorType: expect.any(String), errorMessage: expect.any(String) } });
  return (error as { fault: { errorType: string; errorMessage: string } }).fault;
}
