import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bulk } from '../../../../functions/kafka-elasticsearch-sink/elasticsearch/bulk.ts';
import { createTransport } from '../../../../functions/kafka-elasticsearch-sink/elasticsearch/client.ts';
import type { Operation } from '../../../../functions/kafka-elasticsearch-sink/map.ts';
import { readSettings } from '../../../../shared/settings.ts';
import { environment } from '../../../support/environment.ts';
import { json, ScriptedServer } from '../../../support/scripted-server.ts';

let server: ScriptedServer;

beforeAll(async () => {
  server = await ScriptedServer.start(json(200, {}));
});

afterAll(() => server[Symbol.asyncDispose]());

function operationAt(offset: number): Operation {
  return {
    position: { topic: 't', partition: 0, offset },
    index: 'elastic_test',
    id: `t+0+${offset}`,
    document: Buffer.from(`{"n":${offset}.0}`),
  };
}

const operations = [operationAt(1), operationAt(2)];
const created = { index: { status: 201 } };

function send(...changes: Parameters<typeof environment>) {
  const transport = createTransport(readSettings(environment({ ES_ENDPOINT: server.url, ...changes[0] })));
  return bulk(transport, operations);
}

test('one request carries each operation as an action line and the document as it came', async () => {
  server.answer = json(200, { items: [created, created] });
  const outcomes = await send();
  expect(outcomes.map(({ kind }) => kind)).toEqual(['written', 'written']);
  const request = server.requests.at(-1);
  expect(request).toMatchObject({ method: 'POST', headers: { 'content-type': 'application/x-ndjson' } });
  expect(request?.path).toMatch(/^\/_bulk\?filter_path=/);
  expect(request?.headers.authorization).toBe(`Basic ${Buffer.from('elastic:canary-Pa55').toString('base64')}`);
  expect(request?.body).toBe(
    '{"index":{"_index":"elastic_test","_id":"t+0+1"}}\n{"n":1.0}\n{"index":{"_index":"elastic_test","_id":"t+0+2"}}\n{"n":2.0}\n',
  );
});

test('the second answer belongs to the second operation', async () => {
  const error = { type: 'mapper_parsing_exception' };
  server.answer = json(200, { errors: true, items: [created, { index: { status: 400, error } }] });
  expect(await send()).toEqual([
    { kind: 'written', operation: operations[0] },
    { kind: 'refused', operation: operations[1], status: 400, type: 'mapper_parsing_exception' },
  ]);
});

test('without operations there is no request', async () => {
  const before = server.requests.length;
  expect(await bulk(createTransport(readSettings(environment({ ES_ENDPOINT: server.url }))), [])).toEqual([]);
  expect(server.requests).toHaveLength(before);
});

const html = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>canary</html>');
const brokenJson = (response: ServerResponse) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"items":[');
const empty = (response: ServerResponse) => response.writeHead(200).end();
const cut = (response: ServerResponse) => response.destroy();

test.each([
  ['too few items', json(200, { items: [created] })],
  ['too many items', json(200, { items: [created, created, created] })],
  ['an item without a status', json(200, { items: [created, { index: {} }] })],
  ['an item of another action', json(200, { items: [created, { delete: { status: 200 } }] })],
  ['no items', json(200, { took: 1 })],
  ['a text', json(200, 'ok')],
  ['HTML', html],
  ['broken JSON', brokenJson],
  ['nothing', empty],
  ['a cut connection', cut],
  ['401', json(401, { error: 'Basic canary' })],
  ['503', json(503, {})],
])('an answer that does not tell every outcome is never a success: %s', async (_, answer) => {
  server.answer = answer;
  const error = await send().catch((reason: unknown) => reason);
  expect(error).toMatchObject({ name: 'ElasticsearchUnavailable' });
  expect(String(error)).not.toMatch(/canary/);
});

test('a server that does not answer in time is unavailable', async () => {
  server.answer = () => undefined;
  await expect(send({ ES_REQUEST_TIMEOUT_MS: '100' })).rejects.toMatchObject({ name: 'ElasticsearchUnavailable' });
});
