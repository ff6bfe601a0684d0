import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { EcsApi } from '../../../../scripts/connector/cloud/ecs.ts';
import { allFindings } from '../../../../scripts/connector/probe/findings/all-findings.ts';
import { upperBounds } from '../../../../scripts/connector/probe/plan.ts';
import type { PolicyStatement } from '../../../../scripts/local/api/permissions.ts';
import { openCloudWithTopic, topicNames } from '../../../support/cloud/cloud-on-servers.ts';
import { propsFor, runCommand, stateOf } from '../../../support/cloud/run-command.ts';
import { findingOf, hurriedClock, probeFor } from '../../../support/cloud/run-probe.ts';
import { ServerlessDevs } from '../../../support/cloud/serverless-devs.ts';

const { Statement: policy }: { Statement: readonly PolicyStatement[] } = JSON.parse(readFileSync('ram-policy.json', 'utf8'));
const names = allFindings.map(({ name }) => name);

/** All that a probe makes has `probe` in its name, and stands in a table of the cloud. */
async function leftIn(cloud: Parameters<typeof stateOf>[0]): Promise<string[]> {
  return Object.entries(await stateOf(cloud))
    .filter(([, text]) => text.includes('probe'))
    .map(([file]) => file);
}

test.each(['2.0', '3.0'] as const)(
  'everything is measured in %s, with the permissions of ram-policy.json; nothing of the account is told, and nothing is left',
  async (api) => {
    const lines: string[] = [];
    const onLog = ({ text }: { text: string }) => lines.push(text);
    await using deployment = await openCloudWithTopic(() => ({ policy }), { clock: hurriedClock, onLog });
    const { cloud, topic } = deployment;
    // A stream that cannot start says so when the Kafka client gives up, which takes most of a minute on an idle machine.
    const report = await probeFor(cloud, topic, names, { api, limits: { stream: 200 } });
    expect(report).toMatchObject({ api, region: 'cn-hangzhou', version: expect.any(String), left: [] });
    expect(report.findings.map(({ name }) => name)).toEqual(names);
    expect(report.findings.filter(({ found }) => found.startsWith('not measured'))).toEqual([]);
    // One tells only what is, and one needs more topics than there are.
    const open = report.findings.filter(({ holds }) => holds === null).map(({ name }) => name);
    expect(open).toEqual(['topic-page', 'order']);
    expect(report.findings.filter(({ holds }) => holds === false)).toEqual([]);
    const text = JSON.stringify(report);
    for (const secret of [
      cloud.account.accountId,
      'LTAI5tLocalCloudKey',
      'alikafka_pre-cn-local',
      'es-cn-local',
      'vpc-bp1',
      'vsw-bp1',
      topic,
    ]) {
      expect(text).not.toContain(secret);
    }
    expect(await leftIn(cloud)).toEqual([]);
    expect(await topicNames(cloud)).toEqual([topic]);
    const used = usedIn(lines);
    expect(used.invocations).toBeGreaterThan(40);
    for (const [name, bound] of Object.entries(upperBounds)) expect(used[name], name).toBeLessThan(bound);
  },
);

/** What the functions have used by their logs. */
function usedIn(lines: readonly string[]): { readonly [name: string]: number } {
  const figures = lines.flatMap((line) => {
    const [, ms, mb] = /Billed Duration: (\d+) ms, Memory Size: (\d+) MB/.exec(line) ?? [];
    return ms === undefined ? [] : [(Number(ms) / 1000) * (Number(mb) / 1024)];
  });
  const events = lines.flatMap((line) => (line.startsWith('{"probe":"start"') ? JSON.parse(line).records : []));
  const logBytes = lines.reduce((sum, line) => sum + line.length, 0);
  return { invocations: figures.length, gbSeconds: figures.reduce((sum, one) => sum + one, 0), events: events.length, logBytes };
}

test('a finding that fails is told as not measured, and the others are measured', async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic } = deployment;
  cloud.faults.add({
    product: 'fc',
    action: 'GetAccountSettings',
    count: 100,
    fault: { kind: 'refused', status: 403, code: 'Forbidden', message: 'no' },
  });
  const report = await probeFor(cloud, topic, ['zones', 'code-checksum', 'error-type']);
  expect(findingOf(report, 'zones')).toMatchObject({ holds: null, found: expect.stringMatching(/^not measured: .*Forbidden/) });
  expect(findingOf(report, 'code-checksum')).toMatchObject({ holds: true });
  expect(findingOf(report, 'error-type')).toMatchObject({ holds: true });
  expect(await leftIn(cloud)).toEqual([]);
});

