import { expect, inject, test, vi } from 'vitest';
import { decode } from '../functions/kafka-elasticsearch-sink/decode.ts';
import { bulk } from '../functions/kafka-elasticsearch-sink/elasticsearch/bulk.ts';
import { createTransport } from '../functions/kafka-elasticsearch-sink/elasticsearch/client.ts';
import { map } from '../functions/kafka-elasticsearch-sink/map.ts';
import { settle } from '../functions/kafka-elasticsearch-sink/settle.ts';
import { readSettings } from '../shared/settings.ts';
import { lagAtMost, startDelivery } from './support/delivery.ts';
import { environment } from './support/environment.ts';

// A guided tour: one record, from the bytes of an event to the document in a real Elasticsearch, stage by stage.
test('one record, stage by stage', async () => {
  await using delivery = await startDelivery(inject('broker'), inject('elasticsearchUrl'));
  const { index } = delivery;

  // Function Compute hands over an event: a JSON array of records, as bytes.
  const record = `{"key":"demo","offset":2,"overflowFlag":false,"partition":2,"timestamp":1616599282417,"topic":"orders","value":"test1","valueSize":5}`;
  const event = Buffer.from(`[${record}]`);

  // decode: the event becomes records. Each carries its position, and its own bytes, untouched.
  const records = decode(event);
  expect(records).toEqual([{ position: { topic: 'orders', partition: 2, offset: 2 }, json: Buffer.from(record) }]);

  // map: a record becomes an operation. The id is the position, so that a record delivered twice is one document.
  const operations = records.map((one) => map(one, index.name));
  expect(operations).toMatchObject([{ index: index.name, id: 'orders+2+2' }]);

  // write: the operations go out in one bulk request, and each answer is paired with its operation.
  const settings = readSettings(environment({ ES_ENDPOINT: inject('elasticsearchUrl'), ES_INDEX: index.name }));
  const outcomes = await bulk(createTransport(settings), operations);
  expect(outcomes).toEqual([{ kind: 'written', operation: operations[0] }]);

  // settle: only when everything was written is the invocation a success.
  expect(settle(outcomes, vi.fn())).toEqual({ received: 1, written: 1 });

  // The document is there, under its position, the record inside it as it came.
  expect(await index.count(['orders+2+2'])).toBe(1);
  expect(await documents(index)).toEqual([{ _id: 'orders+2+2', _source: { msg_body: JSON.parse(record), doc_as_upsert: true } }]);

  // Delivered again, it replaces itself.
  await bulk(createTransport(settings), operations);
  expect(await index.count()).toBe(1);
});

test('the same way, whole: Kafka, the stream, the built package in a process of its own, Elasticsearch', async () => {
  await using delivery = await startDelivery(inject('broker'), inject('elasticsearchUrl'));
  const { topic, index, lines } = delivery;
  const sentAt = Date.now();
  await topic.send([{ key: 'demo', value: '{"key": "test"}', partition: 2 }]);
  await lagAtMost(delivery, 0);

  const id = `${topic.name}+2+0`;
  expect(await index.count([id])).toBe(1);
  const [document] = await documents(index);
  const timestamp = document?._source.msg_body.timestamp ?? 0;
  const body = { key: 'demo', offset: 0, overflowFlag: false, partition: 2, topic: topic.name, value: '{"key": "test"}', valueSize: 15 };
  expect(document).toEqual({ _id: id, _source: { msg_body: { ...body, timestamp }, doc_as_upsert: true } });
  expect(Math.abs(timestamp - sentAt)).toBeLessThan(60_000);
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([{ level: 'info', message: 'delivered', received: 1, written: 1 }]);
});

interface Document {
  readonly _id: string;
  readonly _source: { readonly msg_body: { readonly timestamp: number } };
}

async function documents(index: { search(): Promise<string> }): Promise<Document[]> {
  const { hits } = JSON.parse(await index.search()) as { hits: { hits: Document[] } };
  return hits.hits.map(({ _id, _source }) => ({ _id, _source }));
}
