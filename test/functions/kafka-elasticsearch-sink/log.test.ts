import { afterEach, expect, test, vi } from 'vitest';
import { createLog } from '../../../functions/kafka-elasticsearch-sink/log.ts';

const output = vi.spyOn(process.stdout, 'write').mockReturnValue(true);

afterEach(() => output.mockClear());

function lines(): string[] {
  return output.mock.calls.map(([text]) => String(text));
}

test('a line is one JSON object', () => {
  createLog('an-id', 'info')('warn', 'two\nlines', { count: 2 });
  expect(lines()).toHaveLength(1);
  expect(lines()[0]).toMatch(/^[^\n]+\n$/);
  expect(JSON.parse(lines()[0] ?? '')).toEqual({
    time: expect.any(String),
    level: 'warn',
    requestId: 'an-id',
    message: 'two\nlines',
    count: 2,
  });
});

test('lines below the level are left out', () => {
  const log = createLog('an-id', 'warn');
  for (const level of ['error', 'warn', 'info', 'debug'] as const) log(level, level);
  expect(lines().map((line) => (JSON.parse(line) as { level: string }).level)).toEqual(['error', 'warn']);
});

test.each([
  ['message', '杭'.repeat(20_000), {}],
  ['field', 'short', { topic: '\u0000'.repeat(20_000) }],
])('a line that would be longer than 32 KB stays JSON, and says that it is cut: %s', (_, message, fields) => {
  createLog('an-id', 'info')('error', message, fields);
  expect(Buffer.byteLength(lines()[0] ?? '')).toBeLessThanOrEqual(32 * 1024);
  expect(JSON.parse(lines()[0] ?? '')).toMatchObject({ level: 'error', isCut: true });
});

test('what drives a terminal, ends a line or turns text around is an escape, and the line stays the same JSON', () => {
  const topic = 'a\u007f\u009b31m\u0085\u2028\u2029\u202e\ufeff\u{e0001}\ud800 杭😀';
  createLog('an-id', 'info')('warn', 'text', { topic });
  expect(lines()[0]).toContain('"a\\u007f\\u009b31m\\u0085\\u2028\\u2029\\u202e\\ufeff\\udb40\\udc01\\ud800 杭😀"');
  expect(JSON.parse(lines()[0] ?? '')).toMatchObject({ topic });
});
