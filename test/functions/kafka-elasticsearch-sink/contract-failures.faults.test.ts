import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type ElasticsearchServer, startElasticsearch } from '../../../scripts/local/servers/elasticsearch.ts';
import { ScriptedServer } from '../../support/elasticsearch/scripted-server.ts';
import { FunctionInstance, installPackage, removePackage } from '../../support/function/function-instance.ts';
import { connectorRecord } from '../../support/function/records.ts';

type Variables = { readonly [name: string]: string | undefined };

let codePath: string;
let elasticsearch: ElasticsearchServer;

// One node for all faults: each setting bites only where a test means it to.
const nodeSettings = {
  'thread_pool.write.size': '1',
  'thread_pool.write.queue_size': '1',
  'indexing_pressure.memory.limit': '1mb',
  'http.max_content_length': '1mb',
};

beforeAll(async () => {
  [codePath, elasticsearch] = await Promise.all([installPackage(), startElasticsearch(nodeSettings)]);
});

afterAll(() => Promise.all([removePackage(codePath), elasticsearch?.server.stop()]));

/** Log lines of the functions, which never hold the password. */
const said: (readonly string[])[] = [];

afterEach(() => {
  const basic = Buffer.from('elastic:canary-Pa55').toString('base64');
  const text = said.flat().join('\n');
  expect([text.includes('canary-Pa55'), text.includes(basic)]).toEqual([false, false]);
});

const policies = ['continue', 'stop'] as const;
const newName = () => `test-${randomBytes(4).toString('hex')}`;
const id = (offset: number) => `orders+0+${offset}`;
const at = (offset: number, changes: object = {}) => connectorRecord({ topic: 'orders', partition: 0, offset, ...changes });
const records = (count: number, changes: object = {}) => Array.from({ length: count }, (_, offset) => at(offset, changes));

interface Json {
  readonly [name: string]: Json;
}

/** A request to the real server, as an operator would send it; throws for any status that is not 2xx. */
async function operate(method: string, path: string, body?: object): Promise<Json> {
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${elasticsearch.url}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
  return text === '' ? {} : (JSON.parse(text) as Json);
}

async function exists(index: string): Promise<boolean> {
  return (await fetch(`${elasticsearch.url}/${index}`, { method: 'HEAD' })).ok;
}

/** The documents of an index, by id. */
async function documents(index: string): Promise<{ readonly [id: string]: object }> {
  await operate('POST', `/${index}/_refresh`);
  const { hits } = (await operate('GET', `/${index}/_search?size=2000`)) as unknown as {
    hits: { hits: { _id: string; _source: object }[] };
  };
  return Object.fromEntries(hits.hits.map(({ _id, _source }) => [_id, _source]));
}

async function idsIn(index: string): Promise<string[]> {
  return Object.keys(await documents(index)).toSorted();
}

interface Deployed {
  readonly index: string;
  readonly variables?: Variables;
  readonly timeout?: number;
  readonly url?: string;
}

async function deploy({ index, variables = {}, timeout = 20, url = elasticsearch.url }: Deployed): Promise<FunctionInstance> {
  const settings = { ES_INDEX: index, RETRY_BACKOFF_MS: '10', RETRY_MAX_BACKOFF_MS: '100', DEADLINE_RESERVE_MS: '1000', ...variables };
  const fn = await FunctionInstance.start({ codePath, url, variables: settings, timeout });
  said.push(fn.lines);
  return fn;
}

/** A real counter of a node's own, so that a test cannot pass without its fault. */
async function rejections(kind: 'item' | 'request'): Promise<number> {
  const { nodes } = (await operate('GET', '/_nodes/stats/thread_pool,indexing_pressure')) as unknown as {
    nodes: {
      [id: string]: {
        thread_pool: { write: { rejected: number } };
        indexing_pressure: { memory: { total: { coordinating_rejections: number } } };
      };
    };
  };
  const [node] = Object.values(nodes);
  if (!node) throw new Error('no node in the statistics');
  return kind === 'item' ? node.thread_pool.write.rejected : node.indexing_pressure.memory.total.coordinating_rejections;
}

// ---- Too much at once

