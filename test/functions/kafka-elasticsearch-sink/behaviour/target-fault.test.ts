// The target's fault: it is thrown under its name, and says what to do.
import { expect, test } from 'vitest';
import {
  type BulkOperation,
  bulkRequests,
  elasticsearch,
  failed,
  handedOver,
  type Item,
  idsOf,
  items,
  notFound,
  ok,
  operationsOf,
  plain,
  reason,
  refusal,
} from '../../../support/elasticsearch/bulk-responses.ts';
import { json, type Respond, type SeenRequest } from '../../../support/elasticsearch/scripted-server.ts';
import { startWithServer } from '../../../support/function/function-with-server.ts';
import { underBoth } from '../../../support/function/policies.ts';
import { at, id, records } from '../../../support/function/records.ts';

// In seconds, of a function that runs into its deadline.
const timeout = 3;

test.concurrent.each(
  underBoth<readonly [Respond, string]>([
    ['401', refusal(401, 'security_exception'), 'ElasticsearchUnauthorized'],
    ['401 as plain text', plain(401, { 'content-type': 'text/plain' }), 'ElasticsearchUnauthorized'],
    ['401 without a body', plain(401, {}, ''), 'ElasticsearchUnauthorized'],
    ['403', refusal(403, 'security_exception'), 'ElasticsearchForbidden'],
    [
      'an item security_exception',
      items(({ id }) => (id.endsWith('1') ? failed(403, 'security_exception') : ok)),
      'ElasticsearchForbidden',
    ],
    ['404', notFound, 'IndexUnavailable'],
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
  await using under = await startWithServer(elasticsearch(bulk), { variables });
  const { server, invoke, fn } = under;
  const outcome = await invoke({ topic: 1 }, ...records(3));
  expect(outcome).toMatchObject({ errorType: name });
  expect(outcome.tookMs).toBeLessThan(5000);
  expect(handedOver(server)).toEqual([]);
  expect(fn.log('error').length).toBeGreaterThan(0);
});

test.concurrent.each([
  ['404', 404, 'index_not_found_exception', { CREATE_INDEX: 'false' }, 'IndexMissing'],
  ['403', 403, 'security_exception', {}, 'ElasticsearchForbidden'],
  ['400', 400, 'index_closed_exception', {}, 'IndexUnavailable'],
])('the message of an item %s names the index and the node', async (_, status, type, variables, name) => {
  await using under = await startWithServer(elasticsearch(items(() => failed(status, type))), { variables });
  const { server, invoke } = under;
  const outcome = await invoke(at(1), at(2));
  expect(outcome.errorType).toBe(name);
  expect(outcome.errorMessage).toContain('elastic_test');
  expect(outcome.errorMessage).toContain(new URL(server.url).host);
});

test.concurrent.each([
  ['401', refusal(401, 'security_exception')],
  ['403', refusal(403, 'security_exception')],
  ['404', notFound],
  ['503', refusal(503, 'unavailable_shards_exception')],
  ['HTML', plain(200, { 'content-type': 'text/html' })],
])('the message of a request that is answered with %s names the node', async (_, bulk) => {
  await using under = await startWithServer(elasticsearch(bulk), { timeout });
  const { server, invoke } = under;
  const { errorMessage } = await invoke(at(1), at(2));
  expect(errorMessage).toContain(new URL(server.url).host);
});

test.concurrent.each([
  ['ElasticsearchUnauthorized', refusal(401, 'security_exception'), /ES_USERNAME|ES_PASSWORD|ES_API_KEY/],
  ['ElasticsearchForbidden', items(() => failed(403, 'security_exception')), /privilege|right|role|permission/],
  ['IndexMissing', items(() => failed(404, 'index_not_found_exception')), /CREATE_INDEX/],
  ['IndexUnavailable', items(() => failed(400, 'index_closed_exception')), /\bopen\b|mend/],
  ['IndexUnavailable', notFound, /ES_ENDPOINT|mend/],
  ['RecordsRejected', items(() => failed(400, 'mapper_parsing_exception')), /SKIP_POSITIONS|mapping/],
])('the message of %s says what to do', async (name, bulk, remedy) => {
  await using under = await startWithServer(elasticsearch(bulk), { variables: { CREATE_INDEX: 'false', ON_FAILURE: 'stop' } });
  const { errorType, errorMessage } = await under.invoke(at(1), at(2));
  expect(errorType).toBe(name);
  expect(errorMessage).toMatch(remedy);
});

test.concurrent("a target's fault is thrown only after the other operations settled: what is retriable is sent again until it is written", async () => {
  let attempts = 0;
  const itemFor = ({ id: sent }: BulkOperation) => {
    if (sent === id(0)) return failed(403, 'security_exception');
    if (sent === id(1) && attempts++ < 2) return failed(429, 'es_rejected_execution_exception');
    return ok;
  };
  await using under = await startWithServer(elasticsearch(items(itemFor)), { variables: { ERROR_INDEX: 'errors' } });
  const { server, invoke } = under;
  expect(await invoke(...records(3))).toMatchObject({ errorType: 'ElasticsearchForbidden' });
  expect(bulkRequests(server).map(idsOf)).toEqual([[id(0), id(1), id(2)], [id(1)], [id(1)]]);
});

test.concurrent("a user who may not write is nobody's record's fault", async () => {
  await using under = await startWithServer(refusal(403, 'security_exception'));
  expect(await under.invoke(at(1))).toMatchObject({ errorType: 'ElasticsearchForbidden' });
});

test.concurrent("requests that are all refused with 400 are the target's fault, whatever was accepted before", async () => {
  await using under = await startWithServer(elasticsearch(), { variables: { ERROR_INDEX: 'errors' } });
  const { invoke, server } = under;
  expect((await invoke(at(100))).result).toMatchObject({ written: 1 });
  server.respond = elasticsearch(refusal(400, 'illegal_argument_exception'));
  expect(await invoke(...records(10))).toMatchObject({ errorType: 'IndexUnavailable' });
  expect(handedOver(server)).toEqual([]);
});

const targetFaults: readonly (readonly [string, { readonly [name: string]: string }, Item, RegExp])[] = [
  [
    'a missing pipeline',
    { ES_PIPELINE: 'geo' },
    reason(400, 'illegal_argument_exception', 'pipeline with id [geo] does not exist'),
    /pipeline geo/,
  ],
  [
    'a pipeline that calls a missing one',
    {},
    reason(500, 'illegal_state_exception', 'Pipeline processor configured for non-existent pipeline [inner]'),
    /a pipeline calls/,
  ],
  [
    'the same on 7.0',
    {},
    reason(
      500,
      'exception',
      'java.lang.IllegalArgumentException: java.lang.IllegalStateException: Pipeline processor configured for non-existent pipeline [inner]',
    ),
    /a pipeline calls/,
  ],
  ['pipelines that call each other', {}, reason(500, 'graph_structure_exception', 'Cycle detected for pipeline: r1'), /calls itself/],
  ['a missing script', {}, reason(404, 'resource_not_found_exception', 'unable to find script [s1] in cluster state'), /the script/],
  [
    'a missing write index',
    {},
    reason(400, 'illegal_argument_exception', 'no write index is defined for alias [logs]. The write index may be explicitly disabled'),
    /write index/,
  ],
  [
    'a data stream',
    {},
    reason(400, 'illegal_argument_exception', 'only write ops with an op_type of create are allowed in data streams'),
    /WRITE_MODE=create/,
  ],
  [
    'a time series index',
    { WRITE_MODE: 'create' },
    reason(
      400,
      'document_parsing_exception',
      '[1:63] failed to parse: _id must be unset or set to [f8JlNF] but was [orders+0+1] because [ts] is in time_series mode',
    ),
    /DOCUMENT_ID=auto/,
  ],
  [
    'a mapping that requires routing',
    {},
    reason(400, 'routing_missing_exception', 'routing is required for [x]/[_doc]/[orders+0+1]'),
    /ES_ROUTING/,
  ],
  [
    'a data stream that takes no routing',
    { ES_ROUTING: 'key', WRITE_MODE: 'create' },
    reason(
      400,
      'illegal_argument_exception',
      "index request targeting data stream [ds] specifies a custom routing but the [allow_custom_routing] setting was not enabled in the data stream's template.",
    ),
    /ES_ROUTING=none/,
  ],
  [
    'a data stream that takes no routing, as OpenSearch words it',
    { ES_ROUTING: 'key', WRITE_MODE: 'create' },
    reason(
      400,
      'illegal_argument_exception',
      'index request targeting data stream [ds] specifies a custom routing. target the backing indices directly or remove the custom routing.',
    ),
    /ES_ROUTING=none/,
  ],
];

test.concurrent.each(targetFaults)('%s rejects no record, and is named', async (_, variables, item, named) => {
  const forbidden = ({ path }: SeenRequest) => (path.startsWith('/_bulk') ? undefined : refusal(403, 'security_exception'));
  const bulk = items(({ id: sent }) => (sent === id(1) ? item : ok));
  await using under = await startWithServer(elasticsearch(bulk, forbidden), { variables: { ...variables, ERROR_INDEX: 'errors' } });
  const { invoke, server } = under;
  const { errorType, errorMessage } = await invoke(...records(3));
  expect(errorType).toBe('IndexUnavailable');
  expect(errorMessage).toMatch(named);
  expect(handedOver(server)).toEqual([]);
});

test.concurrent('a name that stands in a pipeline is shown', async () => {
  const missing = reason(500, 'illegal_state_exception', 'Pipeline processor configured for non-existent pipeline [inner]');
  const pipelines = json(200, { outer: { processors: [{ pipeline: { name: 'inner' } }] } });
  const other = ({ path }: SeenRequest) => (path === '/_ingest/pipeline' ? pipelines : undefined);
  await using under = await startWithServer(
    elasticsearch(
      items(() => missing),
      other,
    ),
  );
  expect(await under.invoke(at(1))).toMatchObject({ errorType: 'IndexUnavailable', errorMessage: expect.stringContaining('inner') });
});

test.concurrent('a write index that is missing, for which 7.0 refuses the whole request, holds up the records of its alias alone', async () => {
  const refusesAlias: Respond = (response, request) => {
    const error = { type: 'illegal_argument_exception', reason: 'no write index is defined for alias [orders]. The write index may be' };
    const isGuilty = operationsOf(request).some(({ index }) => index === 'orders');
    (isGuilty ? json(400, { error, status: 400 }) : items())(response, request);
  };
  await using under = await startWithServer(elasticsearch(refusesAlias), { variables: { ES_INDEX: '${topic}', ERROR_INDEX: 'errors' } });
  const { invoke, server } = under;
  const other = (offset: number) => at(offset, { topic: 'payments' });
  const { errorType, errorMessage } = await invoke(at(0), other(1), at(2), other(3));
  expect(errorType).toBe('IndexUnavailable');
  expect(errorMessage).toContain('write index');
  const taken = bulkRequests(server).filter((request) => operationsOf(request).every(({ index }) => index === 'payments'));
  expect(taken.flatMap(idsOf).toSorted()).toEqual(['payments+0+1', 'payments+0+3']);
  expect(handedOver(server)).toEqual([]);
});

test.concurrent.each([301, 302, 307, 308])('a %i is not followed, and says where to', async (status) => {
  const location = 'https://user:canary-Pa55@elsewhere.example:9243/_bulk?token=canary-token';
  const redirect: Respond = (response) => response.writeHead(status, { location }).end();
  await using under = await startWithServer(redirect, { variables: { ES_VERSION_CHECK: 'false', CREATE_INDEX: 'false' } });
  const { errorType, errorMessage } = await under.invoke(...records(2));
  expect(errorType).toBe('IndexUnavailable');
  expect(errorMessage).toContain('https://elsewhere.example:9243/_bulk,');
  expect(errorMessage).not.toContain('canary');
});
