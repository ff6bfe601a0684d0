// Several invocations that write a new field at the same time, for which there is no mapping yet.
import { expect, inject, test } from 'vitest';
import { connectorRecord } from '../../../support/function/records.ts';
import { Sandbox } from '../../../support/function/sandbox.ts';

const rounds = 20;
const shaped = { DOCUMENT_SHAPE: 'value' };

test('records that meet in the mapping of a new field are written, whoever was first', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const settings = { ...shaped, ES_INDEX: `${sandbox.name}-\${topic}` };
  const sinks = await Promise.all([0, 1, 2].map(() => sandbox.start(settings)));
  for (let round = 0; round < rounds; round++) {
    const results = await Promise.all(
      sinks.map((sink, partition) =>
        sink.deliver(connectorRecord({ topic: `t${round}`, partition, value: JSON.stringify({ amount: partition === 0 ? 0 : 0.5 }) })),
      ),
    );
    expect(results).toEqual(sinks.map(() => expect.objectContaining({ written: 1, rejected: 0 })));
  }
});

test('a record that contradicts itself is rejected, and the others are written', async () => {
  await using sandbox = new Sandbox(inject('elasticsearchUrl'));
  const sink = await sandbox.start(shaped);
  const [good, bad] = ['{"other":1}', '{"amounts":{"x":1},"amounts.x":"text"}'];
  const result = await sink.deliver(connectorRecord({ offset: 0, value: good }), connectorRecord({ offset: 1, value: bad }));
  expect(result).toMatchObject({ received: 2, written: 1, rejected: 1 });
});
