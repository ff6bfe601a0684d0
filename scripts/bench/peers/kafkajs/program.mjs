// Topic to index by kafkajs and the bulk helper of the official Elasticsearch client, as their documentation shows them.
import { Client } from '@elastic/elasticsearch';
import { Kafka, logLevel } from 'kafkajs';
import { PlainTransport } from './plain-transport.mjs';

const [, , jobText = ''] = process.argv;
/** @type {import('../contender.ts').Job} */
const { broker, topic, group, url, index } = JSON.parse(jobText);

const client = new Client({ node: url, Transport: PlainTransport });
const consumer = new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING }).consumer({ groupId: group, maxWaitTimeInMs: 500 });
await consumer.connect();
await consumer.subscribe({ topic, fromBeginning: true });
await consumer.run({ eachBatch: ({ batch }) => write(batch) });

/**
 * Throws when anything was not written: the batch is not committed then.
 * @param {import('kafkajs').Batch} batch
 */
async function write({ messages, partition }) {
  const { failed } = await client.helpers.bulk({
    datasource: messages.map(({ offset, value }) => ({ id: `${topic}+${partition}+${offset}`, document: JSON.parse(String(value)) })),
    onDocument: ({ id, document }) => [{ index: { _index: index, _id: id } }, document],
  });
  if (failed > 0) throw new Error(`${failed} documents were not written`);
}
