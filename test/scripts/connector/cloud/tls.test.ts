// What is sent to Alibaba Cloud is sent by https, whatever SDK sends it.
import http from 'node:http';
import https from 'node:https';
import { expect, test, vi } from 'vitest';
import { AlibabaCloud } from '../../../../scripts/connector/cloud/alibaba-cloud.ts';
import { Secret } from '../../../../shared/secret.ts';

const access = {
  accountId: '1234567890123456',
  region: 'cn-hangzhou',
  accessKeyId: 'LTAI-test',
  accessKeySecret: new Secret('test'),
  securityToken: undefined,
  endpoint: undefined,
};

/** One call of each client that `AlibabaCloud` has. */
const calls: { readonly [client: string]: (cloud: AlibabaCloud) => Promise<unknown> } = {
  ecs: ({ ecs }) => ecs.securityGroup({ securityGroupId: 'sg-1' }),
  elasticsearch: ({ elasticsearch }) => elasticsearch.instance('es-cn-1'),
  eventBridge: ({ eventBridge }) => eventBridge.state('stream'),
  functionCompute2: ({ functionCompute2 }) => functionCompute2.zones(),
  functionCompute3: ({ functionCompute3 }) => functionCompute3.list(''),
  kafka: ({ kafka }) => kafka.topics('alikafka_pre-cn-1'),
  logs: ({ logs }) => logs.logstores('project'),
  ram: ({ ram }) => ram.roleArn('role'),
  resourceManager: ({ resourceManager }) => resourceManager.createServiceLinkedRole('fc.aliyuncs.com'),
  vpc: ({ vpc }) => vpc.vSwitch('vsw-1'),
};

test('every client is looked at', () => {
  const properties = Object.entries(Object.getOwnPropertyDescriptors(AlibabaCloud.prototype));
  expect(Object.keys(calls).sort()).toEqual(properties.flatMap(([name, { get }]) => (get ? [name] : [])).sort());
});

test.each(Object.entries(calls))('%s speaks https to Alibaba Cloud, and checks certificates', async (_, make) => {
  const cut = () => {
    throw new Error('no network in this test');
  };
  const plain = vi.spyOn(http, 'request').mockImplementation(cut);
  const secure = vi.spyOn(https, 'request').mockImplementation(cut);
  await expect(make(new AlibabaCloud(access))).rejects.toThrow('no network in this test');
  expect(plain).not.toHaveBeenCalled();
  expect(secure).toHaveBeenCalled();
  for (const [options] of secure.mock.calls) {
    expect(options).toMatchObject({ host: expect.stringMatching(/\.aliyuncs\.com$/) });
    expect(options).not.toMatchObject({ rejectUnauthorized: false });
  }
  vi.restoreAllMocks();
});
