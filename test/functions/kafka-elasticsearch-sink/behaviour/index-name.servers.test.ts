// Which index a record goes to.
import { expect, inject, test } from 'vitest';
import { connectorRecord, triggerForms } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

test('an index pattern takes the topic, in lower case, and the date of the record in UTC', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const { name } = sandbox;
  const sink = await sandbox.start({ ES_INDEX: `${name}-\${topic}-{yyyy.MM.dd}`, TZ: 'Asia/Shanghai' });
  const times = {
    '1616599282417': '2021.03.24',
    '1609459199999': '2020.12.31',
    '1609459200000': '2021.01.01',
    '0': '1970.01.01',
    '253402300799999': '9999.12.31',
  };
  const records = Object.keys(times).map((timestamp, offset) =>
    connectorRecord({ topic: 'Orders.EU', offset, timestamp: Number(timestamp) }),
  );
  expect(
    await sink.deliver(...records, triggerForms.rawData('{"topic":"b","partition":0,"offset":0,"timestamp":1616599282417,"value":"v"}')),
  ).toMatchObject({ written: 6 });
  for (const [offset, date] of Object.values(times).entries())
    expect(await sandbox.ids(`${name}-orders.eu-${date}`)).toEqual([`Orders.EU+2+${offset}`]);
  expect(await sandbox.ids(`${name}-b-2021.03.24`)).toEqual(['b+0+0']);
});

test('an index pattern by month is taken', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ ES_INDEX: `${sandbox.name}-{yyyy-MM}` });
  expect(await sink.deliver(connectorRecord())).toMatchObject({ written: 1 });
  expect(await sandbox.ids(`${sandbox.name}-2021-03`)).toEqual(['orders+2+7']);
});

test('a timestamp that gives no date is a rejected record where the index is named by date; the clock is not used', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ ES_INDEX: `${sandbox.name}-{yyyy.MM.dd}` });
  const timestamps = [-1, 1.5, '1616599282417', null, undefined, true, 253402300800000, 1e300];
  const bad = timestamps.map((timestamp, offset) => connectorRecord({ offset, timestamp }));
  const trigger = Object.values(triggerForms).map((form) => form('{"topic":"orders","partition":3,"offset":0,"value":"v"}'));
  const result = await sink.deliver(...bad, ...trigger, connectorRecord({ offset: 100 }));
  expect(result).toMatchObject({ written: 1, rejected: bad.length + trigger.length });
  expect(await sandbox.ids(`${sandbox.name}*`)).toEqual(['orders+2+100']);
  expect(sink.log('error').map(({ offset }) => offset)).toEqual([...bad.keys(), 0, 0, 0]);
});

test('a timestamp that gives no date hurts nobody where the index is not named by date', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ DOCUMENT_SHAPE: 'value' });
  expect(await sink.deliver(connectorRecord({ timestamp: -1 }))).toMatchObject({ written: 1 });
});

test("a record whose index name breaks Elasticsearch's rules is rejected, alone", async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start({ ES_INDEX: '${topic}' });
  const { name } = sandbox;
  const marks = [...'\\/*?"<>| ,#:'].map((mark) => `${name}${mark}x`);
  const topics = [...marks, `_${name}`, `-${name}`, `+${name}`, '.', '..', name.padEnd(256, 'x'), name + '杭'.repeat(81)];
  const good = [name, `${name}.x_-+`, name.padEnd(255, 'x'), `${name}-杭`];
  const result = await sink.deliver(...[...topics, ...good].map((topic) => connectorRecord({ topic })));
  expect(result).toMatchObject({ written: good.length, rejected: topics.length });
  expect(sink.log('error').map(({ topic }) => String(topic).slice(0, 100))).toEqual(topics.map((topic) => topic.slice(0, 100)));
  for (const topic of good) expect(await sandbox.ids(topic)).toEqual([`${topic}+2+7`]);
});

test('once an alias has another write index, new documents go there alone', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const { elasticsearch, name: alias } = sandbox;
  const [first, second] = [`${alias}-000001`, `${alias}-000002`];
  await sandbox.put(`/${first}`, { aliases: { [alias]: { is_write_index: true } } });
  const sink = await sandbox.start();
  expect(await sink.deliver(connectorRecord({ offset: 1 }))).toMatchObject({ written: 1 });
  await sandbox.put(`/${second}`);
  const actions = [{ add: { index: first, alias, is_write_index: false } }, { add: { index: second, alias, is_write_index: true } }];
  await elasticsearch.indices.updateAliases({ actions });
  expect(await sink.deliver(connectorRecord({ offset: 2 }))).toMatchObject({ written: 1 });
  expect([await sandbox.ids(first), await sandbox.ids(second)]).toEqual([['orders+2+1'], ['orders+2+2']]);
});
