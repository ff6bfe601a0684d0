// Values that are fetched fit in memory a piece at a time.
import { CompressionTypes } from 'kafkajs';
import { expect, inject, test } from 'vitest';
import { connectorRecord } from '../../../support/function/records.ts';
import { openOverflowSandbox } from '../../../support/function/topic-sandbox.ts';

/** In MB, of the whole process. */
const memorySize = 512;

test.each(['uncompressed', 'in one compressed batch'])('more values than fit in memory are delivered in pieces: %s', async (how) => {
  await using opened = await openOverflowSandbox({ DOCUMENT_SHAPE: 'value', DOCUMENT_ID: 'key' });
  const { overflowed, sink, sandbox, topic, topics } = opened;
  const isCompressed = how !== 'uncompressed';
  const count = isCompressed ? 60 : 200;
  const message = (offset: number) => ({
    key: `k${offset % 7}`,
    value: JSON.stringify({ offset, text: 'x'.repeat(2_000_000) }),
    partition: 0,
  });
  const sent = Array.from({ length: count }, (_, offset) => message(offset));
  if (isCompressed) await topics.send(topic, sent, CompressionTypes.GZIP);
  else for (const one of sent) await topics.send(topic, [one]);
  const elements = sent.flatMap(({ key }, offset) => [
    { ...overflowed(0, offset), key },
    connectorRecord({ topic, partition: 1, offset, key: 'small', value: JSON.stringify({ offset }) }),
  ]);
  expect(await sink.deliver(...elements)).toMatchObject({ received: 2 * count, written: 2 * count, retried: 0 });
  expect(await sandbox.ids()).toHaveLength(8);
  for (let offset = count - 7; offset < count; offset++) expect(await sandbox.document(`k${offset % 7}`)).toMatchObject({ offset });
  expect(await sandbox.document('small')).toEqual({ offset: count - 1 });
  expect(await sink.peakMemory()).toBeLessThan(memorySize);
});

test('rejected records are handed over with the values that were fetched for them, more than fit in memory', async () => {
  await using opened = await openOverflowSandbox();
  const { overflowed, sandbox, topic, topics } = opened;
  const errors = `${sandbox.name}-errors`;
  const sink = await sandbox.start(
    { SOURCE_TOPIC: topic, OVERFLOW: 'fetch', KAFKA_BOOTSTRAP_SERVERS: inject('broker'), DOCUMENT_SHAPE: 'value', ERROR_INDEX: errors },
    { timeout: 300 },
  );
  const count = 150;
  for (let offset = 0; offset < count; offset++) {
    await topics.send(topic, [{ value: offset === 5 ? '{"good":true}' : `${offset} is not JSON ${'x'.repeat(2_000_000)}`, partition: 0 }]);
  }
  const elements = Array.from({ length: count + 1 }, (_, offset) => overflowed(0, offset));
  const result = await sink.deliver(...elements, connectorRecord({ topic, offset: 1, key: 1 }));
  expect(result).toMatchObject({ received: count + 2, written: 1, rejected: count + 1 });
  expect(await sandbox.ids(errors)).toHaveLength(count + 1);
  expect(await sandbox.document(`${topic}+0+7`, errors)).toMatchObject({ value: expect.stringMatching(/^7 is not JSON x{2000000}$/) });
  expect(await sandbox.document(`${topic}+0+${count}`, errors)).toMatchObject({ error: { type: 'value_not_in_event' } });
  expect(await sink.peakMemory()).toBeLessThan(memorySize);
});
