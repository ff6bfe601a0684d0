import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import {
  type Answer,
  apiKey,
  at,
  type BulkOperation,
  basic,
  bulkRequests,
  echo,
  elasticsearch,
  failed,
  handedOver,
  type Item,
  id,
  idsOf,
  inTurn,
  isBulk,
  isErrorWrite,
  items,
  ok,
  operationsOf,
  password,
  plain,
  records,
  refusal,
  secrets,
} from '../../support/elasticsearch/scripted.ts';
import { json, ScriptedServer, type SeenRequest } from '../../support/elasticsearch/scripted-server.ts';
import { useSubjects } from '../../support/function/subject.ts';

vi.setConfig({ testTimeout: 30_000, hookTimeout: 60_000 });

const subject = useSubjects();

// Seconds, ms: of a function that runs into its deadline.
const timeout = 3;
const deadlineMs = 1500;

const policies = ['continue', 'stop'] as const;

/** Each row under both policies. */
function underBoth<Row extends readonly unknown[]>(rows: readonly (readonly [string, ...Row])[]) {
  return policies.flatMap((policy) => rows.map(([name, ...row]) => [name, policy, ...row] as const));
}

// ---- The surroundings', needs a person

const notFound = { error: 'no handler found for uri [/_bulk] and method [POST]' };

test.concurrent.each(
  underBoth<readonly [Answer, string]>([
    ['401', refusal(401, 'security_exception'), 'ElasticsearchUnauthorized'],
    ['401 as plain text', plain(401, { 'content-type': 'text/plain' }), 'ElasticsearchUnauthorized'],
    ['401 without a body', plain(401, {}, ''), 'ElasticsearchUnauthorized'],
    ['403', refusal(403, 'security_exception'), 'ElasticsearchForbidden'],
    [
      'an item security_exception',
      items(({ id }) => (id.endsWith('1') ? failed(403, 'security_exception') : ok)),
      'ElasticsearchForbidden',
    ],
    ['404', json(404, notFound), 'IndexUnavailable'],
    ['405', json(405, { error: 'Incorrect HTTP method', status: 405 }), 'IndexUnavailable'],
    ['302', plain(302, { location: 'http://127.0.0.1:9/login' }), 'IndexUnavailable'],
    ['301 without a location', plain(301), 'IndexUnavailable'],
    ['400 for every record', refusal(400, 'illegal_argument_exception'), 'IndexUnavailable'],
    [
      'an item index_closed_exception',
      items(({ id }) => (id.endsWith('1') ? failed(400, 'index_closed_exception') : ok)),
      'IndexUnavailable',
    ],
    ['an item validation_exception', items(({ id }) => (id.endsWith('1') ? failed(400, 'validation_exception') : ok)), 'IndexUnavailable'],
  ]),
)('%s under %s is thrown under its name, and no record is handed over', async (_, policy, bulk, name) => {
  const variables = { ON_FAILURE: policy, ERROR_INDEX: 'errors' };
  await using under = await subject(elasticsearch(bulk), { variables });
  const { server, invoke, fn } = under;
  const outcome = await invoke({ topic: 1 }, ...records(3));
  expect(outcome).toMatchObject({ errorType: name });
  expect(outcome.tookMs).toBeLessThan(5000);
  expect(handedOver(server)).toEqual([]);
  await expect.poll(() => fn.logged('error').length).toBeGreaterThan(0);
});

test.concurrent.each([
  ['404', 404, 'index_not_found_exception', { CREATE_INDEX: 'false' }, 'IndexMissing'],
  ['403', 403, 'security_exception', {}, 'ElasticsearchForbidden'],
  ['400', 400, 'index_closed_exception', {}, 'IndexUnavailable'],
])('the message of an item %s names the index and the node', async (_, status, type, variables, name) => {
  await using under = await subject(elasticsearch(items(() => failed(status, type))), { variables });
  const { server, invoke } = under;
  const outcome = await invoke(at(1), at(2));
  expect(outcome.errorType).toBe(name);
  expect(outcome.errorMessage).toContain('elastic_test');
  expect(outcome.errorMessage).toContain(new URL(server.url).host);
});

test.concurrent.each([
  ['401', refusal(401, 'security_exception')],
  ['403', refusal(403, 'security_exception')],
  ['404', json(404, notFound)],
  ['503', refusal(503, 'unavailable_shards_exception')],
  ['HTML', plain(200, { 'content-type': 'text/html' })],
])('the message of a request that is answered with %s names the node', async (_, bulk) => {
  await using under = await subject(elasticsearch(bulk), { timeout });
  const { server, invoke } = under;
  const { errorMessage } = await invoke(at(1), at(2));
  expect(errorMessage).toContain(new URL(server.url).host);
});

test.concurrent.each([
  ['ElasticsearchUnauthorized', refusal(401, 'security_exception'), /ES_USERNAME|ES_PASSWORD|ES_API_KEY/],
  ['ElasticsearchForbidden', items(() => failed(403, 'security_exception')), /privilege|right|role|permission/],
  ['IndexMissing', items(() => failed(404, 'index_not_found_exception')), /CREATE_INDEX/],
  ['IndexUnavailable', items(() => failed(400, 'index_closed_exception')), /\bopen\b|mend/],
  ['IndexUnavailable', json(404, notFound), /ES_ENDPOINT|mend/],
  ['RecordsRejected', items(() => failed(400, 'mapper_parsing_exception')), /SKIP_POSITIONS|mapping/],
])('the message of %s says what to do', async (name, bulk, remedy) => {
  await using under = await subject(elasticsearch(bulk), { variables: { CREATE_INDEX: 'false', ON_FAILURE: 'stop' } });
  const { errorType, errorMessage } = await under.invoke(at(1), at(2));
  expect(errorType).toBe(name);
  expect(errorMessage).toMatch(remedy);
});

