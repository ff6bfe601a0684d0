// Something between the function and Elasticsearch that answers itself.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import {
  elasticsearch,
  failed,
  handedOver,
  holds,
  html,
  isBulk,
  items,
  reason,
  refusal,
  where,
} from '../../../support/elasticsearch/bulk-responses.ts';
import type { Respond, SeenRequest } from '../../../support/elasticsearch/scripted-server.ts';
import { startWithServer } from '../../../support/function/function-with-server.ts';
import { at, records } from '../../../support/function/records.ts';

const timeout = 4;

const sizes = [
  ['a batch of one', 1, {}],
  ['a batch of two', 2, {}],
  ['a batch of five', 5, {}],
  ['five requests of one', 5, { BATCH_MAX_RECORDS: '1' }],
] as const;

test.concurrent.each(
  sizes.flatMap(([size, count, variables]) => [400, 403, 404, 422].map((status) => [status, size, count, variables] as const)),
)('what answers %i to everything, and is not Elasticsearch, rejects no record of %s', async (status, _, count, variables) => {
  await using under = await startWithServer(elasticsearch(), { variables: { ...variables, ERROR_INDEX: 'errors' }, timeout });
  const { invoke, server } = under;
  // This instance has written to the index before.
  expect((await invoke(at(100))).result).toMatchObject({ written: 1 });
  server.respond = html(status);
  const { errorType, errorMessage } = await invoke(...records(count));
  expect(errorType).toBe('ElasticsearchUnavailable');
  expect(errorMessage).toMatch(new RegExp(`${status}.*not Elasticsearch's.*ES_PROTOCOL`));
  expect(handedOver(server)).toEqual([]);
});

const gateways: readonly (readonly [string, number, (request: SeenRequest) => Respond | undefined])[] = [
  ['a record among others', 7, () => undefined],
  ['the first of two', 2, () => undefined],
  ['a record among others, where nothing but records passes', 7, (request) => (isBulk(request) ? undefined : html(403))],
];

test.concurrent.each(gateways)('a gateway that refuses %s has it rejected, and the others are written', async (_, count, other) => {
  const bulk = where(holds('<script>'), html(403));
  await using under = await startWithServer(elasticsearch(bulk, other), { timeout: 20 });
  const { result } = await under.invoke(
    ...Array.from({ length: count }, (_, offset) => at(offset, offset === 0 ? { value: '<script>' } : {})),
  );
  expect(result).toMatchObject({ received: count, written: count - 1, rejected: 1 });
});

test.concurrent('a gateway that refuses the only record of a batch rejects none, as nothing tells it from one that refuses all', async () => {
  await using under = await startWithServer(elasticsearch(where(holds('<script>'), html(403))), { timeout });
  const { invoke } = under;
  expect((await invoke(at(0))).result).toMatchObject({ written: 1 });
  expect(await invoke(at(1, { value: '<script>' }))).toMatchObject({ errorType: 'ElasticsearchUnavailable' });
});

test.concurrent.each([
  ['403 HTML', html(403)],
  ['a cut connection', ((response) => response.destroy()) as Respond],
  ['500 of the whole request', refusal(500, 'null_pointer_exception')],
  ['items of 500', items(() => failed(500, 'a_type_of_tomorrow'))],
])('what answers records alone with %s for two seconds, and all else well, rejects none of twelve', async (_, answer) => {
  await using under = await startWithServer(elasticsearch(), { variables: { RETRY_MAX_BACKOFF_MS: '100' }, timeout: 30 });
  const { invoke, server } = under;
  expect((await invoke(at(100))).result).toMatchObject({ written: 1 });
  server.respond = elasticsearch(answer);
  const invocation = invoke(...records(12));
  await sleep(2000);
  server.respond = elasticsearch();
  const { errorType, result } = await invocation;
  // Where the tries are over, the batch is delivered again.
  if (errorType === undefined) expect(result).toMatchObject({ written: 12, rejected: 0 });
  else expect(errorType).toBe('ElasticsearchUnavailable');
});

const otherStatuses = [400, 403, 404, 405, 501];

test.concurrent.each([
  ...otherStatuses.map((status) => [status, 'true'] as const),
  ...otherStatuses.map((status) => [status, 'false'] as const),
])(
  'a gateway that passes records alone, and answers all else %i: one warning, and on, with CREATE_INDEX=%s',
  async (status, createIndex) => {
    const other = (request: SeenRequest) => (isBulk(request) ? undefined : html(status));
    const variables = { ES_VERSION_CHECK: 'false', CREATE_INDEX: createIndex };
    await using under = await startWithServer(elasticsearch(items(), other), { variables });
    const { fn, invoke } = under;
    expect((await invoke(...records(2))).result).toMatchObject({ written: 2 });
    expect((await invoke(...records(2))).result).toMatchObject({ written: 2 });
    expect(fn.log('info')).toHaveLength(2);
    expect(fn.log('warn')).toHaveLength(1);
  },
);

test.concurrent('where such a gateway stands before an index that is missing, the message names CREATE_INDEX=false', async () => {
  const other = (request: SeenRequest) => (isBulk(request) ? undefined : html(404));
  const bulk = items(() => reason(404, 'index_not_found_exception', 'no such index [elastic_test]'));
  await using under = await startWithServer(elasticsearch(bulk, other));
  const { errorType, errorMessage } = await under.invoke(at(1));
  expect(errorType).toBe('IndexMissing');
  expect(errorMessage).toContain('CREATE_INDEX=false');
});
