// The search itself: a canary that it does not find would prove nothing.
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { hatch, styles } from './canaries.ts';

const spellings: readonly (readonly [string, (text: string) => string])[] = [
  ['as it is', (text) => text],
  ['in capitals', (text) => text.toUpperCase()],
  ['as JSON', (text) => JSON.stringify({ text })],
  ['as JSON in JSON', (text) => JSON.stringify(JSON.stringify(text))],
  ['in a URL', encodeURIComponent],
  ['in a form', (text) => new URLSearchParams({ '': text }).toString()],
  ['in Base64', (text) => Buffer.from(text).toString('base64')],
  ['in Base64 of a URL', (text) => Buffer.from(text).toString('base64url')],
  ['as user and password', (text) => Buffer.from(`elastic:${text}`).toString('base64')],
  ['as another user and password', (text) => Buffer.from(`admin:${text}`).toString('base64')],
  ['in hex', (text) => Buffer.from(text).toString('hex')],
  ['in part', (text) => text.slice(0, 14)],
  ['with stars for its characters', (text) => text.replace(/\W+/g, '***')],
];

test.each(styles.flatMap((style) => spellings.map(([name, spell]) => [style, name, spell] as const)))(
  'every %s canary is found %s',
  (style, _name, spell) => {
    const canaries = hatch(style);
    for (const [name, text] of Object.entries({ ...canaries.secret, ...canaries.content })) {
      expect(canaries.tellsIn(`before ${spell(text)} after`), `${name}: ${text}`).toContain(name);
      expect(canaries.tellsIn(Buffer.from(`before ${spell(text)} after`)), `${name}: ${text}`).toContain(name);
    }
  },
);

test('what a decoded API key tells is found, and nothing where nothing is', () => {
  const canaries = hatch('plain');
  expect(canaries.secretsIn(Buffer.from(canaries.secret.esApiKey, 'base64'))).toEqual(['esApiKey']);
  expect(canaries.tellsIn('elastic 0123456789abcdef ***')).toEqual([]);
  expect(canaries.tellsIn(gzipSync(canaries.secret.esPassword))).toEqual([]);
});
