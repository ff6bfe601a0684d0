import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import {
  type Answer,
  at,
  bulkRequests,
  elasticsearch,
  failed,
  handedOver,
  type Item,
  id,
  idsOf,
  inTurn,
  isBulk,
  items,
  ok,
  operationsOf,
  plain,
  records,
  refusal,
} from '../../support/elasticsearch/scripted.ts';
import { json, type SeenRequest } from '../../support/elasticsearch/scripted-server.ts';
import { useSubjects } from '../../support/function/subject.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const subject = useSubjects();

const html = (status: number): Answer => plain(status, { 'content-type': 'text/html' }, '<html>not what you want</html>');
const silent: Answer = () => undefined;
const holds = (text: string) => (request: SeenRequest) => request.body.includes(text);
/** Answers the requests that pass so, and all others as Elasticsearch does. */
const where =
  (applies: (request: SeenRequest) => boolean, answer: Answer): Answer =>
  (response, request) =>
    (applies(request) ? answer : items())(response, request);
const timeout = 4;

// ---- An answer of something else

const sizes = [
  ['a batch of one', 1, {}],
  ['a batch of two', 2, {}],
  ['a batch of five', 5, {}],
  ['five requests of one', 5, { BATCH_MAX_RECORDS: '1' }],
] as const;

test.concurrent.each(
  sizes.flatMap(([size, count, variables]) => [400, 403, 404, 422].map((status) => [status, size, count, variables] as const)),
)('what answers %i to everything, and is not Elasticsearch, rejects no record of %s', async (status, _, count, variables) => {
  await using under = await subject(elasticsearch(), { variables: { ...variables, ERROR_INDEX: 'errors' }, timeout });
  const { invoke, server } = under;
  // In good company: this instance has written to the index before.
  expect((await invoke(at(100))).result).toMatchObject({ written: 1 });
  server.answer = html(status);
  const { errorType, errorMessage } = await invoke(...records(count));
  expect(errorType).toBe('ElasticsearchUnavailable');
  expect(errorMessage).toMatch(new RegExp(`${status}.*not Elasticsearch's.*ES_PROTOCOL`));
  expect(handedOver(server)).toEqual([]);
});

const gateways: readonly (readonly [string, number, (request: SeenRequest) => Answer | undefined])[] = [
  ['a record among others', 7, () => undefined],
  ['the first of two', 2, () => undefined],
  ['a record among others, where nothing but records passes', 7, (request) => (isBulk(request) ? undefined : html(403))],
];

test.concurrent.each(gateways)('a gateway that refuses %s has it rejected, and the others are written', async (_, count, other) => {
  const bulk = where(holds('<script>'), html(403));
  await using under = await subject(elasticsearch(bulk, other), { timeout: 20 });
  const { result } = await under.invoke(
    ...Array.from({ length: count }, (_, offset) => at(offset, offset === 0 ? { value: '<script>' } : {})),
  );
  expect(result).toMatchObject({ received: count, written: count - 1, rejected: 1 });
});

test.concurrent('a gateway that refuses the only record of a batch rejects none, as nothing tells it from one that refuses all', async () => {
  await using under = await subject(elasticsearch(where(holds('<script>'), html(403))), { timeout });
  const { invoke } = under;
  expect((await invoke(at(0))).result).toMatchObject({ written: 1 });
  expect(await invoke(at(1, { value: '<script>' }))).toMatchObject({ errorType: 'ElasticsearchUnavailable' });
});

test.concurrent.each([
  ['403 HTML', html(403)],
  ['a cut connection', ((response) => response.destroy()) as Answer],
  ['500 of the whole request', refusal(500, 'null_pointer_exception')],
  ['items of 500', items(() => failed(500, 'a_type_of_tomorrow'))],
])('what answers records alone with %s for two seconds, and all else well, rejects none of twelve', async (_, answer) => {
  await using under = await subject(elasticsearch(), { variables: { RETRY_MAX_BACKOFF_MS: '100' }, timeout: 30 });
  const { invoke, server } = under;
  expect((await invoke(at(100))).result).toMatchObject({ written: 1 });
  server.answer = elasticsearch(answer);
  const invocation = invoke(...records(12));
  await sleep(2000);
  server.answer = elasticsearch();
  const { errorType, result } = await invocation;
  // Where the tries are over, the batch is delivered again.
  if (errorType === undefined) expect(result).toMatchObject({ written: 12, rejected: 0 });
  else expect(errorType).toBe('ElasticsearchUnavailable');
});

