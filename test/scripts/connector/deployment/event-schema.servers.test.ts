import { expect, inject, test } from 'vitest';
import { seededAccount } from '../../../../scripts/local/api/account.ts';
import { TestCloud } from '../../../support/cloud/local-cloud.ts';
import { changesOf, propsFor, runCommand } from '../../../support/cloud/run-command.ts';
import { Topics } from '../../../support/kafka/topics.ts';

test('a trigger is changed to RawData and back, and records become the same documents', async () => {
  await using topics = await Topics.open(inject('broker'));
  const topic = await topics.create(1);
  const servers = { broker: inject('broker'), elasticsearchUrl: inject('elasticsearchUrl'), topics: [{ topic, partitionNum: 1 }] };
  await using cloud = await TestCloud.start({ account: seededAccount(servers) });
  const props = (eventSchema: string) =>
    propsFor(topic, { name: topic, kafka: { connectorTopics: 'off' }, trigger: { batchWindow: { TimeBasedWindow: 0 }, eventSchema } });
  const documents: object[] = [];
  for (const eventSchema of ['CloudEvents', 'RawData', 'CloudEvents']) {
    const deployed = await runCommand(cloud, props(eventSchema), 'deploy');
    expect(deployed.error).toBeUndefined();
    if (documents.length > 0) expect(changesOf(deployed)).toEqual(['change trigger kafka']);
    const { error, printed } = await runCommand(cloud, props(eventSchema), 'message', '--key', 'demo', '--content', '{"a": "杭州"}');
    expect(error).toBeUndefined();
    documents.push(JSON.parse(printed.slice(printed.lastIndexOf('\n{') + 1)).document.msg_body);
  }
  const body = {
    key: 'demo',
    partition: 0,
    topic,
    value: '{"a": "杭州"}',
    valueSize: 11,
    overflowFlag: false,
    timestamp: expect.any(Number),
  };
  expect(documents).toEqual([0, 1, 2].map((offset) => ({ ...body, offset })));
  await runCommand(cloud, props('CloudEvents'), 'remove', '-y', '--with-topics');
});
