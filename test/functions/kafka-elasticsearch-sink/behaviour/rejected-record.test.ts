// The record's fault, by the item that Elasticsearch answers.
import { expect, test } from 'vitest';
import {
  type BulkOperation,
  bulkRequests,
  elasticsearch,
  failed,
  handedOver,
  idsOf,
  items,
  ok,
  reason,
} from '../../../support/elasticsearch/bulk-responses.ts';
import { startWithServer } from '../../../support/function/function-with-server.ts';
import { at, id, records } from '../../../support/function/records.ts';

const recordFaults = [
  'mapper_parsing_exception',
  'document_parsing_exception',
  'strict_dynamic_mapping_exception',
  'illegal_argument_exception',
  'a_type_of_the_future',
];

test.concurrent.each(recordFaults)('an item 400 %s is one rejected record and one error line, and is handed over', async (type) => {
  const bulk = items(({ index, id: sent }) => (index !== 'errors' && sent === id(1) ? failed(400, type) : ok));
  await using under = await startWithServer(elasticsearch(bulk), { variables: { ERROR_INDEX: 'errors' } });
  const { server, fn, invoke } = under;
  expect((await invoke(...records(3))).result).toMatchObject({ received: 3, written: 2, rejected: 1, retried: 0 });
  expect(handedOver(server)).toHaveLength(1);
  expect(fn.log('info')).toHaveLength(1);
  expect(fn.log('error')).toEqual([expect.objectContaining({ topic: 'orders', partition: 0, offset: 1, error: type })]);
});

test.concurrent.each(recordFaults)(
  'an item 400 %s under stop: the others are written, then RecordsRejected names the position',
  async (type) => {
    let attempts = 0;
    const itemFor = ({ id: sent }: BulkOperation) => {
      if (sent === id(1)) return failed(400, type);
      return sent === id(2) && attempts++ === 0 ? failed(429, 'es_rejected_execution_exception') : ok;
    };
    const variables = { ON_FAILURE: 'stop', ERROR_INDEX: 'errors' };
    await using under = await startWithServer(elasticsearch(items(itemFor)), { variables });
    const { server, fn, invoke } = under;
    const outcome = await invoke(...records(3));
    expect(outcome.errorType).toBe('RecordsRejected');
    expect(outcome.errorMessage).toContain(id(1));
    expect(outcome.errorMessage).not.toContain(id(2));
    expect(bulkRequests(server).map(idsOf)).toEqual([[id(0), id(1), id(2)], [id(2)]]);
    expect(handedOver(server)).toEqual([]);
    expect(fn.log('error').filter(({ offset }) => offset === 1)).toHaveLength(1);
  },
);

test.concurrent('a document that goes to the failure store is rejected, and said', async () => {
  const bulk = items(({ id: sent }) => (sent === id(1) ? { status: 201, result: 'created', failure_store: 'used' } : ok));
  await using under = await startWithServer(elasticsearch(bulk), { variables: { WRITE_MODE: 'create' } });
  const { fn, invoke } = under;
  expect((await invoke(...records(3))).result).toMatchObject({ received: 3, written: 2, rejected: 1 });
  expect(fn.log('warn')).toEqual([expect.objectContaining({ count: 1, first: id(1) })]);
  expect(fn.log('error')).toEqual([expect.objectContaining({ offset: 1, error: 'failure_store' })]);
});

test.concurrent('routing required, with ES_ROUTING=key: records without a key are rejected, the others are written', async () => {
  const missing = reason(400, 'routing_missing_exception', 'routing is required for [x]/[_doc]/[y]');
  const bulk = items(({ id: sent }) => (sent === id(1) ? missing : ok));
  await using under = await startWithServer(elasticsearch(bulk), { variables: { ES_ROUTING: 'key' } });
  expect((await under.invoke(at(0, { key: 'a' }), at(1), at(2, { key: 'b' }))).result).toMatchObject({ written: 2, rejected: 1 });
});

test.concurrent("a reason that only quotes such words is the record's fault", async () => {
  const quoting = 'Provided Grok expressions do not match field value: [pipeline with id [x] does not exist]';
  const bulk = items(({ id: sent }) => (sent === id(1) ? reason(400, 'illegal_argument_exception', quoting) : ok));
  await using under = await startWithServer(elasticsearch(bulk));
  expect((await under.invoke(...records(3))).result).toMatchObject({ written: 2, rejected: 1 });
});