test.concurrent("a target's fault is thrown only after the other operations settled: what heals is sent again until it is written", async () => {
  let attempts = 0;
  const judge = ({ id: sent }: BulkOperation) => {
    if (sent === id(0)) return failed(403, 'security_exception');
    if (sent === id(1) && attempts++ < 2) return failed(429, 'es_rejected_execution_exception');
    return ok;
  };
  await using under = await subject(elasticsearch(items(judge)), { variables: { ERROR_INDEX: 'errors' } });
  const { server, invoke } = under;
  expect(await invoke(...records(3))).toMatchObject({ errorType: 'ElasticsearchForbidden' });
  expect(bulkRequests(server).map(idsOf)).toEqual([[id(0), id(1), id(2)], [id(1)], [id(1)]]);
});

test.concurrent('an index that is missing again after it was made is made once an invocation', async () => {
  const bulk = items(() => failed(404, 'index_not_found_exception'));
  await using under = await subject(elasticsearch(bulk), { timeout });
  const { server, invoke } = under;
  expect((await invoke(...records(2))).errorType).toBeDefined();
  expect(server.requests.filter(({ method, path }) => method === 'PUT' && path.startsWith('/elastic_test'))).toHaveLength(1);
});

test.concurrent('a delete where the index is missing is unchanged; an index operation there is IndexMissing', async () => {
  const variables = { DOCUMENT_ID: 'key', NULL_VALUE: 'delete', CREATE_INDEX: 'false' };
  const bulk = items(() => failed(404, 'index_not_found_exception'));
  await using under = await subject(elasticsearch(bulk), { variables });
  const { invoke } = under;
  expect((await invoke(at(1, { value: undefined }))).result).toMatchObject({ received: 1, unchanged: 1 });
  expect(await invoke(at(2, { value: undefined, key: 'a' }), at(3, { key: 'b' }))).toMatchObject({ errorType: 'IndexMissing' });
});

// ---- The surroundings', heals by itself

const stalled: Answer = (response) =>
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': 500 }).write('{"took":');
const silent: Answer = () => undefined;
const cut: Answer = (response) => response.destroy();
const bodyCut: Answer = (response) => {
  const head = { 'content-type': 'application/json', 'content-length': 500 };
  response.writeHead(200, head).write('{"took":1,"errors":false,"items":[', () => response.destroy());
};
const chunkCut: Answer = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write('{"took":1,"errors":false,"items":[{"index":{"status":201}},{"index":{"status":201}}]}', () => response.destroy());
};
const created = { index: { _index: 'elastic_test', _type: '_doc', status: 201 } };
const answered = (body: unknown) => json(200, body);

const passing: readonly (readonly [string, Answer])[] = [
  ['408', plain(408)],
  ['429', refusal(429, 'es_rejected_execution_exception')],
  ['429 without a body', plain(429, {}, '')],
  ['500', refusal(500, 'null_pointer_exception')],
  ['502 from a proxy', plain(502, { 'content-type': 'text/html' })],
  ['503', refusal(503, 'cluster_block_exception')],
  ['504', plain(504)],
  ['403 cluster_block_exception', refusal(403, 'cluster_block_exception')],
  ['400 without a body', plain(400, {}, '')],
  ['400 from a proxy', plain(400, { 'content-type': 'text/html' }, `<html>${echo}</html>`)],
  ['403 from a proxy', plain(403, { 'content-type': 'text/html' }, `<html>${echo}</html>`)],
  ['403 as plain text', plain(403, { 'content-type': 'text/plain' })],
  ['404 from a proxy', plain(404, { 'content-type': 'text/html' }, `<html>${echo}</html>`)],
  ["a gateway's own JSON with 400", json(400, { message: 'Bad Request' })],
  ["a gateway's own JSON with 403", json(403, { error: 'forbidden' })],
  ['HTML with 200', plain(200, { 'content-type': 'text/html' }, `<html>${echo}</html>`)],
  ['text with 200', plain(200, { 'content-type': 'text/plain' })],
  ['no body and no type with 200', plain(200, {}, '')],
  ['no content', plain(204, {}, '')],
  ['broken JSON', plain(200, { 'content-type': 'application/json' }, `{"items":[{"${echo}`)],
  ['another JSON object', answered({ ok: true })],
  ['a JSON array', answered([created, created])],
  ['no items', answered({ took: 1, errors: false, items: [] })],
  ['too few items', answered({ took: 1, errors: false, items: [created] })],
  ['too many items', answered({ took: 1, errors: false, items: [created, created, created] })],
  ['items without status', answered({ took: 1, errors: false, items: [{ index: {} }, { index: {} }] })],
  ['items of another action', answered({ took: 1, errors: false, items: [{ delete: { status: 200 } }, { delete: { status: 200 } }] })],
  ['a connection that is cut', cut],
  ['a body that is cut', bodyCut],
  ['a chunked body that is cut', chunkCut],
  ['a body that stalls', stalled],
  ['silence', silent],
];

test.concurrent.each(passing)('%s, then a success: both operations were sent again', async (_, answer) => {
  await using under = await subject(elasticsearch(inTurn(answer, items())));
  const { server, invoke } = under;
  expect((await invoke(...records(2))).result).toMatchObject({ received: 2, written: 2, rejected: 0, retried: 2 });
  expect(bulkRequests(server).map(idsOf)).toEqual([
    [id(0), id(1)],
    [id(0), id(1)],
  ]);
});