test('operations that a full queue refuses (item 429) are sent again until each is there once', async () => {
  const index = newName();
  await operate('PUT', `/${index}`, { settings: { number_of_shards: 12, number_of_replicas: 0 } });
  const before = await rejections('item');
  await using fn = await deploy({ index, variables: { BATCH_MAX_RECORDS: '60', MAX_IN_FLIGHT: '8' } });
  const { result } = await fn.invoke(...records(1200));
  expect(result).toMatchObject({ received: 1200, written: 1200, rejected: 0 });
  expect(await rejections('item')).toBeGreaterThan(before);
  expect(result?.retried).toBeGreaterThan(0);
  expect(await idsIn(index)).toEqual(
    records(1200)
      .map((_, offset) => id(offset))
      .toSorted(),
  );
});

test('where a full queue refuses some of the operations on one document, its last record still wins', async () => {
  const index = newName();
  await operate('PUT', `/${index}`, { settings: { number_of_shards: 12, number_of_replicas: 0 } });
  const before = await rejections('item');
  const variables = { DOCUMENT_ID: 'key', DOCUMENT_VERSION: 'none', BATCH_MAX_RECORDS: '100', MAX_IN_FLIGHT: '4' };
  await using fn = await deploy({ index, variables });
  const keyOf = (offset: number) => `key-${(offset * 7) % 50}`;
  const { result } = await fn.invoke(...Array.from({ length: 1000 }, (_, offset) => at(offset, { key: keyOf(offset) })));
  expect(result).toMatchObject({ received: 1000, written: 1000 });
  expect(await rejections('item')).toBeGreaterThan(before);
  const last = Object.fromEntries(Array.from({ length: 1000 }, (_, offset) => [keyOf(offset), offset]));
  const found = Object.entries((await documents(index)) as { [id: string]: { msg_body: { offset: number } } });
  expect(Object.fromEntries(found.map(([key, { msg_body }]) => [key, msg_body.offset]))).toEqual(last);
});

test('requests that are refused for memory (429) are sent again until each record is there', async () => {
  const index = newName();
  const before = await rejections('request');
  await using fn = await deploy({ index, variables: { BATCH_MAX_BYTES: '600000', MAX_IN_FLIGHT: '8' } });
  const { result } = await fn.invoke(...records(40, { value: 'v'.repeat(100_000) }));
  expect(result).toMatchObject({ received: 40, written: 40, rejected: 0 });
  expect(await rejections('request')).toBeGreaterThan(before);
  expect(await idsIn(index)).toHaveLength(40);
});

test('requests over the limit of the server (413) are split until they fit', async () => {
  const index = newName();
  await using fn = await deploy({ index, variables: { MAX_IN_FLIGHT: '1' } });
  const { result } = await fn.invoke(...records(30, { value: 'v'.repeat(100_000) }));
  expect(result).toMatchObject({ received: 30, written: 30, rejected: 0 });
  expect(await idsIn(index)).toHaveLength(30);
});

test('a record that is too large alone is rejected, the others are written, and it is handed over without its value', async () => {
  const index = newName();
  const errors = newName();
  await using fn = await deploy({ index, variables: { ERROR_INDEX: errors, MAX_IN_FLIGHT: '1' } });
  const large = at(1, { value: 'v'.repeat(1_200_000), key: 'large' });
  const { result } = await fn.invoke(at(0), large, at(2));
  expect(result).toMatchObject({ received: 3, written: 2, rejected: 1 });
  expect(await idsIn(index)).toEqual([id(0), id(2)]);
  const handedOver = await documents(errors);
  expect(handedOver).toEqual({ [id(1)]: expect.objectContaining({ topic: 'orders', offset: 1, key: 'large', valueOmitted: true }) });
  expect(handedOver[id(1)]).not.toHaveProperty('value');
});

test('a record that is too large alone, under stop: the others are written, then RecordsRejected names it', async () => {
  const index = newName();
  await using fn = await deploy({ index, variables: { ON_FAILURE: 'stop', MAX_IN_FLIGHT: '1' } });
  const { errorType, errorMessage } = await fn.invoke(at(0), at(1, { value: 'v'.repeat(1_200_000) }), at(2));
  expect(errorType).toBe('RecordsRejected');
  expect(errorMessage).toContain(id(1));
  expect(await idsIn(index)).toEqual([id(0), id(2)]);
});