test.concurrent('a server that has become slow, so that a try is cut off, rejects no record', async () => {
  const slow: Answer = (response, request) => void setTimeout(() => items()(response, request), 1500);
  await using under = await subject(elasticsearch(), { variables: { ES_REQUEST_TIMEOUT_MS: '1000' }, timeout: 12 });
  const { invoke, server } = under;
  expect((await invoke(at(100))).result).toMatchObject({ written: 1 });
  server.answer = elasticsearch(slow, ({ path }) => (path.includes('/_update/') ? silent : undefined));
  expect(await invoke(at(1))).toMatchObject({ errorType: 'ElasticsearchUnavailable' });
});

// ---- Silence

test.concurrent('a record that makes Elasticsearch go silent is found, and the others are written, by the settings as they are', async () => {
  const defaults = {
    RETRY_BACKOFF_MS: undefined,
    RETRY_MAX_BACKOFF_MS: undefined,
    ES_REQUEST_TIMEOUT_MS: undefined,
    DEADLINE_RESERVE_MS: undefined,
  };
  await using under = await subject(elasticsearch(where(holds('poison'), silent)), { variables: defaults, timeout: 60 });
  const { result } = await under.invoke(
    ...Array.from({ length: 1000 }, (_, offset) => at(offset, offset === 617 ? { value: 'poison' } : {})),
  );
  expect(result).toMatchObject({ received: 1000, written: 999, rejected: 1 });
});

test.concurrent.each([
  ['first', [0]],
  ['last', [8]],
  ['in two places', [2, 7]],
])('records that cut the connection are found, wherever they stand: %s', async (_, guilty) => {
  const cut: Answer = (response) => response.destroy();
  await using under = await subject(elasticsearch(where(holds('poison'), cut)), { timeout: 30 });
  const { fn, invoke } = under;
  const { result } = await invoke(
    ...Array.from({ length: 9 }, (_, offset) => at(offset, guilty.includes(offset) ? { value: 'poison' } : {})),
  );
  expect(result).toMatchObject({ received: 9, written: 9 - guilty.length, rejected: guilty.length });
  await expect.poll(() => fn.logged('error').map(({ offset }) => offset)).toEqual(guilty);
});

const everything =
  (answer: Answer): Answer =>
  (response, request) =>
    answer(response, request);

test.concurrent.each([
  ['silent', everything(silent)],
  ['gone', everything((response) => response.destroy())],
  ['busy with something else', elasticsearch(silent, (request) => (isBulk(request) ? undefined : plain(503)))],
])('a server that is %s rejects no record, however good its company was', async (_, answer) => {
  await using under = await subject(elasticsearch(), { variables: { ERROR_INDEX: 'errors', ES_REQUEST_TIMEOUT_MS: '150' }, timeout: 6 });
  const { invoke, server } = under;
  expect((await invoke(at(100))).result).toMatchObject({ written: 1 });
  server.answer = answer;
  expect(await invoke(at(1))).toMatchObject({ errorType: 'ElasticsearchUnavailable' });
  expect(handedOver(server)).toEqual([]);
});

test.concurrent('a server that goes silent between two requests of an invocation rejects no record', async () => {
  await using under = await subject(silent, {
    variables: { BATCH_MAX_RECORDS: '1', MAX_IN_FLIGHT: '1', ES_REQUEST_TIMEOUT_MS: '150' },
    timeout: 6,
  });
  const { invoke, server } = under;
  let taken = 0;
  const healthy = elasticsearch((response, request) => {
    taken++;
    items()(response, request);
  });
  server.answer = (response, request) => (taken < 2 ? healthy : silent)(response, request);
  expect(await invoke(...records(4))).toMatchObject({ errorType: 'ElasticsearchUnavailable' });
});

