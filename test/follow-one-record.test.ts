import { expect, inject, test } from 'vitest';
import { Deadline, systemClock } from '../functions/kafka-elasticsearch-sink/clock.ts';
import { decode, isCommand } from '../functions/kafka-elasticsearch-sink/decode.ts';
import { BulkWriter } from '../functions/kafka-elasticsearch-sink/elasticsearch/bulk.ts';
import { Client } from '../functions/kafka-elasticsearch-sink/elasticsearch/client.ts';
import { RecentWrites } from '../functions/kafka-elasticsearch-sink/elasticsearch/recent-writes.ts';
import { createLog } from '../functions/kafka-elasticsearch-sink/log.ts';
import { Mapper } from '../functions/kafka-elasticsearch-sink/map.ts';
import { mapIntoBatches } from '../functions/kafka-elasticsearch-sink/pipeline.ts';
import { settle } from '../functions/kafka-elasticsearch-sink/settle.ts';
import { readSettings } from '../shared/settings.ts';
import { lagAtMost, startDelivery } from './support/cloud/delivery.ts';
import { environment } from './support/function/environment.ts';

// A guided tour: one record, from the bytes of an event to the document in a real Elasticsearch, stage by stage.
test('one record, stage by stage', async () => {
  await using delivery = await startDelivery(inject('broker'), inject('elasticsearchUrl'));
  const { index } = delivery;

  // The settings come from the function's environment, checked, with defaults filled in.
  const settings = readSettings(environment({ ES_ENDPOINT: inject('elasticsearchUrl'), ES_INDEX: index.name }));

  // Function Compute hands over an event: a JSON array of records, as bytes. This one holds a single record of the topic orders.
  const json = `{"key":"demo","offset":2,"overflowFlag":false,"partition":2,"timestamp":1616599282417,"topic":"orders","value":"test1","valueSize":5}`;
  const event = Buffer.from(`[${json}]`);

  // decode: the event becomes records. Each carries its position, and its own bytes.
  const records = decode(event);
  if (isCommand(records)) throw new Error('an array is no command');
  expect(records).toMatchObject([{ position: { topic: 'orders', partition: 2, offset: 2 }, key: 'demo', value: 'test1' }]);

  // map: a record becomes an operation, two lines in the body of a bulk request. The id is the position, so that a record delivered twice is one document.
  const { batches } = mapIntoBatches(records, new Mapper(settings), settings);
  expect(batches.flatMap(({ body }) => body.toString().split('\n'))).toEqual([
    `{"index":{"_index":"${index.name}","_id":"orders+2+2"}}`,
    `{"msg_body":${json},"doc_as_upsert":true}`,
    '',
  ]);

  // write: the operations go out in bulk requests, each answer is paired with its operation, and what fails is judged by whose fault it is.
  const deadline = new Deadline(systemClock, 60_000, settings.DEADLINE_RESERVE_MS);
  const log = createLog('a-request-id', 'error');
  const session = { client: new Client(settings), settings, clock: systemClock, deadline, handoverDeadline: deadline, log };
  const destination = {
    recentWrites: new RecentWrites(),
    recreate: async () => undefined,
    requirementOf: () => undefined,
    stopRequiring: () => undefined,
  };
  const writer = new BulkWriter(session, destination);
  await writer.write(batches);
  const written = await writer.finish();
  expect(written).toMatchObject({ written: 1, rejected: [], retried: 0 });

  // settle: what became of them is the invocation's result, or an error that makes the trigger deliver the batch again.
  const counts = { received: 1, written: 1, deleted: 0, unchanged: 0, skipped: 0, rejected: 0, retried: 0 };
  expect(await settle([], written, session, undefined)).toEqual(counts);

  // The document is there, under its position, the record inside it as it came.
  expect(await index.count(['orders+2+2'])).toBe(1);
  expect(await documents(index)).toEqual([{ _id: 'orders+2+2', _source: { msg_body: JSON.parse(json), doc_as_upsert: true } }]);

  // Delivered again, it replaces itself.
  await new BulkWriter(session, destination).write(batches);
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