/** Few retries until the deadline, yet some, even where nothing is answered. */
const slower = { RETRY_BACKOFF_MS: '50', RETRY_MAX_BACKOFF_MS: '50', ES_REQUEST_TIMEOUT_MS: '200' };

test.concurrent.each(passing)(
  '%s for ever is ElasticsearchUnavailable, at the deadline and before the end of the function, and hands nothing over',
  async (_, answer) => {
    await using under = await subject(elasticsearch(answer), { variables: { ...slower, ERROR_INDEX: 'errors' }, timeout });
    const { server, invoke } = under;
    const outcome = await invoke({ topic: 1 }, ...records(2));
    expect(outcome).toMatchObject({ errorType: 'ElasticsearchUnavailable' });
    expect(outcome.tookMs).toBeGreaterThan(deadlineMs - 200);
    expect(outcome.tookMs).toBeLessThan(timeout * 1000);
    expect(bulkRequests(server).length).toBeGreaterThan(1);
    expect(handedOver(server)).toEqual([]);
  },
);

test.concurrent('the longest time for a request never reaches past the deadline', async () => {
  await using under = await subject(elasticsearch(silent), { variables: { ES_REQUEST_TIMEOUT_MS: '30000' }, timeout });
  const { invoke } = under;
  const outcome = await invoke(...records(2));
  expect(outcome).toMatchObject({ errorType: 'ElasticsearchUnavailable' });
  expect(outcome.tookMs).toBeLessThan(deadlineMs + 750);
});

test.concurrent('a body that stalls never reaches past the deadline either', async () => {
  await using under = await subject(elasticsearch(stalled), { variables: { ES_REQUEST_TIMEOUT_MS: '30000' }, timeout });
  const { invoke } = under;
  const outcome = await invoke(...records(2));
  expect(outcome).toMatchObject({ errorType: 'ElasticsearchUnavailable' });
  expect(outcome.tookMs).toBeLessThan(deadlineMs + 750);
});

/** An address where nobody listens any more. */
async function urlOfNobody(): Promise<string> {
  await using gone = await ScriptedServer.start(silent);
  return gone.url;
}

test.concurrent('a server that cannot be reached is ElasticsearchUnavailable at the deadline', async () => {
  const gone = await urlOfNobody();
  await using under = await subject(elasticsearch(), { variables: { ...slower, ES_ENDPOINT: gone }, timeout });
  const outcome = await under.invoke(...records(2));
  expect(outcome).toMatchObject({ errorType: 'ElasticsearchUnavailable' });
  expect(outcome.tookMs).toBeGreaterThan(deadlineMs - 200);
  expect(outcome.tookMs).toBeLessThan(timeout * 1000);
});

test.concurrent('a node that is gone does not keep records from the other node', async () => {
  const gone = await urlOfNobody();
  await using other = await ScriptedServer.start(elasticsearch());
  await using under = await subject(elasticsearch(), { variables: { ES_ENDPOINT: `${gone},${other.url}` } });
  expect((await under.invoke(...records(2))).result).toMatchObject({ written: 2 });
  expect((await under.invoke(...records(2))).result).toMatchObject({ written: 2 });
});

const passingItems: readonly (readonly [string, Item])[] = [
  ['429 es_rejected_execution_exception', failed(429, 'es_rejected_execution_exception')],
  ['429 circuit_breaking_exception', failed(429, 'circuit_breaking_exception')],
  ['408', failed(408, 'receive_timeout_transport_exception')],
  ['500 of a node that closes', failed(500, 'node_closed_exception')],
  ['503 unavailable_shards_exception', failed(503, 'unavailable_shards_exception')],
  ['403 cluster_block_exception', failed(403, 'cluster_block_exception')],
  ['429 cluster_block_exception', failed(429, 'cluster_block_exception')],
  ['400 cluster_block_exception', failed(400, 'cluster_block_exception')],
];

test.concurrent.each(passingItems)('an item %s is sent again, alone', async (_, item) => {
  let attempts = 0;
  const bulk = items((operation) => (operation.id === id(1) && attempts++ === 0 ? item : ok));
  await using under = await subject(elasticsearch(bulk));
  const { server, invoke } = under;
  expect((await invoke(...records(3))).result).toMatchObject({ received: 3, written: 3, rejected: 0, retried: 1 });
  expect(bulkRequests(server).map(idsOf)).toEqual([[id(0), id(1), id(2)], [id(1)]]);
});

test.concurrent.each(underBoth<readonly [Item]>(passingItems))(
  'an item %s for ever is ElasticsearchUnavailable under %s, and hands nothing over',
  async (_, policy, item) => {
    const bulk = items((operation) => (operation.id === id(1) ? item : ok));
    const variables = { ...slower, ON_FAILURE: policy, ERROR_INDEX: 'errors' };
    await using under = await subject(elasticsearch(bulk), { variables, timeout });
    const { server, invoke } = under;
    const outcome = await invoke({ topic: 1 }, ...records(3));
    expect(outcome).toMatchObject({ errorType: 'ElasticsearchUnavailable' });
    expect(outcome.tookMs).toBeLessThan(timeout * 1000);
    expect(handedOver(server)).toEqual([]);
  },
);