test.concurrent('a record alone in its batch is written when the server comes back after a while', async () => {
  await using under = await subject(elasticsearch(), { variables: { RETRY_MAX_BACKOFF_MS: '100' }, timeout: 20 });
  const { invoke, server } = under;
  expect((await invoke(at(100))).result).toMatchObject({ written: 1 });
  server.answer = (response) => response.destroy();
  const invocation = invoke(at(1));
  await sleep(2500);
  server.answer = elasticsearch(items());
  expect((await invocation).result).toMatchObject({ written: 1, rejected: 0 });
});

test.concurrent('later records of a key wait while it is not known whether an earlier one can be written', async () => {
  let cuts = 0;
  const bulk: Answer = (response, request) => (holds('poison')(request) && cuts++ < 6 ? response.destroy() : items()(response, request));
  const variables = { DOCUMENT_ID: 'key', DOCUMENT_VERSION: 'none', DOCUMENT_SHAPE: 'value' };
  await using under = await subject(elasticsearch(bulk), { variables, timeout: 20 });
  const { invoke, server } = under;
  const value = (text: string) => JSON.stringify({ text });
  const { result } = await invoke(
    at(0, { key: 'a', value: value('poison') }),
    at(1, { key: 'b', value: value('other') }),
    at(2, { key: 'a', value: value('last') }),
  );
  expect(result).toMatchObject({ written: 3 });
  const taken = bulkRequests(server)
    .flatMap(operationsOf)
    .filter(({ id: key }) => key === 'a');
  expect(taken.at(-1)?.document).toBe(value('last'));
});

// ---- Failures that may be the record's

test.concurrent("requests that are all refused with 400 are the target's fault, however good their company was before", async () => {
  await using under = await subject(elasticsearch(), { variables: { ERROR_INDEX: 'errors' } });
  const { invoke, server } = under;
  expect((await invoke(at(100))).result).toMatchObject({ written: 1 });
  server.answer = elasticsearch(refusal(400, 'illegal_argument_exception'));
  expect(await invoke(...records(10))).toMatchObject({ errorType: 'IndexUnavailable' });
  expect(handedOver(server)).toEqual([]);
});

test.concurrent('two records that fail under upsert, where 7.10 answers for the pipeline under another action, are two rejected records', async () => {
  const answer: Answer = (response, request) => {
    const answers = operationsOf(request).map(({ document = '' }) =>
      document.includes('bad') ? { index: failed(500, 'null_pointer_exception') } : { update: ok },
    );
    json(200, { items: answers })(response, request);
  };
  await using under = await subject(elasticsearch(answer), { variables: { WRITE_MODE: 'upsert' } });
  const { result } = await under.invoke(at(0, { value: 'bad' }), at(1), at(2, { value: 'bad' }));
  expect(result).toMatchObject({ received: 3, written: 1, rejected: 2 });
});

test.concurrent('however many records fail with 500, each is its own fault while others of the index are written', async () => {
  const bulk = items(({ id: sent }) => (Number(sent.split('+')[2]) % 3 === 0 ? ok : failed(500, 'find_match')));
  await using under = await subject(elasticsearch(bulk));
  expect((await under.invoke(...records(60))).result).toMatchObject({ received: 60, written: 20, rejected: 40 });
});

test.concurrent('a 500 of all records is told as it is, after three tries, and rejects none', async () => {
  await using under = await subject(elasticsearch(items(() => failed(500, 'class_cast_exception'))));
  const { invoke, server } = under;
  const { errorType, errorMessage } = await invoke(...records(2));
  expect(errorType).toBe('ElasticsearchUnavailable');
  expect(errorMessage).toContain('500 class_cast_exception');
  expect(bulkRequests(server)).toHaveLength(3);
});