// ---- Blocks, and shards that are not there

test('items that a shard without enough copies refuses (503) are sent again', async () => {
  const index = newName();
  await operate('PUT', `/${index}`);
  let refused = 0;
  // Asks the real server to wait for a copy that never comes, twice.
  await using proxy = await ScriptedServer.start(async (response, { method, path, body, headers }) => {
    const isBulk = path.includes('_bulk');
    const query = `${path.includes('?') ? '&' : '?'}wait_for_active_shards=2&timeout=100ms`;
    const suffix = isBulk && refused++ < 2 ? query : '';
    const { 'content-type': type = 'application/json' } = headers;
    const answer = await fetch(`${elasticsearch.url}${path}${suffix}`, {
      method,
      headers: { 'content-type': type },
      ...(body && { body }),
    });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(await answer.text());
  });
  await using fn = await deploy({ index, url: proxy.url });
  expect((await fn.invoke(...records(3))).result).toMatchObject({ written: 3, rejected: 0, retried: 6 });
});

test.each([
  ['index.blocks.write', true],
  ['index.blocks.read_only_allow_delete', true],
  ['index.blocks.read_only', true],
  ['index.write.wait_for_active_shards', '2'],
])('%s heals: records are sent again and written once it is lifted, under either policy', async (setting, value) => {
  for (const policy of policies) {
    const index = newName();
    await operate('PUT', `/${index}`, { settings: { number_of_replicas: 1 } });
    await operate('PUT', `/${index}/_settings`, { [setting]: value });
    await using fn = await deploy({ index, variables: { ON_FAILURE: policy, ES_REQUEST_TIMEOUT_MS: '500' } });
    const invocation = fn.invoke(...records(3));
    await sleep(1000);
    await operate('PUT', `/${index}/_settings`, { [setting]: null });
    const { result } = await invocation;
    expect(result).toMatchObject({ received: 3, written: 3, rejected: 0 });
    expect(result?.retried).toBeGreaterThan(0);
    expect(await idsIn(index)).toHaveLength(3);
  }
});

test.each(['index.blocks.write', 'index.blocks.read_only_allow_delete'])(
  '%s that stays is ElasticsearchUnavailable, and no record is handed over',
  async (setting) => {
    const index = newName();
    const errors = newName();
    await operate('PUT', `/${index}`);
    await operate('PUT', `/${index}/_settings`, { [setting]: true });
    await using fn = await deploy({ index, variables: { ERROR_INDEX: errors }, timeout: 2 });
    const outcome = await fn.invoke({ topic: 1 }, ...records(3));
    expect(outcome).toMatchObject({ errorType: 'ElasticsearchUnavailable' });
    expect(outcome.errorMessage).toContain(index);
    expect(outcome.tookMs).toBeLessThan(2000);
    expect(await exists(errors)).toBe(false);
  },
);

// ---- What needs a person

/** Expects the fault's name under both policies, and that nothing is handed over. */
async function expectThrown(name: string, index: string, variables: Variables = {}): Promise<void> {
  for (const policy of policies) {
    const errors = newName();
    await using fn = await deploy({ index, variables: { ERROR_INDEX: errors, ON_FAILURE: policy, ...variables }, timeout: 10 });
    const outcome = await fn.invoke({ topic: 1 }, ...records(3));
    expect(outcome).toMatchObject({ errorType: name });
    expect(outcome.tookMs).toBeLessThan(5000);
    // Made beforehand or not, it holds nothing.
    if (await exists(errors)) expect(await idsIn(errors)).toEqual([]);
  }
}

test('a closed index is IndexUnavailable', async () => {
  const index = newName();
  await operate('PUT', `/${index}`);
  await operate('POST', `/${index}/_close`);
  await expectThrown('IndexUnavailable', index);
});

