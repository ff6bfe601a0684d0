import { type FunctionConfig, Instance } from './instance.ts';

/** A function with one instance, which is started when an event needs it and none runs. Takes one event at a time. */
export class LocalFunction implements AsyncDisposable {
  readonly #config: FunctionConfig;
  readonly #onLog: (line: string) => void;
  #instance: Instance | undefined;

  /** `onLog` gets each line that the function writes. */
  constructor(config: FunctionConfig, onLog: (line: string) => void) {
    this.#config = config;
    this.#onLog = onLog;
  }

  /** The process id of the instance that takes the events, when one runs. */
  get pid(): number | undefined {
    return this.#instance?.isRunning ? this.#instance.pid : undefined;
  }

  /** Returns the handler's answer; throws `FunctionError`. */
  async invoke(event: Buffer): Promise<Buffer> {
    if (!this.#instance?.isRunning) this.#instance = await Instance.start(this.#config, this.#onLog);
    return this.#instance.invoke(event);
  }

  async stop(): Promise<void> {
    await this.#instance?.stop();
    this.#instance = undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
