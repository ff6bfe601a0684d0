import { expect, test } from 'vitest';
import { redactSecrets } from '../../shared/redaction.ts';

test.each([
  ["'S3cr${et}9' is wrong", 'S3cr${et}9', "'***' is wrong"],
  ['xxlong-enough-canaryxx', 'long-enough-canary', 'xx***xx'],
  ['XXLONG-ENOUGH-CANARYXX', 'long-enough-canary', 'XX***XX'],
  ['elasticsearch.username is elastic', 'elastic', 'elasticsearch.username is ***'],
  ['密码钥匙x', '密码钥匙', '***x'],
  [String.raw`{"p":"pw\"quoted\\back"}`, 'pw"quoted\\back', '{"p":"***"}'],
  [JSON.stringify(JSON.stringify({ p: 'pw"quoted\\back' })), 'pw"quoted\\back', String.raw`"{\"p\":\"***\"}"`],
  [String.raw`p=p\u00fc\tw`, 'pü\tw', 'p=***'],
  [String.raw`p=\u65E5\uD83D\ude00!`, '日😀!', 'p=***'],
  ['p=&quot;&#252;&#x3c;&amp;x', '"ü<&x', 'p=***'],
  ['?p=pa%20ss%2Fword%26', 'pa ss/word&', '?p=***'],
  ['?p=p%C3%BC%25c3%25bc', 'püü', '?p=***'],
  [Buffer.from('p=pässwörd-1 2').toString('latin1'), 'pässwörd-1\t2', 'p=***'],
  ['p=p??ssw??rd-12', 'pässwörd-12', 'p=***'],
  ['p=p?sswrd-12', 'pässwörd-12', 'p=***'],
  ['密码 ?? x', '密码钥匙', '密码 ?? x'],
  ['p=pa+ss%2Fword%26', 'pa ss/word&', 'p=***'],
  [`realm ${btoa('elastic:canary-Pa55')}.`, 'canary-Pa55', 'realm ***.'],
  [`realm ${btoa('x:canary-Pa55:and more')}.`, 'canary-Pa55', 'realm ***.'],
  [`realm ${btoa('elastic:pw').replaceAll('=', '')}.`, 'pw', `realm ${btoa('elastic:pw').replaceAll('=', '')}.`],
])('of %j, %j is starred', (text, secret, expected) => {
  expect(redactSecrets(text, [secret])).toBe(expected);
});

test('of two secrets that are in each other, none leaves a rest', () => {
  expect(redactSecrets('canary-long-one', ['canary-long', 'canary-long-one'])).toBe('***');
});

test('a secret that is longer than any pattern is starred', () => {
  const secret = Array.from({ length: 20_000 }, (_, number) => `"${number}`).join(' ');
  expect(redactSecrets(`p=${secret}.`, [secret])).toMatch(/^p=\*+\.$/);
  expect(redactSecrets(JSON.stringify(secret), [secret])).toMatch(/^"\*+"$/);
});

test('a text of backslashes, and a secret of them, take no time', () => {
  const started = performance.now();
  redactSecrets('\\'.repeat(64 * 1024), [`${'\\'.repeat(20)}"${'\\'.repeat(20)}'"'"'"`, '"'.repeat(50)]);
  redactSecrets('\\"'.repeat(32 * 1024), ['"'.repeat(50)]);
  expect(performance.now() - started).toBeLessThan(10_000);
});

test('one long word, as Elasticsearch may quote it of a record, takes no time', () => {
  const started = performance.now();
  const word = 'abcdefgh_'.repeat(7_000);
  for (const secret of ['a-password-of-its-length', 'another-password']) expect(redactSecrets(word, [secret])).toBe(word);
  expect(performance.now() - started).toBeLessThan(1_000);
});
