import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { packageFolder } from '../../../scripts/bundle/package.ts';
import { TestInstance } from './instance.ts';
import { eventOf } from './records.ts';

/** What an invocation answers. */
export type Result = Readonly<
  Record<'received' | 'written' | 'deleted' | 'unchanged' | 'skipped' | 'rejected' | 'retried' | 'tookMs', number>
>;

/** A line of the function's log. */
export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly [field: string]: unknown;
}

interface Environment {
  readonly [name: string]: string | undefined;
}

interface Deployment {
  /** In seconds. */
  readonly timeout?: number;
  readonly initializer?: string;
}

/** Indices with a random name in front, and functions that write to them; at the end both are gone. */
export class Stage implements AsyncDisposable {
  readonly name = `test-${randomBytes(4).toString('hex')}`;
  readonly #url: string;
  readonly #functions: BuiltFunction[] = [];

  constructor(elasticsearchUrl: string) {
    this.#url = elasticsearchUrl;
  }

  /** The built function with the least settings that it needs and what the test changes; undefined leaves a variable out. */
  async start(changes: Environment = {}, deployment: Deployment = {}): Promise<BuiltFunction> {
    const { name } = this;
    const variables = { CONNECTOR_NAME: name, ES_ENDPOINT: this.#url, ES_PASSWORD: 'canary-Pa55', ES_INDEX: name, ...changes };
    const started = await BuiltFunction.start(variables, deployment);
    this.#functions.push(started);
    return started;
  }

  /** Asks Elasticsearch, and returns the status and the text of its answer. */
  async request(method: string, path: string, body?: object): Promise<{ status: number; text: string }> {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${this.#url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
    return { status: response.status, text: await response.text() };
  }

  /** Sets up what the test needs; throws when Elasticsearch does not answer 2xx. */
  async put(path: string, body?: object): Promise<void> {
    const { status, text } = await this.request(path.endsWith('/_close') ? 'POST' : 'PUT', path, body);
    if (status >= 300) throw new Error(`PUT ${path}: status ${status}: ${text}`);
  }

  /** The answer to GET, parsed. */
  async get<Answer>(path: string): Promise<Answer> {
    return JSON.parse((await this.request('GET', path)).text) as Answer;
  }

  async exists(index: string): Promise<boolean> {
    return (await this.request('HEAD', `/${encodeURIComponent(index)}`)).status === 200;
  }

  /** The document's bytes as they were sent, since numbers would lose digits when parsed. */
  async source(id: string, index = this.name): Promise<string | undefined> {
    const { status, text } = await this.request('GET', `/${index}/_source/${encodeURIComponent(id)}`);
    return status === 200 ? text : undefined;
  }

  /** The document, parsed. */
  async document(id: string, index = this.name): Promise<unknown> {
    return JSON.parse((await this.source(id, index)) ?? 'null');
  }

  /** The ids of all documents, sorted. */
  async ids(index = this.name): Promise<string[]> {
    await this.request('POST', `/${index}/_refresh`);
    const { hits } = await this.get<{ hits?: { hits: { _id: string }[] } }>(`/${index}/_search?size=10000&_source=false`);
    return (hits?.hits ?? []).map(({ _id }) => _id).sort();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#functions.map((started) => started.stop()));
    for (const path of [`/${this.name}*`, `/_index_template/${this.name}*`, `/_template/${this.name}*`]) await this.request('DELETE', path);
    await this.request('DELETE', `/_ingest/pipeline/${this.name}*`);
  }
}

/** The built package in an instance of Function Compute. */
export class BuiltFunction {
  readonly #instance: TestInstance;
  readonly #lines: string[];

  private constructor(instance: TestInstance, lines: string[]) {
    this.#instance = instance;
    this.#lines = lines;
  }

  static async start(changes: Environment, { timeout = 60, ...hooks }: Deployment = {}): Promise<BuiltFunction> {
    const environmentVariables = Object.fromEntries(Object.entries(changes).flatMap(([name, value]) => (value ? [[name, value]] : [])));
    const lines: string[] = [];
    const config = { codePath: packageFolder, environmentVariables, timeout, ...hooks };
    return new BuiltFunction(await TestInstance.start(config, lines), lines);
  }

  /** The answer's text. */
  async invoke(event: string | Buffer): Promise<string> {
    return (await this.#instance.invoke(Buffer.from(event))).toString();
  }

  async command<Answer>(command: object): Promise<Answer> {
    return JSON.parse(await this.invoke(JSON.stringify(command))) as Answer;
  }

  /** One event of these elements, which are objects or, for what JSON.stringify cannot write, JSON text. */
  async deliver(...elements: readonly (string | object)[]): Promise<Result> {
    const result = JSON.parse(await this.invoke(event(...elements))) as Result;
    const { received, written, deleted, unchanged, skipped, rejected } = result;
    expect(received, JSON.stringify(result)).toBe(written + deleted + unchanged + skipped + rejected);
    return result;
  }

  /** All lines so far, as text. */
  logText(): string[] {
    return this.#lines;
  }

  /** The lines so far, of one level. */
  log(level: string): LogLine[] {
    const lines = this.logText().map((line) => JSON.parse(line) as LogLine);
    return lines.filter((line) => line.level === level);
  }

  /** The most resident memory that its process ever had, in MB. */
  async peakMemory(): Promise<number> {
    return this.#instance.peakMemory();
  }

  async stop(): Promise<void> {
    await this.#instance.stop();
  }
}

/** The event of these elements: objects, or JSON text. */
export function event(...elements: readonly (string | object)[]): Buffer {
  const texts = elements.map((element) => (typeof element === 'string' ? element : eventOf(element).toString().slice(1, -1)));
  return Buffer.from(`[${texts.join(',')}]`);
}

/** What Function Compute answers for what must fail. */
export async function failureOf(call: Promise<unknown>): Promise<{ readonly errorType: string; readonly errorMessage: string }> {
  const error = await call.then(
    (answer) => ({ answer }),
    (thrown: unknown) => thrown,
  );
  expect(error).toMatchObject({ fault: { errorType: expect.any(String), errorMessage: expect.any(String) } });
  return (error as { fault: { errorType: string; errorMessage: string } }).fault;
}

/** One record as the trigger writes it today, as `data` alone, and as it wrote it before 2023-02-15; `data` is JSON text. */
export const triggerForms = {
  cloudEvent: (data: string) =>
    `{"specversion":"1.0","id":"8e215af8","source":"acs:alikafka","type":"alikafka:Topic:Message","data":${data}}`,
  string: (data: string) => JSON.stringify(triggerForms.cloudEvent(data)),
  rawData: (data: string) => data,
};
