// No secret and no content is told, whatever a real Elasticsearch quotes.
import { expect, inject, test } from 'vitest';
import { at, connectorRecord } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

const keyed = { DOCUMENT_SHAPE: 'value', DOCUMENT_ID: 'key' };

/** A record with this key, numbered; without `value`, one that has none. */
function change(key: string, offset: number, value?: string): object {
  return connectorRecord({ key, offset, value });
}

test('a key that is the id does not reach the log', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await sandbox.put(`/${sandbox.name}`, { mappings: { properties: { n: { type: 'integer' } } } });
  const sink = await sandbox.start({ ...keyed, LOG_LEVEL: 'debug' });
  expect(await sink.deliver(change('canary', 1, '{"n":"x"}'), change('canary', 0, '{}'), change('canary', 0, '{}'))).toMatchObject({
    rejected: 1,
  });
  expect(sink.lines.join()).not.toMatch(/canary/i);
});

const value = { DOCUMENT_SHAPE: 'value' };
const mapped = { mappings: { properties: { n: { type: 'long' } } } };

test("7.10 quotes the request's credentials in the cause of a malformed document: they are shown and handed over nowhere", async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const errors = `${sandbox.name}-errors`;
  await sandbox.put(`/${sandbox.name}`, mapped);
  const fn = await sandbox.start({ ...value, ERROR_INDEX: errors });
  // JSON as RFC 8259 has it, at which Elasticsearch's parser stops and quotes its buffer from the head of the request on.
  const unfit = ['{"n":1,"n":1}', '{"n":{"a":[1]}}', '{"n":1e99999}'].map((text, offset) => at(offset, { value: text }));
  const outcome = await fn.invoke(...unfit, at(9, { value: '{"n":1}' }));
  expect(outcome.result).toMatchObject({ received: 4, written: 1, rejected: 3 });
  const text = `${outcome.text}${fn.lines.join('\n')}${JSON.stringify(await sandbox.documents(errors))}`;
  expect(text).not.toContain('canary-Pa55');
  expect(text).not.toContain(Buffer.from('elastic:canary-Pa55').toString('base64'));
  expect(Object.keys(await sandbox.documents(errors))).toHaveLength(3);
});