test.concurrent('the 409 of an upsert is sent again, until the deadline', async () => {
  let conflicts = 2;
  const bulk = items(() => (conflicts-- > 0 ? failed(409, 'version_conflict_engine_exception') : ok));
  await using under = await subject(elasticsearch(bulk), { variables: { ...slower, WRITE_MODE: 'upsert' }, timeout });
  const { invoke, server } = under;
  expect((await invoke(at(1))).result).toMatchObject({ written: 1, unchanged: 0, retried: 2 });
  server.answer = elasticsearch(items(() => failed(409, 'version_conflict_engine_exception')));
  expect(await invoke(at(1))).toMatchObject({ errorType: 'ElasticsearchUnavailable' });
});

test.concurrent('a failed operation and every later one on its document are sent again, in order, and no other', async () => {
  let attempts = 0;
  const bulk = items(({ id: key }) => (key === 'a' && attempts++ === 0 ? failed(429, 'es_rejected_execution_exception') : ok));
  await using under = await subject(elasticsearch(bulk), { variables: { DOCUMENT_ID: 'key', DOCUMENT_VERSION: 'none' } });
  const { server, invoke } = under;
  const keys = ['b', 'a', 'c', 'a', 'b', 'a'];
  const { result } = await invoke(...keys.map((key, offset) => at(offset, { key })));
  expect(result).toMatchObject({ written: 6, retried: 3 });
  const [, again] = bulkRequests(server);
  expect(bulkRequests(server)).toHaveLength(2);
  expect(again && operationsOf(again).map(({ document }) => JSON.parse(document ?? '').msg_body.offset)).toEqual([1, 3, 5]);
});

test.concurrent('whatever is sent again, a document ends as its last record says', async () => {
  const last = new Map<string, number>();
  const refusedOnce = new Set<number>();
  const judge = ({ id: key, document = '' }: BulkOperation) => {
    const { offset } = (JSON.parse(document) as { msg_body: { offset: number } }).msg_body;
    if (offset % 3 === 0 && !refusedOnce.has(offset)) {
      refusedOnce.add(offset);
      return failed(429, 'es_rejected_execution_exception');
    }
    last.set(key, offset);
    return ok;
  };
  const variables = { DOCUMENT_ID: 'key', DOCUMENT_VERSION: 'none', BATCH_MAX_RECORDS: '4', MAX_IN_FLIGHT: '4' };
  await using under = await subject(elasticsearch(items(judge)), { variables });
  const { invoke } = under;
  const { result } = await invoke(...Array.from({ length: 60 }, (_, offset) => at(offset, { key: `k${(offset * offset) % 7}` })));
  expect(result).toMatchObject({ received: 60, written: 60 });
  const expected = new Map(Array.from({ length: 60 }, (_, offset) => [`k${(offset * offset) % 7}`, offset]));
  expect(last).toEqual(expected);
});

// ---- The record's

test.concurrent.each(policies)(
  'an item 500 of a type that does not heal is tried three times, and then told by company: %s',
  async (policy) => {
    const bulk = items(({ id: sent, index }) => (index !== 'errors' && sent === id(1) ? failed(500, 'find_match') : ok));
    await using under = await subject(elasticsearch(bulk), { variables: { ON_FAILURE: policy, ERROR_INDEX: 'errors' } });
    const { server, invoke } = under;
    const outcome = await invoke(...records(3));
    if (policy === 'stop') expect(outcome).toMatchObject({ errorType: 'RecordsRejected', errorMessage: expect.stringContaining(id(1)) });
    else expect(outcome.result).toMatchObject({ received: 3, written: 2, rejected: 1, retried: 2 });
    const sent = bulkRequests(server).map(idsOf).slice(0, 3);
    expect(sent).toEqual([[id(0), id(1), id(2)], [id(1)], [id(1)]]);
  },
);

const recordFaults = [
  'mapper_parsing_exception',
  'document_parsing_exception',
  'strict_dynamic_mapping_exception',
  'illegal_argument_exception',
  'a_type_of_the_future',
];

test.concurrent.each(recordFaults)('an item 400 %s is one rejected record and one error line, and is handed over', async (type) => {
  const bulk = items(({ index, id: sent }) => (index !== 'errors' && sent === id(1) ? failed(400, type) : ok));
  await using under = await subject(elasticsearch(bulk), { variables: { ERROR_INDEX: 'errors' } });
  const { server, fn, invoke } = under;
  expect((await invoke(...records(3))).result).toMatchObject({ received: 3, written: 2, rejected: 1, retried: 0 });
  expect(handedOver(server)).toHaveLength(1);
  await expect.poll(() => fn.logged('info')).toHaveLength(1);
  expect(fn.logged('error')).toEqual([expect.objectContaining({ topic: 'orders', partition: 0, offset: 1, error: type })]);
});

test.concurrent.each(recordFaults)(
  'an item 400 %s under stop: the others are written, then RecordsRejected names the position',
  async (type) => {
    let attempts = 0;
    const judge = ({ id: sent }: BulkOperation) => {
      if (sent === id(1)) return failed(400, type);
      return sent === id(2) && attempts++ === 0 ? failed(429, 'es_rejected_execution_exception') : ok;
    };
    const variables = { ON_FAILURE: 'stop', ERROR_INDEX: 'errors' };
    await using under = await subject(elasticsearch(items(judge)), { variables });
    const { server, fn, invoke } = under;
    const outcome = await invoke(...records(3));
    expect(outcome.errorType).toBe('RecordsRejected');
    expect(outcome.errorMessage).toContain(id(1));
    expect(outcome.errorMessage).not.toContain(id(2));
    expect(bulkRequests(server).map(idsOf)).toEqual([[id(0), id(1), id(2)], [id(2)]]);
    expect(handedOver(server)).toEqual([]);
    await expect.poll(() => fn.logged('error').filter(({ offset }) => offset === 1)).toHaveLength(1);
  },
);

