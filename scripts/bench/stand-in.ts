import type { ChildProcess } from 'node:child_process';
import { end, forkAlone, nextMessage } from './process.ts';

/** Stands in for Elasticsearch, in a process of its own, so that its CPU counts for nobody. */
export class StandIn implements AsyncDisposable {
  readonly port: number;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, port: number) {
    this.#process = process;
    this.port = port;
  }

  static async start(): Promise<StandIn> {
    const process = forkAlone(new URL('stand-in.mjs', import.meta.url), [], {});
    return new StandIn(process, await nextMessage<number>(process));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await end(this.#process);
  }
}
