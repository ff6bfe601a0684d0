import assert from 'node:assert/strict';
import { isIndexName, parseIndexPattern } from '../../../shared/index-pattern.ts';
import { canary } from '../hostile-text.ts';
import type { Variables } from './built-function.ts';
import type { SeenRequest } from './server.ts';

const headerNames = [
  'host',
  'connection',
  'accept',
  'accept-encoding',
  'content-type',
  'content-length',
  'content-encoding',
  'authorization',
  'user-agent',
  'transfer-encoding',
];

/** Throws unless a request says nothing of a record outside of its body, and its path names nothing that the settings do not allow. */
export function assertRequest({ headers, path }: SeenRequest, variables: Variables): void {
  for (let at = 0; at < headers.length; at += 2) {
    const [name = '', value = ''] = headers.slice(at, at + 2);
    assert.ok(headerNames.includes(name.toLowerCase()), `a request has the header ${name}`);
    assert.match(value, /^[ -~]*$/, `the header ${name} holds what is not ASCII`);
    assert.ok(!value.includes(canary), `the header ${name} tells content of a record`);
  }
  assert.match(path, /^[!-~]*$/, 'a path holds what is not encoded');
  const [name = ''] = path.slice(1).split(/[/?]/);
  // Where the date of a record is not known, it is looked for on all days.
  if (name !== '' && !name.startsWith('_')) assertIndex(decodeURIComponent(name).replace('*', '2000'), variables);
}

/** Throws unless an index is one that `ES_INDEX` can name, or `ERROR_INDEX`. */
export function assertIndex(index: string, { ERROR_INDEX, ES_INDEX = '' }: Variables): void {
  if (index === ERROR_INDEX) return;
  const { parts } = parseIndexPattern(ES_INDEX) ?? { parts: [] };
  const forms = parts.map((part) =>
    part.kind === 'text' ? part.text.replace(/[.+-]/g, '\\$&') : part.kind === 'topic' ? '.+' : '[\\d._-]+',
  );
  assert.ok(
    isIndexName(index) && new RegExp(`^${forms.join('')}$`, 's').test(index),
    `the index ${JSON.stringify(index)} is outside of ${ES_INDEX}`,
  );
}
