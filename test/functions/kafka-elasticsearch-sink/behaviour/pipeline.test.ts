// Documents that a pipeline drops.
import { expect, test } from 'vitest';
import { elasticsearch, items, ok } from '../../../support/elasticsearch/bulk-responses.ts';
import { startWithServer } from '../../../support/function/function-with-server.ts';
import { id, records } from '../../../support/function/records.ts';

test.concurrent.each([
  ['index', {}],
  ['create', { WRITE_MODE: 'create' }],
])('a document of %s that a pipeline drops is skipped, and said', async (_, variables) => {
  const bulk = items(({ id: sent }) => (sent === id(1) ? { status: 200, result: 'noop' } : ok));
  await using under = await startWithServer(elasticsearch(bulk), { variables });
  const { fn, invoke } = under;
  expect((await invoke(...records(3))).result).toMatchObject({ received: 3, written: 2, skipped: 1 });
  expect(fn.log('warn')).toEqual([expect.objectContaining({ count: 1, first: id(1) })]);
});
