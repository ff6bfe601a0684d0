// No secret and no content is told, whatever a server quotes.
import { expect, test } from 'vitest';
import {
  bulkRequests,
  elasticsearch,
  failed,
  handedOver,
  isErrorWrite,
  items,
  ok,
  reason,
} from '../../../support/elasticsearch/bulk-responses.ts';
import { json, type Respond } from '../../../support/elasticsearch/scripted-server.ts';
import { startWithServer } from '../../../support/function/function-with-server.ts';
import { policies } from '../../../support/function/policies.ts';
import { at, id, records } from '../../../support/function/records.ts';
import { apiKey, basic, echo, password, secretsIn } from '../../../support/function/secrets.ts';

// In seconds, of a function that runs into its deadline.
const timeout = 3;

test.concurrent.each(policies)("no error under %s tells a record's key or value, even when Elasticsearch's reason does", async (policy) => {
  const reason = "failed to parse field [n] of type [long] in document with id 'content-key'. Preview of field's value: 'content-value'";
  const bulk = items(() => ({ status: 400, error: { type: 'mapper_parsing_exception', reason, caused_by: { type: 'x', reason } } }));
  await using under = await startWithServer(elasticsearch(bulk), { variables: { ON_FAILURE: policy, DOCUMENT_ID: 'key' } });
  const { fn, invoke } = under;
  const { text } = await invoke(at(1, { key: 'content-key', value: 'content-value' }), at(2, { key: 'other' }));
  expect(fn.log('error').length).toBeGreaterThan(1);
  expect(`${text}${fn.lines.join('\n')}`).not.toMatch(/content-(key|value)/);
});

test.concurrent("a long reason of Elasticsearch's is cut", async () => {
  const error = { type: 'security_exception', reason: 'because '.repeat(10_000) };
  await using under = await startWithServer(elasticsearch(items(() => ({ status: 403, error }))));
  const { fn, invoke } = under;
  const { errorType, errorMessage = '' } = await invoke(at(1), at(2));
  expect(errorType).toBe('ElasticsearchForbidden');
  expect(errorMessage.length).toBeLessThan(2048);
  expect(fn.log('error').length).toBeGreaterThan(0);
  expect(Math.max(...fn.lines.map((line) => line.length))).toBeLessThan(4096);
});

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
    await using under = await startWithServer(elasticsearch(json(status, { error, status })), { timeout });
    const { fn, invoke } = under;
    const outcome = await invoke(...records(2));
    expect(outcome.errorType).toBeDefined();
    expect(fn.log('error').length).toBeGreaterThan(0);
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
  await using under = await startWithServer(elasticsearch(json(status, { error, status })), { variables, timeout });
  const { server, fn, invoke } = under;
  const outcome = await invoke(...records(2));
  expect(fn.log('error').length).toBeGreaterThan(0);
  expect(bulkRequests(server)[0]?.headers.authorization).toBe(`ApiKey ${apiKey}`);
  expect(`${outcome.text}${fn.lines.join('\n')}`).not.toContain(apiKey.slice(0, 12));
});

const unfit = items(({ id: sent }) => (sent === id(1) ? failed(400, 'mapper_parsing_exception') : ok));
const withErrors = (respond: Respond) => elasticsearch(unfit, (request) => (isErrorWrite(request) ? respond : undefined));

test.concurrent('rejected records whose reasons echo the credentials are handed over without them', async () => {
  await using under = await startWithServer(withErrors(items()), { variables: { ERROR_INDEX: 'errors' } });
  const { server, fn, invoke } = under;
  expect((await invoke(...records(3))).result).toMatchObject({ rejected: 1 });
  const bodies = handedOver(server).map(({ body }) => body);
  expect(bodies).toHaveLength(1);
  expect(secretsIn(`${bodies.join('\n')}${fn.lines.join('\n')}`)).toEqual([]);
});

const quoting = 'Unable to find match for dissect pattern: %{a} against source: content-canary';

const quotingResponses: readonly (readonly [string, Respond])[] = [
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

test.concurrent.each(quotingResponses.flatMap(([name, bulk]) => ['continue', 'stop'].map((policy) => [name, policy, bulk] as const)))(
  'no reason that quotes a record reaches a log line or an error: %s under %s',
  async (_, policy, bulk) => {
    await using under = await startWithServer(elasticsearch(bulk), { variables: { ON_FAILURE: policy }, timeout: 3 });
    const { fn, invoke } = under;
    const { text } = await invoke(...records(3));
    expect(fn.lines.length).toBeGreaterThan(0);
    expect(`${text}${fn.lines.join('\n')}`).not.toContain('content-canary');
  },
);
