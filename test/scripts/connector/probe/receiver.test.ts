import { afterEach, expect, test, vi } from 'vitest';
import { handler } from '../../../../scripts/connector/probe/receiver/index.mjs';
import { pushesOf, receiverLine } from '../../../../scripts/connector/probe/receiver-lines.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

/** Invokes the receiver; resolves to its lines and to why it failed. */
async function invoke(event: unknown) {
  const texts: string[] = [];
  const spy = vi.spyOn(process.stdout, 'write').mockImplementation((text) => texts.push(String(text)) > 0);
  const failure = await handler(Buffer.from(JSON.stringify(event)), { requestId: 'r' }).then(
    () => undefined,
    (error: Error) => error.message,
  );
  spy.mockRestore();
  const lines = texts.flatMap((message) => receiverLine({ message, time: 0, topic: 't' }));
  return { lines, failure, text: texts.join('') };
}

const value = JSON.stringify({ scenario: 's', number: 3, secret: 'content' });
const data = {
  topic: 'own',
  partition: 1,
  offset: 5,
  timestamp: 1,
  headers: { headers: [{ key: 'a', value: 'b' }], isReadOnly: false },
  value,
};

test.each([
  ['an object', { specversion: '1.0', data }, /^\{specversion: string, data: \{topic: string/],
  ['a text', JSON.stringify({ specversion: '1.0', data }), /^string$/],
  ['RawData', data, /^\{topic: string, partition: number/],
])('an element is read in every form, and told without its content: %s', async (_form, element, shape) => {
  const { failure, lines, text } = await invoke([element]);
  expect(failure).toBeUndefined();
  expect(pushesOf(lines, 's')).toMatchObject([
    {
      number: 3,
      partition: 1,
      offset: 5,
      hasKey: false,
      valueType: 'string',
      headers: '[{"key":"a","value":"b"}]',
      endedAt: expect.any(Number),
    },
  ]);
  expect(lines[0]?.shapes).toEqual([expect.stringMatching(shape)]);
  expect(text).not.toContain('content');
});

test('an element in which nothing is known is told by its shape', async () => {
  const { lines } = await invoke([{ body: { payload: [1, 2] } }, 7]);
  expect(lines[0]).toMatchObject({ isArray: true, shapes: ['{body: {payload: [number]}}', 'number'] });
});

test('it fails when a record or the event asks for it, and only then', async () => {
  const failing = { ...data, value: JSON.stringify({ scenario: 's', number: 0, fail: true }) };
  expect((await invoke([failing])).failure).toBe('failed on demand');
  expect((await invoke({ fail: true })).failure).toBe('failed on demand');
  // A dead letter holds the whole event in its value.
  expect((await invoke([{ ...data, value: JSON.stringify([failing]) }])).failure).toBeUndefined();
});
