// Documents that a data stream does not take, and puts into its failure store.
import { expect, inject, test } from 'vitest';
import { needs } from '../../../support/elasticsearch/server-under-test.ts';
import { failureOf } from '../../../support/function/built-function.ts';
import { at, id } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

const created = { DOCUMENT_SHAPE: 'value', WRITE_MODE: 'create' };
const holding = (offset: number, value: object) => at(offset, { value: JSON.stringify(value) });
const template = { data_stream_options: { failure_store: { enabled: true } }, mappings: { properties: { n: { type: 'integer' } } } };

test(
  'a document in the failure store is rejected, named in one warning, and handed to the error destination',
  needs('failure store'),
  async () => {
    await using sandbox = new Sandbox(inject('elasticsearchUrl'));
    await sandbox.putStreamTemplate({ template });
    const errors = `errors-${sandbox.name}`;
    const fn = await sandbox.start({ ...created, ERROR_INDEX: errors });
    const event = [holding(0, { n: 1 }), holding(1, { n: 'canary' }), holding(2, { n: 'canary' }), holding(3, { n: 4 })];
    expect(await fn.deliver(...event)).toMatchObject({ received: 4, written: 2, rejected: 2 });
    expect(fn.log('warn')).toMatchObject([{ message: expect.stringContaining('failure store'), count: 2, first: 'orders+0+1' }]);
    expect(fn.log('error')).toMatchObject([
      { offset: 1, error: 'failure_store' },
      { offset: 2, error: 'failure_store' },
    ]);
    expect(JSON.stringify([fn.log('warn'), fn.log('error')])).not.toContain('canary');
    expect(await sandbox.ids()).toEqual([id(0), id(3)]);
    const handedOver = Object.values(await sandbox.documents(errors));
    expect(handedOver).toHaveLength(2);
    for (const document of handedOver) expect(document).toMatchObject({ error: { type: 'failure_store' } });
  },
);

test(
  'with ON_FAILURE=stop a document in the failure store stops the delivery, and the others are written',
  needs('failure store'),
  async () => {
    await using sandbox = new Sandbox(inject('elasticsearchUrl'));
    await sandbox.putStreamTemplate({ template });
    const fn = await sandbox.start({ ...created, ON_FAILURE: 'stop' });
    const { errorType, errorMessage } = await failureOf(fn.deliver(holding(0, { n: 'x' }), holding(1, { n: 2 })));
    expect(errorType).toBe('RecordsRejected');
    expect(errorMessage).toContain('orders+0+0 (failure_store)');
    expect(await sandbox.ids()).toEqual([id(1)]);
  },
);

test('a failure store that cannot take the document either leaves it rejected for its own reason', needs('failure store'), async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await sandbox.putStreamTemplate({ template });
  const fn = await sandbox.start(created);
  expect(await fn.deliver(holding(0, { n: 'x' }))).toMatchObject({ rejected: 1 });
  const failures = await sandbox.elasticsearch.transport.request<object>({ method: 'GET', path: `/${sandbox.name}::failures/_settings` });
  for (const index of Object.keys(failures)) await sandbox.put(`/${index}/_settings`, { 'index.blocks.write': true });
  expect(await fn.deliver(holding(1, { n: 'x' }))).toMatchObject({ rejected: 1 });
  expect(fn.log('error').at(-1)).toMatchObject({ offset: 1, error: 'document_parsing_exception' });
});