test.concurrent.each(policies)("no error under %s tells a record's key or value, even when Elasticsearch's reason does", async (policy) => {
  const reason = "failed to parse field [n] of type [long] in document with id 'content-key'. Preview of field's value: 'content-value'";
  const bulk = items(() => ({ status: 400, error: { type: 'mapper_parsing_exception', reason, caused_by: { type: 'x', reason } } }));
  await using under = await subject(elasticsearch(bulk), { variables: { ON_FAILURE: policy, DOCUMENT_ID: 'key' } });
  const { fn, invoke } = under;
  const { text } = await invoke(at(1, { key: 'content-key', value: 'content-value' }), at(2, { key: 'other' }));
  await expect.poll(() => fn.logged('error').length).toBeGreaterThan(1);
  expect(`${text}${fn.lines.join('\n')}`).not.toMatch(/content-(key|value)/);
});

test.concurrent("a long reason of Elasticsearch's is cut", async () => {
  const error = { type: 'security_exception', reason: 'because '.repeat(10_000) };
  await using under = await subject(elasticsearch(items(() => ({ status: 403, error }))));
  const { fn, invoke } = under;
  const { errorType, errorMessage = '' } = await invoke(at(1), at(2));
  expect(errorType).toBe('ElasticsearchForbidden');
  expect(errorMessage.length).toBeLessThan(2048);
  await expect.poll(() => fn.logged('error').length).toBeGreaterThan(0);
  expect(Math.max(...fn.lines.map((line) => line.length))).toBeLessThan(4096);
});

// ---- 413, or 400 of the whole request

const guilty = (request: SeenRequest) => idsOf(request).includes(id(3));
const refusesGuilty =
  (refuse: Answer): Answer =>
  (response, request) =>
    (guilty(request) ? refuse : items())(response, request);

const wholeRefusals: readonly (readonly [string, Answer])[] = [
  ['400', refusal(400, 'action_request_validation_exception')],
  ['400 without a body', plain(400, {}, '')],
  ['413', plain(413, {}, '')],
];

test.concurrent.each(wholeRefusals)(
  'a request that is refused with %s for one operation is split until that one is rejected',
  async (_, refuse) => {
    await using under = await subject(elasticsearch(refusesGuilty(refuse)));
    const { server, fn, invoke } = under;
    expect((await invoke(...records(9))).result).toMatchObject({ received: 9, written: 8, rejected: 1 });
    const taken = bulkRequests(server).filter((request) => !guilty(request));
    expect(taken.flatMap(idsOf).toSorted()).toEqual([0, 1, 2, 4, 5, 6, 7, 8].map(id));
    await expect.poll(() => fn.logged('info')).toHaveLength(1);
    expect(fn.logged('error')).toEqual([expect.objectContaining({ topic: 'orders', partition: 0, offset: 3 })]);
  },
);

test.concurrent.each(wholeRefusals)(
  'a request that is refused with %s for one operation, under stop: the others are written',
  async (_, refuse) => {
    await using under = await subject(elasticsearch(refusesGuilty(refuse)), { variables: { ON_FAILURE: 'stop' } });
    const { server, invoke } = under;
    const outcome = await invoke(...records(9));
    expect(outcome.errorType).toBe('RecordsRejected');
    expect(outcome.errorMessage).toContain(id(3));
    const taken = bulkRequests(server).filter((request) => !guilty(request));
    expect(taken.flatMap(idsOf).toSorted()).toEqual([0, 1, 2, 4, 5, 6, 7, 8].map(id));
  },
);

test.concurrent('the halves are sent in order', async () => {
  await using under = await subject(elasticsearch(refusesGuilty(plain(413, {}, ''))), { variables: { DOCUMENT_ID: 'key' } });
  const { server, invoke } = under;
  await invoke(...Array.from({ length: 9 }, (_, offset) => at(offset, { key: offset === 3 ? id(3) : 'same' })));
  const taken = bulkRequests(server).filter((request) => !guilty(request));
  const offsets = taken.flatMap(operationsOf).map(({ document }) => JSON.parse(document ?? '').msg_body.offset);
  expect(offsets).toEqual([0, 1, 2, 4, 5, 6, 7, 8]);
});

test.concurrent('requests over what the server takes are split until they fit, and nothing is rejected', async () => {
  const bulk: Answer = (response, request) => (request.body.length > 1500 ? plain(413, {}, '') : items())(response, request);
  await using under = await subject(elasticsearch(bulk));
  const { invoke } = under;
  expect((await invoke(...records(40))).result).toMatchObject({ received: 40, written: 40, rejected: 0 });
});

test.concurrent("a 400 of the whole request for the only record of a batch is the target's fault where nothing tells otherwise", async () => {
  await using under = await subject(elasticsearch(refusal(400, 'action_request_validation_exception')));
  const { invoke } = under;
  expect(await invoke(at(3))).toMatchObject({ errorType: 'IndexUnavailable' });
});

test.concurrent("a 400 of the whole request is the only record's fault when its type says that it cannot be parsed", async () => {
  await using under = await subject(elasticsearch(refusal(400, 'x_content_parse_exception')));
  const { invoke } = under;
  expect((await invoke(at(3))).result).toMatchObject({ received: 1, rejected: 1 });
});

