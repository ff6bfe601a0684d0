import { randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFolder } from '../../scripts/bundle/package.ts';
import { Instance, type Reply } from '../../scripts/local/runtime/instance.ts';
import { InvocationLog } from '../../scripts/local/runtime/invocation-log.ts';
import { functionConfig, type Variables } from '../support/function/built-function.ts';

/** Everything that makes Node, the clients or this package talk; `NODE_DEBUG` is left out, with which Node itself prints every header. */
const talkative = {
  LOG_LEVEL: 'debug',
  DEBUG: '*',
  KAFKAJS_LOG_LEVEL: 'DEBUG',
  KAFKAJS_DEBUG_PROTOCOL_BUFFERS: '1',
  KAFKAJS_DEBUG_EXTENDED_PROTOCOL_BUFFERS: '1',
  NODE_OPTIONS: '--trace-warnings --trace-deprecation --unhandled-rejections=strict',
};

/** Stands before the package and prints all of what it throws, since a platform may: message, stack, causes, and every property, hidden ones too. */
const teller = `
const { inspect } = require('node:util');
const sink = require(${JSON.stringify(join(packageFolder, 'index.js'))});
const telling = (name) => async (...args) => {
  try { return await sink[name](...args); }
  catch (error) {
    const { stack, cause } = error;
    process.stderr.write(inspect({ error, stack, cause }, { depth: 20, showHidden: true, maxStringLength: null, breakLength: Infinity }) + '\\n');
    throw error;
  }
};
module.exports = { initialize: telling('initialize'), handler: telling('handler'), preStop: telling('preStop') };
`;

/** What the caller of one call gets. */
export interface Answer {
  /** The error's name; undefined after a success. */
  readonly failure: string | undefined;
  /** The result; undefined after a failure. */
  readonly result: unknown;
}

/** The built function in a process of its own, of which everything is kept that anybody outside can read. */
export class WatchedFunction implements AsyncDisposable {
  readonly #folder: string;
  readonly #instance: Instance;
  readonly #said: string[] = [];

  private constructor(folder: string, instance: Instance) {
    this.#folder = folder;
    this.#instance = instance;
  }

  /** Starts it without its initializer. */
  static async start(variables: Variables, timeoutSeconds: number): Promise<WatchedFunction> {
    const folder = await mkdtemp(join(tmpdir(), 'canary-function-'));
    await writeFile(join(folder, 'index.js'), teller);
    await writeFile(join(folder, 'package.json'), '{"type":"commonjs"}');
    const set = { ...talkative, ...variables, TMPDIR: folder, HOME: folder };
    return new WatchedFunction(folder, new Instance(functionConfig(set, { codePath: folder, timeout: timeoutSeconds })));
  }

  async initialize(): Promise<Answer> {
    return this.#keep(await this.#instance.initialize(this.#log));
  }

  async send(event: string | Buffer): Promise<Answer> {
    return this.#keep(await this.#instance.invoke(Buffer.from(event), this.#log));
  }

  /** Ends it; resolves to all that it said, and to what it left in files. */
  async stop(): Promise<string> {
    await this.#instance.stop(this.#log);
    for (const entry of await readdir(this.#folder, { recursive: true, withFileTypes: true })) {
      if (entry.isFile()) this.#said.push(await readFile(join(entry.parentPath, entry.name), 'latin1'));
    }
    return this.#said.join('\n');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true });
  }

  get #log(): InvocationLog {
    return new InvocationLog(randomUUID(), this.#instance.id, ({ text }) => this.#said.push(text));
  }

  #keep(reply: Reply): Answer {
    if (!reply.ok) {
      this.#said.push(JSON.stringify(reply.fault));
      return { failure: reply.fault.errorType ?? reply.fault.errorMessage, result: undefined };
    }
    const text = Buffer.from(reply.payload).toString();
    this.#said.push(text);
    return { failure: undefined, result: text === 'undefined' ? undefined : JSON.parse(text) };
  }
}
