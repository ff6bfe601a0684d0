import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { type FunctionConfig, localAccount } from '../../../scripts/local/runtime/function-config.ts';
import { type FunctionFault, Instance, type Reply } from '../../../scripts/local/runtime/instance.ts';
import { InvocationLog } from '../../../scripts/local/runtime/invocation-log.ts';

/** A failed call of a function. */
class FunctionFailed extends Error {
  readonly fault: FunctionFault;

  constructor(fault: FunctionFault) {
    super(fault.errorMessage);
    this.fault = fault;
  }
}

/** What tests choose of a function's configuration. */
export type Deployment = Pick<FunctionConfig, 'codePath' | 'environmentVariables' | 'timeout'> & {
  /** Handlers of the hooks. */
  readonly initializer?: string;
  readonly preStop?: string;
};

/** One instance of the built package, which has run its initializer. Its calls throw `FunctionFailed`. */
export class TestInstance {
  readonly #instance: Instance;
  readonly #openLog: () => InvocationLog;

  private constructor(instance: Instance, openLog: () => InvocationLog) {
    this.#instance = instance;
    this.#openLog = openLog;
  }

  /** `lines` takes what the function writes. */
  static async start(
    { initializer = 'index.initialize', preStop = 'index.preStop', ...deployment }: Deployment,
    lines: string[],
  ): Promise<TestInstance> {
    const instance = new Instance({
      generation: '2.0',
      ...localAccount,
      functionName: 'sink',
      handler: 'index.handler',
      // Of hooks the tests ask what they do, not how soon on a busy machine.
      initializer: { handler: initializer, timeout: 60 },
      preStop: { handler: preStop, timeout: 60 },
      memorySize: 512,
      ...deployment,
    });
    const openLog = () => new InvocationLog(randomUUID(), instance.id, ({ text }) => lines.push(text));
    const started = new TestInstance(instance, openLog);
    try {
      payloadOf(await instance.initialize(openLog()));
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

  /** The most resident memory that the process ever had, in MB: https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
  async peakMemory(): Promise<number> {
    const status = await readFile(`/proc/${this.pid}/status`, 'utf8');
    return Number(/^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1]) / 1024;
  }

  async invoke(event: Buffer): Promise<Buffer> {
    return payloadOf(await this.#instance.invoke(event, this.#openLog()));
  }

  async stop(): Promise<void> {
    await this.#instance.stop(this.#openLog());
  }
}

function payloadOf(reply: Reply): Buffer {
  if (reply.ok) return Buffer.from(reply.payload);
  throw new FunctionFailed(reply.fault);
}
