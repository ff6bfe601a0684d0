import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Later } from '../../../../scripts/local/api/delays.ts';
import { LogService } from '../../../../scripts/local/api/log-service/log-service.ts';
import { compileQuery, type LogRow } from '../../../../scripts/local/api/log-service/query.ts';
import { State } from '../../../../scripts/local/api/state.ts';
import { refusal, TestCloud } from '../../../support/cloud/local-cloud.ts';
import { sls } from '../../../support/cloud/sdk-clients.ts';

const project = 'kafka-logs';
const logstore = 'connector';
const index = new sls.CreateIndexRequest({
  body: new sls.Index({ line: new sls.IndexLine({ token: [' ', '"', ':', '{', '}', ','], caseSensitive: false }) }),
});

function row(message: string, changes: Partial<LogRow> = {}): LogRow {
  return { time: 1_700_000_000, topic: 'service', source: '', contents: { functionName: 'sink', message }, ...changes };
}

async function makeStore(cloud: TestCloud): Promise<void> {
  await cloud
    .clients()
    .sls()
    .createProject(new sls.CreateProjectRequest({ projectName: project, description: 'of a test' }));
  const client = cloud.clients().sls(project);
  await client.createLogStore(project, new sls.CreateLogStoreRequest({ logstoreName: logstore, ttl: 7, shardCount: 2 }));
  await client.createIndex(project, logstore, index);
}

/** Writes as the cloud's services do, beside the API. */
function write(cloud: TestCloud, ...rows: LogRow[]): void {
  new LogService('cn-hangzhou', new State(cloud.stateFolder), Date.now, new Later()).put(project, logstore, rows);
}

async function messages(cloud: TestCloud, request: object): Promise<(string | undefined)[]> {
  const wanted = new sls.GetLogsRequest({ from: 1_600_000_000, to: 1_800_000_000, ...request });
  const { body } = await cloud.clients().sls(project).getLogs(project, logstore, wanted);
  return (body ?? []).map((log) => log.message);
}

test('a project, a store and an index are made, described, and made only once', async () => {
  await using cloud = await TestCloud.start();
  await makeStore(cloud);
  const client = cloud.clients().sls(project);
  expect((await client.getProject(project)).body).toMatchObject({ projectName: project, description: 'of a test' });
  expect((await client.getLogStore(project, logstore)).body).toMatchObject({ logstoreName: logstore, ttl: 7, shardCount: 2 });
  expect((await client.getIndex(project, logstore)).body?.line?.caseSensitive).toBe(false);
  await expect(refusal(makeStore(cloud))).resolves.toMatchObject({ code: 'ProjectAlreadyExist', status: 400 });
  const store = new sls.CreateLogStoreRequest({ logstoreName: logstore, ttl: 7, shardCount: 2 });
  expect(await refusal(client.createLogStore(project, store))).toMatchObject({ code: 'LogStoreAlreadyExist', status: 400 });
  expect(await refusal(client.createIndex(project, logstore, index))).toMatchObject({ code: 'IndexAlreadyExist', status: 400 });
});

test('a project, a store and an index that are not there are not found', async () => {
  await using cloud = await TestCloud.start();
  const client = cloud.clients().sls(project);
  expect(await refusal(client.getProject(project))).toMatchObject({ code: 'ProjectNotExist', status: 404 });
  await cloud
    .clients()
    .sls()
    .createProject(new sls.CreateProjectRequest({ projectName: project, description: '' }));
  expect(await refusal(client.getLogStore(project, logstore))).toMatchObject({ code: 'LogStoreNotExist', status: 404 });
  await client.createLogStore(project, new sls.CreateLogStoreRequest({ logstoreName: logstore, ttl: 7, shardCount: 2 }));
  expect(await refusal(client.getIndex(project, logstore))).toMatchObject({ code: 'IndexConfigNotExist', status: 404 });
  expect(await refusal(messages(cloud, {}))).toMatchObject({ code: 'IndexConfigNotExist' });
});

test('a name, a time to live or a number of shards out of bounds is refused', async () => {
  await using cloud = await TestCloud.start();
  await makeStore(cloud);
  const client = cloud.clients().sls(project);
  const create = (changes: object) =>
    refusal(client.createLogStore(project, new sls.CreateLogStoreRequest({ logstoreName: 'fits', ttl: 7, shardCount: 2, ...changes })));
  for (const changes of [{ logstoreName: 'Upper' }, { ttl: 0 }, { ttl: 3651 }, { shardCount: 11 }]) {
    expect(await create(changes)).toMatchObject({ code: 'LogStoreInfoInvalid', status: 400 });
  }
  const bad = new sls.CreateProjectRequest({ projectName: '-bad', description: '' });
  expect(await refusal(cloud.clients().sls().createProject(bad))).toMatchObject({ code: 'ParameterInvalid', status: 400 });
});

