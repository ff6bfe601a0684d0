// Records that can never be written go to the error index.
import { createHash } from 'node:crypto';
import { expect, inject, test } from 'vitest';
import { serverUnderTest } from '../../../support/elasticsearch/server-under-test.ts';
import { failureOf } from '../../../support/function/built-function.ts';
import { connectorRecord, eventFrom, triggerForms } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

/** A record with this key, numbered; without `value`, one that has none. */
function change(key: string, offset: number, value?: string): object {
  return connectorRecord({ key, offset, value });
}

test('rejected records are written to the error index, by position, with their key and value', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const errors = `${sandbox.name}-errors`;
  await sandbox.put(`/${sandbox.name}`, { mappings: { properties: { n: { type: 'integer' } } } });
  const sink = await sandbox.start({ DOCUMENT_SHAPE: 'value', ERROR_INDEX: errors });
  const trigger = triggerForms.cloudEvent(
    '{"topic":"orders","partition":3,"offset":4,"timestamp":1616599282417,"value":{"n":"x","d":1.0}}',
  );
  const records = [
    change('k 1', 1, '{"n":"杭州"}'),
    change('k 2', 2, 'not JSON'),
    connectorRecord({ offset: 3, key: undefined, value: undefined }),
  ];
  for (let delivery = 1; delivery <= 2; delivery++) {
    expect(await sink.deliver(...records, trigger, change('k', 5, '{"n":1}'))).toMatchObject({ received: 5, written: 1, rejected: 4 });
  }
  expect(await sandbox.ids()).toEqual(['orders+2+5']);
  expect(await sandbox.ids(errors)).toEqual(['orders+2+1', 'orders+2+2', 'orders+2+3', 'orders+3+4']);
  const error = { type: expect.any(String), reason: expect.any(String) };
  const common = { '@timestamp': expect.anything(), topic: 'orders', error };
  const refused = { type: serverUnderTest.errorTypes.unfit, reason: expect.stringMatching(/^.{1,1024}$/s) };
  const documents = {
    'orders+2+1': { ...common, partition: 2, offset: 1, key: 'k 1', value: '{"n":"杭州"}', error: refused },
    'orders+2+2': { ...common, partition: 2, offset: 2, key: 'k 2', value: 'not JSON' },
    'orders+2+3': { ...common, partition: 2, offset: 3 },
    'orders+3+4': { ...common, partition: 3, offset: 4, value: '{"n":"x","d":1.0}', error: refused },
  };
  for (const [id, document] of Object.entries(documents)) expect(await sandbox.document(id, errors)).toEqual(document);
  expect(await sandbox.source('orders+2+1', errors)).not.toContain('Authorization');
});

test('no element can poison the error index, and one without position is named by its hash', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const errors = `${sandbox.name}-errors`;
  const sink = await sandbox.start({ DOCUMENT_SHAPE: 'value', ERROR_INDEX: errors });
  const nameless = [
    'null',
    '5',
    '{"topic": {"a":1}}',
    '{"topic":"orders","partition":"x","offset":1}',
    '{"topic":"orders","partition":2,"offset":"2021-03-24"}',
  ];
  const values = ['2021-03-24', 'hello', '5', '[1]', 'x'.repeat(100_000)];
  const named = [
    ...values.map((value, offset) => change('k'.repeat(offset * 10_000), offset, value)),
    connectorRecord({ offset: 90, timestamp: 'soon', value: '' }),
  ];
  const count = nameless.length + named.length;
  expect(await sink.deliver(...nameless, ...named)).toMatchObject({ received: count, rejected: count });
  const hashes = nameless.map((element) => createHash('sha256').update(element).digest('hex'));
  const positions = [...values.keys(), 90].map((offset) => `orders+2+${offset}`);
  expect(await sandbox.ids(errors)).toEqual([...hashes, ...positions].sort());
  expect(await sandbox.document('orders+2+4', errors)).toMatchObject({ key: 'k'.repeat(40_000), value: 'x'.repeat(100_000) });
  // No field is indexed: nothing can be searched by what an element says.
  const { hits } = await sandbox.elasticsearch.search({ index: errors, q: 'value:hello' });
  expect(hits.total).toMatchObject({ value: 0 });
});

test('the error index keeps the records of a topic that was made anew beside those of the former one', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const errors = `${sandbox.name}-errors`;
  const prefix = 'second ';
  const long = 'x'.repeat(490);
  const nameless = '{"topic":"orders","partition":2}';
  const rejected = [change('k', 1, 'not JSON'), connectorRecord({ offset: 2, key: 1 }), nameless];
  for (const DOCUMENT_ID_PREFIX of [undefined, prefix, long]) {
    const sink = await sandbox.start({ DOCUMENT_SHAPE: 'value', ERROR_INDEX: errors, DOCUMENT_ID_PREFIX });
    expect(await sink.deliver(...rejected)).toMatchObject({ rejected: 3 });
  }
  const hash = (text: string) => createHash('sha256').update(text).digest('hex');
  const names = ['orders+2+1', 'orders+2+2', hash(nameless)];
  const [first, second, third] = names.map((name) => `${long}${name}`);
  const ids = [...names, ...names.map((name) => `${prefix}${name}`), first, second, hash(third ?? '')];
  expect(await sandbox.ids(errors)).toEqual(ids.sort());
});

test("an overflowed record reaches the error index without what stood in its value's place", async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const errors = `${sandbox.name}-errors`;
  const sink = await sandbox.start({ ERROR_INDEX: errors });
  expect(await sink.deliver(connectorRecord({ overflowFlag: true, value: 'canary' }))).toMatchObject({ rejected: 1 });
  const source = await sandbox.source('orders+2+7', errors);
  expect(JSON.parse(source ?? 'null')).toMatchObject({ topic: 'orders', partition: 2, offset: 7, key: 'demo' });
  expect(source).not.toContain('canary');
});

test('an error index that takes nothing fails the invocation', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const errors = `${sandbox.name}-errors`;
  await sandbox.put(`/${errors}`);
  await sandbox.elasticsearch.indices.close({ index: errors });
  const sink = await sandbox.start({ DOCUMENT_SHAPE: 'value', ERROR_INDEX: errors }, { timeout: 6 });
  const failure = await failureOf(sink.send(eventFrom(change('canary', 1, 'canary'), change('k', 2, '{}'))));
  expect(failure).toMatchObject({ errorType: 'ErrorDestinationUnavailable', errorMessage: expect.not.stringContaining('canary') });
});
