import { expect, test } from 'vitest';
import { elasticsearch, items } from '../../../support/elasticsearch/bulk-responses.ts';
import type { Respond } from '../../../support/elasticsearch/scripted-server.ts';
import { startWithServer } from '../../../support/function/function-with-server.ts';
import { records } from '../../../support/function/records.ts';

/** Answers each request after a while; tells the most that were open at once. */
function counting(): { readonly answer: Respond; readonly most: () => number } {
  let now = 0;
  let most = 0;
  const answer: Respond = (response, request) => {
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
  await using under = await startWithServer(elasticsearch(answer), { variables: { ...variables, BATCH_MAX_RECORDS: '1' } });
  const { invoke } = under;
  expect((await invoke(...records(8))).result).toMatchObject({ written: 8 });
  expect(most()).toBe(expected);
});
