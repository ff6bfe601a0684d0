import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** A function as it is deployed; the names are those of Function Compute's API. */
export interface FunctionConfig {
  readonly functionName: string;
  /** Folder with the unpacked code. */
  readonly codePath: string;
  /** `file.export`, as `initializer` and `preStop` are. */
  readonly handler: string;
  readonly initializer: string;
  readonly preStop: string;
  readonly environmentVariables: { readonly [name: string]: string };
  /** In seconds. */
  readonly timeout: number;
  /** In MB. */
  readonly memorySize: number;
}

/** What Function Compute answers when the function threw, timed out or ended: https://www.alibabacloud.com/help/en/fc/error-handling-5 */
interface FunctionFault {
  readonly errorMessage: string;
  readonly errorType: string;
  readonly stackTrace: readonly string[];
}

/** A request to the process of an instance. */
export interface Call {
  readonly hook: string;
  readonly event?: Buffer;
  readonly context: { readonly requestId: string; readonly [name: string]: unknown };
}

export type Reply = { readonly ok: true; readonly payload: Uint8Array } | { readonly ok: false; readonly error: FunctionFault };

/** A failed invocation. */
class FunctionError extends Error {
  readonly fault: FunctionFault;

  constructor(fault: FunctionFault) {
    super(`${fault.errorType}: ${fault.errorMessage}`);
    this.fault = fault;
  }
}

const bootstrap = fileURLToPath(new URL('bootstrap.mjs', import.meta.url));
const preStopSeconds = 3;

/** One instance of a function: a Node process with Function Compute's environment and context, one invocation at a time. */
export class Instance implements AsyncDisposable {
  readonly #config: FunctionConfig;
  readonly #process: ChildProcess;
  readonly #ended: Promise<Reply>;

  private constructor(config: FunctionConfig, onLog: (line: string) => void) {
    this.#config = config;
    this.#process = fork(bootstrap, {
      env: environment(config),
      cwd: config.codePath,
      execArgv: [`--max-old-space-size=${config.memorySize}`],
      // Events are bytes, which the default, JSON, does not carry.
      serialization: 'advanced',
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const output of [this.#process.stdout, this.#process.stderr]) {
      if (output) createInterface(output).on('line', onLog);
    }
    this.#ended = once(this.#process, 'exit').then(([code, signal]) => exited(code, signal));
  }

  /** Starts the process and runs the initializer; throws `FunctionError`. */
  static async start(config: FunctionConfig, onLog: (line: string) => void): Promise<Instance> {
    const instance = new Instance(config, onLog);
    try {
      await instance.#call(config.initializer, config.timeout);
      return instance;
    } catch (error) {
      await instance.stop();
      throw error;
    }
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get isRunning(): boolean {
    return this.#process.exitCode === null && this.#process.signalCode === null;
  }

  /** Passes the event to the handler and returns its answer; throws `FunctionError`, after which the process may have ended. */
  async invoke(event: Buffer): Promise<Buffer> {
    return this.#call(this.#config.handler, this.#config.timeout, event);
  }

  /** Runs preStop, then ends the process. */
  async stop(): Promise<void> {
    if (this.isRunning) await this.#call(this.#config.preStop, preStopSeconds).catch(() => undefined);
    this.#process.kill('SIGKILL');
    await this.#ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #call(hook: string, limitSeconds: number, event?: Buffer): Promise<Buffer> {
    const settled = new AbortController();
    const { signal } = settled;
    try {
      const reply = once(this.#process, 'message', { signal }).then(([message]) => message as Reply);
      const timeout = sleep(limitSeconds * 1000, timedOut(limitSeconds), { signal });
      // A process that is gone takes no message; its end is the answer then.
      this.#process.send({ hook, context: context(this.#config), ...(event && { event }) } satisfies Call, () => undefined);
      const outcome = await Promise.race([reply, this.#ended, timeout]);
      if (outcome.ok) return Buffer.from(outcome.payload);
      if (outcome.error.errorType === 'FunctionTimeoutError') this.#process.kill('SIGKILL');
      throw new FunctionError(outcome.error);
    } finally {
      settled.abort();
    }
  }
}

function timedOut(seconds: number): Reply {
  const errorMessage = `Function timed out after ${seconds} seconds`;
  return { ok: false, error: { errorMessage, errorType: 'FunctionTimeoutError', stackTrace: [] } };
}

function exited(code: number | null, signal: string | null): Reply {
  const reason = signal ? `signal ${signal}` : `code ${code}`;
  const errorMessage = `Process exited unexpectedly before completing request (${reason})`;
  return { ok: false, error: { errorMessage, errorType: 'FunctionUnhandledError', stackTrace: [] } };
}

/** Nothing of this machine's: https://www.alibabacloud.com/help/en/functioncompute/fc/environment-variables */
function environment({ functionName, codePath, handler, memorySize, environmentVariables }: FunctionConfig): NodeJS.ProcessEnv {
  return {
    ...environmentVariables,
    FC_FUNC_CODE_PATH: codePath,
    FC_ACCOUNT_ID: '1234567890123456',
    FC_FUNCTION_NAME: functionName,
    FC_FUNCTION_HANDLER: handler,
    FC_FUNCTION_MEMORY_SIZE: String(memorySize),
    FC_REGION: 'cn-hangzhou',
    FC_SERVICE_NAME: 'local',
    FC_QUALIFIER: 'LATEST',
  };
}

/** The context of Function Compute 2.0: https://www.alibabacloud.com/help/zh/fc/context-3 */
function context({ functionName, handler, memorySize, timeout }: FunctionConfig): Call['context'] {
  return {
    requestId: randomUUID(),
    credentials: { accessKeyId: '', accessKeySecret: '', securityToken: '' },
    function: { name: functionName, handler, memory: memorySize, timeout },
    service: { name: 'local', logProject: '', logStore: '', qualifier: 'LATEST', versionId: '' },
    region: 'cn-hangzhou',
    accountId: '1234567890123456',
  };
}
