import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Kafka, logLevel } from 'kafkajs';
import { afterEach, expect, inject, test, vi } from 'vitest';
import { ApplyContext } from '../../../../scripts/connector/deployment/apply.ts';
import { ElasticIndex } from '../../../../scripts/demo/elastic-index.ts';
import { type Account, seededAccount } from '../../../../scripts/local/api/account.ts';
import type { Generation } from '../../../../scripts/local/api/generation.ts';
import { FunctionsByHand } from '../../../support/cloud/functions-by-hand.ts';
import { TestCloud } from '../../../support/cloud/local-cloud.ts';
import { changesOf, propsFor as propsForEither, runCommand, stateOf, type TestProps } from '../../../support/cloud/run-command.ts';
import { alikafka, ecs } from '../../../support/cloud/sdk-clients.ts';

const instanceId = 'alikafka_pre-cn-local0000001';

/** In ms: each long enough that a call which does not wait for it fails. */
const unkind = {
  roles: 1500,
  topics: 700,
  kafkaChanges: 300,
  logProjects: 700,
  logSearch: 700,
  networkInterfaces: 2500,
  triggers: 700,
  whitelists: 1500,
};
const { Statement: policy } = JSON.parse(readFileSync('ram-policy.json', 'utf8'));

/** Every test of a deployment, on one generation of Function Compute. */
export function testDeployments(generation: Generation): void {
  const isOld = generation === '2.0';

  afterEach(() => {
    vi.restoreAllMocks();
  });

  function propsFor(topic: string, changes: TestProps = {}): TestProps {
    return propsForEither(topic, { ...changes, function: { api: generation, ...changes.function } });
  }

  /** A cloud on the shared servers, as slow as the real one and with a user that may do no more than ram-policy.json allows, with a source topic of its own; all names come from the topic's. */
  async function openCloud(changes: Partial<Account> = {}): Promise<{ cloud: TestCloud; topic: string; name: string }> {
    const topic = `deploy-${randomBytes(4).toString('hex')}`;
    const servers = { broker: inject('broker'), elasticsearchUrl: inject('elasticsearchUrl'), topics: [{ topic, partitionNum: 6 }] };
    const cloud = await TestCloud.start({ account: seededAccount(servers, { policy, ...changes }) });
    cloud.faults.delay(unkind);
    return { cloud, topic, name: topic };
  }

  /** Fewer things than the default, where a test is not about them. */
  const small = { kafka: { connectorTopics: 'off' } };

  /** The connector's function, in 2.0 its service; throws when there are two. */
  async function single(cloud: TestCloud): Promise<{ byHand: FunctionsByHand; name: string }> {
    const byHand = new FunctionsByHand(cloud, generation);
    const [name = '', ...others] = await byHand.names();
    expect(others).toEqual([]);
    return { byHand, name };
  }

  async function send(topic: string, values: readonly string[]): Promise<void> {
    const producer = new Kafka({ brokers: [inject('broker')], logLevel: logLevel.NOTHING }).producer();
    await producer.connect();
    await producer.send({ topic, messages: values.map((value) => ({ key: 'k', value })) });
    await producer.disconnect();
  }

  test('deploy makes everything that the page promises, delivers, changes nothing the second time, and remove takes it away', async () => {
    const { cloud, topic, name } = await openCloud();
    await using _cloud = cloud;
    const props = propsFor(topic, { name });
    const first = await runCommand(cloud, props, 'deploy');
    expect(first.error).toBeUndefined();
    expect(first.printed).toContain('"functionChecks":[{"name":"settings","ok":true');
    expect(changesOf(first).map((step) => step.replace(/-[0-9a-f]{8}$/, '-<hash>'))).toEqual([
      'create service-linked role sendevent-fc.eventbridge.aliyuncs.com',
      'create service-linked role source-kafka.eventbridge.aliyuncs.com',
      'create service-linked role connect-vpc.eventbridge.aliyuncs.com',
      'create service-linked role sendevent-kafka.eventbridge.aliyuncs.com',
      `create consumer group connect-${name}`.replace(/-[0-9a-f]{8}$/, '-<hash>'),
      `create topic connect-offset-${name}`.replace(/-[0-9a-f]{8}$/, '-<hash>'),
      `create topic connect-config-${name}`.replace(/-[0-9a-f]{8}$/, '-<hash>'),
      `create topic connect-status-${name}`.replace(/-[0-9a-f]{8}$/, '-<hash>'),
      `create topic connect-error-${name}`.replace(/-[0-9a-f]{8}$/, '-<hash>'),
      'create log project kafka-sink-1234567890123456-cn-hangzhou',
      `create log store ${name}-<hash>`,
      `create log index ${name}-<hash>`,
      `create security group connect-${name}-<hash>`,
      ...(isOld
        ? [`create service kafka-service-${name}-<random>`, 'create function elasticsearch-sink']
        : [`create function kafka-service-${name}-<random>`]),
      'create trigger kafka',
    ]);
    expect((await single(cloud)).name).toMatch(new RegExp(`^kafka-service-${name}-[a-z0-9]{8}$`));

    const { kafka } = cloud.clients();
    const topics = (await kafka.getTopicList(new alikafka.GetTopicListRequest({ instanceId, regionId: 'cn-hangzhou', pageSize: '50' })))
      .body;
    const shape = topics?.topicList?.topicVO?.map(({ topic: made, partitionNum, localTopic, compactTopic }) => [
      made,
      partitionNum,
      localTopic,
      compactTopic,
    ]);
    expect(shape).toEqual(
      expect.arrayContaining([
        [`connect-offset-${name}`, 6, true, true],
        [`connect-config-${name}`, 1, true, true],
        [`connect-status-${name}`, 6, true, true],
        [`connect-error-${name}`, 6, false, false],
      ]),
    );

    const index = await ElasticIndex.create({ url: inject('elasticsearchUrl'), username: 'elastic', password: 'none' }, topic);
    await send(topic, ['{"n":1}', '{"n":2}']);
    await expect.poll(() => index.count()).toBe(2);

    const before = await stateOf(cloud);
    expect(changesOf(await runCommand(cloud, props, 'deploy'))).toEqual([]);
    expect(await stateOf(cloud)).toEqual(before);

    const removed = await runCommand(cloud, props, 'remove', '-y');
    expect(changesOf(removed).map((step) => step.split(' ').slice(0, -1).join(' '))).toEqual([
      'delete trigger',
      'delete function',
      ...(isOld ? ['delete service'] : []),
      'delete security group',
      'delete log store',
      'delete log project',
    ]);
    expect(await new FunctionsByHand(cloud, generation).names()).toEqual([]);
    const gone = await runCommand(cloud, props, 'remove', '-y', '--with-topics');
    expect(gone.steps.map(({ kind }) => kind)).toEqual(['topic', 'topic', 'topic', 'topic', 'consumer group']);
    expect((await runCommand(cloud, props, 'remove', '-y', '--with-topics')).steps).toEqual([]);
  });

  test('plan changes nothing, and is what deploy then does', async () => {
    const { cloud, topic, name } = await openCloud();
    await using _cloud = cloud;
    const props = propsFor(topic, { name });
    const before = await stateOf(cloud);
    const planned = await runCommand(cloud, props, 'plan');
    expect(await stateOf(cloud)).toEqual(before);
    expect((await runCommand(cloud, props, 'deploy')).steps).toEqual(planned.steps);
  });

  test('the plan as people read it', async () => {
    const { cloud, topic, name } = await openCloud();
    await using _cloud = cloud;
    const { printed } = await runCommand(cloud, propsFor(topic, { name }), 'plan', '-o', 'default');
    const text = printed
      .slice(printed.indexOf('Not Alibaba Cloud'))
      .replaceAll(name, '<name>')
      .replace(/-[0-9a-f]{8}$/gm, '-<hash>')
      .replace(/ES_PORT: \d+/, 'ES_PORT: <port>')
      .replaceAll(inject('broker'), '<broker>')
      .replaceAll(cloud.endpoint, '<cloud>')
      .replace(/(kafka-elasticsearch-sink) \d+\.\d+\.\d+/, '$1 <version>')
      .replace(/\d+ of 4096/, '<n> of 4096');
    await expect(text).toMatchFileSnapshot(`plan-${generation}.golden.txt`);
  });

  test('interrupted after any step, the next run goes on with what is missing', async () => {
    const { cloud, topic, name } = await openCloud();
    await using _cloud = cloud;
    const props = propsFor(topic, { name });
    const planned = changesOf(await runCommand(cloud, props, 'plan'));
    const apply = ApplyContext.prototype.apply;
    const applied: string[] = [];
    vi.spyOn(ApplyContext.prototype, 'apply').mockImplementation(async function (this: ApplyContext, step) {
      await apply.call(this, step);
      applied.push(`${step.action} ${step.resource.kind} ${step.resource.name}`);
      throw new Error('interrupted');
    });
    for (const _step of planned) expect((await runCommand(cloud, props, 'deploy')).error).toBe('interrupted');
    expect(applied).toEqual(planned);
    vi.restoreAllMocks();
    expect(changesOf(await runCommand(cloud, props, 'deploy'))).toEqual([]);
    await single(cloud);
  });

  test('what another person changed is named with its old and its new value, and put right', async () => {
    const { cloud, topic, name } = await openCloud();
    await using _cloud = cloud;
    const props = propsFor(topic, { name, ...small });
    await runCommand(cloud, props, 'deploy');
    const { byHand, name: made } = await single(cloud);
    const config = await byHand.trigger(made);
    const { runOptions, eventSinkConfig } = config ?? { runOptions: {}, eventSinkConfig: { deliveryOption: {} } };
    const concurrency = isOld ? {} : { eventSinkConfig: { deliveryOption: { ...eventSinkConfig.deliveryOption, concurrency: 1 } } };
    await byHand.updateTrigger(made, { ...config, runOptions: { ...runOptions, ...(isOld && { maximumTasks: 1 }) }, ...concurrency });
    await byHand.updateFunction(made, { memorySize: 256, environmentVariables: { ...(await byHand.variables(made)), LOG_LEVEL: 'debug' } });
    await byHand.takePlacement(made);
    const { steps } = await runCommand(cloud, props, 'deploy');
    const changes = Object.fromEntries(
      steps
        .filter(({ action }) => action === 'change')
        .map(({ kind, changes: fields }) => [kind, fields?.map(({ field, before, after }) => [field, before, after])]),
    );
    expect(changes.function).toEqual(
      expect.arrayContaining([
        ['memorySize', 256, 512],
        ['environmentVariables.LOG_LEVEL', 'debug', undefined],
      ]),
    );
    expect(changes.function).toHaveLength(isOld ? 2 : 8);
    expect(changes.trigger).toEqual([[isOld ? 'runOptions.maximumTasks' : 'concurrency', 1, 6]]);
    expect(changes[isOld ? 'service' : 'function']).toContainEqual(['vpcConfig.vpcId', '', 'vpc-bp1local000000000000001']);
    expect(changesOf(await runCommand(cloud, props, 'plan'))).toEqual([]);
  });

  test('consumerThreads and index are changed in place, another topic replaces the trigger, the code is not sent again', async () => {
    const { cloud, topic, name } = await openCloud();
    await using _cloud = cloud;
    await runCommand(cloud, propsFor(topic, { name, ...small }), 'deploy');
    await cloud
      .clients()
      .kafka.createTopic(
        new alikafka.CreateTopicRequest({ instanceId, regionId: 'cn-hangzhou', topic: `${topic}-b`, remark: 'test', partitionNum: '12' }),
      );
    const changed = propsFor(`${topic}-b`, {
      name,
      kafka: { connectorTopics: 'off', consumerThreads: 12 },
      elasticsearch: { index: 'other' },
    });
    const { steps } = await runCommand(cloud, changed, 'deploy', '-y');
    const rows = steps
      .filter(({ action }) => action !== 'keep')
      .map(({ action, kind, changes }) => [action, kind, changes?.map(({ field }) => field)]);
    const variables = ['environmentVariables.SOURCE_TOPIC', 'environmentVariables.ES_INDEX'];
    expect(rows).toEqual([
      ...(isOld
        ? [
            ['change', 'service', ['description']],
            ['change', 'function', variables],
          ]
        : [['change', 'function', ['description', ...variables, 'tags.sourceTopic']]]),
      ['replace', 'trigger', ['source.Topic', isOld ? 'runOptions.maximumTasks' : 'concurrency']],
    ]);
    expect(changesOf(await runCommand(cloud, changed, 'plan'))).toEqual([]);
  });

  test('two connectors of one instance, and equal names in two instances, are told apart', async () => {
    const topic = `deploy-${randomBytes(4).toString('hex')}`;
    const servers = { broker: inject('broker'), elasticsearchUrl: inject('elasticsearchUrl'), topics: [{ topic, partitionNum: 2 }] };
    const { kafka } = seededAccount(servers);
    const second = kafka.map((instance) => ({ ...instance, instanceId: 'alikafka_pre-cn-local0000002' }));
    await using cloud = await TestCloud.start({ account: seededAccount(servers, { kafka: [...kafka, ...second] }) });
    const [one, longer, twin] = [
      propsFor(topic, { name: 'one', kafka: { connectorTopics: 'off', deadLetterTopic: `${topic}-e1`, errorDataTopic: `${topic}-e1` } }),
      propsFor(topic, {
        name: 'one-abcdefgh',
        kafka: { connectorTopics: 'off', deadLetterTopic: `${topic}-e2`, errorDataTopic: `${topic}-e2` },
      }),
      propsFor(topic, {
        name: 'one',
        kafka: {
          instanceId: 'alikafka_pre-cn-local0000002',
          connectorTopics: 'off',
          deadLetterTopic: `${topic}-e3`,
          errorDataTopic: `${topic}-e3`,
        },
        document: { idPrefix: 'second+' },
      }),
    ];
    for (const props of [longer, one, twin]) expect((await runCommand(cloud, props, 'deploy')).error).toBeUndefined();
    for (const props of [longer, one, twin]) expect(changesOf(await runCommand(cloud, props, 'plan'))).toEqual([]);
    expect(JSON.parse((await runCommand(cloud, one, 'list')).printed).connectors).toMatchObject([
      { connector: 'one', madeBy: 'this package' },
      { connector: 'one', madeBy: 'this package' },
      { connector: 'one-abcdefgh', madeBy: 'this package' },
    ]);
    await runCommand(cloud, one, 'remove', '-y');
    for (const props of [longer, twin]) expect(changesOf(await runCommand(cloud, props, 'plan'))).toEqual([]);
  });

  const anElasticsearch = seededAccount({ broker: '', elasticsearchUrl: inject('elasticsearchUrl') }).elasticsearch;
  const aKafka = seededAccount({ broker: inject('broker'), elasticsearchUrl: '' }).kafka;

  const zoneRefusal: [string, Partial<Account>, TestProps, string] = [
    'a zone without functions',
    { functionComputeZones: ['cn-hangzhou-z'] },
    {},
    'is in cn-hangzhou-i, where Function Compute has no network; it has in cn-hangzhou-z',
  ];

  test.each<[string, Partial<Account>, TestProps, string]>([
    [
      'a Kafka instance of elsewhere',
      {},
      { kafka: { instanceId: 'alikafka_post-cn-x' } },
      'Kafka instance: alikafka_post-cn-x is not in cn-hangzhou',
    ],
    ['another region', {}, { region: 'cn-beijing' }, 'Kafka instance: alikafka_pre-cn-local0000001 is not in cn-beijing'],
    ['a Kafka instance that does not run', { kafka: aKafka.map((one) => ({ ...one, serviceStatus: 1 })) }, {}, 'is not running'],
    ['a missing source topic', {}, { kafka: { topic: 'nowhere' } }, 'Source topic: nowhere is not in alikafka_pre-cn-local0000001'],
    [
      'connector topics that the edition lacks',
      { kafka: aKafka.map((one) => ({ ...one, edition: 'normal' as const })) },
      { kafka: { connectorTopics: 'required' } },
      'normal edition has no topics with local storage',
    ],
    [
      'an Elasticsearch instance of elsewhere',
      {},
      { elasticsearch: { instanceId: 'es-cn-x' } },
      'Elasticsearch: es-cn-x is not in cn-hangzhou',
    ],
    [
      'an Elasticsearch that does not answer',
      { elasticsearch: anElasticsearch.map((one) => ({ ...one, url: 'http://127.0.0.1:1' })) },
      {},
      'es-cn-local000000001 is activating',
    ],
    [
      'port 9300',
      {},
      { elasticsearch: { port: 9300 } },
      '9300: that is the transport port, closed to clients since Elasticsearch 6; use 9200',
    ],
    // No call of 3.0 tells the zones.
    ...(isOld ? [zoneRefusal] : []),
    [
      'a vSwitch that is not there',
      {},
      { function: { vpcConfig: { vpcId: 'vpc-1', vSwitchIds: ['vsw-1'], securityGroupId: 'sg-1' } } },
      'vsw-1 does not exist; the security group is not in vpc-1',
    ],
    ["another VPC than the instance's", {}, { kafka: { vpcId: 'vpc-1' } }, 'vpc-1 is not the VPC of the instance'],
    ["a vSwitch outside the instance's VPC", {}, { kafka: { vSwitchId: 'vsw-1' } }, 'vsw-1 is not in the VPC of the instance'],
    [
      'a role that is not there',
      {},
      { function: { role: 'nobody' } },
      `Role of the ${isOld ? 'service' : 'function'}: nobody does not exist`,
    ],
    ['an environment over 4 KB', {}, { function: { environmentVariables: { ES_CA: 'x'.repeat(4000) } } }, 'Function Compute takes 4096'],
  ])('%s is refused before anything is created', async (_what, account, changes, message) => {
    const { cloud, topic, name } = await openCloud(account);
    await using _cloud = cloud;
    const before = await stateOf(cloud);
    const { error } = await runCommand(cloud, propsFor(topic, { name, ...changes }), 'deploy');
    expect(error).toContain(message);
    expect(await stateOf(cloud)).toEqual(before);
  });

  test('a wrong key is refused with what to do', async () => {
    const { cloud, topic, name } = await openCloud({ accessKeys: [{ accessKeyId: 'LTAI5tOther', accessKeySecret: 'secret-77' }] });
    await using _cloud = cloud;
    await using other = await TestCloud.start({ account: seededAccount({ broker: '', elasticsearchUrl: '' }) });
    const { error } = await runCommand({ account: other.account, endpoint: cloud.endpoint }, propsFor(topic, { name }), 'plan');
    expect(error).toMatch(/^Function Compute: \w+ failed \(InvalidAccessKey(ID|Id), status 403\).*Check the access key/);
    expect(error).not.toContain('secret');
  });

  test('a name whose group others use is refused with who has it', async () => {
    const { cloud, topic, name } = await openCloud();
    await using _cloud = cloud;
    const group = { instanceId, regionId: 'cn-hangzhou', consumerId: `connect-${name}` };
    await cloud.clients().kafka.createConsumerGroup(new alikafka.CreateConsumerGroupRequest({ ...group, remark: 'theirs' }));
    await new FunctionsByHand(cloud, '2.0').create(`kafka-service-${name}-abcd1234`, "the console's");
    const { error } = await runCommand(cloud, propsFor(topic, { name }), 'deploy');
    expect(error).toContain(`Name of the connector: ${name} is the name of the connector of service kafka-service-${name}-abcd1234`);
    const consumer = new Kafka({ brokers: [inject('broker')], logLevel: logLevel.NOTHING }).consumer({ groupId: `connect-${name}` });
    await consumer.connect();
    await consumer.subscribe({ topic });
    await consumer.run({ eachMessage: async () => undefined });
    await expect
      .poll(async () => (await runCommand(cloud, propsFor(topic, { name }), 'plan')).error, { interval: 500 })
      .toContain(`connect-${name} is used by the connector of service kafka-service-${name}-abcd1234, which reads`);
    await consumer.disconnect();
  });

  test('a missing network in the whitelist is added, and the list is kept', async () => {
    const servers = { broker: inject('broker'), elasticsearchUrl: inject('elasticsearchUrl') };
    const elasticsearch = seededAccount(servers).elasticsearch.map((instance) => ({
      ...instance,
      privateNetworkIpWhiteList: ['10.0.0.0/8'],
    }));
    const { cloud, topic, name } = await openCloud({ elasticsearch });
    await using _cloud = cloud;
    const props = propsFor(topic, { name, ...small });
    expect(changesOf(await runCommand(cloud, props, 'deploy'))).toContain('create whitelist entry 192.168.1.0/24');
    const { body } = await cloud.clients().elasticsearch.describeInstance('es-cn-local000000001');
    expect(body?.result?.privateNetworkIpWhiteList).toEqual(['10.0.0.0/8', '192.168.1.0/24']);
  });

  test('made by hand: every deviation is named at once, and nothing is made', async () => {
    const { cloud, topic, name } = await openCloud();
    await using _cloud = cloud;
    cloud.faults.delay({ ...unkind, kafkaChanges: 0 });
    const { kafka } = cloud.clients();
    const make = (made: string, fields: object) =>
      kafka.createTopic(new alikafka.CreateTopicRequest({ instanceId, regionId: 'cn-hangzhou', topic: made, remark: 'test', ...fields }));
    await make(`connect-offset-${name}`, { partitionNum: '1', localTopic: true });
    await make(`connect-config-${name}`, { partitionNum: '3', localTopic: false });
    const props = propsFor(topic, { name, kafka: { resources: 'manual', connectorTopics: 'required' } });
    const { error } = await runCommand(cloud, props, 'deploy');
    for (const deviation of [
      `connect-offset-${name} has 1 partitions, needs at least 2`,
      `connect-offset-${name} has cleanup.policy delete, must have compact`,
      `connect-config-${name} has 3 partitions, must have 1`,
      `connect-config-${name} has cloud storage, must have local storage`,
      `connect-status-${name} does not exist`,
      `connect-error-${name} does not exist`,
      `consumer group connect-${name} does not exist`,
    ]) {
      expect(error).toContain(deviation);
    }
    expect(await new FunctionsByHand(cloud, generation).names()).toEqual([]);
  });

  test('throttling and 5xx are waited out; what stays is an error with service, action and what to do', async () => {
    const { cloud, topic, name } = await openCloud();
    await using _cloud = cloud;
    const props = propsFor(topic, { name, ...small });
    cloud.faults.add({ product: 'fc', action: 'CreateFunction', fault: { kind: 'throttled' }, count: 2 });
    cloud.faults.add({ product: 'alikafka', action: 'CreateTopic', fault: { kind: 'internal-error' }, count: 1 });
    cloud.faults.add({ product: 'sls', action: 'CreateLogStore', fault: { kind: 'unavailable' }, count: 1 });
    expect((await runCommand(cloud, props, 'deploy')).error).toBeUndefined();
    cloud.faults.add({ product: 'alikafka', action: 'GetTopicList', fault: { kind: 'unavailable' }, count: 100 });
    const { error } = await runCommand(cloud, props, 'plan');
    cloud.faults.clear();
    expect(error).toMatch(/^ApsaraMQ for Kafka: GetTopicList failed \(.*503.*after \d+ attempts in \d+ s\).*Run the command again/);
  });

  test('answers that are lost after the work was done make nothing twice', async () => {
    const servers = { broker: inject('broker'), elasticsearchUrl: inject('elasticsearchUrl') };
    const elasticsearch = seededAccount(servers).elasticsearch.map((instance) => ({ ...instance, privateNetworkIpWhiteList: [] }));
    const { cloud, topic, name } = await openCloud({ elasticsearch });
    await using _cloud = cloud;
    const props = propsFor(topic, { name });
    const lost = (product: string, ...actions: string[]) => {
      for (const action of actions) cloud.faults.add({ product, action, fault: { kind: 'response-lost' }, count: 1 });
    };
    lost('resourcemanager', 'CreateServiceLinkedRole');
    lost('alikafka', 'CreateConsumerGroup', 'CreateTopic');
    lost('sls', 'CreateProject', 'CreateLogStore', 'CreateIndex');
    lost('ecs', 'CreateSecurityGroup');
    lost('elasticsearch', 'UpdatePrivateNetworkWhiteIps');
    lost('fc', ...(isOld ? ['CreateService'] : []), 'CreateFunction', 'CreateTrigger');
    expect((await runCommand(cloud, props, 'deploy')).error).toBeUndefined();
    expect(changesOf(await runCommand(cloud, props, 'plan'))).toEqual([]);
    await single(cloud);
    const groups = new ecs.DescribeSecurityGroupsRequest({ regionId: 'cn-hangzhou', vpcId: cloud.account.vpc.vpcId });
    const { body } = await cloud.clients().ecs.describeSecurityGroups(groups);
    expect(body?.securityGroups?.securityGroup?.filter(({ securityGroupName }) => securityGroupName?.startsWith('connect-'))).toHaveLength(
      1,
    );
    lost('fc', 'DeleteTrigger', 'DeleteFunction', ...(isOld ? ['DeleteService'] : []));
    lost('ecs', 'DeleteSecurityGroup');
    lost('sls', 'DeleteLogStore', 'DeleteProject');
    lost('alikafka', 'DeleteTopic', 'DeleteConsumerGroup');
    expect((await runCommand(cloud, props, 'remove', '-y', '--with-topics')).error).toBeUndefined();
    expect((await runCommand(cloud, props, 'remove', '-y', '--with-topics')).steps).toEqual([]);
  });

  test('remove keeps the log project while another connector has its store there', async () => {
    const { cloud, topic, name } = await openCloud();
    await using _cloud = cloud;
    const [one, two] = [propsFor(topic, { name, ...small }), propsFor(topic, { name: `${name}-b`, ...small })];
    for (const props of [one, two]) await runCommand(cloud, props, 'deploy');
    expect(changesOf(await runCommand(cloud, one, 'remove', '-y')).join()).not.toContain('log project');
    expect(changesOf(await runCommand(cloud, two, 'remove', '-y')).join()).toContain('log project');
  });

  test('a password is printed, planned and stored nowhere but in the function', async () => {
    const { cloud, topic, name } = await openCloud();
    await using _cloud = cloud;
    const canary = 'canary-9f3b';
    const props = propsFor(topic, { name, ...small, elasticsearch: { password: canary } });
    const runs = [await runCommand(cloud, props, 'plan'), await runCommand(cloud, props, 'deploy')];
    const other = propsFor(topic, { name, ...small, elasticsearch: { password: `${canary}-new` } });
    const changed = await runCommand(cloud, other, 'plan');
    expect(changed.steps.find(({ kind }) => kind === 'function')?.changes).toEqual([
      { field: 'environmentVariables.ES_PASSWORD', before: '***', after: '***' },
    ]);
    const wrong = propsFor(topic, { name, elasticsearch: { password: canary, apiKey: 'canary-9f3b==', indx: canary } });
    runs.push(changed, await runCommand(cloud, wrong, 'deploy'), await runCommand(cloud, props, 'remove'));
    for (const { printed } of runs) expect(printed).not.toContain(canary);
    const state = await stateOf(cloud);
    const holders = Object.keys(state).filter((file) => state[file]?.includes(canary));
    expect(holders).toEqual([expect.stringMatching(/^fc.*functions\.json$/)]);
  });
}
