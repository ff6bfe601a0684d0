// Indices that cannot be made, and templates that cannot be seen.
import { expect, test } from 'vitest';
import {
  bulkRequests,
  elasticsearch,
  failed,
  idsOf,
  items,
  ok,
  plain,
  reason,
  refusal,
} from '../../../support/elasticsearch/bulk-responses.ts';
import { json, type Respond, type SeenRequest } from '../../../support/elasticsearch/scripted-server.ts';
import { startWithServer } from '../../../support/function/function-with-server.ts';
import { at, id, records } from '../../../support/function/records.ts';

test.concurrent('an index that is missing again after it was made is made once an invocation', async () => {
  const bulk = items(() => failed(404, 'index_not_found_exception'));
  await using under = await startWithServer(elasticsearch(bulk), { timeout: 3 });
  const { server, invoke } = under;
  expect((await invoke(...records(2))).errorType).toBeDefined();
  expect(server.requests.filter(({ method, path }) => method === 'PUT' && path.startsWith('/elastic_test'))).toHaveLength(1);
});

test.concurrent('an index to which a pipeline sends documents, and which is missing, is told of, and none is made', async () => {
  const bulk = items(({ id: sent }) => (sent === id(1) ? reason(404, 'index_not_found_exception', 'no such index [elsewhere]') : ok));
  await using under = await startWithServer(elasticsearch(bulk));
  const { invoke, server } = under;
  const { errorType, errorMessage } = await invoke(...records(3));
  expect(errorType).toBe('IndexMissing');
  // Nobody lets it be seen that a pipeline holds that name, so it may be a record's.
  expect(errorMessage).toMatch(/a pipeline sends/);
  expect(errorMessage).not.toContain('elsewhere');
  expect(server.requests.filter(({ method }) => method === 'PUT')).toEqual([]);
});

const missingIndex = ({ method, path }: SeenRequest, ...names: readonly string[]): boolean =>
  method === 'HEAD' && names.includes(path.slice(1));

test.concurrent('an index that cannot be made holds up its own records alone', async () => {
  const other = (request: SeenRequest) => {
    if (missingIndex(request, 'orders')) return plain(404, {}, '');
    return request.method === 'PUT' && request.path === '/orders' ? refusal(400, 'validation_exception') : undefined;
  };
  await using under = await startWithServer(elasticsearch(items(), other), { variables: { ES_INDEX: '${topic}' } });
  const { invoke, server } = under;
  const { errorType, errorMessage } = await invoke(at(0), at(1, { topic: 'payments' }), at(2));
  expect(errorType).toBe('IndexUnavailable');
  expect(errorMessage).toContain('orders');
  expect(bulkRequests(server).flatMap(idsOf)).toEqual(['payments+0+1']);
});

test.concurrent('a block on making an index is waited out, and others are written meanwhile', async () => {
  let blocks = 3;
  const other = (request: SeenRequest) => {
    if (missingIndex(request, 'orders')) return plain(404, {}, '');
    const isMaking = request.method === 'PUT' && request.path === '/orders';
    return isMaking && blocks-- > 0 ? refusal(403, 'cluster_block_exception') : undefined;
  };
  await using under = await startWithServer(elasticsearch(items(), other), { variables: { ES_INDEX: '${topic}' } });
  const { fn, invoke, server } = under;
  expect((await invoke(at(0), at(1, { topic: 'payments' }))).result).toMatchObject({ written: 2 });
  expect(bulkRequests(server).map(idsOf)).toEqual([['payments+0+1'], ['orders+0+0']]);
  expect(fn.log('warn')).toEqual([]);
});

test.concurrent.each([403, 404, 405])(
  'templates and data streams that answer %i: one warning, and the index is made with the mapping',
  async (status) => {
    const other = (request: SeenRequest) => {
      if (missingIndex(request, 'elastic_test')) return plain(404, {}, '');
      return /^\/_(index_template|template|data_stream)/.test(request.path) ? refusal(status, 'security_exception') : undefined;
    };
    await using under = await startWithServer(elasticsearch(items(), other));
    const { fn, invoke, server } = under;
    expect((await invoke(...records(2))).result).toMatchObject({ written: 2 });
    const [made] = server.requests.filter(({ method }) => method === 'PUT');
    expect(made).toMatchObject({ path: '/elastic_test', body: expect.stringContaining('date_detection') });
    expect(fn.log('warn')).toHaveLength(1);
  },
);

test.concurrent.each([403, 404, 405])('a data stream that cannot be made by hand (%i) is left to the first document', async (status) => {
  const template = { index_patterns: ['elastic*'], data_stream: {}, priority: 200 };
  const other = (request: SeenRequest) => {
    if (missingIndex(request, 'elastic_test')) return plain(404, {}, '');
    if (request.path.startsWith('/_index_template')) return json(200, { index_templates: [{ name: 't', index_template: template }] });
    return request.path.startsWith('/_data_stream') ? refusal(status, 'security_exception') : undefined;
  };
  await using under = await startWithServer(elasticsearch(items(), other), { variables: { WRITE_MODE: 'create' } });
  const { fn, invoke, server } = under;
  expect((await invoke(...records(2))).result).toMatchObject({ written: 2 });
  expect(server.requests.filter(({ method, path }) => method === 'PUT' && path === '/elastic_test')).toEqual([]);
  expect(fn.log('warn')).toHaveLength(1);
});

test.concurrent('a node that does not know require_alias gets records without it', async () => {
  const unknown = json(400, {
    error: { type: 'illegal_argument_exception', reason: 'request [/_bulk] contains unrecognized parameter: [require_alias]' },
    status: 400,
  });
  const bulk: Respond = (response, request) => (request.path.includes('require_alias') ? unknown : items())(response, request);
  const other = ({ path }: SeenRequest) => (path.includes('/_settings') ? json(200, { 'logs-000001': { settings: {} } }) : undefined);
  await using under = await startWithServer(elasticsearch(bulk, other));
  const { invoke, server } = under;
  expect((await invoke(...records(2))).result).toMatchObject({ written: 2, rejected: 0 });
  expect((await invoke(...records(2))).result).toMatchObject({ written: 2, retried: 0 });
  expect(bulkRequests(server)).toHaveLength(3);
});
