// What the log holds.
import { expect, inject, test } from 'vitest';
import { connectorRecord } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

/** A record with this key, numbered; without `value`, one that has none. */
function change(key: string, offset: number, value?: string): object {
  return connectorRecord({ key, offset, value });
}

test('every line of the log is one JSON object, and an invocation has one with its numbers', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ DOCUMENT_SHAPE: 'value' });
  const results = [await sink.deliver(change('canary', 1, '{"canary":1}'), change('canary', 2, 'canary')), await sink.deliver()];
  for (const text of sink.lines) {
    expect(JSON.parse(text)).toMatchObject({ level: expect.any(String), requestId: expect.any(String), message: expect.any(String) });
    expect(new Date((JSON.parse(text) as { time: string }).time).getTime()).toBeGreaterThan(Date.now() - 600_000);
    expect(text).not.toContain('canary');
  }
  const lines = sink.log('info').filter((line) => 'received' in line);
  expect(lines).toMatchObject(results);
  expect(new Set(lines.map(({ requestId }) => requestId)).size).toBe(2);
});

test('a line has at most 32 KB, whatever the record', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ DOCUMENT_SHAPE: 'value' });
  const topic = '杭'.repeat(50_000);
  const value = JSON.stringify(Object.fromEntries([['x'.repeat(50_000), { a: 1 }]]));
  await sandbox.put(`/${sandbox.name}`, { mappings: { dynamic: 'strict' } });
  expect(await sink.deliver(connectorRecord({ topic }), connectorRecord({ value }))).toMatchObject({ rejected: 2 });
  for (const line of sink.lines) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(32_768);
  expect(sink.log('error')).toHaveLength(2);
});

test.each([
  ['error', ['error']],
  ['warn', ['error', 'warn']],
  ['info', ['error', 'info', 'warn']],
])('the log level %s writes nothing below it', async (LOG_LEVEL, levels) => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ LOG_LEVEL });
  await sink.deliver(connectorRecord({ value: '\ufffd' }), 'null');
  const seen = sink.lines.map((line) => (JSON.parse(line) as { level: string }).level);
  expect([...new Set(seen)].sort()).toEqual(levels);
});
