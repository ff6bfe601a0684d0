// What happens to a record without value.
import { expect, inject, test } from 'vitest';
import { at, connectorRecord, triggerForms } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

const keyed = { DOCUMENT_SHAPE: 'value', DOCUMENT_ID: 'key' };

/** A record with this key, numbered; without `value`, one that has none. */
function change(key: string, offset: number, value?: string): object {
  return connectorRecord({ key, offset, value });
}

test('records without value delete; what is not there, or newer, is unchanged', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ ...keyed, NULL_VALUE: 'delete' });
  expect(await sink.deliver(change('a', 1, '{}'), change('b', 9, '{}'), change('c', 9, '{}'))).toMatchObject({ written: 3 });
  const trigger = triggerForms.cloudEvent('{"topic":"orders","partition":2,"offset":10,"timestamp":1,"key":"c","value":null}');
  const result = await sink.deliver(change('a', 2), change('b', 3), change('never', 4), trigger);
  expect(result).toMatchObject({ received: 4, deleted: 2, unchanged: 2 });
  expect(await sandbox.ids()).toEqual(['b']);
  expect(await sink.deliver(change('a', 2))).toMatchObject({ unchanged: 1 });
});

test('an older record does not bring back what was deleted', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ ...keyed, NULL_VALUE: 'delete' });
  expect(await sink.deliver(change('a', 5, '{}'), change('a', 6), change('a', 4, '{}'))).toMatchObject({
    written: 1,
    deleted: 1,
    unchanged: 1,
  });
  expect(await sandbox.ids()).toEqual([]);
});

test.each([
  ["the envelope's default", {}, { written: 2 }],
  ['index', { NULL_VALUE: 'index' }, { written: 2 }],
  ['skip', { NULL_VALUE: 'skip' }, { skipped: 2 }],
  ['reject', { NULL_VALUE: 'reject' }, { rejected: 2 }],
  ["a value's default", { DOCUMENT_SHAPE: 'value' }, { rejected: 2 }],
  ['skip with values', { DOCUMENT_SHAPE: 'value-with-metadata', NULL_VALUE: 'skip' }, { skipped: 2 }],
])('records without value follow NULL_VALUE: %s', async (_, settings, counts) => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start(settings);
  const missing = { received: 2, written: 0, deleted: 0, unchanged: 0, skipped: 0, rejected: 0, ...counts };
  const trigger = triggerForms.rawData('{"topic":"orders","partition":0,"offset":0,"timestamp":1,"value":null}');
  expect(await sink.deliver(connectorRecord({ value: undefined, valueSize: 0 }), trigger)).toMatchObject(missing);
  expect(sink.log('error')).toHaveLength(missing.rejected);
});

test('an empty string is a value', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ NULL_VALUE: 'skip' });
  expect(await sink.deliver(connectorRecord({ value: '', valueSize: 0 }))).toMatchObject({ written: 1, skipped: 0 });
});

test('a delete where the index is missing and not to be created is unchanged', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const index = sandbox.name;
  const variables = { CREATE_INDEX: 'false', DOCUMENT_ID: 'key', NULL_VALUE: 'delete' };
  await using fn = await sandbox.start(variables);
  const deletion = (offset: number) => at(offset, { key: `k${offset}`, value: undefined });
  expect((await fn.invoke(deletion(0), deletion(1))).result).toMatchObject({ received: 2, deleted: 0, unchanged: 2 });
  expect(await fn.invoke(deletion(2), at(3, { key: 'k3' }))).toMatchObject({ errorType: 'IndexMissing' });
  expect(await sandbox.exists(index)).toBe(false);
});

test('a record with neither key nor value deletes nothing, and is a rejected record, alone', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ ...keyed, NULL_VALUE: 'delete' });
  const trigger = triggerForms.rawData('{"topic":"orders","partition":2,"offset":4,"timestamp":1,"value":null}');
  const result = await sink.deliver(
    change('a', 1, '{}'),
    change('b', 2, '{}'),
    connectorRecord({ key: null, offset: 3, value: null }),
    trigger,
  );
  expect(result).toMatchObject({ received: 4, written: 2, deleted: 0, rejected: 2 });
  expect(sink.log('error')).toMatchObject([3, 4].map((offset) => ({ topic: 'orders', partition: 2, offset, error: 'key_missing' })));
  expect(await sink.deliver(change('a', 5), change('b', 6, '{"v":6}'))).toMatchObject({ deleted: 1, written: 1 });
  expect(await sandbox.ids()).toEqual(['b']);
});
