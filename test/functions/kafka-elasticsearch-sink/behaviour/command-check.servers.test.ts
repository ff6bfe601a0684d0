// The command check: what it finds, and that it changes nothing.
import { expect, inject, test } from 'vitest';
import { startProxy } from '../../../support/elasticsearch/proxy.ts';
import { needs } from '../../../support/elasticsearch/server-under-test.ts';
import type { Checks } from '../../../support/function/checks.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';
import { openTopicSandbox } from '../../../support/function/topic-sandbox.ts';

async function namesOf({ elasticsearch, name }: Sandbox): Promise<string[]> {
  return Object.keys(await elasticsearch.indices.get({ index: `${name}*`, expand_wildcards: 'all' }));
}

test('check finds nothing wrong with a healthy server, and changes nothing', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await using proxy = await startProxy(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ ERROR_INDEX: `${sandbox.name}-errors`, ES_ENDPOINT: proxy.url });
  const before = await namesOf(sandbox);
  const { checks } = await sink.command<Checks>({ command: 'check' });
  expect(checks.length).toBeGreaterThan(3);
  for (const check of checks) {
    expect([true, null], JSON.stringify(check)).toContain(check.ok);
    expect(check).toMatchObject({ name: expect.stringMatching(/./), detail: expect.stringMatching(/./) });
  }
  // The security API is not there to be asked.
  expect(checks.some(({ ok }) => ok === null)).toBe(true);
  expect(await namesOf(sandbox)).toEqual(before);
  expect(proxy.requests.length).toBeGreaterThan(3);
  const others = proxy.requests.filter(({ method }) => method !== 'GET' && method !== 'HEAD');
  expect([...new Set(others.map(({ path }) => path))]).toEqual(['/_security/user/_has_privileges']);
  expect(JSON.stringify(checks)).not.toContain('canary');
});

test.each([
  ['an index that is missing and not to be created', { CREATE_INDEX: 'false' }],
  ['a pipeline that is missing', { ES_PIPELINE: 'nobody-made-it' }],
  ['a server that cannot be reached', { ES_ENDPOINT: '127.0.0.1', ES_PORT: '1' }],
])('check names %s, and what to do', async (_, changes) => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start(changes, { timeout: 20 });
  const { checks } = await sink.command<Checks>({ command: 'check' });
  const failed = checks.filter(({ ok }) => ok === false);
  expect(failed).not.toEqual([]);
  for (const check of failed) expect(check).toMatchObject({ detail: expect.stringMatching(/./), fix: expect.stringMatching(/./) });
});

test.each<[string, (name: string) => readonly (readonly [index: string, alias: string])[], string]>([
  ["the error index is an alias of the documents' index", (name) => [[name, `${name}-errors`]], ''],
  ['the index is an alias of the error index', (name) => [[`${name}-errors`, name]], ''],
  [
    'both are aliases that share one of their indices',
    (name) => [
      [`${name}-1`, name],
      [`${name}-2`, name],
      [`${name}-2`, `${name}-errors`],
    ],
    '-2',
  ],
  ['the error index is an alias of a day', (name) => [[`${name}-2026.11.26`, `${name}-errors`]], '-{yyyy.MM.dd}'],
])('check says that rejected records would lie among documents: %s', async (_, aliasesOf, pattern) => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  for (const [index, alias] of aliasesOf(sandbox.name)) {
    if (!(await sandbox.exists(index))) await sandbox.put(`/${index}`);
    await sandbox.put(`/${index}/_alias/${alias}`);
  }
  const sink = await sandbox.start({
    ERROR_INDEX: `${sandbox.name}-errors`,
    ES_INDEX: `${sandbox.name}${pattern.startsWith('-{') ? pattern : ''}`,
  });
  const { checks } = await sink.command<Checks>({ command: 'check' });
  expect(checks.filter(({ ok }) => ok === false)).toEqual([
    {
      name: 'error destination',
      ok: false,
      detail: expect.stringMatching(`^ERROR_INDEX and ES_INDEX both stand for ${sandbox.name}`),
      fix: expect.stringContaining('another index'),
    },
  ]);
});

test('check finds nothing wrong with an error index that is an alias of its own index', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await sandbox.put(`/${sandbox.name}-errors-1`, { aliases: { [`${sandbox.name}-errors`]: {} } });
  await sandbox.put(`/${sandbox.name}-2026.11.26`);
  const sink = await sandbox.start({ ERROR_INDEX: `${sandbox.name}-errors`, ES_INDEX: `${sandbox.name}-{yyyy.MM.dd}` });
  const { checks } = await sink.command<Checks>({ command: 'check' });
  expect(checks.filter(({ ok }) => ok === false)).toEqual([]);
});

test('check says that a data stream takes no rejected records', needs('data streams'), async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await sandbox.putStreamTemplate();
  const sink = await sandbox.start({ WRITE_MODE: 'create', ERROR_INDEX: `${sandbox.name}-errors` });
  const told = async () => (await sink.command<Checks>({ command: 'check' })).checks.filter(({ name }) => name === 'error destination');
  const refused = { ok: false, detail: expect.stringContaining('data stream'), fix: expect.stringContaining('another name') };
  expect(await told()).toContainEqual(expect.objectContaining(refused));
  await sandbox.put(`/_data_stream/${sandbox.name}-errors`);
  expect(await told()).toContainEqual(expect.objectContaining(refused));
});

test('check says once what is wrong with brokers that do not answer, and what to do', async () => {
  await using opened = await openTopicSandbox({ variables: { KAFKA_BOOTSTRAP_SERVERS: '127.0.0.1:1' }, timeout: 10 });
  const { checks } = await opened.sink.command<Checks>({ command: 'check' });
  expect(checks.find(({ name }) => name === 'brokers')).toEqual({
    name: 'brokers',
    ok: false,
    detail: expect.stringMatching(/^127\.0\.0\.1:1: (?!.*compare).*(ECONNREFUSED|no answer within)/),
    fix: expect.stringMatching(/^compare `KAFKA_BOOTSTRAP_SERVERS`/),
  });
});

test('check looks at the brokers and the topics, and says what is missing', async () => {
  await using opened = await openTopicSandbox({ variables: { ERROR_DATA_TOPIC: 'not-there' }, timeout: 10 });
  const { checks } = await opened.sink.command<Checks>({
    command: 'check',
  });
  expect(checks).toEqual(
    expect.arrayContaining([
      { name: 'brokers', ok: true, detail: `${inject('broker')} answer` },
      expect.objectContaining({ name: 'source topic', ok: true }),
      { name: 'error destination', ok: false, detail: expect.stringContaining('not-there is not there'), fix: expect.any(String) },
    ]),
  );
});
