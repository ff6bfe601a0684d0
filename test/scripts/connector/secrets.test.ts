import { expect, test } from 'vitest';
import { withoutSecrets } from '../../../scripts/connector/secrets.ts';

test.each([
  ["'S3cr${et}9' is wrong", 'S3cr${et}9', "'***' is wrong"],
  ['xxlong-enough-canaryxx', 'long-enough-canary', 'xx***xx'],
  ['elasticsearch.username is elastic', 'elastic', 'elasticsearch.username is ***'],
  ['密码钥匙x', '密码钥匙', '***x'],
])('of %j, %j is starred', (text, secret, expected) => {
  expect(withoutSecrets(text, [secret])).toBe(expected);
});
