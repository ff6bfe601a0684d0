import { expect, test } from 'vitest';
import { classifyItem, classifyRequest } from '../../../../functions/kafka-elasticsearch-sink/elasticsearch/classify.ts';

const settings = { DOCUMENT_ID: 'position', DOCUMENT_ID_PREFIX: undefined, ES_ROUTING: 'none' } as const;

/** The record of every operation. */
const element = { position: { topic: 'orders', partition: 0, offset: 7 } };

type Kind = Parameters<typeof classifyItem>[1]['kind'];

const item = (kind: Kind, status: number, type?: string) => ({ [kind]: { status, ...(type && { error: { type, reason: 'because' } }) } });

/** No response repeats anything. */
const notSent = () => false;

test.each<[Kind, number, string | undefined, object]>([
  ['index', 200, undefined, { kind: 'written' }],
  ['index', 201, undefined, { kind: 'written' }],
  ['create', 201, undefined, { kind: 'written' }],
  ['update', 200, undefined, { kind: 'written' }],
  ['delete', 200, undefined, { kind: 'deleted' }],
  ['delete', 404, undefined, { kind: 'unchanged', isStale: false }],
  ['delete', 404, 'index_not_found_exception', { kind: 'unchanged', isStale: false }],
  ['create', 409, 'version_conflict_engine_exception', { kind: 'unchanged', isStale: false }],
  ['update', 409, 'version_conflict_engine_exception', { kind: 'retriable' }],
  ['index', 408, 'timeout', { kind: 'retriable' }],
  ['index', 429, 'es_rejected_execution_exception', { kind: 'retriable' }],
  ['index', 429, 'circuit_breaking_exception', { kind: 'retriable' }],
  ['index', 500, 'mapper_exception', { kind: 'failed', type: 'mapper_exception' }],
  ['index', 500, 'node_closed_exception', { kind: 'retriable' }],
  ['index', 503, 'unavailable_shards_exception', { kind: 'retriable' }],
  ['index', 403, 'cluster_block_exception', { kind: 'retriable' }],
  ['index', 429, 'cluster_block_exception', { kind: 'retriable' }],
  ['index', 400, 'cluster_block_exception', { kind: 'retriable' }],
  ['index', 500, 'fail_processor_exception', { kind: 'rejected', type: 'fail_processor_exception' }],
  ['index', 400, 'mapper_parsing_exception', { kind: 'rejected', type: 'mapper_parsing_exception', reason: 'because' }],
  ['index', 400, 'document_parsing_exception', { kind: 'rejected', type: 'document_parsing_exception' }],
  ['index', 400, 'strict_dynamic_mapping_exception', { kind: 'rejected', type: 'strict_dynamic_mapping_exception' }],
  ['index', 400, 'a_type_of_tomorrow', { kind: 'rejected', type: 'a_type_of_tomorrow' }],
  ['index', 400, 'illegal_argument_exception', { kind: 'unclear', type: 'illegal_argument_exception' }],
  ['index', 403, 'security_exception', { kind: 'fault', failure: 'ElasticsearchForbidden' }],
  ['index', 401, 'security_exception', { kind: 'fault', failure: 'ElasticsearchUnauthorized' }],
  ['index', 404, 'index_not_found_exception', { kind: 'index-missing' }],
  ['index', 400, 'index_closed_exception', { kind: 'fault', failure: 'IndexUnavailable' }],
  ['index', 400, 'validation_exception', { kind: 'fault', failure: 'IndexUnavailable' }],
  ['index', 404, 'alias_not_found', { kind: 'fault', failure: 'IndexUnavailable' }],
  ['index', 418, undefined, { kind: 'fault', failure: 'IndexUnavailable' }],
])('an item of %s with %d %s', (kind, status, type, verdict) => {
  expect(classifyItem(item(kind, status, type), { kind, isVersioned: false, element }, settings, notSent)).toMatchObject(verdict);
});

test.each(['index', 'delete'] as const)('a conflict of an external version means that something newer is there: %s', (kind) => {
  const conflict = item(kind, 409, 'version_conflict_engine_exception');
  expect(classifyItem(conflict, { kind, isVersioned: true, element }, settings, notSent)).toEqual({ kind: 'unchanged', isStale: true });
  expect(classifyItem(conflict, { kind, isVersioned: false, element }, settings, notSent)).toMatchObject({ kind: 'retriable' });
});

