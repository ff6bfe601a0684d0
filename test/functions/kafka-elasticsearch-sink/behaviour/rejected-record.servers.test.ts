// The record's fault: it is rejected alone, and the others are written.
import { expect, inject, test } from 'vitest';
import { serverUnderTest } from '../../../support/elasticsearch/server-under-test.ts';
import { failureOf } from '../../../support/function/built-function.ts';
import { at, connectorRecord, eventFrom, id, triggerForms } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

/** A record with this key, numbered; without `value`, one that has none. */
function change(key: string, offset: number, value?: string): object {
  return connectorRecord({ key, offset, value });
}

const position = { topic: 'orders', partition: 2 };
test.each([
  ['null', 'null', {}],
  ['a number', '5', {}],
  ['an array', '[]', {}],
  ['an empty object', '{}', {}],
  ['a text that is no JSON', '"canary"', {}],
  ['a text of an array', '"[]"', {}],
  ['no topic', connectorRecord({ topic: undefined }), { partition: 2, offset: 7 }],
  ['an empty topic', connectorRecord({ topic: '' }), { partition: 2, offset: 7 }],
  ['a numeric topic', connectorRecord({ topic: 5 }), { partition: 2, offset: 7 }],
  ['no partition', connectorRecord({ partition: undefined }), { topic: 'orders', offset: 7 }],
  ['a negative partition', connectorRecord({ partition: -1 }), { topic: 'orders', offset: 7 }],
  ['a fractional partition', connectorRecord({ partition: 1.5 }), { topic: 'orders', offset: 7 }],
  ['a textual partition', connectorRecord({ partition: '2' }), { topic: 'orders', offset: 7 }],
  ['no offset', connectorRecord({ offset: undefined }), position],
  ['a negative offset', connectorRecord({ offset: -1 }), position],
  ['a fractional offset', connectorRecord({ offset: 7.5 }), position],
  ['a textual offset', connectorRecord({ offset: '7' }), position],
  ['offset null', connectorRecord({ offset: null }), position],
  ['a numeric key', connectorRecord({ key: 5 }), { ...position, offset: 7 }],
  ['an object as key', connectorRecord({ key: { canary: 1 } }), { ...position, offset: 7 }],
  ["a numeric value in the connector's format", connectorRecord({ value: 5 }), { ...position, offset: 7 }],
  ["an object as value in the connector's format", connectorRecord({ value: { canary: 1 } }), { ...position, offset: 7 }],
  ['data null', '{"specversion":"1.0","data":null}', {}],
  ['data of text', '{"specversion":"1.0","data":"canary"}', {}],
  ['a bad offset in a CloudEvent', triggerForms.cloudEvent('{"topic":"orders","partition":2,"offset":-7,"value":"canary"}'), position],
  ['a bad offset in a text', triggerForms.string('{"topic":"orders","partition":2,"offset":-7,"value":"canary"}'), position],
])('an element with %s is a rejected record, named as far as it can be read', async (_, element, readable) => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start();
  const result = await sink.deliver(connectorRecord({ offset: 1 }), element, connectorRecord({ offset: 2 }));
  expect(result).toMatchObject({ received: 3, written: 2, rejected: 1 });
  expect(await sandbox.ids()).toEqual(['orders+2+1', 'orders+2+2']);
  const [line, ...more] = sink.log('error');
  expect(line).toMatchObject({ ...readable, error: expect.any(String) });
  expect(more).toEqual([]);
  expect(JSON.stringify(line)).not.toContain('canary');
});

test('stop writes the others, hands nothing over, and throws with the positions', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const errors = `${sandbox.name}-errors`;
  await sandbox.put(`/${sandbox.name}`, { mappings: { properties: { n: { type: 'integer' } } } });
  const sink = await sandbox.start({ DOCUMENT_SHAPE: 'value', ON_FAILURE: 'stop', ERROR_INDEX: errors });
  const records = [
    change('k', 1, '{"n":1}'),
    change('canary', 2, '{"n":"canary"}'),
    'null',
    change('canary', 3, 'canary'),
    change('k', 4, '{}'),
  ];
  const failure = await failureOf(sink.send(eventFrom(...records)));
  expect(failure.errorType).toBe('RecordsRejected');
  for (const text of ['orders+2+2', 'orders+2+3']) expect(failure.errorMessage).toContain(text);
  expect(failure.errorMessage).not.toMatch(/canary|orders\+2\+[14]/);
  expect(await sandbox.ids(sandbox.name)).toEqual(['orders+2+1', 'orders+2+4']);
  expect(await sandbox.ids(errors)).toEqual([]);
  expect(sink.log('error')).toEqual(
    expect.arrayContaining([expect.objectContaining({ offset: 2 }), expect.objectContaining({ offset: 3 })]),
  );
  expect(sink.lines.join()).not.toContain('canary');
  expect(await sink.deliver(change('k', 5, '{}'))).toMatchObject({ written: 1 });
});