test.concurrent('a delete that passes is no company for a record that fails', async () => {
  const variables = { DOCUMENT_ID: 'key', NULL_VALUE: 'delete' };
  const bulk = items(({ action }) => (action === 'delete' ? { status: 200 } : failed(500, 'class_cast_exception')));
  await using under = await subject(elasticsearch(bulk), { variables });
  expect(await under.invoke(at(0, { key: 'a', value: undefined }), at(1, { key: 'b' }))).toMatchObject({
    errorType: 'ElasticsearchUnavailable',
  });
});

test.concurrent('a whole request that one record fails with 500 is halved until that record is found', async () => {
  await using under = await subject(elasticsearch(where(holds('poison'), refusal(500, 'null_pointer_exception'))), {
    timeout: 20,
  });
  const { result } = await under.invoke(at(0), at(1, { value: 'poison' }), at(2));
  expect(result).toMatchObject({ received: 3, written: 2, rejected: 1 });
});

// ---- The target's fault, by the reason's own words, where the account may look nothing up

const reason = (status: number, type: string, text: string): Item => ({ status, error: { type, reason: text } });

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
];

test.concurrent.each(targetFaults)('%s rejects no record, and is named', async (_, variables, item, named) => {
  const forbidden = ({ path }: SeenRequest) => (path.startsWith('/_bulk') ? undefined : refusal(403, 'security_exception'));
  const bulk = items(({ id: sent }) => (sent === id(1) ? item : ok));
  await using under = await subject(elasticsearch(bulk, forbidden), { variables: { ...variables, ERROR_INDEX: 'errors' } });
  const { invoke, server } = under;
  const { errorType, errorMessage } = await invoke(...records(3));
  expect(errorType).toBe('IndexUnavailable');
  expect(errorMessage).toMatch(named);
  expect(handedOver(server)).toEqual([]);
});

test.concurrent("a reason that only quotes such words is the record's fault", async () => {
  const quoting = 'Provided Grok expressions do not match field value: [pipeline with id [x] does not exist]';
  const bulk = items(({ id: sent }) => (sent === id(1) ? reason(400, 'illegal_argument_exception', quoting) : ok));
  await using under = await subject(elasticsearch(bulk));
  expect((await under.invoke(...records(3))).result).toMatchObject({ written: 2, rejected: 1 });
});

test.concurrent('an index to which a pipeline sends documents, and which is missing, is told of, and none is made', async () => {
  const bulk = items(({ id: sent }) => (sent === id(1) ? reason(404, 'index_not_found_exception', 'no such index [elsewhere]') : ok));
  await using under = await subject(elasticsearch(bulk));
  const { invoke, server } = under;
  const { errorType, errorMessage } = await invoke(...records(3));
  expect(errorType).toBe('IndexMissing');
  // Nobody lets it be seen that a pipeline holds that name, so it may be a record's.
  expect(errorMessage).toMatch(/a pipeline sends/);
  expect(errorMessage).not.toContain('elsewhere');
  expect(server.requests.filter(({ method }) => method === 'PUT')).toEqual([]);
});

test.concurrent('a name that stands in a pipeline is shown', async () => {
  const missing = reason(500, 'illegal_state_exception', 'Pipeline processor configured for non-existent pipeline [inner]');
  const pipelines = json(200, { outer: { processors: [{ pipeline: { name: 'inner' } }] } });
  const other = ({ path }: SeenRequest) => (path === '/_ingest/pipeline' ? pipelines : undefined);
  await using under = await subject(
    elasticsearch(
      items(() => missing),
      other,
    ),
  );
  expect(await under.invoke(at(1))).toMatchObject({ errorType: 'IndexUnavailable', errorMessage: expect.stringContaining('inner') });
});

const strange = [
  ['HTML', plain(200, { 'content-type': 'text/html' }, '<html></html>')],
  ['nothing', plain(200, {}, '')],
  ['a text', json(200, 'ok')],
  ['an envelope of its own', json(200, { code: 0, msg: 'success', data: null })],
  ['nulls', json(200, { error: null, data: null, templates: [null] })],
  ['a list', json(200, [null])],
  ['404 of its own', json(404, { timestamp: 1, status: 404, error: 'Not Found', path: '/x' })],
] as const;

