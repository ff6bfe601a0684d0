// A time series index makes its ids itself, of each document's dimensions and time.
import { expect, inject, test } from 'vitest';
import { needs } from '../../../support/elasticsearch/server-under-test.ts';
import { failureOf } from '../../../support/function/built-function.ts';
import { at } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

const host = { type: 'keyword', time_series_dimension: true };
const template = {
  settings: {
    'index.mode': 'time_series',
    'index.routing_path': ['host'],
    'index.time_series.start_time': '2020-01-01T00:00:00Z',
    'index.time_series.end_time': '2030-01-01T00:00:00Z',
  },
  mappings: { properties: { '@timestamp': { type: 'date' }, host, n: { type: 'integer' } } },
};
const measured = (offset: number, changes: object = {}) =>
  at(offset, { timestamp: Date.UTC(2024, 0, 1) + offset, value: JSON.stringify({ host: 'a', n: offset, ...changes }) });
const created = { DOCUMENT_SHAPE: 'value', WRITE_MODE: 'create' };
const withFailureStore = { ...template, data_stream_options: { failure_store: { enabled: true } } };

const targets: readonly (readonly [string, (sandbox: Sandbox) => Promise<void>])[] = [
  ['an index', (sandbox) => sandbox.put(`/${sandbox.name}`, template)],
  ['a data stream', (sandbox) => sandbox.putStreamTemplate({ template })],
  ['a data stream with a failure store', (sandbox) => sandbox.putStreamTemplate({ template: withFailureStore })],
];

test.each(targets)(
  '%s refuses positions as ids by the name of the setting, and no record is rejected',
  needs('time series'),
  async (_, make) => {
    await using sandbox = new Sandbox(inject('elasticsearchUrl'));
    await make(sandbox);
    const errors = `errors-${sandbox.name}`;
    const fn = await sandbox.start({ ...created, ERROR_INDEX: errors });
    const { errorType, errorMessage } = await failureOf(fn.deliver(measured(0), measured(1)));
    expect(errorType).toBe('IndexUnavailable');
    expect(errorMessage).toContain('DOCUMENT_ID=auto');
    expect(await sandbox.ids(errors)).toEqual([]);
  },
);

test.each(targets)('%s takes documents with ids of its own, and a redelivery leaves one of each', needs('time series'), async (_, make) => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await make(sandbox);
  const fn = await sandbox.start({ ...created, DOCUMENT_ID: 'auto' });
  expect(await fn.deliver(measured(0), measured(1))).toMatchObject({ written: 2 });
  expect(await fn.deliver(measured(0), measured(1), measured(2))).toMatchObject({ written: 1, unchanged: 2, rejected: 0 });
  expect(await sandbox.ids()).toHaveLength(3);
});

test(
  'a record whose dimensions and time are those of another is named in one warning, as it is not written',
  needs('time series'),
  async () => {
    await using sandbox = new Sandbox(inject('elasticsearchUrl'));
    await sandbox.put(`/${sandbox.name}`, template);
    const fn = await sandbox.start({ ...created, DOCUMENT_ID: 'auto' });
    const same = { timestamp: Date.UTC(2024, 0, 1) };
    const event = ['canary 1', 'canary 2'].map((text, offset) => at(offset, { ...same, value: JSON.stringify({ host: 'a', text }) }));
    expect(await fn.deliver(...event)).toMatchObject({ written: 1, unchanged: 1 });
    expect(fn.log('warn')).toMatchObject([{ count: 1, first: 'orders+0+1', message: expect.stringContaining('dimensions') }]);
    expect(JSON.stringify(fn.log('warn'))).not.toContain('canary');
  },
);

test.each(targets)('%s refuses ES_ROUTING=key by the name of the setting', needs('time series'), async (_, make) => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await make(sandbox);
  const fn = await sandbox.start({ ...created, DOCUMENT_ID: 'auto', ES_ROUTING: 'key' });
  const { errorType, errorMessage } = await failureOf(fn.deliver(measured(0)));
  expect(errorType).toBe('IndexUnavailable');
  expect(errorMessage).toContain('ES_ROUTING=none');
});

test('a time series index refuses WRITE_MODE=upsert by the name of the setting', needs('time series'), async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await sandbox.put(`/${sandbox.name}`, template);
  const fn = await sandbox.start({ DOCUMENT_SHAPE: 'value', WRITE_MODE: 'upsert' });
  const { errorType, errorMessage } = await failureOf(fn.deliver(measured(0)));
  expect(errorType).toBe('IndexUnavailable');
  expect(errorMessage).toContain('WRITE_MODE=upsert');
});

test.each(targets.slice(0, 2))(
  '%s rejects a record of another time, or without a dimension, and takes the others',
  needs('time series'),
  async (_, make) => {
    await using sandbox = new Sandbox(inject('elasticsearchUrl'));
    await make(sandbox);
    const fn = await sandbox.start({ ...created, DOCUMENT_ID: 'auto' });
    const early = at(1, { timestamp: Date.UTC(2001, 0, 1), value: '{"host":"a"}' });
    const event = [measured(0), early, measured(2, { host: undefined }), measured(3)];
    expect(await fn.deliver(...event)).toMatchObject({ written: 2, rejected: 2 });
    expect(fn.log('error')).toMatchObject([{ offset: 1 }, { offset: 2 }]);
  },
);