test.each([
  ['that the function makes', newName(), {}],
  ['that Elasticsearch makes', `.${newName()}`, { CREATE_INDEX: 'false' }],
])('an index %s at the limit of shards is IndexUnavailable', async (_, index, variables) => {
  await operate('PUT', `/${newName()}`);
  await operate('PUT', '/_cluster/settings', { transient: { 'cluster.max_shards_per_node': 1 } });
  try {
    await expectThrown('IndexUnavailable', index, variables);
  } finally {
    await operate('PUT', '/_cluster/settings', { transient: { 'cluster.max_shards_per_node': null } });
  }
});

test('a missing pipeline is IndexUnavailable, and once it is there the records are written', async () => {
  const index = newName();
  const pipeline = newName();
  await expectThrown('IndexUnavailable', index, { ES_PIPELINE: pipeline });
  await operate('PUT', `/_ingest/pipeline/${pipeline}`, { processors: [{ set: { field: 'seen', value: true } }] });
  await using fn = await deploy({ index, variables: { ES_PIPELINE: pipeline } });
  expect((await fn.invoke(...records(2))).result).toMatchObject({ written: 2 });
  expect(await documents(index)).toMatchObject({ [id(0)]: { seen: true } });
});

test.each(['default_pipeline', 'final_pipeline'])("an index's missing %s is IndexUnavailable", async (setting) => {
  const index = newName();
  await operate('PUT', `/${index}`, { settings: { [`index.${setting}`]: newName() } });
  await expectThrown('IndexUnavailable', index);
});

test('a missing pipeline of one index keeps no record from another', async () => {
  const [orders, payments] = [newName(), newName()];
  await operate('PUT', `/${orders}`, { settings: { 'index.default_pipeline': newName() } });
  const errors = newName();
  await using fn = await deploy({ index: '${topic}', variables: { ERROR_INDEX: errors } });
  const outcome = await fn.invoke(at(0, { topic: orders }), at(1, { topic: payments }), at(2, { topic: orders }));
  expect(outcome).toMatchObject({ errorType: 'IndexUnavailable' });
  expect(outcome.errorMessage).toContain(orders);
  expect(await idsIn(payments)).toEqual([`${payments}+0+1`]);
  if (await exists(errors)) expect(await idsIn(errors)).toEqual([]);
});

test('an alias without a write index is IndexUnavailable, and once it has one the records are written', async () => {
  const [alias, first, second] = [newName(), newName(), newName()];
  await operate('PUT', `/${first}`, { aliases: { [alias]: {} } });
  await operate('PUT', `/${second}`, { aliases: { [alias]: {} } });
  await expectThrown('IndexUnavailable', alias);
  await operate('POST', '/_aliases', { actions: [{ add: { index: second, alias, is_write_index: true } }] });
  await using fn = await deploy({ index: alias });
  expect((await fn.invoke(...records(2))).result).toMatchObject({ written: 2 });
  expect(await idsIn(second)).toHaveLength(2);
});

test('an alias whose only index is marked as not to be written to is IndexUnavailable', async () => {
  const [alias, only] = [newName(), newName()];
  await operate('PUT', `/${only}`, { aliases: { [alias]: { is_write_index: false } } });
  await expectThrown('IndexUnavailable', alias);
});

test('a missing index that is not to be created is IndexMissing', async () => {
  const index = newName();
  await expectThrown('IndexMissing', index, { CREATE_INDEX: 'false' });
  expect(await exists(index)).toBe(false);
});

test('a delete where the index is missing and not to be created is unchanged', async () => {
  const index = newName();
  const variables = { CREATE_INDEX: 'false', DOCUMENT_ID: 'key', NULL_VALUE: 'delete' };
  await using fn = await deploy({ index, variables });
  const deletion = (offset: number) => at(offset, { key: `k${offset}`, value: undefined });
  expect((await fn.invoke(deletion(0), deletion(1))).result).toMatchObject({ received: 2, deleted: 0, unchanged: 2 });
  expect(await fn.invoke(deletion(2), at(3, { key: 'k3' }))).toMatchObject({ errorType: 'IndexMissing' });
  expect(await exists(index)).toBe(false);
});

