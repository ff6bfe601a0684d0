import { expect, inject, test } from 'vitest';
import { serverUnderTest } from '../../../support/elasticsearch/server-under-test.ts';
import { failureOf } from '../../../support/function/built-function.ts';
import { cloudEvent, connectorRecord } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';
import { Topics } from '../../../support/kafka/topics.ts';

const nowhere = '127.0.0.1:1';

function settings(topic: string, broker = inject('broker')) {
  return { DOCUMENT_SHAPE: 'value', ERROR_DATA_TOPIC: topic, KAFKA_BOOTSTRAP_SERVERS: broker };
}

async function open() {
  const sandbox = new Sandbox(inject('elasticsearchUrl'));
  const topics = await Topics.open(inject('broker'));
  const close = async () => {
    await sandbox[Symbol.asyncDispose]();
    await topics[Symbol.asyncDispose]();
  };
  return { sandbox, topics, [Symbol.asyncDispose]: close };
}

test('a rejected record keeps its key, value and timestamp, and ten headers tell what happened', async () => {
  await using opened = await open();
  const { sandbox, topics } = opened;
  const topic = await topics.create(2);
  const sink = await sandbox.start(settings(topic));
  const value = '没有 JSON';
  expect(await sink.deliver(connectorRecord({ offset: 1, value: '{}' }), connectorRecord({ value }))).toMatchObject({
    written: 1,
    rejected: 1,
  });
  const reason = 'the value is not one JSON object';
  expect(await topics.read(topic)).toEqual([
    {
      partition: expect.any(Number),
      offset: 0,
      key: 'demo',
      value,
      timestamp: 1616599282417,
      headers: {
        '__connect.errors.topic': 'orders',
        '__connect.errors.partition': '2',
        '__connect.errors.offset': '7',
        '__connect.errors.connector.name': sandbox.name,
        '__connect.errors.task.id': '0',
        '__connect.errors.stage': 'TASK_PUT',
        '__connect.errors.class.name': 'kafka-elasticsearch-sink',
        '__connect.errors.exception.class.name': 'value_not_an_object',
        '__connect.errors.exception.message': reason,
        '__connect.errors.exception.stacktrace': `value_not_an_object: ${reason}`,
      },
    },
  ]);
});

test('what Elasticsearch refuses, what is no record, what has no value and what is skipped by its position go there, too', async () => {
  await using opened = await open();
  const { sandbox, topics } = opened;
  const topic = await topics.create(1);
  await sandbox.put(`/${sandbox.name}`, { mappings: { properties: { n: { type: 'integer' } } } });
  const sink = await sandbox.start({ ...settings(topic), SKIP_POSITIONS: 'orders+2+5' });
  const bad = '{"topic":"orders","partition":2,"offset":-1,"value":"canary"}';
  const result = await sink.deliver(
    cloudEvent({ topic: 'orders', partition: 2, offset: 1, timestamp: 5, headers: { headers: [] }, value: '{"n":"no number"}' }),
    bad,
    connectorRecord({ offset: 3, overflowFlag: true, value: 'a placeholder' }),
    connectorRecord({ offset: 4, value: undefined }),
    connectorRecord({ offset: 5 }),
  );
  expect(result).toMatchObject({ received: 5, rejected: 4, skipped: 1 });
  const read = (await topics.read(topic)).map(({ headers, key, value }) => [
    headers['__connect.errors.exception.class.name'],
    headers['__connect.errors.offset'],
    key,
    value,
  ]);
  expect(read).toEqual(
    expect.arrayContaining([
      [serverUnderTest.errorTypes.unfit, '1', null, '{"n":"no number"}'],
      ['bad_element', '', null, bad],
      ['value_not_in_event', '3', 'demo', null],
      ['null_value', '4', 'demo', null],
      ['skipped', '5', 'demo', '{"key": "test"}'],
    ]),
  );
  expect(read).toHaveLength(5);
});

test('more than one request takes, and what the topic refuses for its size: each is there, the largest without its value', async () => {
  await using opened = await open();
  const { sandbox, topics } = opened;
  const topic = await topics.create(2, { 'max.message.bytes': '100000' });
  const sink = await sandbox.start(settings(topic));
  const texts = Array.from({ length: 300 }, (_, number) => `no object ${number} ${'x'.repeat(3000)}`);
  const records = texts.map((value, offset) => connectorRecord({ key: `k${offset}`, offset, value }));
  const large = connectorRecord({ key: 'large', offset: 300, value: 'y'.repeat(200_000) });
  expect(await sink.deliver(...records, large)).toMatchObject({ rejected: 301 });
  const read = await topics.read(topic);
  const values = new Map(read.map(({ key, value }) => [key, value]));
  expect(values.size).toBe(301);
  expect(texts.every((text, offset) => values.get(`k${offset}`) === text)).toBe(true);
  expect(read.filter(({ key }) => key === 'large').map(({ headers, value }) => [value, headers.valueOmitted])).toEqual([[null, 'true']]);
});

test('a key that is too large goes without, too, and the topic of what is no record is cut', async () => {
  await using opened = await open();
  const { sandbox, topics } = opened;
  const topic = await topics.create(1, { 'max.message.bytes': '100000' });
  const sink = await sandbox.start(settings(topic));
  const bad = JSON.stringify({ topic: 't'.repeat(150_000), partition: 0, offset: 'canary' });
  expect(await sink.deliver(connectorRecord({ key: 'k'.repeat(150_000), value: 'no' }), bad)).toMatchObject({ rejected: 2 });
  const [first, second] = await topics.read(topic);
  expect(first).toMatchObject({
    key: null,
    value: null,
    headers: { valueOmitted: 'true', keyOmitted: 'true', '__connect.errors.offset': '7' },
  });
  expect(second?.headers['__connect.errors.topic']).toHaveLength(249);
});

test.each<[string, (topics: Topics) => Promise<[string, string]>]>([
  ['brokers that do not answer', async () => ['errors', nowhere]],
  ['a topic that is not there', async ({ broker }) => ['not-there', broker]],
])('%s fail the invocation: no success is claimed', async (_, where) => {
  await using opened = await open();
  const { sandbox, topics } = opened;
  const [topic, broker] = await where(topics);
  const sink = await sandbox.start(settings(topic, broker), { timeout: 8 });
  const { errorType, errorMessage } = await failureOf(
    sink.deliver(connectorRecord({ offset: 1, value: '{}' }), connectorRecord({ value: 'canary' })),
  );
  expect(errorType).toBe('ErrorDestinationUnavailable');
  expect(errorMessage).toMatch(`1 records could not be handed to ${topic}: ${broker}: `);
  expect(errorMessage).not.toContain('canary');
  // The others have been written, and are again.
  expect(await sandbox.ids()).toEqual(['orders+2+1']);
});

test('under stop nothing is handed over', async () => {
  await using opened = await open();
  const { sandbox, topics } = opened;
  const topic = await topics.create(1);
  const sink = await sandbox.start({ ...settings(topic), ON_FAILURE: 'stop' });
  expect(await failureOf(sink.deliver(connectorRecord({ value: 'no' })))).toMatchObject({ errorType: 'RecordsRejected' });
  expect(await topics.read(topic)).toEqual([]);
});
