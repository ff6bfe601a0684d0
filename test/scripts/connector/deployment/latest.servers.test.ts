import { expect, inject, test } from 'vitest';
import { ElasticIndex } from '../../../../scripts/demo/elastic-index.ts';
import { openCloudWithTopic, small } from '../../../support/cloud/cloud-on-servers.ts';
import { changesOf, propsFor, runCommand } from '../../../support/cloud/run-command.ts';

test.each(['2.0', '3.0'])(
  'what comes while a connector that begins at the end is paused is not passed over, though it has delivered nothing: %s',
  async (api) => {
    await using deployment = await openCloudWithTopic();
    const { cloud, topic, topics } = deployment;
    const index = await ElasticIndex.create({ url: inject('elasticsearchUrl'), username: 'elastic', password: 'none' }, topic);
    await topics.send(topic, [{ key: 'before', value: '{"n":0}' }]);
    const props = propsFor(topic, { name: topic, kafka: { ...small.kafka, initialPosition: 'latest' }, function: { api } });
    const deployed = await runCommand(cloud, props, 'deploy');
    expect(deployed.error).toBeUndefined();
    expect(changesOf(deployed).slice(-2)).toEqual([`create group position connect-${topic}`, 'create trigger kafka']);
    expect((await runCommand(cloud, props, 'pause')).error).toBeUndefined();
    await topics.send(topic, [{ key: 'meanwhile', value: '{"n":1}' }]);
    expect((await runCommand(cloud, props, 'resume')).error).toBeUndefined();
    await expect.poll(() => index.count(), { timeout: 30_000 }).toBe(1);
    expect(changesOf(await runCommand(cloud, props, 'deploy'))).toEqual([]);
  },
);

test('where the position may not be set the deployment says what follows, and goes on', async () => {
  await using deployment = await openCloudWithTopic();
  const { cloud, topic } = deployment;
  const refusal = { kind: 'refused', status: 403, code: 'Forbidden.RAM', message: 'you may not' } as const;
  cloud.faults.add({ product: 'alikafka', action: 'UpdateConsumerOffset', fault: refusal, count: 1 });
  const deployed = await runCommand(
    cloud,
    propsFor(topic, { name: topic, kafka: { ...small.kafka, initialPosition: 'latest' } }),
    'deploy',
  );
  expect(deployed.error).toBeUndefined();
  expect(deployed.printed).toContain('Allow this user alikafka:UpdateGroup');
  expect(deployed.printed).toContain('a pause passes over what comes meanwhile');
});
