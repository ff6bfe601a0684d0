// When requests are compressed, and when no longer.
import { expect, test } from 'vitest';
import { elasticsearch } from '../../../support/elasticsearch/bulk-responses.ts';
import { json, type Respond } from '../../../support/elasticsearch/scripted-server.ts';
import { startWithServer } from '../../../support/function/function-with-server.ts';
import { at, connectorRecord } from '../../../support/function/records.ts';

test.each([
  ['gzip', 'gzip'],
  ['none', undefined],
])('the compression %s is what goes over the wire', async (compression, encoding) => {
  const taken = json(200, { errors: false, items: [{ index: { _index: 'a', status: 201 } }] });
  const variables = { ES_VERSION_CHECK: 'false', CREATE_INDEX: 'false', ES_COMPRESSION: compression };
  await using under = await startWithServer(taken, { variables });
  const { fn, server } = under;
  expect(await fn.deliver(connectorRecord())).toMatchObject({ written: 1 });
  expect(server.requests.filter(({ path }) => path.includes('_bulk')).map(({ headers }) => headers['content-encoding'])).toEqual([
    encoding,
  ]);
});

test('compressed requests that a proxy refuses are sent as they are, with one warning', async () => {
  const refuses: Respond = (response, request) =>
    request.headers['content-encoding'] ? response.writeHead(400).end('<html></html>') : elasticsearch()(response, request);
  await using under = await startWithServer(refuses, { variables: { ES_COMPRESSION: 'gzip' } });
  const { fn } = under;
  for (const offset of [0, 1]) expect(await fn.deliver(at(offset))).toMatchObject({ written: 1, rejected: 0, retried: 0 });
  expect(fn.log('warn').filter(({ message }) => String(message).includes('ES_COMPRESSION'))).toHaveLength(1);
});
