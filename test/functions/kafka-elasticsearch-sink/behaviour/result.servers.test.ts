// The result of an invocation.
import { expect, inject, test } from 'vitest';
import { connectorRecord, eventFrom } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

const keyed = { DOCUMENT_SHAPE: 'value', DOCUMENT_ID: 'key' };

/** A record with this key, numbered; without `value`, one that has none. */
function change(key: string, offset: number, value?: string): object {
  return connectorRecord({ key, offset, value });
}

test('the answer is the eight numbers, and each kind of record has its own', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ ...keyed, NULL_VALUE: 'delete', SKIP_POSITIONS: 'orders+2+50,orders+2+51', CREATE_INDEX: 'true' });
  await sink.deliver(change('gone', 1, '{}'), change('new', 10, '{}'));
  const records = [change('a', 2, '{}'), change('b', 3, '{}'), change('gone', 4), change('never', 5), change('new', 6, '{"old":1}')];
  const result = JSON.parse(await sink.send(eventFrom(...records, change('c', 50, '{}'), 'null', change('d', 7, 'canary'))));
  const tookMs = expect.any(Number);
  expect(result).toEqual({ received: 8, written: 2, deleted: 1, unchanged: 2, skipped: 1, rejected: 2, retried: 0, tookMs });
  expect(await sandbox.ids()).toEqual(['a', 'b', 'new']);
});
