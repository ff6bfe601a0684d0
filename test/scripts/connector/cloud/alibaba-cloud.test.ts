import { expect, test } from 'vitest';
import { AlibabaCloud } from '../../../../scripts/connector/cloud/alibaba-cloud.ts';
import { Secret } from '../../../../shared/secret.ts';
import { TestCloud } from '../../../support/cloud/local-cloud.ts';

test("what one product's SDK leaves behind ends no call of another's", async () => {
  await using local = await TestCloud.start();
  const { accessKeys, accountId, region } = local.account;
  const [key] = accessKeys;
  const cloud = new AlibabaCloud({
    accountId,
    region,
    accessKeyId: key?.accessKeyId ?? '',
    accessKeySecret: new Secret(key?.accessKeySecret ?? ''),
    securityToken: undefined,
    endpoint: new URL(local.endpoint),
  });
  await Promise.all([cloud.ram.roleArn('AliyunFCDefaultRole'), cloud.logs.projectDescription('nowhere')]);
  // Longer than the 3 s after which the timers of those calls end.
  local.faults.add({ product: 'fc', action: 'InvokeFunction', fault: { kind: 'latency', ms: 3500 }, count: 1 });
  await expect(cloud.functionCompute2.invoke('nowhere', Buffer.from('{}'))).rejects.toThrow('ServiceNotFound');
});
