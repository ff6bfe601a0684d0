import { once } from 'node:events';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type KafkaServer, startKafka } from '../../../../scripts/local/servers/kafka.ts';
import { openStreaming, success } from '../../../support/kafka/stream.ts';

let kafka: KafkaServer;

beforeAll(async () => {
  kafka = await startKafka();
});

afterAll(() => kafka?.server.stop());

test('kill -9 of the broker and its restart: the stream goes on, and every record is delivered', async () => {
  await using streaming = await openStreaming(kafka.broker, 3);
  const send = (first: number) => streaming.topic.send(Array.from({ length: 1000 }, (_, index) => ({ value: `${first + index}` })));
  await send(0);
  await streaming.start({
    maximumTasks: 3,
    batchWindow: { CountBasedWindow: 50, TimeBasedWindow: 0 },
    invoke: async () => {
      await new Promise((resolve) => setTimeout(resolve, 50));
      return success;
    },
  });
  await expect.poll(() => streaming.positions().length).toBeGreaterThan(100);
  await kafka.server.kill();
  await kafka.server.launch();
  await send(1000);
  await expect.poll(() => new Set(streaming.positions()).size, { timeout: 120_000 }).toBe(2000);
  await expect.poll(() => streaming.topic.lag(streaming.group).catch(() => -1)).toBe(0);
});

test('kill -9 of the stream before it commits: the next one delivers the batch again', async () => {
  await using streaming = await openStreaming(kafka.broker, 1);
  await streaming.topic.send(Array.from({ length: 30 }, (_, index) => ({ value: `${index}` })));
  const args = ['--import', 'tsx', 'test/support/kafka/start-stream.ts', kafka.broker, streaming.topic.name, streaming.group];
  const program = execa(process.execPath, args, { reject: false });
  await once(program.stdout, 'data');
  program.kill('SIGKILL');
  await program;
  expect(await streaming.topic.lag(streaming.group)).toBe(30);
  await streaming.start({ batchWindow: { CountBasedWindow: 10, TimeBasedWindow: 0 } });
  await expect.poll(() => streaming.positions().length).toBe(30);
  expect(streaming.positions()[0]).toBe('0+0');
});
