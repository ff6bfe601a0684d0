// The command check: what it finds, and that it changes nothing.
import { expect, inject, test } from 'vitest';
import { startProxy } from '../../../support/elasticsearch/proxy.ts';
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
