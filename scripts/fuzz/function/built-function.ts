import { createRequire } from 'node:module';
import { packageFolder } from '../../bundle/package.ts';

/** The package, as Function Compute loads it. */
interface FunctionPackage {
  readonly initialize: (context: object) => Promise<void>;
  readonly handler: (event: Buffer, context: object) => Promise<unknown>;
  readonly preStop: (context: object) => Promise<void>;
}

/** Environment variables of the function. */
export type Variables = Readonly<Record<string, string>>;

/** What an invocation came to. */
export interface Outcome {
  /** What it has resolved to; undefined when it has thrown. */
  readonly result: unknown;
  readonly error: unknown;
  /** What it has written to its log, as it was written. */
  readonly log: string;
}

const load = createRequire(import.meta.url);

/** The built function inside of this process, where a case takes no longer than it must; everything else that this process writes goes to its log. */
export class BuiltFunction implements AsyncDisposable {
  readonly #package: FunctionPackage = load(`${packageFolder}/index.js`);
  readonly #output = process.stdout;
  #log: string[] = [];
  #variables: readonly string[] = [];

  constructor() {
    this.#output.write = (chunk: string | Uint8Array) => {
      this.#log.push(chunk.toString());
      return true;
    };
  }

  /** What one event comes to in a new instance with these settings, and `timeoutMs` for it. */
  async invoke(event: Buffer, variables: Variables, timeoutMs: number): Promise<Outcome> {
    const context = { requestId: '1-65362416-68afb557d64a2e283eccebce', function: { timeout: timeoutMs / 1000 } };
    this.#setVariables(variables);
    this.#log = [];
    try {
      await this.#package.initialize(context);
      const result = await this.#package.handler(event, context);
      return { result, error: undefined, log: this.#log.join('') };
    } catch (error) {
      return { result: undefined, error, log: this.#log.join('') };
    } finally {
      await this.#package.preStop(context);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#package.preStop({});
  }

  #setVariables(variables: Variables): void {
    for (const name of this.#variables) delete process.env[name];
    Object.assign(process.env, variables);
    this.#variables = Object.keys(variables);
  }
}
