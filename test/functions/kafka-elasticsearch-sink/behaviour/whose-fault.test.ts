// Failures that may be the record's: others of its index tell.
import { expect, test } from 'vitest';
import {
  bulkRequests,
  elasticsearch,
  failed,
  holds,
  idsOf,
  items,
  ok,
  operationsOf,
  reason,
  refusal,
  where,
} from '../../../support/elasticsearch/bulk-responses.ts';
import { json, type Respond } from '../../../support/elasticsearch/scripted-server.ts';
import { startWithServer } from '../../../support/function/function-with-server.ts';
import { policies } from '../../../support/function/policies.ts';
import { at, id, records } from '../../../support/function/records.ts';

test.concurrent('two records that fail under upsert, where 7.10 answers for the pipeline under another action, are two rejected records', async () => {
  const respond: Respond = (response, request) => {
    const responses = operationsOf(request).map(({ document = '' }) =>
      document.includes('bad') ? { index: failed(500, 'null_pointer_exception') } : { update: ok },
    );
    json(200, { items: responses })(response, request);
  };
  await using under = await startWithServer(elasticsearch(respond), { variables: { WRITE_MODE: 'upsert' } });
  const { result } = await under.invoke(at(0, { value: 'bad' }), at(1), at(2, { value: 'bad' }));
  expect(result).toMatchObject({ received: 3, written: 1, rejected: 2 });
});

test.concurrent.each([
  ['an index, of which a server with data streams answers that none has its name', [], { received: 2, written: 1, rejected: 1 }],
  ['a data stream', [{ name: 'orders' }], undefined],
])('what a server refuses as an illegal argument, of %s', async (_, data_streams, result) => {
  const tooMany = reason(400, 'illegal_argument_exception', 'Limit of total fields [1] has been exceeded');
  const respond = elasticsearch(
    items(({ id: sent }) => (sent === id(1) ? tooMany : ok)),
    ({ path }) => (path.startsWith('/_data_stream/') ? json(200, { data_streams }) : undefined),
  );
  await using under = await startWithServer(respond);
  const outcome = await under.invoke(at(0), at(1));
  expect(outcome).toMatchObject(
    result ? { result } : { errorType: 'IndexUnavailable', errorMessage: expect.stringContaining('is a data stream') },
  );
});

test.concurrent.each([
  ['rejects none where the name is not there afterwards', {}, 'IndexUnavailable'],
  ['is the record alone where a pipeline may have sent it elsewhere', { ES_PIPELINE: 'elsewhere' }, undefined],
])('an illegal argument of every record %s', async (_, variables, errorType) => {
  const respond = elasticsearch(
    items(() => reason(400, 'illegal_argument_exception', "data_stream [elastic_test] must not start with '.'")),
    ({ method, path }) => {
      if (method === 'PUT') return refusal(405, 'unknown');
      if (method === 'HEAD') return json(404, '');
      return path.startsWith('/_ingest/pipeline/') ? json(200, { elsewhere: { processors: [] } }) : undefined;
    },
  );
  await using under = await startWithServer(respond, { variables });
  const outcome = await under.invoke(...records(2));
  expect(outcome).toMatchObject(
    errorType ? { errorType, errorMessage: expect.stringContaining('is not there') } : { result: { rejected: 2 } },
  );
});

test.concurrent('however many records fail with 500, each is its own fault while others of the index are written', async () => {
  const bulk = items(({ id: sent }) => (Number(sent.split('+')[2]) % 3 === 0 ? ok : failed(500, 'find_match')));
  await using under = await startWithServer(elasticsearch(bulk));
  expect((await under.invoke(...records(60))).result).toMatchObject({ received: 60, written: 20, rejected: 40 });
});

test.concurrent('a 500 of all records is told as it is, after three tries, and rejects none', async () => {
  await using under = await startWithServer(elasticsearch(items(() => failed(500, 'class_cast_exception'))));
  const { invoke, server } = under;
  const { errorType, errorMessage } = await invoke(...records(2));
  expect(errorType).toBe('ElasticsearchUnavailable');
  expect(errorMessage).toContain('500 class_cast_exception');
  expect(bulkRequests(server)).toHaveLength(3);
});

test.concurrent('a delete that passes does not show that a record that fails is at fault', async () => {
  const variables = { DOCUMENT_ID: 'key', NULL_VALUE: 'delete' };
  const bulk = items(({ action }) => (action === 'delete' ? { status: 200 } : failed(500, 'class_cast_exception')));
  await using under = await startWithServer(elasticsearch(bulk), { variables });
  expect(await under.invoke(at(0, { key: 'a', value: undefined }), at(1, { key: 'b' }))).toMatchObject({
    errorType: 'ElasticsearchUnavailable',
  });
});

test.concurrent('a whole request that one record fails with 500 is halved until that record is found', async () => {
  await using under = await startWithServer(elasticsearch(where(holds('poison'), refusal(500, 'null_pointer_exception'))), {
    timeout: 20,
  });
  const { result } = await under.invoke(at(0), at(1, { value: 'poison' }), at(2));
  expect(result).toMatchObject({ received: 3, written: 2, rejected: 1 });
});

test.concurrent.each(policies)(
  'an item 500 of a permanent type is tried three times, and then told by what else was written: %s',
  async (policy) => {
    const bulk = items(({ id: sent, index }) => (index !== 'errors' && sent === id(1) ? failed(500, 'find_match') : ok));
    await using under = await startWithServer(elasticsearch(bulk), { variables: { ON_FAILURE: policy, ERROR_INDEX: 'errors' } });
    const { server, invoke } = under;
    const outcome = await invoke(...records(3));
    if (policy === 'stop') expect(outcome).toMatchObject({ errorType: 'RecordsRejected', errorMessage: expect.stringContaining(id(1)) });
    else expect(outcome.result).toMatchObject({ received: 3, written: 2, rejected: 1, retried: 2 });
    const sent = bulkRequests(server).map(idsOf).slice(0, 3);
    expect(sent).toEqual([[id(0), id(1), id(2)], [id(1)], [id(1)]]);
  },
);
