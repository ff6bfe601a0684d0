// How a document is named.
import { expect, inject, test } from 'vitest';
import { needs } from '../../../support/elasticsearch/server-under-test.ts';
import { connectorRecord, triggerForms } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

test('the position as id has the prefix in front, and redelivery leaves one document', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ DOCUMENT_ID_PREFIX: 'v2/' });
  for (const written of [1, 1]) expect(await sink.deliver(connectorRecord({ topic: 'Orders' }))).toMatchObject({ written });
  expect(await sandbox.ids()).toEqual(['v2/Orders+2+7']);
});

test('the key as id may hold anything', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ DOCUMENT_ID: 'key' });
  const keys = [
    ' ',
    '"\\\n\u0000',
    '/a?b&c=d#e%20',
    '_all',
    '__proto__',
    'constructor',
    '杭'.repeat(170).concat('ab'),
    'k'.repeat(512),
    '😀',
  ];
  expect(await sink.deliver(...keys.map((key, offset) => connectorRecord({ key, offset })))).toMatchObject({ written: keys.length });
  expect(await sandbox.ids()).toEqual([...keys].sort());
});

test('a key that cannot be an id is a rejected record, alone', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ DOCUMENT_ID: 'key' });
  const keys = [undefined, null, '', 'k'.repeat(513), '杭'.repeat(171)];
  const bad = keys.map((key, offset) => connectorRecord({ key, offset }));
  const trigger = triggerForms.cloudEvent('{"topic":"orders","partition":3,"offset":0,"timestamp":1,"value":"v"}');
  expect(await sink.deliver(connectorRecord({ offset: 100 }), ...bad, trigger)).toMatchObject({ written: 1, rejected: 6 });
  expect(await sandbox.ids()).toEqual(['demo']);
  expect(sink.log('error').map(({ offset }) => offset)).toEqual([0, 1, 2, 3, 4, 0]);
});

test('a position over 512 bytes is a rejected record, alone', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ DOCUMENT_ID_PREFIX: 'p-' });
  const [fits, over] = [506, 507].map((length) => connectorRecord({ topic: 't'.repeat(length) }));
  expect(await sink.deliver(over ?? {}, fits ?? {})).toMatchObject({ written: 1, rejected: 1 });
  expect((await sandbox.ids()).map((id) => id.length)).toEqual([512]);
});

async function expectIdsMade(WRITE_MODE: string): Promise<void> {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ DOCUMENT_ID: 'auto', WRITE_MODE });
  for (const written of [2, 2]) {
    expect(await sink.deliver(connectorRecord(), connectorRecord({ key: undefined }))).toMatchObject({ written });
  }
  const ids = await sandbox.ids();
  expect(ids).toHaveLength(4);
  for (const id of ids) expect(id).toMatch(/^[\w-]{20}$/);
}

test('Elasticsearch makes the ids where they are automatic, a second one for a record that comes again', () => expectIdsMade('index'));

test('Elasticsearch makes the ids of create, too', needs('creating without id'), () => expectIdsMade('create'));
