// What an ingest pipeline does to documents.
import { expect, inject, test } from 'vitest';
import { needs } from '../../../support/elasticsearch/server-under-test.ts';
import { failureOf } from '../../../support/function/built-function.ts';
import type { Checks } from '../../../support/function/checks.ts';
import { at, connectorRecord, eventFrom, id } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

const shaped = { DOCUMENT_SHAPE: 'value' };
/** A record of this value. */
const holding = (offset: number, value: object) => at(offset, { value: JSON.stringify(value) });
const good = { message: '127.0.0.1 - elastic', list: ['a', 'b'] };

test('documents go through the pipeline', needs('ingest processors'), async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const pipeline = `${sandbox.name}-pipeline`;
  await sandbox.put(`/_ingest/pipeline/${pipeline}`, { processors: [{ set: { field: 'seen', value: 'yes' } }] });
  const sink = await sandbox.start({ ...shaped, ES_PIPELINE: pipeline });
  expect(await sink.deliver(at(1, { value: '{"n":9007199254740993}' }))).toMatchObject({ written: 1 });
  expect(await sandbox.document('orders+0+1')).toMatchObject({ seen: 'yes' });
  expect(await sandbox.source('orders+0+1')).toContain('9007199254740993');
});

test('documents that a pipeline drops are skipped, and one line says so', needs('ingest processors'), async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await sandbox.put(`/_ingest/pipeline/${sandbox.name}`, { processors: [{ drop: { if: "ctx.message == 'drop me'" } }] });
  const sink = await sandbox.start({ ...shaped, ES_PIPELINE: sandbox.name });
  const dropped = { message: 'drop me' };
  expect(await sink.deliver(holding(0, good), holding(1, dropped), holding(2, dropped))).toMatchObject({
    received: 3,
    written: 1,
    skipped: 2,
  });
  expect(sink.log('warn')).toMatchObject([{ count: 2, first: id(1) }]);
});

test('a pipeline that sends documents to an index that is missing is told with its name', needs('ingest processors'), async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const { name } = sandbox;
  await sandbox.put(`/_ingest/pipeline/${name}`, { processors: [{ set: { field: '_index', value: `${name}-elsewhere` } }] });
  await sandbox.put(`/${name}`, { settings: { default_pipeline: name } });
  const sink = await sandbox.start(shaped);
  const { errorType, errorMessage } = await failureOf(sink.deliver(holding(0, good)));
  expect([errorType, errorMessage]).toEqual(['IndexMissing', expect.stringContaining(`${name}-elsewhere`)]);
});

test('an alias whose pipeline sends documents elsewhere is written to as before', needs('ingest processors'), async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const { name } = sandbox;
  await sandbox.put(`/_ingest/pipeline/${name}`, { processors: [{ set: { field: '_index', value: `${name}-elsewhere` } }] });
  await sandbox.put(`/${name}-elsewhere`);
  await sandbox.put(`/${name}-000001`, { aliases: { [name]: {} }, settings: { default_pipeline: name } });
  const sink = await sandbox.start(shaped);
  expect(await sink.deliver(holding(0, good))).toMatchObject({ written: 1 });
  expect(await sandbox.ids(`${name}-elsewhere`)).toEqual([id(0)]);
});

test('a processor that refuses a record (400) rejects it alone: its pipeline is there', needs('ingest processors'), async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const pipeline = `${sandbox.name}-pipeline`;
  await sandbox.put(`/_ingest/pipeline/${pipeline}`, { processors: [{ convert: { field: 'n', type: 'integer' } }] });
  const fn = await sandbox.start({ ...shaped, ES_PIPELINE: pipeline });
  const result = await fn.deliver(at(0, { value: '{"n":"1"}' }), at(1, { value: '{"n":"content-7"}' }), at(2, { value: '{"n":"3"}' }));
  expect(result).toMatchObject({ received: 3, written: 2, rejected: 1 });
  expect(await sandbox.documents()).toEqual({ [id(0)]: { n: 1 }, [id(2)]: { n: 3 } });
  expect(fn.log('error')).toHaveLength(1);
  expect(fn.lines.join('\n')).not.toContain('content-7');
});

test(
  "a record that the pipeline's fail processor refuses is rejected: its 500 is as permanent as a 400",
  needs('ingest processors'),
  async () => {
    await using sandbox = new Sandbox(inject('elasticsearchUrl'));
    const pipeline = `${sandbox.name}-pipeline`;
    const fail = { fail: { message: 'no', if: 'ctx.n == 2' } };
    await sandbox.put(`/_ingest/pipeline/${pipeline}`, { processors: [fail] });
    const fn = await sandbox.start({ ...shaped, ES_PIPELINE: pipeline });
    const result = await fn.deliver(at(0, { value: '{"n":1}' }), at(1, { value: '{"n":2}' }), at(2, { value: '{"n":3}' }));
    expect(result).toMatchObject({ received: 3, written: 2, rejected: 1 });
    expect(await sandbox.ids()).toEqual([id(0), id(2)]);
  },
);

