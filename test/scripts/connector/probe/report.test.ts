import { expect, test } from 'vitest';
import { withoutSecrets } from '../../../../scripts/connector/probe/report.ts';

test.each([
  ['user: acs:ram::1234567890123456:user/bob is not allowed', 'user: <arn> is not allowed'],
  [
    'GET https://1234567890123456.cn-hangzhou.fc.aliyuncs.com/2016-08-15/services failed',
    'GET https://<account>.<host>/2016-08-15/services failed',
  ],
  ['account 1234567890123456', 'account <account>'],
  ['connect 192.168.1.7:9092, in 192.168.0.0/16', 'connect <address>, in <address>'],
  ['alikafka_post-cn-x of vpc-1', '<kafka instance> of <vpc>'],
  ['READY after 0.2 s; 7 of 12 topics', 'READY after 0.2 s; 7 of 12 topics'],
])('a report tells nothing of the account: %s', (text, shown) => {
  const replacements = [
    ['alikafka_post-cn-x', '<kafka instance>'],
    ['vpc-1', '<vpc>'],
    ['', 'nothing'],
  ] as const;
  expect(withoutSecrets({ list: [{ text }], holds: null, tookMs: 1 }, replacements)).toEqual({
    list: [{ text: shown }],
    holds: null,
    tookMs: 1,
  });
});