test.concurrent("a 400 of the whole request is the only record's fault when this instance wrote others to that index before", async () => {
  const refuse = refusal(400, 'action_request_validation_exception');
  await using under = await subject(elasticsearch(refusesGuilty(refuse)));
  const { invoke } = under;
  expect((await invoke(at(1))).result).toMatchObject({ written: 1 });
  expect((await invoke(at(3))).result).toMatchObject({ received: 1, rejected: 1 });
});

// ---- Nothing on its way after a throw

const hangs = ({ id: sent }: BulkOperation) => sent !== id(0);
const firstOf =
  (first: Answer): Answer =>
  (response, request) =>
    (operationsOf(request).some(hangs) ? silent : first)(response, request);

test.concurrent.each([
  ['401', firstOf(refusal(401, 'security_exception')), 'ElasticsearchUnauthorized'],
  ['403', firstOf(refusal(403, 'security_exception')), 'ElasticsearchForbidden'],
  ['404', firstOf(json(404, notFound)), 'IndexUnavailable'],
  ['an item security_exception', firstOf(items(() => failed(403, 'security_exception'))), 'ElasticsearchForbidden'],
  ['a refused record', firstOf(items(() => failed(400, 'mapper_parsing_exception'))), 'ElasticsearchUnavailable'],
  ['silence', silent, 'ElasticsearchUnavailable'],
  ['a stalled body', stalled, 'ElasticsearchUnavailable'],
])('after %s in one request and silence in others, none is on its way once the handler has thrown', async (_, bulk, name) => {
  const answering = new Set<ServerResponse>();
  const answer = elasticsearch(bulk);
  const variables = { BATCH_MAX_RECORDS: '1', MAX_IN_FLIGHT: '3', ES_REQUEST_TIMEOUT_MS: '30000' };
  await using under = await subject(silent, { variables, timeout });
  const { server, invoke } = under;
  server.answer = (response, request) => {
    answering.add(response);
    response.on('close', () => answering.delete(response));
    answer(response, request);
  };
  const outcome = await invoke(...records(8));
  expect(outcome).toMatchObject({ errorType: name });
  expect(outcome.tookMs).toBeLessThan(timeout * 1000);
  const count = server.requests.length;
  await expect.poll(() => answering.size).toBe(0);
  // That nothing comes can only be waited for.
  await sleep(300);
  expect(server.requests).toHaveLength(count);
});

// ---- Version

const root = (answer: Answer) => elasticsearch(items(), ({ path }) => (path.replace(/\?.*/, '') === '/' ? answer : undefined));
const rootRequests = ({ requests }: ScriptedServer) => requests.filter(({ path }) => path.replace(/\?.*/, '') === '/');
const version = (number: string) => json(200, { name: 'n', version: { number }, tagline: 'You Know, for Search' });

test.concurrent.each(['6.8.23', '5.6.16', '2.4.6'])('Elasticsearch %s is refused, and gets no record', async (number) => {
  await using under = await subject(root(version(number)));
  const { server, invoke } = under;
  const outcome = await invoke(...records(2));
  expect(outcome.errorType).toBe('ElasticsearchUnsupported');
  expect(outcome.errorMessage).toContain(number);
  expect(bulkRequests(server)).toEqual([]);
});

test.concurrent.each(['7.0.1', '7.10.2', '8.19.21', '10.0.0-SNAPSHOT'])(
  'Elasticsearch %s is taken, and not asked twice',
  async (number) => {
    await using under = await subject(root(version(number)));
    const { server, fn, invoke } = under;
    expect((await invoke(...records(2))).result).toMatchObject({ written: 2 });
    expect((await invoke(...records(2))).result).toMatchObject({ written: 2 });
    expect(rootRequests(server)).toHaveLength(1);
    await expect.poll(() => fn.logged('info')).toHaveLength(2);
    expect(fn.logged('warn')).toEqual([]);
  },
);

test.concurrent.each([
  ['403', refusal(403, 'security_exception')],
  ['a cut connection', cut],
  ['silence', silent],
  ['503', plain(503)],
  ['HTML', plain(200, { 'content-type': 'text/html' })],
  ['no version', json(200, { tagline: echo })],
])('a version that cannot be read for %s is a warning, and the records are written', async (_, answer) => {
  await using under = await subject(root(answer), { timeout });
  const { fn, invoke } = under;
  expect((await invoke(...records(2))).result).toMatchObject({ written: 2 });
  await expect.poll(() => fn.logged('warn')).toHaveLength(1);
});

test.concurrent('a server that keeps its version for itself (403) is not asked twice', async () => {
  await using under = await subject(root(refusal(403, 'security_exception')));
  const { server, invoke } = under;
  await invoke(at(1));
  await invoke(at(2));
  expect(rootRequests(server)).toHaveLength(1);
});

test.concurrent('401 to the question for the version is thrown, each time', async () => {
  await using under = await subject(root(refusal(401, 'security_exception')));
  const { server, invoke } = under;
  expect(await invoke(at(1))).toMatchObject({ errorType: 'ElasticsearchUnauthorized' });
  expect(await invoke(at(1))).toMatchObject({ errorType: 'ElasticsearchUnauthorized' });
  expect(bulkRequests(server)).toEqual([]);
});

test.concurrent('with ES_VERSION_CHECK=false the version is never asked', async () => {
  await using under = await subject(root(version('6.8.23')), { variables: { ES_VERSION_CHECK: 'false' } });
  const { server, invoke } = under;
  expect((await invoke(at(1))).result).toMatchObject({ written: 1 });
  expect(rootRequests(server)).toEqual([]);
});

