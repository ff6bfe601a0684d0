import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { bulkBodies, bulkText, echoes, lookupBodies, lookupText } from '../function/answer-bodies.ts';
import { type Answer, answerForms, answerOf, toTls, trap } from '../function/answers.ts';
import { BuiltFunction, type Variables } from '../function/built-function.ts';
import { type BulkOperation, isBulk, operationsOf } from '../function/bulk-body.ts';
import { assertSound, countsOf } from '../function/outcome.ts';
import { RawServer, type Script } from '../function/raw-server.ts';
import { assertRequest } from '../function/requests.ts';
import type { SeenRequest } from '../function/server.ts';
import { validSettings } from '../function/settings.ts';
import { Told } from '../function/told.ts';
import { canary } from '../hostile-text.ts';
import { fuzzTarget } from '../target.ts';

const kinds = fc.constantFrom('document', 'document', 'document', 'no value', 'no object');
const inputs = fc.record({
  records: fc.array(kinds, { minLength: 1, maxLength: 5 }),
  command: fc.oneof({ weight: 12, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom('check', 'find') }),
  variables: validSettings,
  timeoutMs: fc.constantFrom(60, 200),
  bulk: fc.array(fc.record({ form: answerForms, body: bulkBodies }), { minLength: 1, maxLength: 4 }),
  others: fc.array(answerForms, { minLength: 1, maxLength: 3 }),
  lookups: lookupBodies,
  toTls,
});
type Input = typeof inputs extends fc.Arbitrary<infer One> ? One : never;

const timeoutMs = 300;
/** For a machine that is busy with other things. */
const patienceMs = 15_000;

/** Whatever a server responds: what it has not said is not counted, and nothing hangs, is followed, or told. */
export default fuzzTarget({
  name: 'responses',
  module: import.meta.url,
  weight: 1,
  waits: true,
  inputs,
  open: () => ResponseChecker.open(),
});

class ResponseChecker implements AsyncDisposable {
  readonly #fn = new BuiltFunction();
  readonly #server: RawServer;
  readonly #trap: RawServer;

  private constructor(server: RawServer, another: RawServer) {
    this.#server = server;
    this.#trap = another;
  }

  static async open(): Promise<ResponseChecker> {
    return new ResponseChecker(await RawServer.start(), await RawServer.start());
  }

