import { expect, test } from 'vitest';
import { decode } from '../../../functions/kafka-elasticsearch-sink/decode.ts';
import { map } from '../../../functions/kafka-elasticsearch-sink/map.ts';

test('the document is the envelope around the record as it came, its id is the position', () => {
  const json = '{"offset":3,"overflowFlag":false,"partition":2,"topic":"orders","value":"1.0"}';
  const [record] = decode(Buffer.from(`[${json}]`));
  const operation = record && map(record, 'elastic_test');
  expect(operation).toMatchObject({ index: 'elastic_test', id: 'orders+2+3', position: { topic: 'orders', partition: 2, offset: 3 } });
  expect(operation?.document.toString()).toBe(`{"msg_body":${json},"doc_as_upsert":true}`);
});
