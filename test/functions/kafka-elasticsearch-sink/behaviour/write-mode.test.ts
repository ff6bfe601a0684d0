// What Elasticsearch answers to writes that change nothing.
import { expect, test } from 'vitest';
import { elasticsearch, items, reason } from '../../../support/elasticsearch/bulk-responses.ts';
import { startWithServer } from '../../../support/function/function-with-server.ts';
import { at, id } from '../../../support/function/records.ts';

test.concurrent('an upsert that changes nothing is written', async () => {
  await using under = await startWithServer(elasticsearch(items(() => ({ status: 200, result: 'noop' }))), {
    variables: { WRITE_MODE: 'upsert' },
  });
  expect((await under.invoke(at(1))).result).toMatchObject({ written: 1, skipped: 0 });
});

test.concurrent.each([
  ['equal', '7', []],
  ['newer', '8', [expect.objectContaining({ count: 1, first: id(7) })]],
])('a version that is there already and %s: warned of only where it is newer', async (_, current, warnings) => {
  const text = `[k]: version conflict, current version [${current}] is higher or equal to the one provided [7]`;
  const bulk = items(() => reason(409, 'version_conflict_engine_exception', text));
  await using under = await startWithServer(elasticsearch(bulk), { variables: { DOCUMENT_ID: 'key' } });
  const { fn, invoke } = under;
  expect((await invoke(at(7, { key: 'k' }))).result).toMatchObject({ unchanged: 1 });
  expect(fn.log('info')).toHaveLength(1);
  expect(fn.log('warn')).toEqual(warnings);
});