test('a record that fails is known by its place, whatever id a pipeline gives its document', needs('ingest processors'), async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const { name } = sandbox;
  await sandbox.put(`/_ingest/pipeline/${name}`, { processors: [{ set: { field: '_id', value: 'the same' } }] });
  await sandbox.put(`/${name}`, { mappings: { properties: { n: { type: 'integer' } } } });
  const sink = await sandbox.start({ ...shaped, ES_PIPELINE: name });
  expect(await sink.deliver(holding(0, { n: 0 }), holding(1, { n: 'x' }), holding(2, { n: 2 }))).toMatchObject({ written: 2, rejected: 1 });
  expect(sink.log('error')).toMatchObject([{ topic: 'orders', partition: 0, offset: 1 }]);
  expect(await sandbox.documents()).toEqual({ 'the same': { n: 2 } });
});

test('a record whose document a pipeline gives an id that is taken is named: it may be nowhere', needs('ingest processors'), async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const { name } = sandbox;
  await sandbox.put(`/_ingest/pipeline/${name}`, { processors: [{ set: { field: '_id', value: 'the same' } }] });
  const sink = await sandbox.start({ ...shaped, ES_PIPELINE: name, WRITE_MODE: 'create' });
  expect(await sink.deliver(holding(0, { n: 0 }), holding(1, { n: 1 }))).toMatchObject({ written: 1, unchanged: 1, rejected: 0 });
  expect(sink.log('warn')).toMatchObject([{ message: expect.stringContaining('an id of its own'), count: 1, first: 'orders+0+1' }]);
});

const setsField = { processors: [{ set: { field: 'by', value: 'pipeline' } }] };

test.each([
  ['several pipelines', (name: string) => `${name}-a,${name}-b`, /one pipeline/],
  ['one that is there and one that is not', (name: string) => `${name}-a,${name}-c`, /one pipeline/],
  ['a pattern', (name: string) => `${name}-*`, /one pipeline/],
  ['a name that is not there', (name: string) => `${name}-c`, /create it/],
])('ES_PIPELINE is the name of one: %s is a pipeline that is missing, and no fault of the records', async (_, pipelineOf, fix) => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  for (const one of ['a', 'b']) await sandbox.put(`/_ingest/pipeline/${sandbox.name}-${one}`, { processors: [] });
  const fn = await sandbox.start({ ES_PIPELINE: pipelineOf(sandbox.name), ERROR_INDEX: `errors-${sandbox.name}` });
  const { checks } = await fn.command<Checks>({ command: 'check' });
  expect(checks.find(({ name }) => name === 'pipeline')).toMatchObject({
    ok: false,
    detail: expect.stringContaining('does not exist'),
    fix: expect.stringMatching(fix),
  });
  expect((await failureOf(fn.send(eventFrom(connectorRecord())))).errorType).toBe('IndexUnavailable');
  expect(await sandbox.ids()).toEqual([]);
});

test('no pipeline at all is ES_PIPELINE=_none, and check says so', needs('ingest processors'), async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await sandbox.put(`/_ingest/pipeline/${sandbox.name}-a`, setsField);
  await sandbox.put(`/${sandbox.name}`, { settings: { 'index.default_pipeline': `${sandbox.name}-a` } });
  const fn = await sandbox.start({ ES_PIPELINE: '_none' });
  const { checks } = await fn.command<Checks>({ command: 'check' });
  expect(checks.find(({ name }) => name === 'pipeline')).toMatchObject({ ok: true, detail: expect.stringContaining('none') });
  expect(await fn.deliver(connectorRecord())).toMatchObject({ written: 1 });
  expect(await sandbox.document('orders+2+7')).not.toHaveProperty('by');
});

test('a pipeline may have a comma in its name, where the server takes one', needs('ingest processors'), async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const pipeline = `${sandbox.name}-a,b`;
  await sandbox.put(`/_ingest/pipeline/${encodeURIComponent(pipeline)}`, setsField);
  const fn = await sandbox.start({ ES_PIPELINE: pipeline });
  const { checks } = await fn.command<Checks>({ command: 'check' });
  expect(checks.find(({ name }) => name === 'pipeline')).toMatchObject({ ok: true });
  expect(await fn.deliver(connectorRecord())).toMatchObject({ written: 1 });
  expect(await sandbox.document('orders+2+7')).toMatchObject({ by: 'pipeline' });
});
