// A real Elasticsearch that takes no request over 1 MB.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type ElasticsearchServer, startElasticsearch } from '../../../../scripts/local/servers/elasticsearch.ts';
import { at, id, records } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

let server: ElasticsearchServer;

beforeAll(async () => {
  server = await startElasticsearch({ settings: { 'http.max_content_length': '1mb' } });
});

afterAll(() => server?.server.stop());

const inTurn = { MAX_IN_FLIGHT: '1' };
const tooLarge = 'v'.repeat(1_200_000);

test('requests over the limit of the server (413) are split until they fit', async () => {
  await using sandbox = new Sandbox(server.url);
  const fn = await sandbox.start(inTurn);
  const result = await fn.deliver(...records(30, { value: 'v'.repeat(100_000) }));
  expect(result).toMatchObject({ received: 30, written: 30, rejected: 0 });
  expect(await sandbox.ids()).toHaveLength(30);
});

test('a record that is too large alone is rejected, the others are written, and it is handed over without its value', async () => {
  await using sandbox = new Sandbox(server.url);
  const errors = `${sandbox.name}-errors`;
  const fn = await sandbox.start({ ...inTurn, ERROR_INDEX: errors });
  const result = await fn.deliver(at(0), at(1, { value: tooLarge, key: 'large' }), at(2));
  expect(result).toMatchObject({ received: 3, written: 2, rejected: 1 });
  expect(await sandbox.ids()).toEqual([id(0), id(2)]);
  const handedOver = await sandbox.documents(errors);
  expect(handedOver).toEqual({ [id(1)]: expect.objectContaining({ topic: 'orders', offset: 1, key: 'large', valueOmitted: true }) });
  expect(handedOver[id(1)]).not.toHaveProperty('value');
});

test('a record that is too large alone, under stop: the others are written, then RecordsRejected names it', async () => {
  await using sandbox = new Sandbox(server.url);
  const fn = await sandbox.start({ ...inTurn, ON_FAILURE: 'stop' });
  const { errorType, errorMessage } = await fn.invoke(at(0), at(1, { value: tooLarge }), at(2));
  expect(errorType).toBe('RecordsRejected');
  expect(errorMessage).toContain(id(1));
  expect(await sandbox.ids()).toEqual([id(0), id(2)]);
});