test.each([
  ['a field of another type', { properties: { n: { type: 'integer' } } }, {}, '{"n":"canary"}'],
  ['a field that a strict mapping does not know', { dynamic: 'strict', properties: { a: { type: 'integer' } } }, {}, '{"canary":1}'],
  ['more fields than the index takes', {}, { 'index.mapping.total_fields.limit': 5 }, '{"a1":1,"b1":1,"c1":1,"d1":1,"e1":1,"f1":1}'],
])("%s is the record's fault: rejected, the others written, one error line without content", async (_, mappings, settings, bad) => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await sandbox.put(`/${sandbox.name}`, { mappings, settings });
  const sink = await sandbox.start({ DOCUMENT_SHAPE: 'value' });
  for (const others of [2, 0]) {
    const good = Array.from({ length: others }, (_, offset) => change('k', offset, '{"a":1}'));
    expect(await sink.deliver(change('canary', 9, bad), ...good)).toMatchObject({ written: others, rejected: 1 });
  }
  const lines = sink.log('error');
  expect(lines).toMatchObject([9, 9].map((offset) => ({ topic: 'orders', partition: 2, offset, error: expect.stringMatching(/^\w+$/) })));
  expect(sink.lines.join()).not.toContain('canary');
});

test('a batch of nothing but records that do not fit is their fault still', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await sandbox.put(`/${sandbox.name}`, { mappings: { properties: { n: { type: 'integer' } } } });
  const sink = await sandbox.start({ DOCUMENT_SHAPE: 'value' });
  const records = [1, 2, 3].map((offset) => change('k', offset, '{"n":"x"}'));
  expect(await sink.deliver(...records)).toMatchObject({ received: 3, written: 0, rejected: 3 });
});

const { errorTypes } = serverUnderTest;
const value = { DOCUMENT_SHAPE: 'value' };
const mapped = { mappings: { properties: { n: { type: 'long' } } } };
const conflict = '{"n":"content-7"}';

test('a mapping conflict rejects its record alone, and hands it over as it was', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const errors = `${sandbox.name}-errors`;
  await sandbox.put(`/${sandbox.name}`, mapped);
  const fn = await sandbox.start({ ...value, ERROR_INDEX: errors });
  const result = await fn.deliver(
    at(0, { value: '{"n":1}' }),
    at(1, { value: conflict, key: 'content-key', timestamp: 1616599282417 }),
    at(2, { value: '{"n":3}' }),
  );
  expect(result).toMatchObject({ received: 3, written: 2, rejected: 1 });
  expect(await sandbox.ids()).toEqual([id(0), id(2)]);
  const error = { type: errorTypes.unfit, reason: expect.any(String) };
  expect(await sandbox.documents(errors)).toEqual({
    [id(1)]: expect.objectContaining({ topic: 'orders', partition: 0, offset: 1, key: 'content-key', value: conflict, error }),
  });
  expect((await sandbox.documents(errors))[id(1)]).toHaveProperty('@timestamp');
  expect(fn.log('info')).toHaveLength(1);
  expect(fn.log('error')).toEqual([expect.objectContaining({ topic: 'orders', partition: 0, offset: 1, error: errorTypes.unfit })]);
  expect(fn.lines.join('\n')).not.toMatch(/content-(7|key)/);
});

test('a mapping conflict under stop: the others are written, then RecordsRejected names the position and no content', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const errors = `${sandbox.name}-errors`;
  await sandbox.put(`/${sandbox.name}`, mapped);
  const fn = await sandbox.start({ ...value, ON_FAILURE: 'stop', ERROR_INDEX: errors });
  const outcome = await fn.invoke(at(0, { value: '{"n":1}' }), at(1, { value: conflict }), at(2, { value: '{"n":3}' }));
  expect(outcome).toMatchObject({ errorType: 'RecordsRejected' });
  expect(outcome.errorMessage).toContain(id(1));
  expect(outcome.text).not.toContain('content-7');
  expect(await sandbox.ids()).toEqual([id(0), id(2)]);
  expect(fn.log('error').filter(({ offset }) => offset === 1)).toHaveLength(1);
  expect(fn.lines.join('\n')).not.toContain('content-7');
  expect(await sandbox.ids(errors)).toEqual([]);
});

test.each([
  ['strict_dynamic_mapping_exception', { mappings: { dynamic: 'strict', properties: { n: { type: 'long' } } } }, '{"content":1}'],
  [errorTypes.tooManyFields, { settings: { 'index.mapping.total_fields.limit': 1 }, ...mapped }, '{"content":1}'],
  [errorTypes.unfit, mapped, '{"n":1,"n":2}'],
])('an error %s rejects its record alone', async (type, body, unfit) => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  await sandbox.put(`/${sandbox.name}`, body);
  const fn = await sandbox.start(value);
  const result = await fn.deliver(at(0, { value: '{"n":1}' }), at(1, { value: unfit }), at(2, { value: '{"n":3}' }));
  expect(result).toMatchObject({ received: 3, written: 2, rejected: 1 });
  expect(await sandbox.ids()).toEqual([id(0), id(2)]);
  expect(fn.log('error')).toEqual([expect.objectContaining({ offset: 1, error: type })]);
});