test('an index that vanishes in mid-life is made again, with the same mapping, and no record is lost', async () => {
  const index = newName();
  await using fn = await deploy({ index });
  expect((await fn.invoke(...records(3))).result).toMatchObject({ written: 3 });
  const mapping = async () => Object.values(await operate('GET', `/${index}/_mapping`))[0];
  const before = await mapping();
  await operate('DELETE', `/${index}`);
  expect((await fn.invoke(...records(3))).result).toMatchObject({ received: 3, written: 3, rejected: 0 });
  expect(await mapping()).toEqual(before);
  expect(before).toMatchObject({ mappings: { date_detection: false } });
});

// ---- The record's

const value = { DOCUMENT_SHAPE: 'value' };
const mapped = { mappings: { properties: { n: { type: 'long' } } } };
const conflict = '{"n":"content-7"}';

test('a mapping conflict rejects its record alone, and hands it over as it was', async () => {
  const index = newName();
  const errors = newName();
  await operate('PUT', `/${index}`, mapped);
  await using fn = await deploy({ index, variables: { ...value, ERROR_INDEX: errors } });
  const { result } = await fn.invoke(
    at(0, { value: '{"n":1}' }),
    at(1, { value: conflict, key: 'content-key', timestamp: 1616599282417 }),
    at(2, { value: '{"n":3}' }),
  );
  expect(result).toMatchObject({ received: 3, written: 2, rejected: 1 });
  expect(await idsIn(index)).toEqual([id(0), id(2)]);
  const error = { type: 'mapper_parsing_exception', reason: expect.any(String) };
  expect(await documents(errors)).toEqual({
    [id(1)]: expect.objectContaining({ topic: 'orders', partition: 0, offset: 1, key: 'content-key', value: conflict, error }),
  });
  expect((await documents(errors))[id(1)]).toHaveProperty('@timestamp');
  await expect.poll(() => fn.logged('info')).toHaveLength(1);
  expect(fn.logged('error')).toEqual([
    expect.objectContaining({ topic: 'orders', partition: 0, offset: 1, error: 'mapper_parsing_exception' }),
  ]);
  expect(fn.lines.join('\n')).not.toMatch(/content-(7|key)/);
});

test('a mapping conflict under stop: the others are written, then RecordsRejected names the position and no content', async () => {
  const index = newName();
  const errors = newName();
  await operate('PUT', `/${index}`, mapped);
  await using fn = await deploy({ index, variables: { ...value, ON_FAILURE: 'stop', ERROR_INDEX: errors } });
  const outcome = await fn.invoke(at(0, { value: '{"n":1}' }), at(1, { value: conflict }), at(2, { value: '{"n":3}' }));
  expect(outcome).toMatchObject({ errorType: 'RecordsRejected' });
  expect(outcome.errorMessage).toContain(id(1));
  expect(outcome.text).not.toContain('content-7');
  expect(await idsIn(index)).toEqual([id(0), id(2)]);
  await expect.poll(() => fn.logged('error').filter(({ offset }) => offset === 1)).toHaveLength(1);
  expect(fn.lines.join('\n')).not.toContain('content-7');
  if (await exists(errors)) expect(await idsIn(errors)).toEqual([]);
});

test.each([
  ['strict_dynamic_mapping_exception', { mappings: { dynamic: 'strict', properties: { n: { type: 'long' } } } }, '{"content":1}'],
  ['illegal_argument_exception', { settings: { 'index.mapping.total_fields.limit': 1 }, ...mapped }, '{"content":1}'],
  ['mapper_parsing_exception', mapped, '{"n":1,"n":2}'],
])('a %s rejects its record alone', async (type, body, unfit) => {
  const index = newName();
  await operate('PUT', `/${index}`, body);
  await using fn = await deploy({ index, variables: value });
  const { result } = await fn.invoke(at(0, { value: '{"n":1}' }), at(1, { value: unfit }), at(2, { value: '{"n":3}' }));
  expect(result).toMatchObject({ received: 3, written: 2, rejected: 1 });
  expect(await idsIn(index)).toEqual([id(0), id(2)]);
  await expect.poll(() => fn.logged('error')).toEqual([expect.objectContaining({ offset: 1, error: type })]);
});

