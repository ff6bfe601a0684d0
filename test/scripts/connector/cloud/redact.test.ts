import { expect, test } from 'vitest';
import { call } from '../../../../scripts/connector/cloud/call.ts';
import { redact, redacting } from '../../../../scripts/connector/cloud/redact.ts';

test.each([
  ["'S3cr${et}9' is wrong", 'S3cr${et}9', "'***' is wrong"],
  ['xxlong-enough-canaryxx', 'long-enough-canary', 'xx***xx'],
  ['elasticsearch.username is elastic', 'elastic', 'elasticsearch.username is ***'],
  ['密码钥匙x', '密码钥匙', '***x'],
  [String.raw`{"p":"pw\"quoted\\back"}`, 'pw"quoted\\back', '{"p":"***"}'],
  ['?p=pa%20ss%2Fword%26', 'pa ss/word&', '?p=***'],
  ['p=pa+ss%2Fword%26', 'pa ss/word&', 'p=***'],
])('of %j, %j is starred', (text, secret, expected) => {
  expect(redact(text, [secret])).toBe(expected);
});

test('of two secrets that are in each other, none leaves a rest', () => {
  expect(redact('canary-long-one', ['canary-long', 'canary-long-one'])).toBe('***');
});

test('a secret that an answer quotes where its message is cut is starred, not cut', async () => {
  const answer = new Error(`${'x'.repeat(280)} ES_PASSWORD=canary-that-is-rather-long`);
  const failing = () => call('Function Compute', 'CreateFunction', () => Promise.reject(answer));
  await expect(redacting(['canary-that-is-rather-long'], failing)).rejects.toThrow(/x ES_PASSWORD=\*\*\*\./);
});