test.concurrent.each(strange)(
  'look-ups that are answered with %s tell nothing: the record is at fault, the other is written',
  async (_, answer) => {
    const other = (request: SeenRequest) => (isBulk(request) || request.method === 'HEAD' ? undefined : answer);
    const limit = reason(400, 'illegal_argument_exception', 'Limit of total fields [1000] has been exceeded');
    const bulk = items(({ id: sent }) => (sent === id(1) ? limit : ok));
    await using under = await subject(elasticsearch(bulk, other), { variables: { ES_PIPELINE: 'pipe' }, timeout: 20 });
    expect((await under.invoke(at(0), at(1))).result).toMatchObject({ written: 1, rejected: 1 });
  },
);

test.concurrent.each(strange)(
  'an index that is missing where look-ups are answered with %s: records are sent all the same',
  async (_, answer) => {
    const other = (request: SeenRequest) => {
      if (isBulk(request)) return undefined;
      return request.method === 'HEAD' ? plain(404, {}, '') : answer;
    };
    await using under = await subject(elasticsearch(items(), other), { timeout: 20 });
    const { errorType, result } = await under.invoke(at(0), at(1));
    // 200 to a PUT is taken for its word.
    expect([errorType, result?.written]).toEqual([undefined, 2]);
  },
);

test.concurrent('a node that does not know require_alias gets records without it', async () => {
  const unknown = json(400, {
    error: { type: 'illegal_argument_exception', reason: 'request [/_bulk] contains unrecognized parameter: [require_alias]' },
    status: 400,
  });
  const bulk: Answer = (response, request) => (request.path.includes('require_alias') ? unknown : items())(response, request);
  const other = ({ path }: SeenRequest) => (path.includes('/_settings') ? json(200, { 'logs-000001': { settings: {} } }) : undefined);
  await using under = await subject(elasticsearch(bulk, other));
  const { invoke, server } = under;
  expect((await invoke(...records(2))).result).toMatchObject({ written: 2, rejected: 0 });
  expect((await invoke(...records(2))).result).toMatchObject({ written: 2, retried: 0 });
  expect(bulkRequests(server)).toHaveLength(3);
});

test.concurrent('documents that the error index drops are handed to nobody, so that it has failed', async () => {
  const bulk = items(({ id: sent, index }) => {
    if (index === 'errors') return { status: 200, result: 'noop' };
    return sent === id(1) ? failed(400, 'mapper_parsing_exception') : ok;
  });
  await using under = await subject(elasticsearch(bulk), { variables: { ERROR_INDEX: 'errors' } });
  const { invoke, server } = under;
  expect(await invoke(...records(2))).toMatchObject({ errorType: 'ErrorDestinationUnavailable' });
  expect(
    handedOver(server)
      .map(({ path }) => path)
      .at(-1),
  ).toContain('pipeline=_none');
});

test.concurrent('routing required, with ES_ROUTING=key: records without a key are rejected, the others are written', async () => {
  const missing = reason(400, 'routing_missing_exception', 'routing is required for [x]/[_doc]/[y]');
  const bulk = items(({ id: sent }) => (sent === id(1) ? missing : ok));
  await using under = await subject(elasticsearch(bulk), { variables: { ES_ROUTING: 'key' } });
  expect((await under.invoke(at(0, { key: 'a' }), at(1), at(2, { key: 'b' }))).result).toMatchObject({ written: 2, rejected: 1 });
});

