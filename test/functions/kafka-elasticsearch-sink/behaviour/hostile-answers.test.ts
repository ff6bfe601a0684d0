// Answers that no Elasticsearch gives, and that `npm run fuzz` has fallen over.
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { elasticsearch, inTurn, isBulk, items, plain, reason } from '../../../support/elasticsearch/bulk-responses.ts';
import { json, type Respond, type SeenRequest } from '../../../support/elasticsearch/scripted-server.ts';
import { startWithServer } from '../../../support/function/function-with-server.ts';
import { at } from '../../../support/function/records.ts';

/** Sends these bytes, and ends the connection or keeps it. */
const raw =
  (bytes: string, ends: boolean): Respond =>
  ({ socket }) => {
    socket?.write(bytes);
    if (ends) socket?.end();
  };
const switched = 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n';

test.concurrent.each([
  ['and keeps the connection', false],
  ['and ends the connection', true],
])('a server that switches to another protocol, %s, is a connection lost: the records are sent again', async (_, ends) => {
  await using under = await startWithServer(elasticsearch(inTurn(raw(switched, ends), items())));
  expect((await under.invoke(at(0))).result).toMatchObject({ written: 1, retried: 1 });
});

test.concurrent('a server that does nothing but switch to another protocol holds no invocation longer than it has', async () => {
  await using under = await startWithServer(raw(switched, false), { timeout: 4 });
  expect(await under.invoke(at(0))).toMatchObject({ errorType: 'ElasticsearchUnavailable' });
});

const bomb = Buffer.concat(Array<Buffer>(200).fill(gzipSync(Buffer.alloc(1024 * 1024))));
const encodings = Array(1500).fill('gzip').join();

test.concurrent('a bomb that is said to be compressed 1500 times is not unpacked as often', async () => {
  const bulk: Respond = (response) => response.writeHead(200, { 'content-encoding': encodings }).end(bomb);
  await using under = await startWithServer(elasticsearch(bulk), { timeout: 4, variables: { ES_REQUEST_TIMEOUT_MS: '500' } });
  expect(await under.invoke(at(0))).toMatchObject({ errorType: 'ElasticsearchUnavailable' });
});

const half = '\ud800';

test.concurrent('a component template whose name is half a character, as no server has one, stands in the way of no record', async () => {
  const template = { index_patterns: ['*'], composed_of: [half] };
  const templates = json(200, { index_templates: [{ name: 'x', index_template: template }] });
  const other = ({ method, path }: SeenRequest) =>
    path.startsWith('/_index_template') ? templates : method === 'HEAD' ? plain(404, {}, '') : undefined;
  await using under = await startWithServer(elasticsearch(items(), other));
  const { errorType, result } = await under.invoke(at(0));
  expect(errorType ?? result).toMatchObject({ received: 1, written: 1 });
});

test.concurrent('a default pipeline whose name is half a character, as no server has one, is one that is missing', async () => {
  const unclear = reason(400, 'illegal_argument_exception', 'Limit of total fields [1000] has been exceeded');
  const settings = json(200, { demo: { settings: { index: { default_pipeline: half } } } });
  const other = ({ path }: SeenRequest) => (path.includes('/_settings/') ? settings : undefined);
  await using under = await startWithServer(
    elasticsearch(
      items(() => unclear),
      other,
    ),
  );
  expect(await under.invoke(at(0))).toMatchObject({ errorType: 'IndexUnavailable', errorMessage: expect.stringContaining('pipeline') });
});

const deep = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
const missingPipeline = reason(400, 'illegal_argument_exception', 'pipeline with id [p] does not exist');

test.concurrent('pipelines that are nested 100,000 deep are no answer, and what needs a person is told all the same', async () => {
  const other = (request: SeenRequest) =>
    !isBulk(request) && request.path.startsWith('/_ingest') ? plain(200, {}, `{"p":${deep}}`) : undefined;
  await using under = await startWithServer(
    elasticsearch(
      items(() => missingPipeline),
      other,
    ),
  );
  expect(await under.invoke(at(0))).toMatchObject({ errorType: 'IndexUnavailable' });
});

test.concurrent('a document that is nested 100,000 deep is none that is found', async () => {
  const search = plain(200, {}, `{"hits":{"hits":[{"_source":{"a":${deep}}}]}}`);
  const other = ({ path }: SeenRequest) => (path.includes('/_search') ? search : undefined);
  await using under = await startWithServer(elasticsearch(items(), other));
  expect(await under.fn.command({ command: 'find', topic: 'orders', partition: 0, offset: 0 })).toBeNull();
});
