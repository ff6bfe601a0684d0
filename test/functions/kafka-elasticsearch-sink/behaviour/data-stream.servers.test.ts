// What is delivered to a data stream, whose documents are made once and never changed.
import { expect, inject, test } from 'vitest';
import { startProxy } from '../../../support/elasticsearch/proxy.ts';
import { needs, serverUnderTest } from '../../../support/elasticsearch/server-under-test.ts';
import { failureOf } from '../../../support/function/built-function.ts';
import { at, id, records } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

const created = { DOCUMENT_SHAPE: 'value', WRITE_MODE: 'create' };
const timestamp = 1616599282417;
/** A record of this value. */
const holding = (offset: number, value: object, changes: object = {}) => at(offset, { value: JSON.stringify(value), ...changes });
const mapped = { mappings: { properties: { n: { type: 'integer' } } } };

test(
  'a template makes a data stream of a name that is not there yet, and each document gets the time of its record',
  needs('data streams'),
  async () => {
    await using sandbox = new Sandbox(inject('elasticsearchUrl'));
    await sandbox.putStreamTemplate({ template: mapped });
    const fn = await sandbox.start(created);
    expect(await fn.deliver(holding(0, { n: 1 }), holding(1, { n: 2, '@timestamp': '2024-05-06' }))).toMatchObject({ written: 2 });
    expect(await sandbox.backingIndices()).toHaveLength(1);
    expect(await sandbox.documents()).toEqual({
      [id(0)]: { n: 1, '@timestamp': '2021-03-24T15:21:22.417Z' },
      [id(1)]: { n: 2, '@timestamp': '2024-05-06' },
    });
    expect(fn.log('warn')).toEqual([]);
  },
);

test.each(['envelope', 'value-with-metadata'])('documents of the shape %s are taken', needs('data streams'), async (shape) => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await sandbox.putStreamTemplate();
  const fn = await sandbox.start({ ...created, DOCUMENT_SHAPE: shape });
  expect(await fn.deliver(...records(3))).toMatchObject({ written: 3 });
  for (const document of Object.values(await sandbox.documents()))
    expect(document).toMatchObject({ '@timestamp': '2021-03-24T15:21:22.417Z' });
});

test('a redelivery leaves one document of each record, and is unchanged', needs('data streams'), async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await sandbox.putStreamTemplate();
  const fn = await sandbox.start(created);
  expect(await fn.deliver(...records(3))).toMatchObject({ written: 3 });
  expect(await fn.deliver(...records(5))).toMatchObject({ written: 2, unchanged: 3, rejected: 0 });
  expect(await sandbox.ids()).toEqual([0, 1, 2, 3, 4].map(id));
});

test('where data streams can only be made by a first document, it makes one', needs('data streams', 'hidden data streams'), async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  // Of the names that the cluster makes by itself.
  const name = `.${sandbox.name}`;
  await sandbox.put(`/_index_template/${sandbox.name}`, { index_patterns: [`${name}*`], data_stream: {}, priority: 500 });
  await using proxy = await startProxy(inject('elasticsearchUrl'), {
    refuse: ({ method, path }) =>
      method === 'PUT' && path.startsWith('/_data_stream/')
        ? (response) => response.writeHead(405, { 'content-type': 'application/json' }).end('{"error":"Incorrect HTTP method for uri"}')
        : undefined,
  });
  const fn = await sandbox.start({ ...created, ES_INDEX: name, ES_ENDPOINT: proxy.url });
  expect(await fn.deliver(...records(2))).toMatchObject({ written: 2 });
  expect(await sandbox.backingIndices(name)).toHaveLength(1);
});

test.each([
  ['WRITE_MODE=index', { WRITE_MODE: 'index' }],
  ['WRITE_MODE=upsert', { WRITE_MODE: 'upsert' }],
])('%s is refused by the name of the setting, and no record is rejected', needs('data streams'), async (_, mode) => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await sandbox.putStreamTemplate();
  const fn = await sandbox.start({ DOCUMENT_SHAPE: 'value', ERROR_INDEX: `${sandbox.name}-errors`, ...mode });
  const { errorType, errorMessage } = await failureOf(fn.deliver(...records(2)));
  expect(errorType).toBe('IndexUnavailable');
  expect(errorMessage).toContain('WRITE_MODE=create');
  expect(await sandbox.ids()).toEqual([]);
});

test('ES_ROUTING=key is refused by the name of the setting', needs('data streams'), async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await sandbox.putStreamTemplate();
  const fn = await sandbox.start({ ...created, ES_ROUTING: 'key' });
  const { errorType, errorMessage } = await failureOf(fn.deliver(...records(2)));
  expect(errorType).toBe('IndexUnavailable');
  expect(errorMessage).toContain('ES_ROUTING=none');
});

test('ES_ROUTING=key is taken where the data stream allows it', needs('data streams', 'routed data streams'), async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await sandbox.putStreamTemplate({ options: { allow_custom_routing: true } });
  expect(await (await sandbox.start({ ...created, ES_ROUTING: 'key' })).deliver(...records(2))).toMatchObject({ written: 2 });
});

