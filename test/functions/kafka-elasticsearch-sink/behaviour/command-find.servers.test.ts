// The command find: the document of a record, by what names it.
import { expect, inject, test } from 'vitest';
import { failureOf } from '../../../support/function/built-function.ts';
import { connectorRecord } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

test('find returns the document of a record, and null where there is none', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start();
  const find = (offset: number) => sink.command({ command: 'find', topic: 'orders', partition: 2, offset });
  expect(await find(7)).toBeNull();
  await sink.deliver(connectorRecord());
  expect(await find(7)).toEqual({ msg_body: connectorRecord(), doc_as_upsert: true });
  expect(await find(8)).toBeNull();
});

test('find looks by key and routing where documents are named by them', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await sandbox.put(`/${sandbox.name}`, { settings: { number_of_shards: 5 } });
  const sink = await sandbox.start({ DOCUMENT_ID: 'key', ES_ROUTING: 'key' });
  await sink.deliver(connectorRecord({ key: 'k/1 +' }));
  const where = { command: 'find', topic: 'orders', partition: 2, offset: 7 };
  expect(JSON.stringify(await sink.command({ ...where, key: 'k/1 +' }))).toContain('"orders"');
  expect(await sink.command({ ...where, key: 'other' })).toBeNull();
  expect(await sink.command({ ...where, offset: 8, key: 'k/1 +' }), "an older record's").toBeNull();
});

test('find names a key that is no identity', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ DOCUMENT_ID: 'key' });
  const record = connectorRecord({ key: 'canary\uFFFD' });
  expect(await sink.deliver(record, connectorRecord({ key: 'canary\uD83D' }), connectorRecord({ key: '😀' }))).toMatchObject({
    written: 1,
    rejected: 2,
  });
  expect(sink.log('error')).toMatchObject([{ error: 'key_not_utf8' }, { error: 'key_not_utf8' }]);
  const where = { command: 'find', topic: 'orders', partition: 2, offset: 7, key: 'canary\uFFFD' };
  const { errorMessage, errorType } = await failureOf(sink.command(where));
  expect({ errorType, errorMessage }).toEqual({ errorType: 'EventInvalid', errorMessage: 'find: key_not_utf8' });
});

test('find looks by timestamp where indices are named by date', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ ES_INDEX: `${sandbox.name}-{yyyy.MM.dd}` });
  await sink.deliver(connectorRecord());
  const where = { command: 'find', topic: 'orders', partition: 2, offset: 7 };
  expect(JSON.stringify(await sink.command({ ...where, timestamp: 1616599282417 }))).toContain('"orders"');
  expect(await sink.command({ ...where, timestamp: 0 })).toBeNull();
  expect(await sink.command(where), 'in all of them where it is not known').toMatchObject({ msg_body: { topic: 'orders' } });
});

test('find changes nothing', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start();
  await sink.command({ command: 'find', topic: 'orders', partition: 2, offset: 7 });
  expect(await sandbox.exists(sandbox.name)).toBe(false);
});

test.each([{ toString: {} }, ['orders'], null, true])('find does not take %j for a topic', async (topic) => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const fn = await sandbox.start();
  const { errorType, errorMessage } = await failureOf(fn.command({ command: 'find', topic, partition: 2, offset: 7 }));
  expect({ errorType, errorMessage }).toEqual({
    errorType: 'EventInvalid',
    errorMessage: 'find: topic, partition and offset of the record are needed',
  });
});

test('find says that a document is there where its index keeps no _source', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await sandbox.put(`/${sandbox.name}`, { mappings: { _source: { enabled: false } } });
  const sink = await sandbox.start();
  const find = (offset: number) => sink.command({ command: 'find', topic: 'orders', partition: 2, offset });
  await sink.deliver(connectorRecord());
  expect(await find(7)).toEqual({ found: true, reason: expect.stringContaining('_source') });
  expect(await find(8)).toBeNull();
});

test('find knows the document of an offset beyond 2^53, digit for digit', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ DOCUMENT_ID: 'key' });
  const record = (offset: string) => `{"topic":"orders","partition":2,"offset":${offset},"timestamp":1616599282417,"key":"k","value":"v"}`;
  await sink.send(`[${record('9007199254740993')}]`);
  const find = (offset: string) =>
    sink.send(`{"command":"find","topic":"orders","partition":2,"offset":${offset},"key":"k"}`).then((text): unknown => JSON.parse(text));
  expect(await find('9007199254740993')).toMatchObject({ msg_body: { value: 'v' } });
  expect(await find('9007199254740994'), "an older record's").toBeNull();
  const byPosition = await sandbox.start({ ES_INDEX: `${sandbox.name}-2` });
  await byPosition.send(`[${record('9007199254740993')}]`);
  expect(await byPosition.send('{"command":"find","topic":"orders","partition":2,"offset":9007199254740993}')).toContain('"v"');
  expect(await byPosition.send('{"command":"find","topic":"orders","partition":2,"offset":9007199254740992}')).toBe('null');
});
