// When records are handed over, and what becomes of an error destination that fails.
import { expect, test } from 'vitest';
import {
  type BulkOperation,
  cut,
  elasticsearch,
  failed,
  handedOver,
  inTurn,
  isBulk,
  isErrorWrite,
  items,
  notFound,
  ok,
  plain,
  refusal,
  silent,
} from '../../../support/elasticsearch/bulk-responses.ts';
import type { Respond, SeenRequest } from '../../../support/elasticsearch/scripted-server.ts';
import { startWithServer } from '../../../support/function/function-with-server.ts';
import { at, id, records } from '../../../support/function/records.ts';

// In seconds, of a function that runs into its deadline. A quarter of the reserve is left when handing over must have ended.
const timeout = 10;
/** Few retries until the deadline, yet some, even where nothing is answered. */
const slower = { RETRY_BACKOFF_MS: '50', RETRY_MAX_BACKOFF_MS: '50', ES_REQUEST_TIMEOUT_MS: '200', DEADLINE_RESERVE_MS: '8000' };

const unfit = items(({ id: sent }) => (sent === id(1) ? failed(400, 'mapper_parsing_exception') : ok));
const withErrors = (respond: Respond) => elasticsearch(unfit, (request) => (isErrorWrite(request) ? respond : undefined));

test.concurrent.each([
  ['401', refusal(401, 'security_exception')],
  ['403', refusal(403, 'security_exception')],
  ['404', notFound],
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
  const both: Respond = (response, request) =>
    (status && !isBulk(request) ? refusal(status, 'mapper_parsing_exception') : answer)(response, request);
  await using under = await startWithServer(withErrors(both), { variables: { ...slower, ERROR_INDEX: 'errors' }, timeout });
  const { invoke } = under;
  const outcome = await invoke(...records(3));
  expect(outcome).toMatchObject({ errorType: 'ErrorDestinationUnavailable' });
  expect(outcome.tookMs).toBeLessThan(timeout * 1000);
});

test.concurrent('an error destination that is busy once gets the record once more', async () => {
  await using under = await startWithServer(withErrors(inTurn(plain(503), items())), { variables: { ERROR_INDEX: 'errors' } });
  const { server, invoke } = under;
  expect((await invoke(...records(3))).result).toMatchObject({ written: 2, rejected: 1 });
  expect(handedOver(server)).toHaveLength(2);
});

test.concurrent('a record that is too large for the error destination too is handed over again without its value, and marked', async () => {
  const value = 'v'.repeat(5000);
  const tooLarge: Respond = (response, request) => (request.body.length > 2000 ? plain(413, {}, '') : items())(response, request);
  await using under = await startWithServer(elasticsearch(tooLarge), { variables: { ERROR_INDEX: 'errors' } });
  const { server, invoke } = under;
  expect((await invoke(at(0), at(1, { value, key: 'k' }), at(2))).result).toMatchObject({ received: 3, written: 2, rejected: 1 });
  const last = handedOver(server).at(-1);
  const document = JSON.parse(last?.body.trimEnd().split('\n').at(-1) ?? '{}') as object;
  expect(document).toMatchObject({ topic: 'orders', partition: 0, offset: 1, key: 'k', valueOmitted: true });
  expect(document).not.toHaveProperty('value');
});

test.concurrent('under stop nothing is handed over', async () => {
  await using under = await startWithServer(withErrors(items()), { variables: { ON_FAILURE: 'stop', ERROR_INDEX: 'errors' } });
  const { server, invoke } = under;
  expect(await invoke(...records(3))).toMatchObject({ errorType: 'RecordsRejected' });
  expect(handedOver(server)).toEqual([]);
});

test.concurrent('records are handed over only when all others have settled', async () => {
  let attempts = 0;
  const itemFor = ({ id: sent, index }: BulkOperation) => {
    if (index === 'errors' || sent === id(0)) return ok;
    if (sent === id(1)) return failed(400, 'mapper_parsing_exception');
    return attempts++ < 5 ? failed(429, 'es_rejected_execution_exception') : ok;
  };
  const variables = { ERROR_INDEX: 'errors', BATCH_MAX_RECORDS: '1' };
  await using under = await startWithServer(elasticsearch(items(itemFor)), { variables });
  const { server, invoke } = under;
  expect((await invoke(...records(3))).result).toMatchObject({ written: 2, rejected: 1, retried: 5 });
  const [handover] = handedOver(server);
  const after = server.requests.slice(server.requests.indexOf(handover as SeenRequest) + 1);
  expect(handover).toBeDefined();
  expect(after.filter(isBulk).filter((request) => !isErrorWrite(request))).toEqual([]);
});

test.concurrent('documents that the error index drops are handed to nobody, so that it has failed', async () => {
  const bulk = items(({ id: sent, index }) => {
    if (index === 'errors') return { status: 200, result: 'noop' };
    return sent === id(1) ? failed(400, 'mapper_parsing_exception') : ok;
  });
  await using under = await startWithServer(elasticsearch(bulk), { variables: { ERROR_INDEX: 'errors' } });
  const { invoke, server } = under;
  expect(await invoke(...records(2))).toMatchObject({ errorType: 'ErrorDestinationUnavailable' });
  expect(
    handedOver(server)
      .map(({ path }) => path)
      .at(-1),
  ).toContain('pipeline=_none');
});
