// Index, create and upsert, and the versions of documents.
import { expect, inject, test } from 'vitest';
import { connectorRecord } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

/** The version of a document, as Elasticsearch counts it. */
async function version(sandbox: Sandbox, id: string): Promise<number | undefined> {
  return (await sandbox.elasticsearch.get({ index: sandbox.name, id }))._version;
}

const keyed = { DOCUMENT_SHAPE: 'value', DOCUMENT_ID: 'key' };

/** A record with this key, numbered; without `value`, one that has none. */
function change(key: string, offset: number, value?: string): object {
  return connectorRecord({ key, offset, value });
}

test('a stale version changes nothing and is named in one warning', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start(keyed);
  expect(await sink.deliver(change('a', 9, '{"v":9}'), change('b', 9, '{"v":9}'))).toMatchObject({ written: 2 });
  expect(await version(sandbox, 'a')).toBe(9);
  const again = await sink.deliver(change('c', 3, '{"v":3}'), change('a', 4, '{"canary":4}'), change('b', 5, '{"canary":5}'));
  expect(again).toMatchObject({ received: 3, written: 1, unchanged: 2 });
  expect(await sandbox.source('a')).toBe('{"v":9}');
  const lines = sink.log('warn');
  expect(lines).toMatchObject([{ count: 2, first: 'orders+2+4' }]);
  expect(JSON.stringify(lines)).not.toContain('canary');
});

test('the last of one batch wins by its offset, whatever its place', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ ...keyed, BATCH_MAX_RECORDS: '1' });
  const result = await sink.deliver(change('a', 1, '{"v":1}'), change('a', 3, '{"v":3}'), change('a', 2, '{"v":2}'));
  expect(result).toMatchObject({ received: 3, written: 2, unchanged: 1 });
  expect(await sandbox.source('a')).toBe('{"v":3}');
});

test('the very first offset is a version too', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start(keyed);
  expect(await sink.deliver(change('a', 0, '{}'))).toMatchObject({ written: 1 });
  expect(await version(sandbox, 'a')).toBe(0);
  expect(await sink.deliver(change('a', 0, '{}'))).toMatchObject({ unchanged: 1 });
});

test('without versions the last write wins', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ ...keyed, DOCUMENT_VERSION: 'none' });
  expect(await sink.deliver(change('a', 3, '{"v":3}'), change('a', 2, '{"v":2}'))).toMatchObject({ written: 2, unchanged: 0 });
  expect(await sandbox.source('a')).toBe('{"v":2}');
});

test('what create finds there already is unchanged, without a warning', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ DOCUMENT_SHAPE: 'value', WRITE_MODE: 'create' });
  expect(await sink.deliver(change('k', 1, '{"v":1}'))).toMatchObject({ written: 1 });
  expect(await sink.deliver(change('k', 1, '{"v":2}'), change('k', 2, '{"v":2}'))).toMatchObject({ written: 1, unchanged: 1 });
  expect(await sandbox.document('orders+2+1')).toMatchObject({ v: 1 });
  expect(sink.log('warn')).toEqual([]);
});

test('upsert merges, and one that changes nothing is written', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ ...keyed, WRITE_MODE: 'upsert' });
  expect(await sink.deliver(change('a', 1, '{"a":1,"n":9007199254740993}'), change('a', 2, '{"b":1.0}'))).toMatchObject({ written: 2 });
  expect(await sandbox.source('a')).toBe('{"a":1,"n":9007199254740993,"b":1.0}');
  expect(await sink.deliver(change('a', 2, '{"b":1.0}'))).toMatchObject({ written: 1, unchanged: 0 });
});

test('upsert of the envelope leaves the envelope', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ WRITE_MODE: 'upsert' });
  for (const written of [1, 1]) expect(await sink.deliver(connectorRecord())).toMatchObject({ written });
  expect(await sandbox.document('orders+2+7')).toEqual({ msg_body: connectorRecord(), doc_as_upsert: true });
});

test('of two upserts of one key in one batch the later decides, and what the earlier alone has stays', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ ...keyed, WRITE_MODE: 'upsert' });
  expect(await sink.deliver(change('a', 1, '{"both":1,"first":1}'), change('a', 2, '{"both":2}'))).toMatchObject({ written: 2 });
  expect(await sandbox.document('a')).toEqual({ both: 2, first: 1 });
});

test('two functions that upsert the same document at the same time both write', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sinks = await Promise.all([0, 1].map(() => sandbox.start({ ...keyed, WRITE_MODE: 'upsert' })));
  const counts = Array.from({ length: 50 }, (_, offset) => offset);
  const results = await Promise.all(
    sinks.map((sink, writer) => sink.deliver(...counts.map((n) => change('a', n, JSON.stringify({ [`writer${writer}-${n}`]: n }))))),
  );
  expect(results).toMatchObject([{ written: 50 }, { written: 50 }]);
  const fields = [0, 1].flatMap((writer) => counts.map((n) => [`writer${writer}-${n}`, n]));
  expect(await sandbox.document('a')).toEqual(Object.fromEntries(fields));
});
