import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import fc from 'fast-check';
import type { BuiltFunction, Outcome, Variables } from '../function/built-function.ts';
import { type BulkOperation, isBulk, operationsOf } from '../function/bulk-body.ts';
import { events } from '../function/events.ts';
import { elementsOf, expectedForms, formsOf } from '../function/expected.ts';
import { openFunction } from '../function/open-function.ts';
import { assertSound, countsOf } from '../function/outcome.ts';
import { assertIndex, assertRequest } from '../function/requests.ts';
import { respondJson, respondToOthers, type SeenRequest, type Server } from '../function/server.ts';
import { validSettings } from '../function/settings.ts';
import { fuzzTarget } from '../target.ts';

/** How Elasticsearch answers to one operation: most it takes. */
const answers = fc.constantFrom('ok', 'ok', 'ok', 'ok', 'ok', 'refused', 'busy', 'conflict', 'noop');
const inputs = fc.record({ event: events, variables: validSettings, answers: fc.array(answers, { minLength: 1, maxLength: 8 }) });
type Input = typeof inputs extends fc.Arbitrary<infer One> ? One : never;

const timeoutMs = 20_000;

/** Any event under any settings: every record is accounted for, and nothing but documents of allowed indices goes out. */
export default fuzzTarget({
  name: 'events',
  module: import.meta.url,
  weight: 10,
  inputs,
  open: () => openFunction(check),
});

async function check({ answers, event, variables }: Input, server: Server, fn: BuiltFunction): Promise<void> {
  const elasticsearch = new Elasticsearch(answers);
  server.begin((response, request) => elasticsearch.respond(response, request));
  const outcome = await fn.invoke(event, { ...variables, ES_ENDPOINT: server.address }, timeoutMs);
  assertSound(outcome);
  for (const request of server.requests) assertRequest(request, variables);
  const elements = elementsOf(event);
  assertOperations(elasticsearch.operations, elements ?? [], variables);
  if (elements) assertAccounted(outcome, elements.length, elasticsearch);
  else
    assert.ok(
      (outcome.error instanceof Error && outcome.error.name === 'EventInvalid') || isCommand(event),
      'what is no array is taken for an event',
    );
}

function isCommand(event: Buffer): boolean {
  return event.includes('"command"');
}

function assertOperations(operations: readonly BulkOperation[], elements: readonly unknown[], variables: Variables): void {
  const expected = expectedForms(elements, variables);
  for (const operation of operations) {
    assertIndex(operation.index, variables);
    const isError = operation.index === variables.ERROR_INDEX;
    const isExpected = isError || formsOf(operation, variables).some((form) => expected.has(form));
    assert.ok(isExpected, `no record is ${JSON.stringify(operation)}; there are ${[...expected].join(' and ')}`);
  }
}

function assertAccounted(outcome: Outcome, received: number, { taken }: Elasticsearch): void {
  if (outcome.error !== undefined) {
    const { name, message } = outcome.error as Error;
    assert.ok(name === 'RecordsRejected' || name === 'ErrorDestinationUnavailable', `a healthy server, and ${name}: ${message}`);
    return;
  }
  const counts = countsOf(outcome);
  assert.equal(counts.received, received, 'records are not counted');
  // What follows a failed operation on its document is sent once more, taken or not: their order must hold.
  const counted = counts.written + counts.deleted;
  assert.ok(counted <= taken && counted >= taken - counts.retried, `${counted} are counted as written, ${taken} were taken`);
}

/** What answers to each operation in turn as it is told, and takes those of the error index. */
class Elasticsearch {
  readonly operations: BulkOperation[] = [];
  readonly #answers: readonly string[];
  #turn = 0;
  /** Operations that were taken, for good. */
  taken = 0;
  /** What is busy has room the next time. */
  #wasBusy = false;

  constructor(answers: readonly string[]) {
    this.#answers = answers;
  }

  respond(response: ServerResponse, request: SeenRequest): void {
    if (isBulk(request)) this.#respondToBulk(response, request);
    else respondToOthers(response, request);
  }

  #respondToBulk(response: ServerResponse, request: SeenRequest): void {
    const operations = operationsOf(request);
    this.operations.push(...operations);
    respondJson(response, 200, { took: 1, errors: true, items: operations.map((operation) => this.#itemFor(operation)) });
  }

  #itemFor({ action, document, index }: BulkOperation): object {
    if (index === 'errors') return { [action]: { status: 201, result: 'created' } };
    const answer = this.#answers[this.#turn++ % this.#answers.length];
    if (answer === 'busy' && !this.#wasBusy) {
      this.#wasBusy = true;
      return { [action]: { status: 429, error: { type: 'es_rejected_execution_exception', reason: JSON.stringify(document ?? null) } } };
    }
    if (answer === 'refused')
      return { [action]: { status: 400, error: { type: 'mapper_parsing_exception', reason: JSON.stringify(document ?? null) } } };
    if (answer === 'conflict' && action === 'create')
      return { [action]: { status: 409, error: { type: 'version_conflict_engine_exception' } } };
    const isDropped = answer === 'noop' && (action === 'index' || action === 'create');
    if (!isDropped) this.taken++;
    return { [action]: { status: 200, result: isDropped ? 'noop' : 'created' } };
  }
}
