// What the command check says of the name that records go to: above all, that it would silently become a plain index.
import { expect, inject, test } from 'vitest';
import { needs } from '../../../support/elasticsearch/server-under-test.ts';
import type { Checks } from '../../../support/function/checks.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

type Prepare = (sandbox: Sandbox) => Promise<void>;
type Settings = { readonly [name: string]: string };
type Row = readonly [title: string, prepare: Prepare, settings: Settings, ok: boolean | null, detail: RegExp, fix?: RegExp];

const create = { WRITE_MODE: 'create' };
const nothing: Prepare = () => Promise.resolve();
const stream: Prepare = async (sandbox) => {
  await sandbox.putStreamTemplate();
  await sandbox.put(`/_data_stream/${sandbox.name}`);
};

async function indices({ elasticsearch, name }: Sandbox): Promise<string[]> {
  return Object.keys(await elasticsearch.indices.get({ index: `*${name}*`, expand_wildcards: 'all' })).sort();
}

async function expectTarget([, prepare, settings, ok, detail, fix]: Row, name = (sandbox: Sandbox) => sandbox.name): Promise<void> {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await prepare(sandbox);
  const before = await indices(sandbox);
  const fn = await sandbox.start({ ES_INDEX: name(sandbox), ...settings });
  const { checks } = await fn.command<Checks>({ command: 'check' });
  const target = checks.find((check) => check.name === 'target');
  expect(target).toMatchObject({ ok, detail: expect.stringMatching(detail), ...(fix && { fix: expect.stringMatching(fix) }) });
  expect(target?.fix === undefined).toBe(fix === undefined);
  expect(await indices(sandbox)).toEqual(before);
}

const titled = (rows: readonly Row[]) => rows.map((row) => [row[0], row] as const);

const makeIndex: Prepare = (sandbox) => sandbox.put(`/${sandbox.name}`);
const makeAlias: Prepare = (sandbox) => sandbox.put(`/${sandbox.name}-000001`, { aliases: { [sandbox.name]: {} } });
const leaveAliasIndex: Prepare = (sandbox) => sandbox.put(`/${sandbox.name}-000003`);

const everywhere: readonly Row[] = [
  ['a new name becomes an index', nothing, {}, true, /becomes a plain index$/],
  ['an index is one', makeIndex, {}, true, /is an index$/],
  ['an alias is one', makeAlias, {}, true, /is an alias$/],
  ['an alias that is gone becomes a plain index', leaveAliasIndex, {}, null, /becomes a plain index, though .*-000003 is there/, /alias/],
  [
    'a name for a data stream becomes a plain index without a template',
    nothing,
    create,
    null,
    /no data stream, though WRITE_MODE/,
    /data stream/,
  ],
];

test.each(titled(everywhere))('%s', (_, row) => expectTarget(row));

test('a new name of the form of a built-in data stream is pointed out', () =>
  expectTarget(
    ['', nothing, {}, null, /becomes a plain index, though its name has the form/, /logs-/],
    ({ name }) => `logs-${name}-default`,
  ));

const timeSeries = {
  settings: {
    'index.mode': 'time_series',
    'index.routing_path': ['host'],
    'index.time_series.start_time': '2020-01-01T00:00:00Z',
    'index.time_series.end_time': '2030-01-01T00:00:00Z',
  },
  mappings: { properties: { '@timestamp': { type: 'date' }, host: { type: 'keyword', time_series_dimension: true } } },
};

const template: Prepare = (sandbox) => sandbox.putStreamTemplate();
const indexBeforeTemplate: Prepare = async (sandbox) => {
  await sandbox.put(`/${sandbox.name}`);
  await sandbox.putStreamTemplate();
};
const goneStream: Prepare = async (sandbox) => {
  await sandbox.put(`/.ds-${sandbox.name}-2024.01.02-000004`);
};

const withStreams: readonly Row[] = [
  ['a data stream is one', stream, create, true, /is a data stream$/],
  ['a data stream does not take index', stream, {}, false, /is a data stream, which does not take WRITE_MODE=index/, /WRITE_MODE=create/],
  ['a template makes a data stream', template, create, true, /a template makes .* a data stream$/],
  [
    'a data stream to be does not take upsert',
    template,
    { WRITE_MODE: 'upsert' },
    false,
    /does not take WRITE_MODE=upsert/,
    /WRITE_MODE=create/,
  ],
  [
    'an index older than the template of data streams stays one',
    indexBeforeTemplate,
    create,
    null,
    /is a plain index, though/,
    /deploy again/,
  ],
];

test.each(titled(withStreams))('%s', needs('data streams'), (_, row) => expectTarget(row));

test('the index of a data stream that is gone is pointed out', needs('data streams', 'time series'), () =>
  expectTarget(['', goneStream, create, null, /though \.ds-.*-000004 is there/, /data stream/]),
);

const inTime: readonly Row[] = [
  [
    'a time series index needs ids of its own',
    (sandbox) => sandbox.put(`/${sandbox.name}`, timeSeries),
    create,
    false,
    /time series/,
    /DOCUMENT_ID=auto/,
  ],
  [
    'a time series data stream needs ids of its own',
    (sandbox) => sandbox.putStreamTemplate({ template: timeSeries }).then(() => sandbox.put(`/_data_stream/${sandbox.name}`)),
    create,
    false,
    /time series/,
    /DOCUMENT_ID=auto/,
  ],
  [
    'a time series index with its settings fits',
    (sandbox) => sandbox.put(`/${sandbox.name}`, timeSeries),
    { ...create, DOCUMENT_ID: 'auto' },
    true,
    /time series/,
  ],
];

test.each(titled(inTime))('%s', needs('time series'), (_, row) => expectTarget(row));
