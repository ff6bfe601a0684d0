import fc from 'fast-check';
import { canary, hostileText } from '../hostile-text.ts';
import { mutated } from '../targets/hostile-values.ts';

/** One value mostly, and others now and then. */
export function mostly<Value>(usual: Value, weight: number, others: fc.Arbitrary<Value>): fc.Arbitrary<Value> {
  return fc.oneof({ weight, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: others });
}

/** Stand in what a server says for what the request said: who asks, what is written, and the index. */
export const echoes = { authorization: '{{authorization}}', body: '{{body}}', name: '{{name}}' };

const quotes = fc.oneof(fc.constantFrom(...Object.values(echoes), canary, 'orders', ''), hostileText);
const reasons = fc.oneof(
  quotes,
  fc
    .tuple(
      fc.constantFrom(
        ...[
          ['pipeline with id [', '] does not exist'],
          ['Pipeline processor configured for non-existent pipeline [', ']'],
          ['Cycle detected for pipeline: ', ''],
          ['unable to find script [', '] in cluster state'],
          ['no such index [', ']'],
          ['no such index [', '] and [require_alias] request flag is [true] and [x] is not an alias'],
          ['no write index is defined for alias [', '].'],
          ['mapper [', '] cannot be changed from type [long] to [text]'],
          ['failed to parse: _id must be unset or set to [', ']'],
          ['[', ']: version conflict, document already exists (current version [1])'],
          ['[', ']: version conflict, current version [7] is higher or equal to the one provided [7]'],
          ['action [indices:data/write/bulk[s]] is unauthorized for user [', ']'],
          ['index [', '] blocked by: [FORBIDDEN/12/index read-only / allow delete (api)];'],
          ['request [/_bulk] contains unrecognized parameter: [require_alias]', ''],
          ['this server creates data streams only', ''],
          ['400 The plain HTTP request was sent to HTTPS port', ''],
        ],
      ),
      quotes,
    )
    .map(([[before = '', after = ''], quoted]) => `${before}${quoted}${after}`),
);
const types = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.constantFrom(
      ...[
        'mapper_parsing_exception',
        'version_conflict_engine_exception',
        'illegal_argument_exception',
        'index_not_found_exception',
        'resource_already_exists_exception',
        'invalid_index_name_exception',
        'security_exception',
        'cluster_block_exception',
        'routing_missing_exception',
        'validation_exception',
        'exception',
        'document_parsing_exception',
        'fail_processor_exception',
        'x_content_parse_exception',
        'es_rejected_execution_exception',
        'null_pointer_exception',
        'resource_not_found_exception',
        `${canary.toLowerCase()}_exception`,
      ],
    ),
  },
  quotes,
);
const errors: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: types, reason: reasons, caused_by: fc.record({ reason: reasons }) }) },
  reasons,
  fc.constantFrom<unknown>(null, 1, [], { type: { toString: 1 } }, { type: [], reason: {} }),
);

const actions = fc.constantFrom('index', 'create', 'update', 'delete', '__proto__', 'INDEX', '');
const statuses = fc.constantFrom<unknown>(
  ...[200, 201, '201', '200', null, undefined, 0, -1, 199, 299.5, 300, 1e21, true, [200], { 200: 1 }, [], 2000],
  ...[400, 400, 401, 403, 404, 404, 408, 409, 409, 413, 422, 429, 500, 500, 503, 507],
);
const items = fc.record({
  action: mostly('own', 12, actions),
  status: mostly<unknown>(201, 3, statuses),
  result: mostly<unknown>('created', 6, fc.constantFrom<unknown>('noop', 'deleted', '', 1, null, undefined)),
  failure_store: mostly<unknown>(undefined, 12, fc.constantFrom<unknown>('used', 'failed', true, {})),
  error: mostly<unknown>(undefined, 2, errors),
  more: mostly<object>(
    {},
    4,
    fc.constantFrom({ _id: 'another', _index: 'another' }, { _id: 7 }, { index: { status: 201 } }, { x: ']}],[' }),
  ),
});
type Item = typeof items extends fc.Arbitrary<infer One> ? One : never;

const whole: readonly string[] = [
  '',
  'null',
  '1',
  '"items"',
  '[]',
  '{}',
  '[[]]',
  '<html><body>502 Bad Gateway</body></html>',
  '{"items":null}',
  '{"items":{"0":{"index":{"status":201}},"length":1}}',
  '{"items":[{"index":{"status":201}}]',
  '{"items":[{"index":{"status":201}},]}',
  '{"__proto__":{"items":[{"index":{"status":201}}]}}',
  '{"items":[],"items":[{"index":{"status":201}}]}',
  '{"a":[{"index":{"status":201}}],"items":[]}',
  '[{"index":{"status":201}}]',
  `{"items":[${'['.repeat(20_000)}${']'.repeat(20_000)}]}`,
  `{"items":${'{"items":'.repeat(20_000)}1${'}'.repeat(20_000)}}`,
  `{"items":[{"index":{"status":2${'0'.repeat(400)}}}]}`,
  '400 The plain HTTP request was sent to HTTPS port',
  'Client sent an HTTP request to an HTTPS server.',
  '\0\x01\x02',
  echoes.body,
];

