// What recovers by itself is sent again until the deadline, and nothing else is.
import { expect, test } from 'vitest';
import {
  type BulkOperation,
  bulkRequests,
  cut,
  elasticsearch,
  failed,
  handedOver,
  type Item,
  idsOf,
  inTurn,
  items,
  ok,
  operationsOf,
  plain,
  refusal,
  silent,
  stalled,
} from '../../../support/elasticsearch/bulk-responses.ts';
import { json, type Respond, ScriptedServer } from '../../../support/elasticsearch/scripted-server.ts';
import { startWithServer } from '../../../support/function/function-with-server.ts';
import { underBoth } from '../../../support/function/policies.ts';
import { at, id, records } from '../../../support/function/records.ts';
import { echo } from '../../../support/function/secrets.ts';

// Seconds, ms: of a function that runs into its deadline.
const timeout = 3;
const deadlineMs = 1500;

const bodyCut: Respond = (response) => {
  const head = { 'content-type': 'application/json', 'content-length': 500 };
  response.writeHead(200, head).write('{"took":1,"errors":false,"items":[', () => response.destroy());
};
const chunkCut: Respond = (response) => {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.write('{"took":1,"errors":false,"items":[{"index":{"status":201}},{"index":{"status":201}}]}', () => response.destroy());
};
const created = { index: { _index: 'elastic_test', _type: '_doc', status: 201 } };
const responded = (body: unknown) => json(200, body);

const passing: readonly (readonly [string, Respond])[] = [
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
  ['another JSON object', responded({ ok: true })],
  ['a JSON array', responded([created, created])],
  ['no items', responded({ took: 1, errors: false, items: [] })],
  ['too few items', responded({ took: 1, errors: false, items: [created] })],
  ['too many items', responded({ took: 1, errors: false, items: [created, created, created] })],
  ['items without status', responded({ took: 1, errors: false, items: [{ index: {} }, { index: {} }] })],
  ['items of another action', responded({ took: 1, errors: false, items: [{ delete: { status: 200 } }, { delete: { status: 200 } }] })],
  ['a connection that is cut', cut],
  ['a body that is cut', bodyCut],
  ['a chunked body that is cut', chunkCut],
  ['a body that stalls', stalled],
  ['silence', silent],
];

