import { expect, test } from 'vitest';
import { siteLinks } from '../../../../scripts/connector/commands/site-links.ts';

const text =
  'https://api.aliyun.com/troubleshoot?q=X ' +
  'Activate it: https://common-buy.aliyun.com, or ask at https://quotas.console.aliyun.com, as https://help.aliyun.com says.';

test.each(['cn-hangzhou', 'cn-beijing', undefined])('in %s links are those of the Chinese site', (region) => {
  expect(siteLinks(text, region === undefined ? {} : { region })).toBe(text);
});

test.each(['ap-southeast-1', 'eu-central-1', 'cn-hongkong'])('in %s links are those of the international site', (region) => {
  expect(siteLinks(text, { region })).toBe(
    'https://api.alibabacloud.com/troubleshoot?q=X Activate it: https://common-buy-intl.alibabacloud.com, or ask at https://quotas.console.alibabacloud.com, as https://help.aliyun.com says.',
  );
});
