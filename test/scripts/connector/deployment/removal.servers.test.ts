import { expect, test } from 'vitest';
import { instanceId, makeTopic, openCloudWithTopic, small, topicNames } from '../../../support/cloud/cloud-on-servers.ts';
import { changesOf, propsFor, runCommand, stateOf, type TestProps } from '../../../support/cloud/run-command.ts';
import { alikafka, ecs, sls } from '../../../support/cloud/sdk-clients.ts';

test('remove --with-topics leaves what a user has made, whatever its name is, and says so', async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic } = deployment;
  const { kafka } = cloud.clients();
  const deadLetterTopic = `dead-${topic}`;
  await makeTopic(cloud, deadLetterTopic);
  await makeTopic(cloud, `connect-error-${topic}`);
  const group = { instanceId, regionId: 'cn-hangzhou', consumerId: `connect-${topic}`, remark: 'made-by-hand' };
  await kafka.createConsumerGroup(new alikafka.CreateConsumerGroupRequest(group));
  const props = propsFor(topic, { name: topic, kafka: { deadLetterTopic } });
  expect((await runCommand(cloud, props, 'deploy')).error).toBeUndefined();
  const removed = await runCommand(cloud, props, 'remove', '-y', '--with-topics');
  expect(changesOf(removed)).toEqual(
    expect.arrayContaining([
      `delete topic connect-offset-${topic}`,
      `delete topic connect-config-${topic}`,
      `delete topic connect-status-${topic}`,
    ]),
  );
  expect(await topicNames(cloud)).toEqual([`connect-error-${topic}`, deadLetterTopic, topic].sort());
  const { kept } = JSON.parse(removed.printed.slice(removed.printed.indexOf('{"connector"'))) as { kept: object[] };
  const why = 'this connector did not make it';
  expect(kept).toEqual(
    expect.arrayContaining([
      { kind: 'topic', name: deadLetterTopic, why },
      { kind: 'topic', name: `connect-error-${topic}`, why },
      { kind: 'consumer group', name: `connect-${topic}`, why },
    ]),
  );
  const again = await runCommand(cloud, props, 'remove', '-y', '--with-topics', '-o', 'default');
  expect(again.printed).toContain(`topic connect-error-${topic} stays: ${why}`);
});

test('topics that the connector has made go by their mark, also after the properties have named others', async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic } = deployment;
  await runCommand(cloud, propsFor(topic, { name: topic, ...small }), 'deploy');
  const other = propsFor(topic, {
    name: topic,
    kafka: { connectorTopics: 'off', errorDataTopic: `second-${topic}`, deadLetterTopic: `second-${topic}` },
  });
  await runCommand(cloud, other, 'deploy');
  expect(changesOf(await runCommand(cloud, other, 'remove', '-y', '--with-topics'))).toEqual(
    expect.arrayContaining([
      `delete topic connect-error-${topic}`,
      `delete topic second-${topic}`,
      `delete consumer group connect-${topic}`,
    ]),
  );
  expect(await topicNames(cloud)).toEqual([topic]);
});

test('a topic that the connector has made stays while another connector sends its rejected records there', async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic } = deployment;
  const shared = { connectorTopics: 'off', errorDataTopic: `errors-${topic}` };
  const [one, two] = [propsFor(topic, { name: topic, kafka: shared }), propsFor(topic, { name: `${topic}-b`, kafka: shared })];
  for (const props of [one, two]) expect((await runCommand(cloud, props, 'deploy')).error).toBeUndefined();
  const { printed } = await runCommand(cloud, one, 'remove', '-y', '--with-topics');
  expect(printed).toContain(`connector ${topic}-b uses it`);
  expect(await topicNames(cloud)).toContain(`errors-${topic}`);
});

test("a security group and a log project of the expected names that are not the connector's stay", async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic } = deployment;
  const props = propsFor(topic, { name: topic, ...small });
  const planned = changesOf(await runCommand(cloud, props, 'plan'));
  const nameOf = (kind: string) => planned.find((step) => step.startsWith(`create ${kind} `))?.slice(`create ${kind} `.length) ?? '';
  const group = { regionId: 'cn-hangzhou', vpcId: cloud.account.vpc.vpcId, securityGroupName: nameOf('security group') };
  await cloud.clients().ecs.createSecurityGroup(new ecs.CreateSecurityGroupRequest({ ...group, description: 'by hand' }));
  const project = nameOf('log project');
  await cloud
    .clients()
    .sls(project)
    .createProject(new sls.CreateProjectRequest({ projectName: project, description: 'by hand' }));
  expect((await runCommand(cloud, props, 'deploy')).error).toBeUndefined();
  const removed = changesOf(await runCommand(cloud, props, 'remove', '-y')).map((step) => step.replace(/ [^ ]+$/, ''));
  expect(removed).toEqual(['delete trigger', 'delete function', 'delete service']);
});

test.each<[string, (topic: string) => TestProps, string]>([
  ['error-data topic', (topic) => ({ kafka: { errorDataTopic: topic } }), 'kafka.errorDataTopic: <topic> is the source topic'],
  ['dead-letter topic', (topic) => ({ kafka: { deadLetterTopic: topic } }), 'kafka.deadLetterTopic: <topic> is the source topic'],
  [
    'dead-letter topic under stop',
    (topic) => ({ onFailure: 'stop', kafka: { deadLetterTopic: topic } }),
    'kafka.deadLetterTopic: <topic> is the source topic',
  ],
  [
    'dead-letter queue',
    (topic) => ({
      trigger: { deadLetterQueue: { Arn: `acs:alikafka:cn-hangzhou:1234567890123456:instance/${instanceId}/topic/${topic}` } },
    }),
    'trigger.deadLetterQueue.Arn: <topic> is the source topic',
  ],
  ['offset topic', (topic) => ({ kafka: { offsetTopic: topic } }), 'kafka.offsetTopic: <topic> is the source topic'],
])('the source topic as %s is refused before anything is created', async (_what, changes, message) => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic } = deployment;
  const before = await stateOf(cloud);
  const { error } = await runCommand(cloud, propsFor(topic, { name: topic, ...changes(topic) }), 'deploy');
  expect(error).toContain(message.replace('<topic>', topic));
  expect(await stateOf(cloud)).toEqual(before);
});

test.each<[string, (topic: string) => object]>([
  ['equal', (topic) => ({ errorIndex: topic })],
  ['by topic', (topic) => ({ index: 'a-${topic}', errorIndex: `a-${topic}` })],
  ['by day', () => ({ index: 'a-{yyyy.MM.dd}', errorIndex: 'a-2026.11.26' })],
])('the index as error index is refused before anything is created: %s', async (_what, elasticsearch) => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic } = deployment;
  const before = await stateOf(cloud);
  const { error } = await runCommand(cloud, propsFor(topic, { name: topic, elasticsearch: elasticsearch(topic) }), 'deploy');
  expect(error).toContain('elasticsearch.errorIndex: is an index that elasticsearch.index can name');
  expect(await stateOf(cloud)).toEqual(before);
});