test.concurrent.each(passing)('%s, then a success: both operations were sent again', async (_, respond) => {
  await using under = await startWithServer(elasticsearch(inTurn(respond, items())));
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
  async (_, respond) => {
    await using under = await startWithServer(elasticsearch(respond), { variables: { ...slower, ERROR_INDEX: 'errors' }, timeout });
    const { server, invoke } = under;
    const outcome = await invoke({ topic: 1 }, ...records(2));
    expect(outcome).toMatchObject({ errorType: 'ElasticsearchUnavailable' });
    expect(outcome.tookMs).toBeGreaterThan(deadlineMs - 200);
    expect(outcome.tookMs).toBeLessThan(timeout * 1000);
    expect(bulkRequests(server).length).toBeGreaterThan(1);
    expect(handedOver(server)).toEqual([]);
  },
);

/** An address where nobody listens any more. */
async function urlOfNobody(): Promise<string> {
  await using gone = await ScriptedServer.start(silent);
  return gone.url;
}

test.concurrent('a server that cannot be reached is ElasticsearchUnavailable at the deadline', async () => {
  const gone = await urlOfNobody();
  await using under = await startWithServer(elasticsearch(), { variables: { ...slower, ES_ENDPOINT: gone }, timeout });
  const outcome = await under.invoke(at(0, { value: 'content' }), at(1));
  expect(outcome).toMatchObject({ errorType: 'ElasticsearchUnavailable', errorMessage: expect.not.stringContaining('content') });
  expect(outcome.tookMs).toBeGreaterThan(deadlineMs - 200);
  expect(outcome.tookMs).toBeLessThan(timeout * 1000);
  expect(under.fn.log('warn')).not.toEqual([]);
});

test.concurrent('a node that is gone does not keep records from the other node', async () => {
  const gone = await urlOfNobody();
  await using other = await ScriptedServer.start(elasticsearch());
  await using under = await startWithServer(elasticsearch(), { variables: { ES_ENDPOINT: `${gone},${other.url}` } });
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
  await using under = await startWithServer(elasticsearch(bulk));
  const { server, invoke } = under;
  expect((await invoke(...records(3))).result).toMatchObject({ received: 3, written: 3, rejected: 0, retried: 1 });
  expect(bulkRequests(server).map(idsOf)).toEqual([[id(0), id(1), id(2)], [id(1)]]);
});

test.concurrent.each(underBoth<readonly [Item]>(passingItems))(
  'an item %s for ever is ElasticsearchUnavailable under %s, and hands nothing over',
  async (_, policy, item) => {
    const bulk = items((operation) => (operation.id === id(1) ? item : ok));
    const variables = { ...slower, ON_FAILURE: policy, ERROR_INDEX: 'errors' };
    await using under = await startWithServer(elasticsearch(bulk), { variables, timeout });
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
  await using under = await startWithServer(elasticsearch(bulk), { variables: { ...slower, WRITE_MODE: 'upsert' }, timeout });
  const { invoke, server } = under;
  expect((await invoke(at(1))).result).toMatchObject({ written: 1, unchanged: 0, retried: 2 });
  server.respond = elasticsearch(items(() => failed(409, 'version_conflict_engine_exception')));
  expect(await invoke(at(1))).toMatchObject({ errorType: 'ElasticsearchUnavailable' });
});

const tooDifferent = failed(400, 'mapper_parsing_exception');

test.concurrent('a failed operation and every later one on its document are sent again, in order, and no other', async () => {
  let attempts = 0;
  const bulk = items(({ id: key }) => (key === 'a' && attempts++ === 0 ? failed(429, 'es_rejected_execution_exception') : ok));
  await using under = await startWithServer(elasticsearch(bulk), { variables: { DOCUMENT_ID: 'key', DOCUMENT_VERSION: 'none' } });
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
  const itemFor = ({ id: key, document = '' }: BulkOperation) => {
    const { offset } = (JSON.parse(document) as { msg_body: { offset: number } }).msg_body;
    if (offset % 3 === 0 && !refusedOnce.has(offset)) {
      refusedOnce.add(offset);
      return failed(429, 'es_rejected_execution_exception');
    }
    last.set(key, offset);
    return ok;
  };
  const variables = { DOCUMENT_ID: 'key', DOCUMENT_VERSION: 'none', BATCH_MAX_RECORDS: '4', MAX_IN_FLIGHT: '4' };
  await using under = await startWithServer(elasticsearch(items(itemFor)), { variables });
  const { invoke } = under;
  const { result } = await invoke(...Array.from({ length: 60 }, (_, offset) => at(offset, { key: `k${(offset * offset) % 7}` })));
  expect(result).toMatchObject({ received: 60, written: 60 });
  const expected = new Map(Array.from({ length: 60 }, (_, offset) => [`k${(offset * offset) % 7}`, offset]));
  expect(last).toEqual(expected);
});

test.concurrent('an operation that is refused for now, and then for good, is one rejected record', async () => {
  const refusals = [failed(429, 'es_rejected_execution_exception'), failed(503, 'unavailable_shards_exception')];
  const bulk = items(({ index, id: sent }) => (index === 'errors' || sent !== id(1) ? ok : (refusals.shift() ?? tooDifferent)));
  await using under = await startWithServer(elasticsearch(bulk), { variables: { ERROR_INDEX: 'errors' } });
  const { fn, invoke, server } = under;
  expect((await invoke(...records(3))).result).toMatchObject({ received: 3, written: 2, rejected: 1, retried: 2 });
  expect(fn.log('error')).toEqual([expect.objectContaining({ offset: 1, error: 'mapper_parsing_exception' })]);
  expect(handedOver(server)).toHaveLength(1);
});

test.concurrent('a written, a deleted, a stale, a refused, a keyless and a busy record in one batch: each has its own outcome', async () => {
  const busy = [failed(429, 'es_rejected_execution_exception')];
  const outcomes: { readonly [key: string]: () => Item } = {
    stale: () => failed(409, 'version_conflict_engine_exception'),
    refused: () => tooDifferent,
    busy: () => busy.pop() ?? ok,
    gone: () => ({ status: 200, result: 'deleted' }),
    never: () => ({ status: 404, result: 'not_found' }),
  };
  const bulk = items(({ index, id: key }) => (index === 'errors' ? ok : (outcomes[key]?.() ?? ok)));
  const variables = { DOCUMENT_ID: 'key', DOCUMENT_SHAPE: 'value', NULL_VALUE: 'delete', ERROR_INDEX: 'errors' };
  await using under = await startWithServer(elasticsearch(bulk), { variables });
  const { fn, invoke, server } = under;
  const deletion = { value: undefined };
  const batch = [{ key: 'a' }, { key: 'gone', ...deletion }, { key: 'stale' }, { key: 'refused' }, { key: null, ...deletion }];
  const { result } = await invoke(
    ...[...batch, { key: 'busy' }, { key: 'never', ...deletion }].map((changes, offset) => at(offset, changes)),
  );
  expect(result).toMatchObject({ received: 7, written: 2, deleted: 1, unchanged: 2, rejected: 2, skipped: 0, retried: 1 });
  expect(fn.log('error').map(({ offset, error }) => [offset, error])).toEqual(
    expect.arrayContaining([
      [3, 'mapper_parsing_exception'],
      [4, 'key_missing'],
    ]),
  );
  expect(fn.log('warn')).toEqual([expect.objectContaining({ count: 1, first: id(2) })]);
  const [first, again, ...errors] = bulkRequests(server);
  expect(first && idsOf(first)).toEqual(['a', 'gone', 'stale', 'refused', 'busy', 'never']);
  expect(again && idsOf(again)).toEqual(['busy']);
  expect(errors.flatMap(idsOf).toSorted()).toEqual([id(3), id(4)]);
});
