import { expect, test, vi } from 'vitest';
import type { Outcome } from '../../../functions/kafka-elasticsearch-sink/elasticsearch/bulk.ts';
import { settle } from '../../../functions/kafka-elasticsearch-sink/settle.ts';

function operationAt(offset: number): Outcome['operation'] {
  return {
    position: { topic: 'orders', partition: 0, offset },
    index: 'i',
    id: `orders+0+${offset}`,
    document: Buffer.from('{"canary":1}'),
  };
}

const written = (offset: number): Outcome => ({ kind: 'written', operation: operationAt(offset) });
const refused = (offset: number): Outcome => ({
  kind: 'refused',
  operation: operationAt(offset),
  status: 400,
  type: 'mapper_parsing_exception',
});

test('a batch of which everything was written is a success', () => {
  const log = vi.fn();
  expect(settle([written(1), written(2)], log)).toEqual({ received: 2, written: 2 });
  expect(settle([], log)).toEqual({ received: 0, written: 0 });
  expect(log).not.toHaveBeenCalled();
});

test('one refused record fails the batch, and is named in the error and in a line of the log', () => {
  const log = vi.fn();
  expect(() => settle([written(1), refused(2)], log)).toThrow(
    expect.objectContaining({
      name: 'RecordsRejected',
      message: 'Elasticsearch refused 1 of 2 records: orders+0+2 (400 mapper_parsing_exception)',
    }),
  );
  expect(log.mock.calls).toEqual([
    ['error', 'record rejected', { topic: 'orders', partition: 0, offset: 2, status: 400, error: 'mapper_parsing_exception' }],
  ]);
});

test('of many refused records the error names the first ten, the log all', () => {
  const log = vi.fn();
  const outcomes = Array.from({ length: 12 }, (_, offset) => refused(offset));
  expect(() => settle(outcomes, log)).toThrow(/orders\+0\+9 .*, and 2 more$/);
  expect(log).toHaveBeenCalledTimes(12);
});
