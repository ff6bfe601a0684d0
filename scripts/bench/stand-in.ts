import type { ChildProcess } from 'node:child_process';
import { end, forkAlone, nextMessage } from './process.ts';

/** What a server was sent. */
export interface Counts {
  /** Bulk requests. */
  readonly requests: number;
  /** Operations that it took. */
  readonly records: number;
  /** Different ids among them. */
  readonly documents: number;
}

/** Stands in for Elasticsearch, in a process of its own, so that its CPU counts for nobody. */
export class StandIn implements AsyncDisposable {
  readonly port: number;
  readonly #process: ChildProcess;

  private constructor(process: ChildProcess, port: number) {
    this.#process = process;
    this.port = port;
  }

  /** `bulkStatus` is the status of the response to every bulk request; with another than 200 it takes nothing. */
  static async start({ bulkStatus = 200 } = {}): Promise<StandIn> {
    const process = forkAlone(new URL('stand-in.mjs', import.meta.url), [String(bulkStatus)], {});
    return new StandIn(process, await nextMessage<number>(process));
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  counts(): Promise<Counts> {
    const counts = nextMessage<Counts>(this.#process);
    this.#process.send('counts');
    return counts;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await end(this.#process);
  }
}
