// A program that streams into a function which takes a second, and prints what it has taken; it is there to be killed.
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../../scripts/local/stream/clock.ts';
import { defaultStream } from '../../../scripts/local/stream/config.ts';
import { Stream } from '../../../scripts/local/stream/stream.ts';

const [, , broker = '', Topic = '', ConsumerGroup = ''] = process.argv;
await Stream.start({
  ...defaultStream,
  broker,
  Topic,
  ConsumerGroup,
  OffsetReset: 'earliest',
  eventSchema: 'Connector',
  batchWindow: { CountBasedWindow: 10, TimeBasedWindow: 0 },
  clock: systemClock,
  invoke: async () => {
    process.stdout.write('taken\n');
    await sleep(1000);
    return { statusCode: 200, body: Buffer.from('') };
  },
  onFailure: ({ message }) => process.stderr.write(`${message}\n`),
  onWarning: (message) => process.stderr.write(`${message}\n`),
});
