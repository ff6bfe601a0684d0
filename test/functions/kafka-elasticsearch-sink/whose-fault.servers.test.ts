import { expect, inject, test, vi } from 'vitest';
import { failureOf, Stage } from '../../support/function/function.ts';
import { connectorRecord } from '../../support/function/records.ts';

vi.setConfig({ testTimeout: 120_000 });

function stage(): Stage {
  return new Stage(inject('elasticsearchUrl'));
}

const at = (offset: number, value: object) => connectorRecord({ topic: 'orders', partition: 0, offset, value: JSON.stringify(value) });
const id = (offset: number) => `orders+0+${offset}`;
const shaped = { DOCUMENT_SHAPE: 'value' };
const good = { message: '127.0.0.1 - elastic', list: ['a', 'b'] };

/** What pipelines of 7.10 answer 500 to, and no retry mends. */
const poison: readonly (readonly [string, object, object])[] = [
  ['dissect that does not match', { dissect: { field: 'message', pattern: '%{ip} - %{user}' } }, { message: 'does not match', list: [] }],
  ['gsub out of bounds', { gsub: { field: 'message', pattern: '(bad)', replacement: '$3' } }, { message: 'bad', list: [] }],
  ['a class cast in sort', { sort: { field: 'list' } }, { message: 'x', list: ['a', 1] }],
];

test.each(poison)('%s is one rejected record, its fellows are written, and its content is in no log line', async (_, processor, bad) => {
  await using started = stage();
  await started.put(`/_ingest/pipeline/${started.name}`, { processors: [processor] });
  const sink = await started.start({ ...shaped, ES_PIPELINE: started.name });
  expect(await sink.deliver(at(0, good), at(1, bad), at(2, good))).toMatchObject({ received: 3, written: 2, rejected: 1 });
  expect(await started.ids()).toEqual([id(0), id(2)]);
  // Alone in its batch, where only what this instance wrote before tells whose fault it is.
  expect(await sink.deliver(at(3, bad))).toMatchObject({ received: 1, rejected: 1 });
  expect(sink.logText().join('\n')).not.toMatch(/does not match|against source/);
});

test.each(poison)('%s in the first batch of an instance, alone, is delivered again', async (_, processor, bad) => {
  await using started = stage();
  await started.put(`/_ingest/pipeline/${started.name}`, { processors: [processor] });
  const sink = await started.start({ ...shaped, ES_PIPELINE: started.name });
  expect((await failureOf(sink.deliver(at(3, bad)))).errorType).toBe('ElasticsearchUnavailable');
});

test('two records that a default pipeline fails under upsert are two rejected records', async () => {
  await using started = stage();
  await started.put(`/_ingest/pipeline/${started.name}`, { processors: [{ dissect: { field: 'message', pattern: '%{ip} - %{user}' } }] });
  await started.put(`/${started.name}`, { settings: { default_pipeline: started.name } });
  const sink = await started.start({ ...shaped, WRITE_MODE: 'upsert' });
  const bad = { message: 'no match' };
  expect(await sink.deliver(at(0, bad), at(1, good), at(2, bad))).toMatchObject({ received: 3, written: 1, rejected: 2 });
});

test('a record at which a pipeline runs out of stack, so that 7.10 never answers, is found, and the others are written', async () => {
  await using started = stage();
  await started.put(`/_ingest/pipeline/${started.name}`, {
    processors: [{ gsub: { field: 'message', pattern: '(a|b)*c', replacement: '' } }],
  });
  const sink = await started.start({ ...shaped, ES_PIPELINE: started.name, ES_REQUEST_TIMEOUT_MS: '3000' });
  const bad = { message: 'ab'.repeat(20_000) };
  const records = Array.from({ length: 20 }, (_, offset) => at(offset, offset === 13 ? bad : good));
  expect(await sink.deliver(...records)).toMatchObject({ received: 20, written: 19, rejected: 1 });
  expect(sink.log('error')).toMatchObject([{ offset: 13, error: 'request_unanswered' }]);
});

test('a pipeline that calls one that is missing is named, and no record is rejected', async () => {
  await using started = stage();
  await started.put(`/_ingest/pipeline/${started.name}`, { processors: [{ pipeline: { name: 'tenant-x-custom' } }] });
  const sink = await started.start({ ...shaped, ES_PIPELINE: started.name, ERROR_INDEX: `${started.name}-errors` });
  const { errorType, errorMessage } = await failureOf(sink.deliver(at(0, good), at(1, good)));
  expect(errorType).toBe('IndexUnavailable');
  expect(errorMessage).toContain('tenant-x-custom');
  expect(await started.exists(`${started.name}-errors`)).toBe(false);
});

test('pipelines that call each other are named', async () => {
  await using started = stage();
  const [one, other] = [`${started.name}-1`, `${started.name}-2`];
  await started.put(`/_ingest/pipeline/${one}`, { processors: [{ pipeline: { name: other } }] });
  await started.put(`/_ingest/pipeline/${other}`, { processors: [{ pipeline: { name: one } }] });
  const sink = await started.start({ ...shaped, ES_PIPELINE: one });
  const { errorType, errorMessage } = await failureOf(sink.deliver(at(0, good)));
  expect(errorType).toBe('IndexUnavailable');
  expect(errorMessage).toContain(one);
});