/** An upsert is parsed by the request as a whole: a field that is there twice is in the way of all others. */
const twice = '{"n":1,"n":2}';
const upsert = { ...value, WRITE_MODE: 'upsert' };
const withTwice = Array.from({ length: 9 }, (_, offset) => at(offset, { value: offset === 3 ? twice : '{"n":1}' }));
const withoutTwice = [0, 1, 2, 4, 5, 6, 7, 8].map(id);

test('an operation for which Elasticsearch refuses the whole request is rejected alone', async () => {
  const index = newName();
  await using fn = await deploy({ index, variables: upsert });
  const { result } = await fn.invoke(...withTwice);
  expect(result).toMatchObject({ received: 9, written: 8, rejected: 1 });
  expect(await idsIn(index)).toEqual(withoutTwice);
  await expect.poll(() => fn.logged('error')).toEqual([expect.objectContaining({ topic: 'orders', partition: 0, offset: 3 })]);
});

test('an operation for which Elasticsearch refuses the whole request, under stop: the others are written', async () => {
  const index = newName();
  await using fn = await deploy({ index, variables: { ...upsert, ON_FAILURE: 'stop' } });
  const { errorType, errorMessage } = await fn.invoke(...withTwice);
  expect(errorType).toBe('RecordsRejected');
  expect(errorMessage).toContain(id(3));
  expect(await idsIn(index)).toEqual(withoutTwice);
});

test('a processor that refuses a record (400) rejects it alone: its pipeline is there', async () => {
  const index = newName();
  const pipeline = newName();
  await operate('PUT', `/_ingest/pipeline/${pipeline}`, { processors: [{ convert: { field: 'n', type: 'integer' } }] });
  await using fn = await deploy({ index, variables: { ...value, ES_PIPELINE: pipeline } });
  const { result } = await fn.invoke(at(0, { value: '{"n":"1"}' }), at(1, { value: conflict }), at(2, { value: '{"n":"3"}' }));
  expect(result).toMatchObject({ received: 3, written: 2, rejected: 1 });
  expect(await documents(index)).toEqual({ [id(0)]: { n: 1 }, [id(2)]: { n: 3 } });
  await expect.poll(() => fn.logged('error')).toHaveLength(1);
  expect(fn.lines.join('\n')).not.toContain('content-7');
});

test("a record that the pipeline's fail processor refuses is rejected: its 500 heals as little as a 400", async () => {
  const index = newName();
  const pipeline = newName();
  const fail = { fail: { message: 'no', if: 'ctx.n == 2' } };
  await operate('PUT', `/_ingest/pipeline/${pipeline}`, { processors: [fail] });
  await using fn = await deploy({ index, variables: { ...value, ES_PIPELINE: pipeline } });
  const { result } = await fn.invoke(at(0, { value: '{"n":1}' }), at(1, { value: '{"n":2}' }), at(2, { value: '{"n":3}' }));
  expect(result).toMatchObject({ received: 3, written: 2, rejected: 1 });
  expect(await idsIn(index)).toEqual([id(0), id(2)]);
});

test("7.10 quotes the request's credentials in the cause of a malformed document: they are shown and handed over nowhere", async () => {
  const index = newName();
  const errors = newName();
  await operate('PUT', `/${index}`, mapped);
  await using fn = await deploy({ index, variables: { ...value, ERROR_INDEX: errors } });
  // JSON as RFC 8259 has it, at which Elasticsearch's parser stops and quotes its buffer from the head of the request on.
  const unfit = ['{"n":1,"n":1}', '{"n":{"a":[1]}}', '{"n":1e99999}'].map((text, offset) => at(offset, { value: text }));
  const outcome = await fn.invoke(...unfit, at(9, { value: '{"n":1}' }));
  expect(outcome.result).toMatchObject({ received: 4, written: 1, rejected: 3 });
  const text = `${outcome.text}${fn.lines.join('\n')}${JSON.stringify(await documents(errors))}`;
  expect(text).not.toContain('canary-Pa55');
  expect(text).not.toContain(Buffer.from('elastic:canary-Pa55').toString('base64'));
  expect(Object.keys(await documents(errors))).toHaveLength(3);
});
