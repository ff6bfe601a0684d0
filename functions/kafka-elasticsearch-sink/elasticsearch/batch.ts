import type { Operation } from '../map.ts';

/** Cuts operations, in their order, into requests of at most `maxBytes` and `maxRecords`; one that is larger alone stands alone. */
export function* batches(operations: readonly Operation[], maxBytes: number, maxRecords: number): Generator<readonly Operation[]> {
  let start = 0;
  let bytes = 0;
  for (let index = 0; index < operations.length; index++) {
    const { size } = operations[index] as Operation;
    if (index > start && (bytes + size > maxBytes || index - start >= maxRecords)) {
      yield operations.slice(start, index);
      start = index;
      bytes = 0;
    }
    bytes += size;
  }
  if (start < operations.length) yield operations.slice(start);
}

/** A bulk body in one buffer: https://www.elastic.co/guide/en/elasticsearch/reference/7.10/docs-bulk.html */
export function encode(operations: readonly Operation[]): Buffer {
  const total = operations.reduce((bytes, { size }) => bytes + size, 0);
  const target = Buffer.allocUnsafe(total);
  let at = 0;
  // Texts that follow each other are written at once: a call costs more than its few bytes.
  let text = '';
  for (const { lines } of operations) {
    const { head, body, tail } = lines;
    text += head;
    if (typeof body === 'string') text += body;
    else {
      at += target.write(text, at);
      at += body.bytes.copy(target, at, body.start, body.end);
      text = '';
    }
    text += tail;
  }
  target.write(text, at);
  return target;
}
