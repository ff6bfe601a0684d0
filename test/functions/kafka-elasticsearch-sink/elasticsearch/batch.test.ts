import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encode, fromBytes } from '../../../../functions/kafka-elasticsearch-sink/byte-string.ts';
import { decode, isCommand } from '../../../../functions/kafka-elasticsearch-sink/decode.ts';
import { type Batch, Batcher } from '../../../../functions/kafka-elasticsearch-sink/elasticsearch/batch.ts';
import { Mapper } from '../../../../functions/kafka-elasticsearch-sink/map.ts';
import type { Operation } from '../../../../functions/kafka-elasticsearch-sink/operation.ts';
import { mapIntoBatches } from '../../../../functions/kafka-elasticsearch-sink/pipeline.ts';
import { readSettings } from '../../../../shared/settings.ts';
import { environment } from '../../../support/function/environment.ts';
import { connectorRecord, eventOf } from '../../../support/function/records.ts';

const element = { kind: 'bad', position: {}, json: encode(''), reason: '' } as const;
const operation: Operation = { kind: 'index', element, index: 'a', identity: undefined, isVersioned: false };

test('requests hold the lines in their order, as many as the limits allow, whatever was expected', () => {
  const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme', maxLength: 300 }));
  const limits = fc.record({ BATCH_MAX_BYTES: fc.integer({ min: 1, max: 500 }), BATCH_MAX_RECORDS: fc.integer({ min: 1, max: 5 }) });
  fc.assert(
    fc.property(fc.array(text), limits, fc.nat(2000), (texts, { BATCH_MAX_BYTES, BATCH_MAX_RECORDS }, expected) => {
      const lines = texts.map((one) => Buffer.from(`${one}\n`));
      const batcher = new Batcher({ BATCH_MAX_BYTES, BATCH_MAX_RECORDS }, expected);
      for (const one of lines)
        batcher.add({ kind: 'mapped', operation, lines: [fromBytes(one.subarray(0, 1)), fromBytes(one.subarray(1))] });
      const made = batcher.finish();
      expect(Buffer.concat(made.map(({ body }) => body)).equals(Buffer.concat(lines))).toBe(true);
      expect(made.flatMap(({ body, ends }) => ends.map((end, index) => body.subarray(ends[index - 1] ?? 0, end).toString()))).toEqual(
        lines.map((one) => one.toString()),
      );
      for (const { body, operations } of made) {
        expect(operations.length).toBeLessThanOrEqual(BATCH_MAX_RECORDS);
        if (operations.length > 1) expect(body.length).toBeLessThanOrEqual(BATCH_MAX_BYTES);
      }
    }),
    { numRuns: 1000 },
  );
});

/** Of all buffers behind the requests. */
function allocated(batches: readonly Batch[]): number {
  const buffers = new Set(batches.map(({ body }) => body.buffer));
  return [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
}

test.each([
  ['by default', {}],
  ['of 10 records', { BATCH_MAX_RECORDS: '10' }],
  ['of one record', { BATCH_MAX_RECORDS: '1' }],
  ['of 1 KB', { BATCH_MAX_BYTES: '1024' }],
  ['of 100 MB', { BATCH_MAX_BYTES: '104857600', BATCH_MAX_RECORDS: '100000' }],
  ['of values that grow by their escapes', { DOCUMENT_SHAPE: 'value', BATCH_MAX_RECORDS: '10' }],
])('requests %s take the memory of their lines, not of their limits', (_, changes) => {
  const value = `{"text":"${'杭州'.repeat(50)}"}`;
  const event = eventOf(...Array.from({ length: 20_000 }, (__, offset) => connectorRecord({ offset, value })));
  const decoded = decode(event);
  const settings = readSettings(environment(changes));
  const { batches } = mapIntoBatches(isCommand(decoded) ? [] : decoded, new Mapper(settings), settings);
  const written = batches.reduce((sum, { body }) => sum + body.length, 0);
  expect(batches.reduce((sum, { operations }) => sum + operations.length, 0)).toBe(20_000);
  expect(allocated(batches)).toBeLessThan(Math.max(2 * written, event.length + 20_000 * 500));
});
