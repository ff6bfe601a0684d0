// Records that a person has chosen to skip.
import { expect, inject, test } from 'vitest';
import { connectorRecord } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';
import { openOverflowSandbox } from '../../../support/function/topic-sandbox.ts';

test.each(['continue', 'stop'])('skipped positions go to the error destination untried, under %s', async (policy) => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const errors = `${sandbox.name}-errors`;
  const skipped = 'orders+2+1,orders+2+2,orders+2+4,orders+2+5,orders+2+6';
  const sink = await sandbox.start({ DOCUMENT_SHAPE: 'value', ON_FAILURE: policy, SKIP_POSITIONS: skipped, ERROR_INDEX: errors });
  const records = [
    connectorRecord({ offset: 1, value: '{}' }),
    connectorRecord({ offset: 2, value: 'bad' }),
    connectorRecord({ offset: 3, value: '{}' }),
    connectorRecord({ offset: 4, key: 1 }),
    JSON.stringify(JSON.stringify({ data: { topic: 'orders', partition: 2, offset: 5, key: {} } })),
    connectorRecord({ offset: 6, overflowFlag: true, value: 'canary' }),
  ];
  expect(await sink.deliver(...records)).toMatchObject({ received: 6, written: 1, skipped: 5, rejected: 0 });
  expect(await sandbox.ids(sandbox.name)).toEqual(['orders+2+3']);
  expect(await sandbox.ids(errors)).toEqual(skipped.split(','));
  expect(await sandbox.document('orders+2+4', errors)).toMatchObject({ error: { type: 'skipped' } });
  expect(sink.log('warn')).toHaveLength(5);
});

test('a record that is skipped is not fetched', async () => {
  await using opened = await openOverflowSandbox({ SKIP_POSITIONS: 'orders+0+0', KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1' });
  expect(await opened.sink.deliver(connectorRecord({ partition: 0, offset: 0, overflowFlag: true }))).toMatchObject({ skipped: 1 });
});
