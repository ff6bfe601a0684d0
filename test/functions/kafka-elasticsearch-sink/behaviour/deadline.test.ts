// Nothing goes on behind the deadline, or behind a throw.
import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import {
  type BulkOperation,
  elasticsearch,
  failed,
  inTurn,
  items,
  notFound,
  operationsOf,
  refusal,
  silent,
  stalled,
} from '../../../support/elasticsearch/bulk-responses.ts';
import type { Respond } from '../../../support/elasticsearch/scripted-server.ts';
import { startWithServer } from '../../../support/function/function-with-server.ts';
import { id, records } from '../../../support/function/records.ts';

// Seconds, ms: of a function that runs into its deadline.
const timeout = 3;
// The same where a test looks at what is left of it.
const long = { timeout: 6, deadlineMs: 3000 };
const longVariables = { ES_REQUEST_TIMEOUT_MS: '30000', DEADLINE_RESERVE_MS: '3000' };

test.concurrent('the longest time for a request never reaches past the deadline', async () => {
  await using under = await startWithServer(elasticsearch(silent), { variables: longVariables, timeout: long.timeout });
  const { invoke } = under;
  const outcome = await invoke(...records(2));
  expect(outcome).toMatchObject({ errorType: 'ElasticsearchUnavailable' });
  expect(outcome.tookMs).toBeLessThan(long.deadlineMs + 1500);
});

test.concurrent('a body that stalls never reaches past the deadline either', async () => {
  await using under = await startWithServer(elasticsearch(stalled), { variables: longVariables, timeout: long.timeout });
  const { invoke } = under;
  const outcome = await invoke(...records(2));
  expect(outcome).toMatchObject({ errorType: 'ElasticsearchUnavailable' });
  expect(outcome.tookMs).toBeLessThan(long.deadlineMs + 1500);
});

const hangs = ({ id: sent }: BulkOperation) => sent !== id(0);
const firstOf =
  (first: Respond): Respond =>
  (response, request) =>
    (operationsOf(request).some(hangs) ? silent : first)(response, request);

test.concurrent.each([
  ['401', firstOf(refusal(401, 'security_exception')), 'ElasticsearchUnauthorized'],
  ['403', firstOf(refusal(403, 'security_exception')), 'ElasticsearchForbidden'],
  ['404', firstOf(notFound), 'IndexUnavailable'],
  ['an item security_exception', firstOf(items(() => failed(403, 'security_exception'))), 'ElasticsearchForbidden'],
  ['a refused record', firstOf(items(() => failed(400, 'mapper_parsing_exception'))), 'ElasticsearchUnavailable'],
  ['silence', silent, 'ElasticsearchUnavailable'],
  ['a stalled body', stalled, 'ElasticsearchUnavailable'],
])('after %s in one request and silence in others, none is on its way once the handler has thrown', async (_, bulk, name) => {
  const open = new Set<ServerResponse>();
  const respond = elasticsearch(bulk);
  const variables = { BATCH_MAX_RECORDS: '1', MAX_IN_FLIGHT: '3', ES_REQUEST_TIMEOUT_MS: '30000' };
  await using under = await startWithServer(silent, { variables, timeout });
  const { server, invoke } = under;
  server.respond = (response, request) => {
    open.add(response);
    response.on('close', () => open.delete(response));
    respond(response, request);
  };
  const outcome = await invoke(...records(8));
  expect(outcome).toMatchObject({ errorType: name });
  expect(outcome.tookMs).toBeLessThan(timeout * 1000);
  const count = server.requests.length;
  await vi.waitFor(() => expect(open.size).toBe(0), { timeout: 60_000 });
  // That nothing comes can only be waited for.
  await sleep(300);
  expect(server.requests).toHaveLength(count);
});

test.concurrent('the message names the last answer, not a try that the deadline cut off', async () => {
  await using under = await startWithServer(elasticsearch(inTurn(refusal(503, 'master_not_discovered_exception'), silent)), {
    variables: { ES_REQUEST_TIMEOUT_MS: '30000' },
    timeout,
  });
  const { errorMessage } = await under.invoke(...records(2));
  expect(errorMessage).toContain('master_not_discovered_exception');
  expect(errorMessage).not.toContain('no answer within');
});