test.concurrent('401 to the first question of all is ElasticsearchUnauthorized, whatever is asked', async () => {
  await using under = await subject(refusal(401, 'security_exception'), { variables: { ES_VERSION_CHECK: 'false' } });
  const { invoke } = under;
  expect(await invoke(at(1))).toMatchObject({ errorType: 'ElasticsearchUnauthorized' });
});

// ---- The error destination

const unfit = items(({ id: sent }) => (sent === id(1) ? failed(400, 'mapper_parsing_exception') : ok));
const withErrors = (answer: Answer) => elasticsearch(unfit, (request) => (isErrorWrite(request) ? answer : undefined));

test.concurrent.each([
  ['401', refusal(401, 'security_exception')],
  ['403', refusal(403, 'security_exception')],
  ['404', json(404, notFound)],
  ['400', refusal(400, 'illegal_argument_exception')],
  ['503 for ever', plain(503)],
  ['429 for ever', plain(429)],
  ['HTML', plain(200, { 'content-type': 'text/html' })],
  ['a cut connection', cut],
  ['silence', silent],
  ['an item 403', items(() => failed(403, 'security_exception'))],
  ['an item 400', items(() => failed(400, 'strict_dynamic_mapping_exception'))],
])('an error destination that answers %s is ErrorDestinationUnavailable', async (name, answer) => {
  // A request that writes one document has no items, but a status of its own.
  const status = Number(/^an item (\d+)/.exec(name)?.[1] ?? 0);
  const both: Answer = (response, request) =>
    (status && !isBulk(request) ? refusal(status, 'mapper_parsing_exception') : answer)(response, request);
  await using under = await subject(withErrors(both), { variables: { ...slower, ERROR_INDEX: 'errors' }, timeout });
  const { invoke } = under;
  const outcome = await invoke(...records(3));
  expect(outcome).toMatchObject({ errorType: 'ErrorDestinationUnavailable' });
  expect(outcome.tookMs).toBeLessThan(timeout * 1000);
});

test.concurrent('an error destination that is busy once gets the record once more', async () => {
  await using under = await subject(withErrors(inTurn(plain(503), items())), { variables: { ERROR_INDEX: 'errors' } });
  const { server, invoke } = under;
  expect((await invoke(...records(3))).result).toMatchObject({ written: 2, rejected: 1 });
  expect(handedOver(server)).toHaveLength(2);
});

test.concurrent('a record that is too large for the error destination too is handed over again without its value, and marked', async () => {
  const value = 'v'.repeat(5000);
  const tooLarge: Answer = (response, request) => (request.body.length > 2000 ? plain(413, {}, '') : items())(response, request);
  await using under = await subject(elasticsearch(tooLarge), { variables: { ERROR_INDEX: 'errors' } });
  const { server, invoke } = under;
  expect((await invoke(at(0), at(1, { value, key: 'k' }), at(2))).result).toMatchObject({ received: 3, written: 2, rejected: 1 });
  const last = handedOver(server).at(-1);
  const document = JSON.parse(last?.body.trimEnd().split('\n').at(-1) ?? '{}') as object;
  expect(document).toMatchObject({ topic: 'orders', partition: 0, offset: 1, key: 'k', valueOmitted: true });
  expect(document).not.toHaveProperty('value');
});

test.concurrent('under stop nothing is handed over', async () => {
  await using under = await subject(withErrors(items()), { variables: { ON_FAILURE: 'stop', ERROR_INDEX: 'errors' } });
  const { server, invoke } = under;
  expect(await invoke(...records(3))).toMatchObject({ errorType: 'RecordsRejected' });
  expect(handedOver(server)).toEqual([]);
});

test.concurrent('records are handed over only when all others have settled', async () => {
  let attempts = 0;
  const judge = ({ id: sent, index }: BulkOperation) => {
    if (index === 'errors' || sent === id(0)) return ok;
    if (sent === id(1)) return failed(400, 'mapper_parsing_exception');
    return attempts++ < 5 ? failed(429, 'es_rejected_execution_exception') : ok;
  };
  const variables = { ERROR_INDEX: 'errors', BATCH_MAX_RECORDS: '1' };
  await using under = await subject(elasticsearch(items(judge)), { variables });
  const { server, invoke } = under;
  expect((await invoke(...records(3))).result).toMatchObject({ written: 2, rejected: 1, retried: 5 });
  const [handover] = handedOver(server);
  const after = server.requests.slice(server.requests.indexOf(handover as SeenRequest) + 1);
  expect(handover).toBeDefined();
  expect(after.filter(isBulk).filter((request) => !isErrorWrite(request))).toEqual([]);
});

// ---- Requests in flight

/** Answers each request after a while; tells the most that were open at once. */
function counting(): { readonly answer: Answer; readonly most: () => number } {
  let now = 0;
  let most = 0;
  const answer: Answer = (response, request) => {
    now++;
    most = Math.max(most, now);
    setTimeout(() => {
      now--;
      items()(response, request);
    }, 60);
  };
  return { answer, most: () => most };
}

test.concurrent.each([
  ['as many as MAX_IN_FLIGHT says', { MAX_IN_FLIGHT: '3' }, 3],
  ['one when it says so', { MAX_IN_FLIGHT: '1' }, 1],
  ['two by default', {}, 2],
  ['one where ids can repeat, whatever it says', { MAX_IN_FLIGHT: '4', DOCUMENT_ID: 'key' }, 1],
])('bulk requests at a time: %s', async (_, variables, expected) => {
  const { answer, most } = counting();
  await using under = await subject(elasticsearch(answer), { variables: { ...variables, BATCH_MAX_RECORDS: '1' } });
  const { invoke } = under;
  expect((await invoke(...records(8))).result).toMatchObject({ written: 8 });
  expect(most()).toBe(expected);
});