test.concurrent('a write index that is missing, for which 7.0 refuses the whole request, holds up the records of its alias alone', async () => {
  const refusesAlias: Answer = (response, request) => {
    const error = { type: 'illegal_argument_exception', reason: 'no write index is defined for alias [orders]. The write index may be' };
    const isGuilty = operationsOf(request).some(({ index }) => index === 'orders');
    (isGuilty ? json(400, { error, status: 400 }) : items())(response, request);
  };
  await using under = await subject(elasticsearch(refusesAlias), { variables: { ES_INDEX: '${topic}', ERROR_INDEX: 'errors' } });
  const { invoke, server } = under;
  const other = (offset: number) => at(offset, { topic: 'payments' });
  const { errorType, errorMessage } = await invoke(at(0), other(1), at(2), other(3));
  expect(errorType).toBe('IndexUnavailable');
  expect(errorMessage).toContain('write index');
  const taken = bulkRequests(server).filter((request) => operationsOf(request).every(({ index }) => index === 'payments'));
  expect(taken.flatMap(idsOf).toSorted()).toEqual(['payments+0+1', 'payments+0+3']);
  expect(handedOver(server)).toEqual([]);
});

// ---- What is taken and not kept

test.concurrent.each([
  ['index', {}],
  ['create', { WRITE_MODE: 'create' }],
])('a document of %s that a pipeline drops is skipped, and said', async (_, variables) => {
  const bulk = items(({ id: sent }) => (sent === id(1) ? { status: 200, result: 'noop' } : ok));
  await using under = await subject(elasticsearch(bulk), { variables });
  const { fn, invoke } = under;
  expect((await invoke(...records(3))).result).toMatchObject({ received: 3, written: 2, skipped: 1 });
  await expect.poll(() => fn.logged('warn')).toEqual([expect.objectContaining({ count: 1, first: id(1) })]);
});

test.concurrent('an upsert that changes nothing is written', async () => {
  await using under = await subject(elasticsearch(items(() => ({ status: 200, result: 'noop' }))), { variables: { WRITE_MODE: 'upsert' } });
  expect((await under.invoke(at(1))).result).toMatchObject({ written: 1, skipped: 0 });
});

test.concurrent('a document that goes to the failure store is rejected, and said', async () => {
  const bulk = items(({ id: sent }) => (sent === id(1) ? { status: 201, result: 'created', failure_store: 'used' } : ok));
  await using under = await subject(elasticsearch(bulk), { variables: { WRITE_MODE: 'create' } });
  const { fn, invoke } = under;
  expect((await invoke(...records(3))).result).toMatchObject({ received: 3, written: 2, rejected: 1 });
  await expect.poll(() => fn.logged('warn')).toEqual([expect.objectContaining({ count: 1, first: id(1) })]);
  expect(fn.logged('error')).toEqual([expect.objectContaining({ offset: 1, error: 'failure_store' })]);
});

test.concurrent.each([
  ['equal', '7', []],
  ['newer', '8', [expect.objectContaining({ count: 1, first: id(7) })]],
])('a version that is there already and %s: warned of only where it is newer', async (_, current, warnings) => {
  const text = `[k]: version conflict, current version [${current}] is higher or equal to the one provided [7]`;
  const bulk = items(() => reason(409, 'version_conflict_engine_exception', text));
  await using under = await subject(elasticsearch(bulk), { variables: { DOCUMENT_ID: 'key' } });
  const { fn, invoke } = under;
  expect((await invoke(at(7, { key: 'k' }))).result).toMatchObject({ unchanged: 1 });
  await expect.poll(() => fn.logged('info')).toHaveLength(1);
  expect(fn.logged('warn')).toEqual(warnings);
});

// ---- Indices that cannot be made, templates that cannot be seen

const missingIndex = ({ method, path }: SeenRequest, ...names: readonly string[]): boolean =>
  method === 'HEAD' && names.includes(path.slice(1));

test.concurrent('an index that cannot be made holds up its own records alone', async () => {
  const other = (request: SeenRequest) => {
    if (missingIndex(request, 'orders')) return plain(404, {}, '');
    return request.method === 'PUT' && request.path === '/orders' ? refusal(400, 'validation_exception') : undefined;
  };
  await using under = await subject(elasticsearch(items(), other), { variables: { ES_INDEX: '${topic}' } });
  const { invoke, server } = under;
  const { errorType, errorMessage } = await invoke(at(0), at(1, { topic: 'payments' }), at(2));
  expect(errorType).toBe('IndexUnavailable');
  expect(errorMessage).toContain('orders');
  expect(bulkRequests(server).flatMap(idsOf)).toEqual(['payments+0+1']);
});

