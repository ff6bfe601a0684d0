import { CloudError } from '../cloud-error.ts';
import { checkFunction, type FunctionConfig } from './function-config.ts';
import { Instance, type Reply } from './instance.ts';
import { InvocationLog, type LogLine } from './invocation-log.ts';
import { newRequestId } from './request-id.ts';

/** An answer of Function Compute to an invocation; a function that failed is one, too: https://www.alibabacloud.com/help/en/functioncompute/fc-2-0/user-guide/error-handling */
export interface InvocationResponse {
  readonly requestId: string;
  readonly statusCode: 200;
  readonly headers: { readonly [name: string]: string };
  readonly body: Buffer;
  /** `X-Fc-Error-Type`; undefined when the function did not fail. */
  readonly functionError?: string;
}

interface InvokeOptions {
  readonly logTail?: boolean;
  readonly requestId?: string;
}

export interface LocalFunctionOptions {
  /** Gets each line of the log. */
  readonly onLog?: (line: LogLine) => void;
  /** Instances at a time, at most. */
  readonly maxInstances?: number;
  /** After which an instance without work is ended, in ms. */
  readonly idleMs?: number;
  /** Host and port for a debugger; the function waits for it. */
  readonly inspect?: string;
}

/** The largest body of a synchronous invocation: https://help.aliyun.com/zh/functioncompute/fc/product-overview/limits-of-usage */
const maxPayloadBytes = 32 * 1024 * 1024;
const defaultMaxInstances = 100;
const defaultIdleMs = 300_000;

/** A deployed function: starts instances as they are needed, freezes idle ones, and ends them after a time. */
export class LocalFunction implements AsyncDisposable {
  readonly #config: FunctionConfig;
  readonly #options: LocalFunctionOptions;
  readonly #instances = new Set<Instance>();
  /** Frozen, the one that was used last at the end, each with the timer of its end. */
  readonly #idle = new Map<Instance, NodeJS.Timeout>();
  /** The end of what each of the others is doing. */
  readonly #busy = new Map<Instance, Promise<unknown>>();

  /** Throws `CloudError` where Function Compute would refuse to make the function. */
  constructor(config: FunctionConfig, options: LocalFunctionOptions = {}) {
    checkFunction(config);
    this.#config = config;
    this.#options = options;
  }

  /** The process ids of the instances that run. */
  get pids(): number[] {
    return [...this.#instances].flatMap(({ isRunning, pid }) => (isRunning && pid !== undefined ? [pid] : []));
  }

  /** Throws `CloudError` when Function Compute would not take the call; `logTail`: the answer's headers hold the last 4 KB of the log. */
  async invoke(
    event: Buffer,
    { logTail = false, requestId = newRequestId(this.#config.generation) }: InvokeOptions = {},
  ): Promise<InvocationResponse> {
    if (event.length > maxPayloadBytes) {
      throw new CloudError(400, 'EntityTooLarge', `the payload, ${event.length} bytes, is larger than ${maxPayloadBytes} bytes`);
    }
    const isNew = this.#idle.size === 0;
    const instance = this.#take();
    const invocation = this.#run(instance, isNew, event, { logTail, requestId });
    this.#busy.set(
      instance,
      invocation.catch(() => undefined),
    );
    return invocation;
  }

  async #run(
    instance: Instance,
    isNew: boolean,
    event: Buffer,
    { logTail, requestId }: Required<InvokeOptions>,
  ): Promise<InvocationResponse> {
    const log = this.#openLog(instance, requestId);
    const started = performance.now();
    const initialized: Reply = isNew ? await instance.initialize(log) : { ok: true, payload: new Uint8Array() };
    log.write(`FC Invoke Start RequestId: ${log.requestId}`, 'platform');
    const reply = initialized.ok ? await instance.invoke(event, log) : initialized;
    log.write(`FC Invoke End RequestId: ${log.requestId}`, 'platform');
    const ms = performance.now() - started;
    log.write(this.#summary(ms, instance), 'platform');
    if (initialized.ok) this.#release(instance);
    else await this.#end(instance);
    const error = reply.ok ? undefined : initialized.ok ? 'UnhandledInvocationError' : 'InitializationError';
    return this.#respond(reply, error, instance, log, { ms, logTail });
  }

  /** Runs preStop in each instance and ends it, one that is busy after its invocation. */
  async stop(): Promise<void> {
    await Promise.all(
      [...this.#instances].map(async (instance) => {
        await this.#busy.get(instance);
        await this.#end(instance);
      }),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #take(): Instance {
    const [frozen] = [...this.#idle.keys()].slice(-1);
    if (frozen) {
      clearTimeout(this.#idle.get(frozen));
      this.#idle.delete(frozen);
      return frozen;
    }
    const { inspect, maxInstances = defaultMaxInstances } = this.#options;
    if (this.#instances.size >= maxInstances) {
      throw new CloudError(429, 'ResourceExhausted', `${maxInstances} instances of ${this.#config.functionName} are busy`);
    }
    const instance = new Instance(this.#config, inspect);
    this.#instances.add(instance);
    return instance;
  }

  #release(instance: Instance): void {
    this.#busy.delete(instance);
    if (!instance.isRunning) {
      this.#instances.delete(instance);
      return;
    }
    instance.freeze();
    const timer = setTimeout(() => void this.#end(instance), this.#options.idleMs ?? defaultIdleMs);
    this.#idle.set(instance, timer.unref());
  }

  async #end(instance: Instance): Promise<void> {
    this.#busy.delete(instance);
    clearTimeout(this.#idle.get(instance));
    this.#idle.delete(instance);
    this.#instances.delete(instance);
    await instance.stop(this.#openLog(instance));
  }

  #openLog(instance: Instance, requestId = newRequestId(this.#config.generation)): InvocationLog {
    return new InvocationLog(requestId, instance.id, (line) => this.#options.onLog?.(line));
  }

  #summary(ms: number, { peakMemory }: Instance): string {
    const { memorySize } = this.#config;
    return `Duration: ${ms.toFixed(2)} ms, Billed Duration: ${Math.ceil(ms)} ms, Memory Size: ${memorySize} MB, Max Memory Used: ${peakMemory.toFixed(2)} MB`;
  }

  #respond(
    reply: Reply,
    functionError: string | undefined,
    instance: Instance,
    log: InvocationLog,
    call: { ms: number; logTail: boolean },
  ): InvocationResponse {
    const headers = {
      'X-Fc-Request-Id': log.requestId,
      'X-Fc-Instance-Id': instance.id,
      'X-Fc-Invocation-Duration': String(Math.ceil(call.ms)),
      'X-Fc-Max-Memory-Usage': instance.peakMemory.toFixed(2),
      ...(this.#config.generation === '2.0' && { 'X-Fc-Invocation-Service-Version': 'LATEST' }),
      ...(functionError !== undefined && { 'X-Fc-Error-Type': functionError }),
      ...(call.logTail && { 'X-Fc-Log-Result': Buffer.from(log.tail).toString('base64') }),
    };
    const body = Buffer.from(reply.ok ? reply.payload : JSON.stringify(reply.fault));
    return { requestId: log.requestId, statusCode: 200, headers, body, ...(functionError !== undefined && { functionError }) };
  }
}