// ---- Credentials

const reasons: readonly (readonly [string, string])[] = [
  ['in the middle', `before ${echo} after`],
  ['across the cut at 1 KB', `${'x'.repeat(1024 - 6)}${password}`],
  ['in Base64 across the cut at 1 KB', `${'x'.repeat(1024 - 30)}Authorization: Basic ${basic}`],
  ['as a header in another case', `AUTHORIZATION=[basic ${basic}]`],
];

test.concurrent.each(reasons.flatMap(([where, reason]) => [401, 403, 400, 503].map((status) => [status, where, reason] as const)))(
  'a reason of a %i that echoes the credentials %s shows none of them',
  async (status, _, reason) => {
    const error = { root_cause: [{ type: 'security_exception', reason }], type: 'security_exception', reason };
    await using under = await subject(elasticsearch(json(status, { error, status })), { timeout });
    const { fn, invoke } = under;
    const outcome = await invoke(...records(2));
    expect(outcome.errorType).toBeDefined();
    await vi.waitFor(() => expect(fn.logged('error').length).toBeGreaterThan(0), { timeout: 60_000 });
    const text = `${outcome.text}${fn.lines.join('\n')}`;
    expect(text).not.toMatch(/canar/);
    expect(text).not.toContain(basic.slice(0, 8));
  },
);

test.concurrent.each([401, 403, 400, 413, 503, 200])('an API key that a server echoes with %i is shown nowhere', async (status) => {
  const variables = { ES_PASSWORD: undefined, ES_API_KEY: apiKey };
  const error = {
    type: 'security_exception',
    reason: `${apiKey}, authorization=[ApiKey ${apiKey}]`,
    caused_by: { type: 'x', reason: apiKey },
  };
  await using under = await subject(elasticsearch(json(status, { error, status })), { variables, timeout });
  const { server, fn, invoke } = under;
  const outcome = await invoke(...records(2));
  await vi.waitFor(() => expect(fn.logged('error').length).toBeGreaterThan(0), { timeout: 60_000 });
  expect(bulkRequests(server)[0]?.headers.authorization).toBe(`ApiKey ${apiKey}`);
  expect(`${outcome.text}${fn.lines.join('\n')}`).not.toContain(apiKey.slice(0, 12));
});

test.concurrent('rejected records whose reasons echo the credentials are handed over without them', async () => {
  await using under = await subject(withErrors(items()), { variables: { ERROR_INDEX: 'errors' } });
  const { server, fn, invoke } = under;
  expect((await invoke(...records(3))).result).toMatchObject({ rejected: 1 });
  const bodies = handedOver(server).map(({ body }) => body);
  expect(bodies).toHaveLength(1);
  expect(secrets.filter((secret) => `${bodies.join('\n')}${fn.lines.join('\n')}`.includes(secret))).toEqual([]);
});

// ---- Frozen, thawed, stopped

const socketsOf = (answer: Answer) => {
  const sockets = new Set<NonNullable<ServerResponse['socket']>>();
  const tracking: Answer = (response, request) => {
    if (response.socket) sockets.add(response.socket);
    answer(response, request);
  };
  return { sockets, tracking };
};

test.concurrent('an instance whose connections the server closed while it was frozen delivers with at most one retry', async () => {
  const { sockets, tracking } = socketsOf(elasticsearch());
  await using under = await subject(tracking);
  const { fn, invoke } = under;
  expect((await invoke(at(1))).result).toMatchObject({ written: 1 });
  const pid = fn.instance.pid ?? 0;
  process.kill(pid, 'SIGSTOP');
  await Promise.all([...sockets].filter(({ destroyed }) => !destroyed).map((socket) => once(socket.destroy(), 'close')));
  const invocation = invoke(at(2));
  process.kill(pid, 'SIGCONT');
  const { result } = await invocation;
  expect(result).toMatchObject({ received: 1, written: 1 });
  expect(result?.retried).toBeLessThanOrEqual(1);
});

test.concurrent('a connection that is cut when its second request arrives costs one retry', async () => {
  const { tracking } = socketsOf(elasticsearch(inTurn(items(), cut, items())));
  await using under = await subject(tracking);
  const { invoke } = under;
  expect((await invoke(at(1))).result).toMatchObject({ written: 1, retried: 0 });
  expect((await invoke(at(2))).result).toMatchObject({ written: 1, retried: 1 });
});

test.concurrent('preStop closes the connections', async () => {
  // Stays alive for a while after preStop, so that it is not the end of the process that closes them.
  const lines = [
    "const code = require('./index.js');",
    'exports.preStop = async (context) => {',
    '  await code.preStop(context);',
    '  await new Promise((resolve) => setTimeout(resolve, 1500));',
    '};',
  ];
  const { sockets, tracking } = socketsOf(elasticsearch());
  const files = { 'lingering.js': lines.join('\n') };
  await using under = await subject(tracking, { files, preStop: 'lingering.preStop' });
  const { fn, invoke } = under;
  await invoke(at(1));
  const [socket] = [...sockets].filter(({ destroyed }) => !destroyed);
  expect(socket).toBeDefined();
  const closed = socket ? once(socket, 'close') : undefined;
  const stopped = fn.instance.stop();
  await closed;
  expect(fn.instance.isRunning).toBe(true);
  await stopped;
});