test.concurrent('a block on making an index is waited out, and others are written meanwhile', async () => {
  let blocks = 3;
  const other = (request: SeenRequest) => {
    if (missingIndex(request, 'orders')) return plain(404, {}, '');
    const isMaking = request.method === 'PUT' && request.path === '/orders';
    return isMaking && blocks-- > 0 ? refusal(403, 'cluster_block_exception') : undefined;
  };
  await using under = await subject(elasticsearch(items(), other), { variables: { ES_INDEX: '${topic}' } });
  const { fn, invoke, server } = under;
  expect((await invoke(at(0), at(1, { topic: 'payments' }))).result).toMatchObject({ written: 2 });
  expect(bulkRequests(server).map(idsOf)).toEqual([['payments+0+1'], ['orders+0+0']]);
  expect(fn.logged('warn')).toEqual([]);
});

test.concurrent.each([400, 403, 404, 405, 501])(
  'a gateway that passes records alone, and answers all else %i: one warning, and on',
  async (status) => {
    const other = (request: SeenRequest) => (isBulk(request) ? undefined : html(status));
    await using under = await subject(elasticsearch(items(), other), { variables: { ES_VERSION_CHECK: 'false' } });
    const { fn, invoke } = under;
    expect((await invoke(...records(2))).result).toMatchObject({ written: 2 });
    expect((await invoke(...records(2))).result).toMatchObject({ written: 2 });
    await expect.poll(() => fn.logged('info')).toHaveLength(2);
    expect(fn.logged('warn')).toHaveLength(1);
  },
);

test.concurrent('where such a gateway stands before an index that is missing, the message names CREATE_INDEX=false', async () => {
  const other = (request: SeenRequest) => (isBulk(request) ? undefined : html(404));
  const bulk = items(() => reason(404, 'index_not_found_exception', 'no such index [elastic_test]'));
  await using under = await subject(elasticsearch(bulk, other));
  const { errorType, errorMessage } = await under.invoke(at(1));
  expect(errorType).toBe('IndexMissing');
  expect(errorMessage).toContain('CREATE_INDEX=false');
});

test.concurrent.each([403, 404, 405])(
  'templates and data streams that answer %i: one warning, and the index is made with the mapping',
  async (status) => {
    const other = (request: SeenRequest) => {
      if (missingIndex(request, 'elastic_test')) return plain(404, {}, '');
      return /^\/_(index_template|template|data_stream)/.test(request.path) ? refusal(status, 'security_exception') : undefined;
    };
    await using under = await subject(elasticsearch(items(), other));
    const { fn, invoke, server } = under;
    expect((await invoke(...records(2))).result).toMatchObject({ written: 2 });
    const [made] = server.requests.filter(({ method }) => method === 'PUT');
    expect(made).toMatchObject({ path: '/elastic_test', body: expect.stringContaining('date_detection') });
    expect(fn.logged('warn')).toHaveLength(1);
  },
);

test.concurrent.each([403, 404, 405])('a data stream that cannot be made by hand (%i) is left to the first document', async (status) => {
  const template = { index_patterns: ['elastic*'], data_stream: {}, priority: 200 };
  const other = (request: SeenRequest) => {
    if (missingIndex(request, 'elastic_test')) return plain(404, {}, '');
    if (request.path.startsWith('/_index_template')) return json(200, { index_templates: [{ name: 't', index_template: template }] });
    return request.path.startsWith('/_data_stream') ? refusal(status, 'security_exception') : undefined;
  };
  await using under = await subject(elasticsearch(items(), other), { variables: { WRITE_MODE: 'create' } });
  const { fn, invoke, server } = under;
  expect((await invoke(...records(2))).result).toMatchObject({ written: 2 });
  expect(server.requests.filter(({ method, path }) => method === 'PUT' && path === '/elastic_test')).toEqual([]);
  expect(fn.logged('warn')).toHaveLength(1);
});

