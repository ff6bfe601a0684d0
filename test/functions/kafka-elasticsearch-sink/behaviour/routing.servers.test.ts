// Documents and deletes that are routed by the key.
import { expect, inject, test } from 'vitest';
import { failureOf } from '../../../support/function/built-function.ts';
import { at, connectorRecord } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

test('the key is the routing, and a record without key has none', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ ES_ROUTING: 'key' });
  expect(await sink.deliver(connectorRecord({ offset: 1, key: 'a,b' }), connectorRecord({ offset: 2, key: undefined }))).toMatchObject({
    written: 2,
  });
  await sandbox.elasticsearch.indices.refresh({ index: sandbox.name });
  const { hits } = await sandbox.elasticsearch.search({ index: sandbox.name });
  expect(Object.fromEntries(hits.hits.map(({ _id, _routing }) => [_id, _routing]))).toEqual({
    'orders+2+1': 'a,b',
    'orders+2+2': undefined,
  });
});

test('deletes carry the same routing', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await sandbox.put(`/${sandbox.name}`, { mappings: { _routing: { required: true } }, settings: { number_of_shards: 5 } });
  const sink = await sandbox.start({ ES_ROUTING: 'key', DOCUMENT_ID: 'key', NULL_VALUE: 'delete' });
  expect(await sink.deliver(connectorRecord({ offset: 1 }))).toMatchObject({ written: 1 });
  expect(await sink.deliver(connectorRecord({ offset: 2, value: undefined }))).toMatchObject({ deleted: 1, rejected: 0 });
  expect(await sandbox.ids()).toEqual([]);
});

test('a mapping that requires routing is told with ES_ROUTING=none, and is the fault of keyless records with key', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await sandbox.put(`/${sandbox.name}`, { mappings: { _routing: { required: true } } });
  const shape = { DOCUMENT_SHAPE: 'value' };
  const without = await sandbox.start(shape);
  const { errorType, errorMessage } = await failureOf(without.deliver(at(0), at(1)));
  expect([errorType, errorMessage]).toEqual(['IndexUnavailable', expect.stringContaining('ES_ROUTING')]);
  const withKeys = await sandbox.start({ ...shape, ES_ROUTING: 'key' });
  const keyed = connectorRecord({ topic: 'orders', partition: 0, offset: 2, key: 'a', value: '{}' });
  const keyless = connectorRecord({ topic: 'orders', partition: 0, offset: 3, key: undefined, value: '{}' });
  expect(await withKeys.deliver(keyed, keyless)).toMatchObject({ written: 1, rejected: 1 });
});
