// What pipelines of 7.10 answer 500 to: whose fault it is.
import { expect, inject, test } from 'vitest';
import { needs } from '../../../support/elasticsearch/server-under-test.ts';
import { failureOf } from '../../../support/function/built-function.ts';
import { connectorRecord } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

const at = (offset: number, value: object) => connectorRecord({ topic: 'orders', partition: 0, offset, value: JSON.stringify(value) });
const id = (offset: number) => `orders+0+${offset}`;
const shaped = { DOCUMENT_SHAPE: 'value' };
const good = { message: '127.0.0.1 - elastic', list: ['a', 'b'] };

/** What pipelines of 7.10 answer 500 to, and no retry helps. */
const poison: readonly (readonly [string, object, object])[] = [
  ['dissect that does not match', { dissect: { field: 'message', pattern: '%{ip} - %{user}' } }, { message: 'does not match', list: [] }],
  ['gsub out of bounds', { gsub: { field: 'message', pattern: '(bad)', replacement: '$3' } }, { message: 'bad', list: [] }],
  ['a class cast in sort', { sort: { field: 'list' } }, { message: 'x', list: ['a', 1] }],
];

test.each(poison)(
  '%s is one rejected record, its fellows are written, and its content is in no log line',
  needs('ingest processors'),
  async (_, processor, bad) => {
    await using sandbox = new Sandbox(inject('elasticsearchUrl'));
    await sandbox.put(`/_ingest/pipeline/${sandbox.name}`, { processors: [processor] });
    const sink = await sandbox.start({ ...shaped, ES_PIPELINE: sandbox.name });
    expect(await sink.deliver(at(0, good), at(1, bad), at(2, good))).toMatchObject({ received: 3, written: 2, rejected: 1 });
    expect(await sandbox.ids()).toEqual([id(0), id(2)]);
    // Alone in its batch, where only what this instance wrote before tells whose fault it is.
    expect(await sink.deliver(at(3, bad))).toMatchObject({ received: 1, rejected: 1 });
    expect(sink.lines.join('\n')).not.toMatch(/does not match|against source/);
  },
);

test.each(poison)(
  '%s in the first batch of an instance, alone, is delivered again',
  needs('ingest processors'),
  async (_, processor, bad) => {
    await using sandbox = new Sandbox(inject('elasticsearchUrl'));
    await sandbox.put(`/_ingest/pipeline/${sandbox.name}`, { processors: [processor] });
    const sink = await sandbox.start({ ...shaped, ES_PIPELINE: sandbox.name });
    expect((await failureOf(sink.deliver(at(3, bad)))).errorType).toBe('ElasticsearchUnavailable');
  },
);

test('two records that a default pipeline fails under upsert are two rejected records', needs('ingest processors'), async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await sandbox.put(`/_ingest/pipeline/${sandbox.name}`, { processors: [{ dissect: { field: 'message', pattern: '%{ip} - %{user}' } }] });
  await sandbox.put(`/${sandbox.name}`, { settings: { default_pipeline: sandbox.name } });
  const sink = await sandbox.start({ ...shaped, WRITE_MODE: 'upsert' });
  const bad = { message: 'no match' };
  expect(await sink.deliver(at(0, bad), at(1, good), at(2, bad))).toMatchObject({ received: 3, written: 1, rejected: 2 });
});

test(
  'a record at which a pipeline runs out of stack, so that 7.10 never answers, is found, and the others are written',
  needs('ingest processors'),
  async () => {
    await using sandbox = new Sandbox(inject('elasticsearchUrl'));
    await sandbox.put(`/_ingest/pipeline/${sandbox.name}`, {
      processors: [{ gsub: { field: 'message', pattern: '(a|b)*c', replacement: '' } }],
    });
    const sink = await sandbox.start({ ...shaped, ES_PIPELINE: sandbox.name, ES_REQUEST_TIMEOUT_MS: '3000' });
    const bad = { message: 'ab'.repeat(20_000) };
    const records = Array.from({ length: 20 }, (_, offset) => at(offset, offset === 13 ? bad : good));
    expect(await sink.deliver(...records)).toMatchObject({ received: 20, written: 19, rejected: 1 });
    expect(sink.log('error')).toMatchObject([{ offset: 13, error: 'request_unanswered' }]);
  },
);