// ---- The cause is told

test.concurrent('the message names the last answer, not a try that the deadline cut off', async () => {
  await using under = await subject(elasticsearch(inTurn(refusal(503, 'master_not_discovered_exception'), silent)), {
    variables: { ES_REQUEST_TIMEOUT_MS: '30000' },
    timeout,
  });
  const { errorMessage } = await under.invoke(...records(2));
  expect(errorMessage).toContain('master_not_discovered_exception');
  expect(errorMessage).not.toContain('no answer within');
});

test.concurrent.each([301, 302, 307, 308])('a %i is not followed, and says where to', async (status) => {
  const location = 'https://user:canary-Pa55@elsewhere.example:9243/_bulk?token=canary-token';
  const redirect: Answer = (response) => response.writeHead(status, { location }).end();
  await using under = await subject(redirect, { variables: { ES_VERSION_CHECK: 'false', CREATE_INDEX: 'false' } });
  const { errorType, errorMessage } = await under.invoke(...records(2));
  expect(errorType).toBe('IndexUnavailable');
  expect(errorMessage).toContain('https://elsewhere.example:9243/_bulk,');
  expect(errorMessage).not.toContain('canary');
});

test.concurrent.each([
  ['is cut', ((response) => response.destroy()) as Answer],
  ['answers 500', plain(500)],
  ['answers 503', plain(503)],
])('a server that %s when it is asked for its version is asked again by the next invocation', async (_, answer) => {
  let asked = 0;
  const other = ({ path }: SeenRequest) => (path === '/' && asked++ === 0 ? answer : undefined);
  await using under = await subject(elasticsearch(items(), other));
  const { invoke } = under;
  expect((await invoke(at(1))).result).toMatchObject({ written: 1 });
  expect((await invoke(at(2))).result).toMatchObject({ written: 1 });
  expect((await invoke(at(3))).result).toMatchObject({ written: 1 });
  expect(asked).toBe(2);
});

const quoting = 'Unable to find match for dissect pattern: %{a} against source: content-canary';

const quotingAnswers: readonly (readonly [string, Answer])[] = [
  ['500 find_match for all', items(() => reason(500, 'find_match', quoting))],
  ['500 find_match for one', items(({ id: sent }) => (sent === id(1) ? reason(500, 'find_match', quoting) : ok))],
  ['404 of a type of tomorrow', items(() => reason(404, 'a_type_of_tomorrow', quoting))],
  ['418 of a type of tomorrow', items(() => reason(418, 'a_type_of_tomorrow', quoting))],
  ['a type that is a text', items(() => reason(500, 'content-canary said so', quoting))],
  ['503 unavailable_shards_exception', items(() => reason(503, 'unavailable_shards_exception', quoting))],
  ['400 illegal_argument_exception', items(() => reason(400, 'illegal_argument_exception', quoting))],
  ['500 for the request', json(500, { error: { type: 'input_coercion_exception', reason: quoting }, status: 500 })],
  ['400 for the request', json(400, { error: { type: 'illegal_argument_exception', reason: quoting }, status: 400 })],
  ['404 for the request', json(404, { error: { type: 'resource_not_found_exception', reason: quoting }, status: 404 })],
];

test.concurrent.each(quotingAnswers.flatMap(([name, bulk]) => ['continue', 'stop'].map((policy) => [name, policy, bulk] as const)))(
  'no reason that quotes a record reaches a log line or an error: %s under %s',
  async (_, policy, bulk) => {
    await using under = await subject(elasticsearch(bulk), { variables: { ON_FAILURE: policy }, timeout: 3 });
    const { fn, invoke } = under;
    const { text } = await invoke(...records(3));
    await vi.waitFor(() => expect(fn.lines.length).toBeGreaterThan(0), { timeout: 60_000 });
    expect(`${text}${fn.lines.join('\n')}`).not.toContain('content-canary');
  },
);