test('an interruption ends what waits, and all that was made is removed', async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic } = deployment;
  const others = process.listeners('SIGINT');
  const running = runCommand(cloud, propsFor(topic), 'probe', '-y', '--only', 'function-errors,elements');
  await expect.poll(() => cloud.contents().functions.length).toBe(2);
  expect((await leftIn(cloud)).length).toBeGreaterThan(3);
  await sleep(500);
  process.emit('SIGINT');
  const { error, printed } = await running;
  expect(error).toBe('Interrupted. All that the probe made is removed.');
  expect(printed).toContain('cleaning up');
  expect(await leftIn(cloud)).toEqual([]);
  expect(process.listeners('SIGINT')).toEqual(others);
});

test('Ctrl-C of the real s cleans up, too, and the exit code is not 0', async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic } = deployment;
  await using devs = await ServerlessDevs.create(cloud, topic, { ES_PASSWORD: 'none' });
  const running = devs.start({}, 'probe', '-y', '--only', 'elements', '-t', devs.yamlFile);
  await expect.poll(() => cloud.contents().functions.length, { timeout: 200_000 }).toBe(2);
  running.kill('SIGINT');
  const { exitCode, signal, stderr, stdout } = await running;
  expect(`${stdout}${stderr}`).toContain('Interrupted. All that the probe made is removed.');
  expect({ exitCode, signal }).toEqual({ exitCode: 101, signal: undefined });
  expect(await leftIn(cloud)).toEqual([]);
});

test('what could not be removed is named, and found and removed by the next clean-up', async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic } = deployment;
  vi.spyOn(EcsApi.prototype, 'deleteSecurityGroup').mockRejectedValueOnce(new Error('still in use'));
  const report = await probeFor(cloud, topic, ['large-records']);
  expect(report.left).toEqual([
    expect.stringMatching(/^security group kafka-es-probe-\w+: still in use$/),
    expect.stringMatching(/^topic kafka-es-probe-\w+: it stays, so that the next clean-up finds the rest$/),
  ]);
  const refused = await runCommand(cloud, propsFor(topic), 'probe', '--clean');
  expect(refused.error).toContain('There is no terminal to ask on: say yes with -y. Nothing was removed.');
  expect((await leftIn(cloud)).length).toBe(2);
  const cleaned = await runCommand(cloud, propsFor(topic), 'probe', '--clean', '-y');
  expect(cleaned.error).toBeUndefined();
  expect(cleaned.printed).toContain('"left":[]');
  expect(await leftIn(cloud)).toEqual([]);
  const again = await runCommand(cloud, propsFor(topic), 'probe', '--clean', '-y', '-o', 'default');
  expect(again.printed).toContain('No probe has left anything.');
});

test('it asks first, with what it makes and what that uses at most, and makes nothing without a yes', async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic } = deployment;
  const before = await stateOf(cloud);
  const { error, printed } = await runCommand(cloud, propsFor(topic), 'probe', '--api', '3.0');
  expect(error).toContain('Begin? There is no terminal to ask on: say yes with -y. Nothing was made.');
  expect(printed).toContain('Function Compute 3.0');
  expect(printed).toContain('GB-seconds');
  expect(await stateOf(cloud)).toEqual(before);
  expect((await runCommand(cloud, propsFor(topic), 'probe', '-y', '--api', '4')).error).toContain("--api: '4' is not 2.0 or 3.0");
  expect((await runCommand(cloud, propsFor(topic), 'probe', '-y', '--only', 'ordre')).error).toContain(
    '--only: ordre is no finding; there are',
  );
});

test('a report for people and one for programs tell the same', async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic } = deployment;
  const { printed } = await runCommand(cloud, propsFor(topic), 'probe', '-y', '--only', 'edition,whitelist');
  const report = JSON.parse(printed.slice(printed.indexOf('{"region"')));
  expect(Object.keys(report)).toEqual(['region', 'api', 'time', 'version', 'findings', 'left']);
  expect(report.findings).toMatchObject([
    {
      name: 'edition',
      found: 'professional',
      holds: true,
      question: expect.any(String),
      means: expect.any(String),
      tookMs: expect.any(Number),
    },
    { name: 'whitelist', holds: true },
  ]);
  const text = (await runCommand(cloud, propsFor(topic), 'probe', '-y', '--only', 'edition', '-o', 'default')).printed;
  expect(text).toContain('found     professional');
  expect(text).toContain('1 hold, 0 differ, 0 are open.');
});