test('logs are found by time, from inclusive and to exclusive, in order of time or reversed', async () => {
  await using cloud = await TestCloud.start();
  await makeStore(cloud);
  write(cloud, row('c', { time: 1_700_000_003 }), row('a', { time: 1_700_000_001 }), row('b', { time: 1_700_000_002 }));
  expect(await messages(cloud, {})).toEqual(['a', 'b', 'c']);
  expect(await messages(cloud, { reverse: true })).toEqual(['c', 'b', 'a']);
  expect(await messages(cloud, { from: 1_700_000_001, to: 1_700_000_003 })).toEqual(['a', 'b']);
});

test('logs come in pages of 100 at most', async () => {
  await using cloud = await TestCloud.start();
  await makeStore(cloud);
  write(cloud, ...Array.from({ length: 120 }, (_, number) => row(`line ${number}`)));
  expect(await messages(cloud, {})).toHaveLength(100);
  expect(await messages(cloud, { line: 500 })).toHaveLength(100);
  expect(await messages(cloud, { offset: 100 })).toEqual(Array.from({ length: 20 }, (_, number) => `line ${number + 100}`));
  expect(await messages(cloud, { offset: 5, line: 2 })).toEqual(['line 5', 'line 6']);
});

test('the lines of one invocation are found by its request id, which is a word of the message and no field', async () => {
  await using cloud = await TestCloud.start();
  await makeStore(cloud);
  const id = 'dffe0221-0000-4000-8000-000000000001';
  write(cloud, row(`FC Invoke Start RequestId: ${id}`), row('{"requestId":"another-one"}'), row(`{"requestId":"${id}","level":"info"}`));
  expect(await messages(cloud, { query: id })).toHaveLength(2);
  expect(await messages(cloud, { query: `${id} and level` })).toEqual([`{"requestId":"${id}","level":"info"}`]);
  expect(await messages(cloud, { query: `requestId: ${id}` })).toEqual([]);
});

test('a query that is not of the syntax is refused', async () => {
  await using cloud = await TestCloud.start();
  await makeStore(cloud);
  for (const query of ['(open', 'and', 'level:', 'a )']) {
    expect(await refusal(messages(cloud, { query }))).toMatchObject({ code: 'ParameterInvalid', status: 400 });
  }
});

test('what is written is there after a restart, and gone with its store or its project', async () => {
  await using cloud = await TestCloud.start();
  await makeStore(cloud);
  write(cloud, row('kept'));
  await cloud.restart();
  expect(await messages(cloud, {})).toEqual(['kept']);
  const client = cloud.clients().sls(project);
  await client.deleteLogStore(project, logstore);
  expect(await refusal(messages(cloud, {}))).toMatchObject({ code: 'LogStoreNotExist' });
  await client.createLogStore(project, new sls.CreateLogStoreRequest({ logstoreName: logstore, ttl: 7, shardCount: 2 }));
  await client.createIndex(project, logstore, index);
  expect(await messages(cloud, {})).toEqual([]);
  await client.deleteProject(project, new sls.DeleteProjectRequest({}));
  expect(await refusal(client.getProject(project))).toMatchObject({ code: 'ProjectNotExist' });
});

test('what is written to a store that is not there is lost', () => {
  const folder = mkdtempSync(join(tmpdir(), 'logs-'));
  const logs = new LogService('cn-hangzhou', new State(folder), Date.now, new Later());
  logs.put(project, logstore, [row('nowhere')]);
  expect(logs.hasLogstore(project, logstore)).toBe(false);
  rmSync(folder, { recursive: true });
});

test.each([
  ['*', true],
  ['', true],
  ['record rejected', true],
  ['rejected record', true],
  ['"record rejected"', true],
  ['accepted', false],
  ['accepted or rejected', true],
  ['not accepted', true],
  ['record not rejected', false],
  ['(accepted or rejected) and orders', true],
  ['rej*', true],
  ['ject*', false],
  ['ReJeCtEd', true],
  ['level: error', true],
  ['level: info', false],
  ['level: err*', true],
  ['other: error', false],
  ['__topic__: service', true],
  ['__topic__: another', false],
])('the query %s finds the record rejected: %s', (query, expected) => {
  const contents = { message: 'record rejected, topic: orders', level: 'error', other: 'error' };
  const matches = compileQuery(query, { line: {}, keys: { level: {} } });
  expect(matches({ ...row(''), contents })).toBe(expected);
});
