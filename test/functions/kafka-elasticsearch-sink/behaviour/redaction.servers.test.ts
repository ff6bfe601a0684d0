// Elasticsearch quotes records in its own words: fields and their names, values, ids, what pipelines make of them. Nothing of it is logged or thrown.
import { expect, inject, test } from 'vitest';
import { onIndex, type Setup } from '../../../canary/real-errors.ts';
import { type Cast, casts, expectNothingTold, Stage } from '../../../canary/stage.ts';
import { needs } from '../../../support/elasticsearch/server-under-test.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

const looks = casts.filter(({ by }) => by === 'ES_PASSWORD');

/** An index, what is made beside it, and the values of records that are sent to it. */
interface Quoting extends Setup {
  readonly index?: object;
  readonly values: (stage: Stage) => readonly unknown[];
}

/** Every value, as the field `f`, in each form of JSON. */
function inEveryForm({ canaries: { content } }: Stage, field = 'f'): object[] {
  const { field: name, value } = content;
  const forms = [
    value,
    [value],
    [[value, 1]],
    { [name]: value },
    [{ [name]: { [name]: value } }],
    `${value}`.repeat(2000),
    true,
    1e300,
    null,
    '',
  ];
  return forms.map((form) => ({ [field]: form }));
}

const types: { readonly [type: string]: object } = {
  ...Object.fromEntries(
    [
      'long integer short byte double float half_float unsigned_long boolean date date_nanos ip keyword text binary geo_point geo_shape shape point',
      'integer_range long_range float_range double_range date_range ip_range completion search_as_you_type token_count murmur3 percolator rank_feature',
      'rank_features sparse_vector flattened wildcard version histogram nested object annotated_text',
    ]
      .join(' ')
      .split(' ')
      .map((type) => [type, {}]),
  ),
  token_count: { analyzer: 'standard' },
  scaled_float: { scaling_factor: 10 },
  dense_vector: { dims: 3 },
  join: { relations: { parent: 'child' } },
  alias: { path: 'aliased' },
  date_nanos: { format: 'strict_date' },
};

/** The types that this server knows, each the mapping of a field. */
async function knownTypes(): Promise<{ readonly [type: string]: object }> {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const known: [string, object][] = [];
  for (const [type, parameters] of Object.entries(types)) {
    const properties = { aliased: { type: 'integer' }, [type]: { type, ...parameters } };
    const isKnown = await sandbox.put(`/${sandbox.name}-${type}`, { mappings: { properties } }).then(
      () => true,
      () => false,
    );
    if (isKnown) known.push([type, { type, ...parameters }]);
  }
  return Object.fromEntries(known);
}

test.concurrent.each(looks)('what fields of every type do not take is told by no line: $style canaries', async (cast) => {
  const properties = { ...(await knownTypes()), aliased: { type: 'integer' } };
  expect(Object.keys(properties).length).toBeGreaterThan(15);
  const stage = new Stage(cast);
  const values = Object.keys(properties).flatMap((type) => inEveryForm(stage, type));
  await onIndex(
    stage,
    { mappings: { properties } },
    values.map((value) => JSON.stringify(value)),
    { timeout: 60 },
  );
  expect(stage.reasons.length, stage.shown.join('\n').slice(-3000)).toBeGreaterThan(50);
  expectNothingTold(stage);
});

/** Two fields, one in the other, of names that are a record's. */
function ownNames({ canaries: { content } }: Stage): object {
  return { [content.field]: { [content.value]: { [content.field]: content.value } } };
}

const refusals: { readonly [how: string]: Quoting } = {
  'a mapping that is strict': { index: { mappings: { dynamic: 'strict' } }, values: (stage) => [ownNames(stage)] },
  'a mapping that is strict further in': {
    index: { mappings: { properties: { f: { dynamic: 'strict', properties: { g: { type: 'integer' } } } } } },
    values: (stage) => [{ f: ownNames(stage) }, { f: { g: ownNames(stage) } }],
  },
  'a limit of fields': { index: { settings: { 'index.mapping.total_fields.limit': 1 } }, values: (stage) => [ownNames(stage)] },
  'a limit of depth': { index: { settings: { 'index.mapping.depth.limit': 2 } }, values: (stage) => [ownNames(stage)] },
  'a limit of nested objects': {
    index: { mappings: { properties: { f: { type: 'nested' } } }, settings: { 'index.mapping.nested_objects.limit': 1 } },
    values: (stage) => [{ f: [ownNames(stage), ownNames(stage)] }],
  },
  'a name with dots that is another thing': {
    values: ({
      canaries: {
        content: { field, value },
      },
    }) => [
      { [field]: 1, [`${field}.x`]: value },
      { [`${field}..x`]: value },
      { [`.${field}`]: value },
      { [`${field}.`]: value },
      { '': value, ' ': value, ' . ': value },
    ],
  },
  'a template of a field that cannot be made': {
    index: { mappings: { dynamic_templates: [{ all: { match: '*', mapping: { type: 'integer' } } }] } },
    values: (stage) => [ownNames(stage), ...inEveryForm(stage)],
  },
  'a field of metadata': {
    values: ({
      canaries: {
        content: { value },
      },
    }) => [{ _id: value }, { _routing: value }, { _type: value }, { _source: value }],
  },
};

