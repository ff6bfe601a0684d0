// Compressed requests, in a real Elasticsearch.
import { expect, inject, test } from 'vitest';
import { connectorRecord } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

test('compressed requests arrive whole', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ ES_COMPRESSION: 'gzip' });
  const records = Array.from({ length: 500 }, (_, offset) => connectorRecord({ offset, value: `杭州 ${offset}` }));
  expect(await sink.deliver(...records)).toMatchObject({ received: 500, written: 500 });
  expect(await sandbox.ids()).toHaveLength(500);
  expect(await sandbox.document('orders+2+499')).toMatchObject({ msg_body: { value: '杭州 499' } });
});
