// Records whose request gets no response, or whose connection is cut.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import {
  bulkRequests,
  cut,
  elasticsearch,
  handedOver,
  holds,
  isBulk,
  items,
  operationsOf,
  plain,
  silent,
  where,
} from '../../../support/elasticsearch/bulk-responses.ts';
import type { Respond } from '../../../support/elasticsearch/scripted-server.ts';
import { startWithServer } from '../../../support/function/function-with-server.ts';
import { at, records } from '../../../support/function/records.ts';

test.concurrent('a server that has become slow, so that a try is cut off, rejects no record', async () => {
  const slow: Respond = (response, request) => void setTimeout(() => items()(response, request), 1500);
  await using under = await startWithServer(elasticsearch(), { variables: { ES_REQUEST_TIMEOUT_MS: '1000' }, timeout: 12 });
  const { invoke, server } = under;
  expect((await invoke(at(100))).result).toMatchObject({ written: 1 });
  server.respond = elasticsearch(slow, ({ path }) => (path.includes('/_update/') ? silent : undefined));
  expect(await invoke(at(1))).toMatchObject({ errorType: 'ElasticsearchUnavailable' });
});

test.concurrent('a record that makes Elasticsearch go silent is found, and the others are written, by the settings as they are', async () => {
  const defaults = {
    RETRY_BACKOFF_MS: undefined,
    RETRY_MAX_BACKOFF_MS: undefined,
    ES_REQUEST_TIMEOUT_MS: undefined,
    DEADLINE_RESERVE_MS: undefined,
  };
  await using under = await startWithServer(elasticsearch(where(holds('poison'), silent)), { variables: defaults, timeout: 60 });
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
  await using under = await startWithServer(elasticsearch(where(holds('poison'), cut)), { timeout: 30 });
  const { fn, invoke } = under;
  const { result } = await invoke(
    ...Array.from({ length: 9 }, (_, offset) => at(offset, guilty.includes(offset) ? { value: 'poison' } : {})),
  );
  expect(result).toMatchObject({ received: 9, written: 9 - guilty.length, rejected: guilty.length });
  expect(fn.log('error').map(({ offset }) => offset)).toEqual(guilty);
});

const everything =
  (respond: Respond): Respond =>
  (response, request) =>
    respond(response, request);

test.concurrent.each([
  ['silent', everything(silent)],
  ['gone', everything((response) => response.destroy())],
  ['busy with something else', elasticsearch(silent, (request) => (isBulk(request) ? undefined : plain(503)))],
])('a server that is %s rejects no record, whatever it has accepted before', async (_, answer) => {
  await using under = await startWithServer(elasticsearch(), {
    variables: { ERROR_INDEX: 'errors', ES_REQUEST_TIMEOUT_MS: '150' },
    timeout: 6,
  });
  const { invoke, server } = under;
  expect((await invoke(at(100))).result).toMatchObject({ written: 1 });
  server.respond = answer;
  expect(await invoke(at(1))).toMatchObject({ errorType: 'ElasticsearchUnavailable' });
  expect(handedOver(server)).toEqual([]);
});

test.concurrent('a server that goes silent between two requests of an invocation rejects no record', async () => {
  await using under = await startWithServer(silent, {
    variables: { BATCH_MAX_RECORDS: '1', MAX_IN_FLIGHT: '1', ES_REQUEST_TIMEOUT_MS: '150' },
    timeout: 6,
  });
  const { invoke, server } = under;
  let taken = 0;
  const healthy = elasticsearch((response, request) => {
    taken++;
    items()(response, request);
  });
  server.respond = (response, request) => (taken < 2 ? healthy : silent)(response, request);
  expect(await invoke(...records(4))).toMatchObject({ errorType: 'ElasticsearchUnavailable' });
});

test.concurrent('a record alone in its batch is written when the server comes back after a while', async () => {
  await using under = await startWithServer(elasticsearch(), { variables: { RETRY_MAX_BACKOFF_MS: '100' }, timeout: 20 });
  const { invoke, server } = under;
  expect((await invoke(at(100))).result).toMatchObject({ written: 1 });
  server.respond = (response) => response.destroy();
  const invocation = invoke(at(1));
  await sleep(2500);
  server.respond = elasticsearch(items());
  expect((await invocation).result).toMatchObject({ written: 1, rejected: 0 });
});

test.concurrent('later records of a key wait while it is not known whether an earlier one can be written', async () => {
  let cuts = 0;
  const bulk: Respond = (response, request) => (holds('poison')(request) && cuts++ < 6 ? response.destroy() : items()(response, request));
  const variables = { DOCUMENT_ID: 'key', DOCUMENT_VERSION: 'none', DOCUMENT_SHAPE: 'value' };
  await using under = await startWithServer(elasticsearch(bulk), { variables, timeout: 20 });
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
