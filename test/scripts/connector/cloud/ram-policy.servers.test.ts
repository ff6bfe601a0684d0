import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { PolicyStatement } from '../../../../scripts/local/api/permissions.ts';
import { openCloudWithTopic, small } from '../../../support/cloud/cloud-on-servers.ts';
import { propsFor, runCommand } from '../../../support/cloud/run-command.ts';
import { sls } from '../../../support/cloud/sdk-clients.ts';

const { Statement: policy }: { Statement: readonly PolicyStatement[] } = JSON.parse(readFileSync('ram-policy.json', 'utf8'));
const [, more = ''] =
  /### A role and a log project of your own[\s\S]*?```json\n([\s\S]*?)```/.exec(readFileSync('docs/deploy.md', 'utf8')) ?? [];
const statements: readonly PolicyStatement[] = JSON.parse(more);

const project = 'my-sink-logs';
const logstore = 'sink';
const own = { role: 'my-sink-role', logConfig: { project, logstore } };

test("a role and a log project of one's own need the two statements of docs/deploy.md, and no more", async () => {
  await using deployment = await openCloudWithTopic(({ roles }) => ({
    roles: [...roles, 'my-sink-role'],
    policy: [...policy, ...statements, making],
  }));
  const { cloud, topic } = deployment;
  const props = propsFor(topic, { name: topic, ...small, function: own });
  expect((await runCommand(cloud, props, 'plan')).error).toContain(`project ${project} does not exist`);
  const client = cloud.clients().sls(project);
  await client.createProject(new sls.CreateProjectRequest({ projectName: project, description: 'by hand' }));
  expect((await runCommand(cloud, props, 'plan')).error).toContain(`log store ${logstore} of ${project} does not exist`);
  await client.createLogStore(project, new sls.CreateLogStoreRequest({ logstoreName: logstore, ttl: 7, shardCount: 1 }));
  const { checks, error } = await runCommand(cloud, props, 'deploy');
  expect(error).toBeUndefined();
  expect(checks).toContainEqual(expect.objectContaining({ title: 'Log store', ok: null, detail: expect.stringContaining('has no index') }));
  const removed = await runCommand(cloud, props, 'remove', '-y');
  expect(removed.error).toBeUndefined();
  expect(removed.printed).toContain('"why":"function.logConfig names it"');
});

/** What the test itself does by hand, and a deployment does not. */
const making: PolicyStatement = {
  Effect: 'Allow',
  Action: ['log:CreateProject', 'log:CreateLogStore'],
  Resource: `acs:log:*:*:project/${project}*`,
};

test('without them, what is missing is named', async () => {
  await using deployment = await openCloudWithTopic(({ roles }) => ({ roles: [...roles, 'my-sink-role'], policy }));
  const { cloud, topic } = deployment;
  const { error } = await runCommand(cloud, propsFor(topic, { name: topic, ...small, function: own }), 'deploy');
  expect(error).toContain('Allow this user log:GetProject');
});