test('a mapping that requires routing is told with ES_ROUTING=none, and is the fault of keyless records with key', async () => {
  await using started = stage();
  await started.put(`/${started.name}`, { mappings: { _routing: { required: true } } });
  const without = await started.start(shaped);
  const { errorType, errorMessage } = await failureOf(without.deliver(at(0, good), at(1, good)));
  expect([errorType, errorMessage]).toEqual(['IndexUnavailable', expect.stringContaining('ES_ROUTING')]);
  const withKeys = await started.start({ ...shaped, ES_ROUTING: 'key' });
  const keyed = connectorRecord({ topic: 'orders', partition: 0, offset: 2, key: 'a', value: '{}' });
  const keyless = connectorRecord({ topic: 'orders', partition: 0, offset: 3, key: undefined, value: '{}' });
  expect(await withKeys.deliver(keyed, keyless)).toMatchObject({ written: 1, rejected: 1 });
});

test('documents that a pipeline drops are skipped, and one line says so', async () => {
  await using started = stage();
  await started.put(`/_ingest/pipeline/${started.name}`, { processors: [{ drop: { if: "ctx.message == 'drop me'" } }] });
  const sink = await started.start({ ...shaped, ES_PIPELINE: started.name });
  const dropped = { message: 'drop me' };
  expect(await sink.deliver(at(0, good), at(1, dropped), at(2, dropped))).toMatchObject({ received: 3, written: 1, skipped: 2 });
  expect(sink.log('warn')).toMatchObject([{ count: 2, first: id(1) }]);
});

test('an alias that vanishes is never made as an index, however soon records come', async () => {
  await using started = stage();
  const { name } = started;
  await started.put(`/_template/${name}`, { index_patterns: [`${name}-0*`], mappings: { properties: { a: { type: 'keyword' } } } });
  await started.put(`/${name}-000001`, { aliases: { [name]: {} } });
  const sink = await started.start(shaped);
  expect(await sink.deliver(at(0, { a: 1 }))).toMatchObject({ written: 1 });
  await started.request('DELETE', `/${name}-000001`);
  const { errorType, errorMessage } = await failureOf(sink.deliver(at(1, { a: 1 })));
  expect(errorType).toBe('IndexMissing');
  expect(errorMessage).toContain('was an alias');
  expect(await started.exists(name)).toBe(false);
  // And once more: what was seen is not forgotten by the first failure.
  expect((await failureOf(sink.deliver(at(1, { a: 1 })))).errorType).toBe('IndexMissing');
  expect(await started.exists(name)).toBe(false);
  await started.put(`/${name}-000002`, { aliases: { [name]: {} } });
  expect(await sink.deliver(at(1, { a: 1 }))).toMatchObject({ written: 1 });
});

test('a pipeline that sends documents to an index that is missing is told with its name', async () => {
  await using started = stage();
  const { name } = started;
  await started.put(`/_ingest/pipeline/${name}`, { processors: [{ set: { field: '_index', value: `${name}-elsewhere` } }] });
  await started.put(`/${name}`, { settings: { default_pipeline: name } });
  const sink = await started.start(shaped);
  const { errorType, errorMessage } = await failureOf(sink.deliver(at(0, good)));
  expect([errorType, errorMessage]).toEqual(['IndexMissing', expect.stringContaining(`${name}-elsewhere`)]);
});

test('an alias whose pipeline sends documents elsewhere is written to as before', async () => {
  await using started = stage();
  const { name } = started;
  await started.put(`/_ingest/pipeline/${name}`, { processors: [{ set: { field: '_index', value: `${name}-elsewhere` } }] });
  await started.put(`/${name}-elsewhere`);
  await started.put(`/${name}-000001`, { aliases: { [name]: {} }, settings: { default_pipeline: name } });
  const sink = await started.start(shaped);
  expect(await sink.deliver(at(0, good))).toMatchObject({ written: 1 });
  expect(await started.ids(`${name}-elsewhere`)).toEqual([id(0)]);
});

interface Mapping {
  readonly [index: string]: { readonly mappings: { readonly date_detection?: boolean; readonly dynamic?: unknown } };
}

const templates: readonly (readonly [string, string, object, boolean])[] = [
  ['a composable one with settings alone', '_index_template', { template: { settings: { number_of_shards: 1 } } }, true],
  ['a legacy one with settings alone', '_template', { settings: { number_of_shards: 1 } }, true],
  ['a composable one with a mapping', '_index_template', { template: { mappings: { numeric_detection: true } } }, false],
  ['a legacy one with a mapping', '_template', { mappings: { numeric_detection: true } }, false],
];

test.each(templates)('%s that catches all: the mapping that protects is there unless the user has one', async (_, kind, body, isOurs) => {
  await using started = stage();
  const { name } = started;
  await started.put(`/${kind}/${name}`, { index_patterns: [`${name}*`], ...body });
  const sink = await started.start({ ...shaped, ERROR_INDEX: `${name}-errors` });
  expect(await sink.deliver(at(0, { a: '2020-01-01' }), 'null')).toMatchObject({ written: 1, rejected: 1 });
  const mappings = await started.get<Mapping>(`/${name}*/_mapping`);
  expect(mappings[name]?.mappings.date_detection).toBe(isOurs ? false : undefined);
  expect(mappings[`${name}-errors`]?.mappings.dynamic).toBe(isOurs ? 'false' : undefined);
});

test('a template whose components hold the mapping decides', async () => {
  await using started = stage();
  const { name } = started;
  await started.put(`/_component_template/${name}`, { template: { mappings: { numeric_detection: true } } });
  await started.put(`/_index_template/${name}`, { index_patterns: [`${name}*`], composed_of: [name] });
  const sink = await started.start(shaped);
  expect(await sink.deliver(at(0, { a: 1 }))).toMatchObject({ written: 1 });
  const mappings = await started.get<Mapping>(`/${name}/_mapping`);
  expect(mappings[name]?.mappings).toMatchObject({ numeric_detection: true });
  expect(mappings[name]?.mappings.date_detection).toBeUndefined();
  await started.request('DELETE', `/_index_template/${name}`);
  await started.request('DELETE', `/_component_template/${name}`);
});
