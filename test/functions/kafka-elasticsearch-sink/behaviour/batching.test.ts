// How many bulk requests are on their way at a time.
import { expect, test } from 'vitest';
import { bulkRequests, elasticsearch, items } from '../../../support/elasticsearch/bulk-responses.ts';
import type { Respond } from '../../../support/elasticsearch/scripted-server.ts';
import { startWithServer } from '../../../support/function/function-with-server.ts';
import { records } from '../../../support/function/records.ts';

/** Responds to each request after a while; tells the most that were open at once. */
function counting(): { readonly respond: Respond; readonly most: () => number } {
  let now = 0;
  let most = 0;
  const respond: Respond = (response, request) => {
    now++;
    most = Math.max(most, now);
    setTimeout(() => {
      now--;
      items()(response, request);
    }, 60);
  };
  return { respond, most: () => most };
}

test.concurrent.each([
  ['as many as MAX_IN_FLIGHT says', { MAX_IN_FLIGHT: '3' }, 3],
  ['one when it says so', { MAX_IN_FLIGHT: '1' }, 1],
  ['two by default', {}, 2],
  ['one where ids can repeat, whatever it says', { MAX_IN_FLIGHT: '4', DOCUMENT_ID: 'key' }, 1],
])('bulk requests at a time: %s', async (_, variables, expected) => {
  const { respond, most } = counting();
  await using under = await startWithServer(elasticsearch(respond), { variables: { ...variables, BATCH_MAX_RECORDS: '1' } });
  const { invoke } = under;
  expect((await invoke(...records(8))).result).toMatchObject({ written: 8 });
  expect(most()).toBe(expected);
});

test.concurrent('of the answer only what tells each outcome is asked for', async () => {
  await using under = await startWithServer(elasticsearch(), { variables: { ES_PIPELINE: 'p' } });
  expect((await under.invoke(...records(2))).result).toMatchObject({ written: 2 });
  const queries = bulkRequests(under.server).map(({ path }) => Object.fromEntries(new URL(path, under.server.url).searchParams));
  const fields = ['status', 'result', 'failure_store', 'error.type', 'error.reason'];
  expect(queries).toEqual([{ filter_path: fields.map((field) => `items.*.${field}`).join(','), pipeline: 'p' }]);
});