test(
  'a record that the mapping of the data stream refuses is rejected, and handed to the error destination',
  needs('data streams'),
  async () => {
    await using sandbox = new Sandbox(inject('elasticsearchUrl'));
    await sandbox.putStreamTemplate({ template: mapped });
    const errors = `errors-${sandbox.name}`;
    const fn = await sandbox.start({ ...created, ERROR_INDEX: errors });
    expect(await fn.deliver(holding(0, { n: 1 }), holding(1, { n: 'canary' }), holding(2, { n: 3 }))).toMatchObject({
      written: 2,
      rejected: 1,
    });
    expect(fn.log('error')).toMatchObject([{ offset: 1, error: serverUnderTest.errorTypes.unfit }]);
    expect(JSON.stringify(fn.log('error'))).not.toContain('canary');
    expect(Object.values(await sandbox.documents(errors))).toMatchObject([
      { offset: 1, error: { type: serverUnderTest.errorTypes.unfit } },
    ]);
    expect(await sandbox.ids()).toEqual([id(0), id(2)]);
  },
);

test('records are written over a rollover, and what is delivered again after it is there twice', needs('data streams'), async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await sandbox.putStreamTemplate();
  const fn = await sandbox.start(created);
  expect(await fn.deliver(...records(3))).toMatchObject({ written: 3 });
  await sandbox.elasticsearch.indices.rollover({ alias: sandbox.name });
  expect(await sandbox.backingIndices()).toHaveLength(2);
  // An id is known to one index, and create writes to the newest alone: a limit of data streams, which the documents name.
  expect(await fn.deliver(...records(6))).toMatchObject({ written: 6, rejected: 0 });
  expect(new Set(await sandbox.ids())).toEqual(new Set([0, 1, 2, 3, 4, 5].map(id)));
  expect(await sandbox.ids()).toHaveLength(9);
});

test('while a data stream rolls over again and again, no record is lost', needs('data streams'), async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await sandbox.putStreamTemplate();
  const fn = await sandbox.start({ ...created, BATCH_MAX_RECORDS: '10' });
  const delivery = fn.deliver(...records(1000));
  for (let count = 0; count < 3; count++) await sandbox.elasticsearch.indices.rollover({ alias: sandbox.name }, { ignore: [400, 404] });
  expect(await delivery).toMatchObject({ received: 1000, written: 1000, rejected: 0 });
  expect(new Set(await sandbox.ids())).toEqual(new Set(records(1000).map((_, offset) => id(offset))));
});

test('a data stream that vanishes is never made as an index', needs('data streams'), async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await sandbox.putStreamTemplate();
  const fn = await sandbox.start(created);
  expect(await fn.deliver(at(0))).toMatchObject({ written: 1 });
  // As when a person removes both: what is left of the names would make a plain index.
  await sandbox.elasticsearch.transport.request({ method: 'DELETE', path: `/_data_stream/${sandbox.name}` });
  await sandbox.elasticsearch.transport.request({ method: 'DELETE', path: `/_index_template/${sandbox.name}` });
  const { errorType, errorMessage } = await failureOf(fn.deliver(at(1)));
  expect(errorType).toBe('IndexMissing');
  expect(errorMessage).toContain('was a data stream');
  expect(await sandbox.exists(sandbox.name)).toBe(false);
});

test.each([
  ['CREATE_INDEX=false', { CREATE_INDEX: 'false' }],
  ['CREATE_INDEX=true', {}],
])(
  'a data stream that vanishes is made an index by no server, however soon records come: %s',
  needs('required data streams'),
  async (_, settings) => {
    await using sandbox = new Sandbox(inject('elasticsearchUrl'));
    // Of the names that the cluster makes by itself.
    const name = `.${sandbox.name}`;
    await sandbox.put(`/_index_template/${sandbox.name}`, { index_patterns: [`${name}*`], data_stream: {}, priority: 500 });
    await sandbox.put(`/_data_stream/${name}`);
    const fn = await sandbox.start({ ...created, ...settings, ES_INDEX: name });
    expect(await fn.deliver(at(0))).toMatchObject({ written: 1 });
    await sandbox.elasticsearch.transport.request({ method: 'DELETE', path: `/_data_stream/${name}` });
    await sandbox.elasticsearch.transport.request({ method: 'DELETE', path: `/_index_template/${sandbox.name}` });
    for (const offset of [1, 2]) {
      const { errorType, errorMessage } = await failureOf(fn.deliver(at(offset)));
      expect(errorType).toBe('IndexMissing');
      expect(errorMessage).toContain('was a data stream');
      expect(await sandbox.exists(name)).toBe(false);
    }
  },
);

test('names of days are data streams each, where a template says so', needs('data streams'), async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await sandbox.putStreamTemplate();
  const fn = await sandbox.start({ ...created, ES_INDEX: `${sandbox.name}-{yyyy.MM.dd}` });
  const days = [Date.UTC(2024, 0, 1), Date.UTC(2024, 0, 2)];
  expect(await fn.deliver(...days.map((time, offset) => at(offset, { timestamp: time })))).toMatchObject({ written: 2 });
  for (const day of ['2024.01.01', '2024.01.02']) expect(await sandbox.backingIndices(`${sandbox.name}-${day}`)).toHaveLength(1);
});

test('the document of a record is found in a data stream of several indices', needs('data streams'), async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await sandbox.putStreamTemplate();
  const fn = await sandbox.start(created);
  await fn.deliver(holding(0, { n: 1 }));
  await sandbox.elasticsearch.indices.rollover({ alias: sandbox.name });
  await fn.deliver(holding(1, { n: 2 }));
  await sandbox.elasticsearch.indices.refresh({ index: sandbox.name });
  for (const offset of [0, 1]) {
    expect(await fn.command({ command: 'find', topic: 'orders', partition: 0, offset, timestamp })).toMatchObject({ n: offset + 1 });
  }
});