  readonly check = async (input: Input): Promise<void> => {
    const elasticsearch = new Elasticsearch(input, this.#trap.address);
    this.#trap.begin(() => input.toTls, input.toTls);
    this.#server.begin((request, socket) => elasticsearch.respond(request, socket), input.toTls);
    const variables = { ...input.variables, ES_REQUEST_TIMEOUT_MS: String(input.timeoutMs), ES_ENDPOINT: this.#server.address };
    const started = performance.now();
    const outcome = await this.#fn.invoke(eventOf(input), variables, timeoutMs);
    const tookMs = performance.now() - started;
    await this.#server.end();
    assert.ok(tookMs < timeoutMs + patienceMs, `it took ${Math.round(tookMs)} ms, where it had ${timeoutMs}`);
    assertSound(outcome);
    assert.equal(this.#trap.connections, 0, 'a redirection was followed');
    for (const request of this.#server.requests) assertSent(request, variables);
    if (input.command === undefined && outcome.error === undefined) assertTold(countsOf(outcome), elasticsearch.told, input);
  };

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#fn[Symbol.asyncDispose]();
    await this.#server[Symbol.asyncDispose]();
    await this.#trap[Symbol.asyncDispose]();
  }
}

function eventOf({ command, records }: Input): Buffer {
  if (command !== undefined) return Buffer.from(JSON.stringify({ command, topic: 'orders', partition: 0, offset: 1, key: `${canary}-k1` }));
  const elements = records.map((kind, n) => ({
    ...{ topic: 'orders', partition: 0, offset: n, timestamp: 1616599282417, key: `${canary}-k${n}`, overflowFlag: false, valueSize: 1 },
    ...(kind !== 'no value' && { value: kind === 'document' ? JSON.stringify({ n, text: canary }) : `${canary} {` }),
  }));
  return Buffer.from(JSON.stringify(elements));
}

function assertSent(request: SeenRequest, variables: Variables): void {
  assertRequest(request, variables);
  assert.ok(!request.path.startsWith('/redirected'), 'a redirection was followed');
}

/** Throws unless each record that is counted is one of which the server has said so. */
function assertTold(counts: ReturnType<typeof countsOf>, told: Told, { records, variables }: Input): void {
  const { ERROR_INDEX, NULL_VALUE, SKIP_POSITIONS } = variables;
  const withoutValue = records.filter((kind) => kind === 'no value').length;
  const left = (NULL_VALUE === 'skip' ? withoutValue : 0) + (SKIP_POSITIONS ? 1 : 0);
  assert.equal(counts.received, records.length, 'records are not counted');
  assertWithin('written', counts.written, told.written);
  assertWithin('deleted', counts.deleted, told.deleted);
  assertWithin('unchanged', counts.unchanged, told.unchanged);
  assertWithin('skipped', counts.skipped - left, told.dropped);
  if (ERROR_INDEX) assertWithin('rejected', counts.rejected, told.handedOver);
  const inIndex = new Set([...told.written, ...told.deleted, ...told.unchanged]);
  assertWithin('in the index', counts.written + counts.deleted + counts.unchanged, inIndex);
}

function assertWithin(what: string, count: number, told: ReadonlySet<number>): void {
  assert.ok(count <= told.size, `${count} are counted as ${what}, and the server has said so of ${told.size}: ${[...told]}`);
}

/** Answers each request in turn as it is told, and keeps what that says of records. */
class Elasticsearch {
  readonly told = new Told();
  readonly #input: Input;
  readonly #trap: string;
  /** What a connection was sent since it was sent something twice: each may be taken for the answer to a later request. */
  readonly #spare = new WeakMap<Socket, string[]>();
  #bulks = 0;
  #others = 0;

  constructor(input: Input, trapAddress: string) {
    this.#input = input;
    this.#trap = trapAddress;
  }

  respond(request: SeenRequest, socket: Socket): Script {
    const operations = isBulk(request) ? operationsOf(request) : [];
    const { script, times, told } = operations.length > 0 ? this.#toBulk(request, operations) : this.#toOther(request);
    const known = this.#spare.get(socket);
    const texts = [...(known ?? []), ...(told === undefined ? [] : [told])];
    for (const text of texts) this.told.add(text, operations, this.#input.variables.ERROR_INDEX);
    if (known || times > 1) this.#spare.set(socket, texts);
    return script;
  }

  #toBulk(request: SeenRequest, operations: readonly BulkOperation[]): Answer {
    const { bulk } = this.#input;
    const { body, form } = bulk[this.#bulks++ % bulk.length] ?? assert.fail('no answer');
    const actions = operations.map(({ action }) => action);
    return this.#answer(form, bulkText(body, actions), request);
  }

  #toOther(request: SeenRequest): Answer {
    const { lookups, others } = this.#input;
    const form = others[this.#others++ % others.length] ?? assert.fail('no answer');
    return this.#answer(form, lookupText(lookups, request.path), request);
  }

  #answer(form: Parameters<typeof answerOf>[0], text: string, request: SeenRequest): Answer {
    return answerOf(form, this.#fill(text, request, quotedJson), (line) => this.#fill(line, request, (one) => one.slice(0, maxEchoLength)));
  }

  /** Puts what the request said in place of what stands for it. */
  #fill(text: string, { body, headers, path }: SeenRequest, quote: (echoed: string) => string): string {
    if (!text.includes('{{')) return text;
    const [, name = ''] = path.split(/[/?]/);
    return text
      .replaceAll(echoes.authorization, () => quote(headers[headers.findIndex((one) => /^authorization$/i.test(one)) + 1] ?? ''))
      .replaceAll(echoes.body, () => quote(body.toString('latin1')))
      .replaceAll(echoes.name, () => quote(decodeURIComponent(name)))
      .replaceAll(trap, () => this.#trap);
  }
}

const maxEchoLength = 200;

function quotedJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