const bulkForms = fc.record({
  whole: mostly<string | undefined>(undefined, 4, fc.constantFrom(...whole)),
  error: mostly<unknown>(undefined, 5, errors),
  items: fc.array(items, { minLength: 1, maxLength: 4 }),
  count: mostly(0, 6, fc.constantFrom(-1, 1, -1000, 1000)),
  isReversed: mostly(false, 8, fc.constant(true)),
  frame: mostly('plain', 4, fc.constantFrom('before', 'after', 'brackets', 'mark', 'twice')),
});
export type BulkForm = typeof bulkForms extends fc.Arbitrary<infer One> ? One : never;

const rightItems: Item[] = [{ action: 'own', status: 201, result: 'created', failure_store: undefined, error: undefined, more: {} }];
const right: BulkForm = { whole: undefined, error: undefined, items: rightItems, count: 0, isReversed: false, frame: 'plain' };

/** What a server says of a bulk request: at times all that is right. */
export const bulkBodies: fc.Arbitrary<BulkForm> = fc.oneof(
  { weight: 1, arbitrary: fc.constant(right) },
  { weight: 2, arbitrary: bulkForms },
);

/** What such a server responds to operations, by their actions, in their order. */
export function bulkText({ count, error, frame, isReversed, items, whole }: BulkForm, actions: readonly string[]): string {
  if (whole !== undefined) return whole;
  if (error !== undefined) return JSON.stringify({ error, status: 400 });
  const length = Math.max(0, actions.length + count);
  const made = Array.from({ length }, (_, number) => itemOf(items[number % items.length], actions[number] ?? 'index'));
  const text = JSON.stringify(isReversed ? made.reverse() : made);
  return frames[frame]?.(text) ?? text;
}

function itemOf(item: Item | undefined, own: string): object {
  const { action = 'own', more, ...rest } = item ?? {};
  return Object.fromEntries([
    ...Object.entries({ [action === 'own' ? own : action]: { ...rest, ...more } }),
    ...Object.entries(more ?? {}),
  ]);
}

const frames: { readonly [name: string]: (items: string) => string } = {
  plain: (items) => `{"took":1,"errors":false,"items":${items}}`,
  before: (items) => `{"took":[],"errors":true,"items":${items}}`,
  after: (items) => `{"items":${items},"errors":[{"index":{"status":201}}]}`,
  brackets: (items) => `{"items":${items},"x":"]"}`,
  mark: (items) => `\ufeff{"items":${items}}`,
  twice: (items) => `{"items":${items}}{"items":${items}}`,
};

const template = {
  index_patterns: ['*', echoes.name],
  priority: 7,
  composed_of: ['one', '\ud800'],
  template: { mappings: {} },
  data_stream: {},
};
/** What Elasticsearch says to look-ups, by the first part of the path. */
const lookups = {
  version: { version: { number: '7.10.2', distribution: 'opensearch' }, tagline: 'You Know, for Search' },
  _index_template: { index_templates: [{ name: 'x', index_template: template }] },
  _template: { x: { index_patterns: ['*'], mappings: { properties: {} } } },
  _component_template: { component_templates: [{ name: 'one', component_template: { template: { mappings: { properties: {} } } } }] },
  _ingest: { 'a b/?&é': { processors: [{ pipeline: { name: canary } }] } },
  _alias: { [echoes.name]: { aliases: { [echoes.name]: { is_write_index: false } } } },
  _data_stream: { data_streams: [{ name: echoes.name, indices: [{ index_name: '.ds-x' }] }] },
  _security: { has_all_requested: false, cluster: { monitor: true }, index: {} },
  settings: { [echoes.name]: { settings: { index: { uuid: 'x', default_pipeline: 'p', final_pipeline: '\udc00', mode: 'time_series' } } } },
};
export type Lookups = { readonly [Name in keyof typeof lookups]: string };

/** What a server says to each look-up, as text: right in form, or with one part changed. */
export const lookupBodies: fc.Arbitrary<Lookups> = fc.record({
  version: mutated(lookups.version),
  _index_template: mutated(lookups._index_template),
  _template: mutated(lookups._template),
  _component_template: mutated(lookups._component_template),
  _ingest: mutated(lookups._ingest),
  _alias: mutated(lookups._alias),
  _data_stream: mutated(lookups._data_stream),
  _security: mutated(lookups._security),
  settings: mutated(lookups.settings),
});

/** What it says to the request for a path. */
export function lookupText(lookups: Lookups, path: string): string {
  const [, first = ''] = path.split(/[/?]/);
  const name = first === '' ? 'version' : first;
  return Object.entries(lookups).find(([one]) => one === name)?.[1] ?? lookups.settings;
}
