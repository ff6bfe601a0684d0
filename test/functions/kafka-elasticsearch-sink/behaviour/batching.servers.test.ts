// Requests of any size leave nothing out.
import { expect, inject, test } from 'vitest';
import { connectorRecord } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

test.each([{ BATCH_MAX_RECORDS: '7' }, { BATCH_MAX_BYTES: '1024' }, { BATCH_MAX_RECORDS: '1', MAX_IN_FLIGHT: '16' }])(
  'batches of %j leave nothing out',
  async (settings) => {
    await using sandbox = new Sandbox(inject('elasticsearchUrl'));
    const sink = await sandbox.start(settings);
    const records = Array.from({ length: 100 }, (_, offset) => connectorRecord({ offset, value: 'x'.repeat(offset) }));
    expect(await sink.deliver(...records)).toMatchObject({ received: 100, written: 100 });
    expect(await sandbox.ids()).toHaveLength(100);
  },
);
