// An operation for which a real Elasticsearch refuses the whole request.
import { expect, inject, test } from 'vitest';
import { at, id } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

/** An upsert is parsed by the request as a whole: a field that is there twice is in the way of all others. */
const upsert = { DOCUMENT_SHAPE: 'value', WRITE_MODE: 'upsert' };
const withTwice = Array.from({ length: 9 }, (_, offset) => at(offset, { value: offset === 3 ? '{"n":1,"n":2}' : '{"n":1}' }));
const others = [0, 1, 2, 4, 5, 6, 7, 8].map(id);

test('an operation for which Elasticsearch refuses the whole request is rejected alone', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const fn = await sandbox.start(upsert);
  expect(await fn.deliver(...withTwice)).toMatchObject({ received: 9, written: 8, rejected: 1 });
  expect(await sandbox.ids()).toEqual(others);
  expect(fn.log('error')).toEqual([expect.objectContaining({ topic: 'orders', partition: 0, offset: 3 })]);
});

test('an operation for which Elasticsearch refuses the whole request, under stop: the others are written', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const fn = await sandbox.start({ ...upsert, ON_FAILURE: 'stop' });
  const { errorType, errorMessage } = await fn.invoke(...withTwice);
  expect(errorType).toBe('RecordsRejected');
  expect(errorMessage).toContain(id(3));
  expect(await sandbox.ids()).toEqual(others);
});