const processors: { readonly [how: string]: Omit<Quoting, 'pipeline'> & { readonly processor: object } } = {
  'a fail processor': { processor: { fail: { message: 'refused: {{f}}' } }, values: (stage) => inEveryForm(stage) },
  'a conversion': { processor: { convert: { field: 'f', type: 'integer' } }, values: (stage) => inEveryForm(stage) },
  'a date': { processor: { date: { field: 'f', formats: ['ISO8601'] } }, values: (stage) => inEveryForm(stage) },
  'a date that names the index': {
    processor: { date_index_name: { field: 'f', date_rounding: 'd' } },
    values: (stage) => inEveryForm(stage),
  },
  'a pattern': { processor: { dissect: { field: 'f', pattern: '%{a} - %{b}' } }, values: (stage) => inEveryForm(stage) },
  'JSON in a text': { processor: { json: { field: 'f' } }, values: (stage) => inEveryForm(stage) },
  'key and value': { processor: { kv: { field: 'f', field_split: ' ', value_split: '=' } }, values: (stage) => inEveryForm(stage) },
  bytes: { processor: { bytes: { field: 'f' } }, values: (stage) => inEveryForm(stage) },
  'a field that is not there': {
    processor: { rename: { field: '{{f}}', target_field: 'g' } },
    values: (stage) => inEveryForm(stage),
  },
  'a path through what is no object': { processor: { set: { field: 'f.g.h', value: '{{f}}' } }, values: (stage) => inEveryForm(stage) },
  'an index of its own': { processor: { set: { field: '_index', value: '{{f}}' } }, values: (stage) => inEveryForm(stage) },
  'an id of its own': { processor: { set: { field: '_id', value: '{{f}}' } }, values: (stage) => inEveryForm(stage) },
  'a routing of its own': { processor: { set: { field: '_routing', value: '{{f}}' } }, values: (stage) => inEveryForm(stage) },
  'a version of its own': { processor: { set: { field: '_version', value: '{{f}}' } }, values: (stage) => inEveryForm(stage) },
  'a pipeline of its own': { processor: { pipeline: { name: '{{f}}' } }, values: (stage) => inEveryForm(stage) },
  'each of a list': {
    processor: { foreach: { field: 'f', processor: { convert: { field: '_ingest._value', type: 'long' } } } },
    values: (stage) => inEveryForm(stage),
  },
  'a failure that is made a field': {
    index: { mappings: { properties: { why: { type: 'integer' } } } },
    processor: {
      convert: { field: 'f', type: 'integer', on_failure: [{ set: { field: 'why', value: '{{f}} {{_ingest.on_failure_message}}' } }] },
    },
    values: (stage) => inEveryForm(stage),
  },
};

async function expectRefusal(cast: Cast, { index = {}, values, ...setup }: Quoting): Promise<void> {
  const stage = new Stage(cast);
  await onIndex(
    stage,
    index,
    values(stage).map((value) => JSON.stringify(value)),
    { timeout: 15, ...setup },
  );
  expect(stage.provoked.size, stage.shown.join('\n').slice(0, 2000)).toBeGreaterThan(0);
  expectNothingTold(stage);
}

const byLook = <Of>(table: { readonly [how: string]: Of }) =>
  Object.entries(table).flatMap(([how, one]) => looks.map((cast) => [how, cast.style, cast, one] as const));

test.concurrent.each(byLook(refusals))('%s is told without the record: %s canaries', async (_how, _style, cast, refusal) => {
  await expectRefusal(cast, refusal);
});

const lengthOfNames: Quoting = {
  index: { settings: { 'index.mapping.field_name_length.limit': 5 } },
  values: (stage) => [ownNames(stage)],
};

test.concurrent.each(byLook({ 'a limit of the length of names': lengthOfNames }))(
  '%s is told without the record: %s canaries, where a server has it',
  needs('limits of names'),
  async (_how, _style, cast, refusal) => {
    await expectRefusal(cast, refusal);
  },
);

test.concurrent.each(byLook(processors))(
  '%s in a pipeline is told without the record: %s canaries',
  needs('ingest processors'),
  async (_how, _style, cast, { processor, ...refusal }) => {
    await expectRefusal(cast, { ...refusal, pipeline: { processors: [processor] } });
  },
);
