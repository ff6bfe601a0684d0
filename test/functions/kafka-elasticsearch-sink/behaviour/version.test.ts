// Which versions are taken, and how the version is read.
import { EventEmitter, once } from 'node:events';
import { expect, test } from 'vitest';
import { bulkRequests, cut, elasticsearch, isBulk, items, plain, refusal, silent } from '../../../support/elasticsearch/bulk-responses.ts';
import { json, type Respond, type ScriptedServer, type SeenRequest } from '../../../support/elasticsearch/scripted-server.ts';
import { startWithServer } from '../../../support/function/function-with-server.ts';
import { at, records } from '../../../support/function/records.ts';
import { echo } from '../../../support/function/secrets.ts';

const root = (respond: Respond) => elasticsearch(items(), ({ path }) => (path.replace(/\?.*/, '') === '/' ? respond : undefined));
const rootRequests = ({ requests }: ScriptedServer) => requests.filter(({ path }) => path.replace(/\?.*/, '') === '/');
const version = (number: string) => json(200, { name: 'n', version: { number }, tagline: 'You Know, for Search' });

test.concurrent.each(['6.8.23', '5.6.16', '2.4.6'])('Elasticsearch %s is refused, and gets no record', async (number) => {
  await using under = await startWithServer(root(version(number)));
  const { server, invoke } = under;
  const outcome = await invoke(...records(2));
  expect(outcome.errorType).toBe('ElasticsearchUnsupported');
  expect(outcome.errorMessage).toContain(number);
  expect(server.requests.every(({ method }) => method === 'GET' || method === 'HEAD')).toBe(true);
});

test.concurrent.each(['7.0.1', '7.10.2', '8.19.21', '10.0.0-SNAPSHOT'])(
  'Elasticsearch %s is taken, and not asked twice',
  async (number) => {
    await using under = await startWithServer(root(version(number)));
    const { server, fn, invoke } = under;
    expect((await invoke(...records(2))).result).toMatchObject({ written: 2 });
    expect((await invoke(...records(2))).result).toMatchObject({ written: 2 });
    expect(rootRequests(server)).toHaveLength(1);
    expect(fn.log('info')).toHaveLength(2);
    expect(fn.log('warn')).toEqual([]);
  },
);

test.concurrent.each([
  ['403', refusal(403, 'security_exception')],
  ['a cut connection', cut],
  ['silence', silent],
  ['503', plain(503)],
  ['HTML', plain(200, { 'content-type': 'text/html' })],
  ['no version', json(200, { tagline: echo })],
])('a version that cannot be read for %s is a warning, and the records are written', async (_, answer) => {
  await using under = await startWithServer(root(answer), { timeout: 3 });
  const { fn, invoke } = under;
  expect((await invoke(...records(2))).result).toMatchObject({ written: 2 });
  expect(fn.log('warn')).toHaveLength(1);
});

test.concurrent('a server that keeps its version for itself (403) is not asked twice', async () => {
  await using under = await startWithServer(root(refusal(403, 'security_exception')));
  const { server, invoke } = under;
  await invoke(at(1));
  await invoke(at(2));
  expect(rootRequests(server)).toHaveLength(1);
});

test.concurrent('401 to the question for the version is thrown, each time', async () => {
  await using under = await startWithServer(root(refusal(401, 'security_exception')));
  const { server, invoke } = under;
  expect(await invoke(at(1))).toMatchObject({ errorType: 'ElasticsearchUnauthorized' });
  expect(await invoke(at(1))).toMatchObject({ errorType: 'ElasticsearchUnauthorized' });
  expect(bulkRequests(server)).toEqual([]);
});

test.concurrent('with ES_VERSION_CHECK=false the version is never asked', async () => {
  await using under = await startWithServer(root(version('6.8.23')), { variables: { ES_VERSION_CHECK: 'false' } });
  const { server, invoke } = under;
  expect((await invoke(at(1))).result).toMatchObject({ written: 1 });
  expect(rootRequests(server)).toEqual([]);
});

test.concurrent('401 to the first question of all is ElasticsearchUnauthorized, whatever is asked', async () => {
  await using under = await startWithServer(refusal(401, 'security_exception'), { variables: { ES_VERSION_CHECK: 'false' } });
  const { invoke } = under;
  expect(await invoke(at(1))).toMatchObject({ errorType: 'ElasticsearchUnauthorized' });
});

test.concurrent('a user who may only write is warned of, and writes', async () => {
  await using under = await startWithServer(
    elasticsearch(items(), (request) => (isBulk(request) ? undefined : refusal(403, 'security_exception'))),
  );
  const { fn } = under;
  for (const offset of [1, 2]) expect(await fn.deliver(at(offset))).toMatchObject({ written: 1, retried: 0 });
  expect(fn.log('warn').length).toBeGreaterThan(0);
  expect(fn.log('warn').length).toBeLessThan(3);
});

test.concurrent.each([
  ['is cut', cut],
  ['answers 500', plain(500)],
  ['answers 503', plain(503)],
])('a server that %s when it is asked for its version is asked again by the next invocation', async (_, respond) => {
  let asked = 0;
  const other = ({ path }: SeenRequest) => (path === '/' && asked++ === 0 ? respond : undefined);
  await using under = await startWithServer(elasticsearch(items(), other));
  const { invoke } = under;
  expect((await invoke(at(1))).result).toMatchObject({ written: 1 });
  expect((await invoke(at(2))).result).toMatchObject({ written: 1 });
  expect((await invoke(at(3))).result).toMatchObject({ written: 1 });
  expect(asked).toBe(2);
});

test.concurrent('the version and the target are looked at side by side: a server that tells the one only after the other loses nothing', async () => {
  const looks = new EventEmitter();
  const looked = once(looks, 'look');
  const waiting: Respond = async (response, request) => {
    await looked;
    version('7.10.2')(response, request);
  };
  await using under = await startWithServer(
    elasticsearch(items(), ({ method, path }) => {
      if (path.replace(/\?.*/, '') === '/') return waiting;
      if (method === 'HEAD') looks.emit('look');
      return undefined;
    }),
  );
  const { server, fn, invoke } = under;
  expect((await invoke(...records(2))).result).toMatchObject({ written: 2 });
  expect(fn.log('warn')).toEqual([]);
  expect(server.requests.filter(({ method }) => method === 'HEAD')).toHaveLength(1);
});

test.concurrent('a target that was looked at beside a version that was refused is looked at again by the next invocation', async () => {
  let isWell = false;
  const unwell = ({ method, path }: SeenRequest) => {
    if (isWell) return undefined;
    return path.replace(/\?.*/, '') === '/' ? refusal(401, 'security_exception') : method === 'HEAD' ? plain(404, {}, '') : undefined;
  };
  await using under = await startWithServer(elasticsearch(items(), unwell));
  const { server, invoke } = under;
  expect((await invoke(...records(2))).errorType).toBe('ElasticsearchUnauthorized');
  isWell = true;
  expect((await invoke(...records(2))).result).toMatchObject({ written: 2 });
  expect(server.requests.filter(({ method }) => method === 'HEAD')).toHaveLength(2);
  expect(server.requests.filter(({ method }) => method === 'PUT')).toEqual([]);
});