test.each([
  ['[p-orders+0+7]: version conflict, document already exists (current version [1])', false],
  ['[_doc][p-orders+0+7]: version conflict, document already exists (current version [1])', false],
  ['[orders+0+7]: version conflict, document already exists (current version [1])', true],
  ['[other]: version conflict, document already exists (current version [1])', true],
  ['in other words', false],
])('a create that finds its id taken has its record there, unless a pipeline made the id: %s', (reason, isStale) => {
  const conflict = { create: { status: 409, error: { type: 'version_conflict_engine_exception', reason } } };
  const operation = { kind: 'create', isVersioned: false, element } as const;
  expect(classifyItem(conflict, operation, { ...settings, DOCUMENT_ID_PREFIX: 'p-' }, notSent)).toEqual({ kind: 'unchanged', isStale });
});

test.each([
  ['nothing', undefined],
  ['a text', 'ok'],
  ['another action', item('create', 201)],
  ['no status', { index: {} }],
  ['a status that is a text', { index: { status: '201' } }],
])('an item that tells no outcome is never one: %s', (_, broken) => {
  expect(classifyItem(broken, { kind: 'index', isVersioned: false, element }, settings, notSent)).toMatchObject({ kind: 'retriable' });
});

const node = 'http://es:9200';
const error = (type: string) => ({ error: { type, reason: 'because' } });

test.each<[number, unknown, object]>([
  [200, { items: [1, 2] }, { kind: 'items', items: [1, 2] }],
  [200, { items: [1] }, { kind: 'retriable', reason: 'an answer of 1 items to 2 operations' }],
  [200, { items: [1, 2, 3] }, { kind: 'retriable' }],
  [200, { took: 1 }, { kind: 'retriable' }],
  [200, undefined, { kind: 'retriable' }],
  [204, undefined, { kind: 'retriable' }],
  [408, undefined, { kind: 'retriable' }],
  [429, error('es_rejected_execution_exception'), { kind: 'retriable' }],
  [500, undefined, { kind: 'retriable' }],
  [500, error('node_closed_exception'), { kind: 'retriable' }],
  [500, error('null_pointer_exception'), { kind: 'doubtful' }],
  [400, undefined, { kind: 'doubtful' }],
  [400, { message: 'Bad Request' }, { kind: 'doubtful' }],
  [403, undefined, { kind: 'doubtful' }],
  [403, { error: 'forbidden' }, { kind: 'doubtful' }],
  [404, undefined, { kind: 'doubtful' }],
  [503, error('cluster_block_exception'), { kind: 'retriable' }],
  [403, error('cluster_block_exception'), { kind: 'retriable' }],
  [413, undefined, { kind: 'refused', isTooLarge: true }],
  [400, error('action_request_validation_exception'), { kind: 'refused', isTooLarge: false }],
  [401, undefined, { kind: 'fault', failure: 'ElasticsearchUnauthorized' }],
  [403, error('security_exception'), { kind: 'fault', failure: 'ElasticsearchForbidden', reason: 'status 403 security_exception' }],
  [404, { error: 'no handler found for uri [/_bulk] and method [POST]' }, { kind: 'fault', failure: 'IndexUnavailable' }],
  [405, { error: 'Incorrect HTTP method', status: 405 }, { kind: 'fault', failure: 'IndexUnavailable' }],
  [302, undefined, { kind: 'fault', failure: 'IndexUnavailable' }],
])('an answer to two operations with status %d and %j', (status, json, verdict) => {
  expect(classifyRequest({ status, json, node }, 2, settings, notSent)).toMatchObject(verdict);
});

test('the causes of an error, which may quote credentials, are not looked at', () => {
  const leaking = {
    status: 400,
    error: { type: 'mapper_parsing_exception', reason: 'failed', caused_by: { reason: 'Authorization: Basic canary' } },
  };
  expect(JSON.stringify(classifyItem({ index: leaking }, { kind: 'index', isVersioned: false, element }, settings, notSent))).not.toContain(
    'canary',
  );
});

test.each([
  ['secret_exception', 'secret', 'unknown'],
  ['my_secret_error', 'my_secret', 'unknown'],
  ['secret_exception', 'secret_exception', 'unknown'],
  ['mapper_parsing_exception', 'mapper_parsing', 'mapper_parsing_exception'],
  ['a_type_of_tomorrow_exception', 'today', 'a_type_of_tomorrow_exception'],
])('a type %s of a request that holds %s is told as %s', (type, sent, told) => {
  const verdict = classifyItem(item('index', 400, type), { kind: 'index', isVersioned: false, element }, settings, (word) => word === sent);
  expect(verdict).toMatchObject({ kind: 'rejected', type: told });
});
