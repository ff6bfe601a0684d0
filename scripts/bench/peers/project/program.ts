// Topic to index by this project: the local event stream in this process, and the built function in one of its own.

import { localAccount } from '../../../local/runtime/function-config.ts';
import { LocalFunction } from '../../../local/runtime/local-function.ts';
import { systemClock } from '../../../local/stream/clock.ts';
import { defaultStream } from '../../../local/stream/config.ts';
import { Stream } from '../../../local/stream/stream.ts';
import { note } from '../../../terminal/output.ts';
import { type Job, requestRecords } from '../contender.ts';

const [, , jobText = '', packageFolder = '', documentShape = ''] = process.argv;
const { broker, topic, group, url, index } = JSON.parse(jobText) as Job;

const sink = new LocalFunction({
  ...localAccount,
  generation: '2.0',
  functionName: 'bench',
  codePath: packageFolder,
  handler: 'index.handler',
  initializer: { handler: 'index.initialize', timeout: 60 },
  environmentVariables: {
    CONNECTOR_NAME: 'bench',
    ES_ENDPOINT: url,
    ES_PASSWORD: 'none',
    ES_INDEX: index,
    DOCUMENT_SHAPE: documentShape,
  },
  timeout: 60,
  memorySize: 512,
});

const complain = note;

await Stream.start({
  ...defaultStream,
  broker,
  Topic: topic,
  ConsumerGroup: group,
  OffsetReset: 'earliest',
  batchWindow: { CountBasedWindow: requestRecords, TimeBasedWindow: 1 },
  clock: systemClock,
  invoke: (event) => sink.invoke(event),
  onFailure: ({ message }) => complain(message),
  onWarning: complain,
});
