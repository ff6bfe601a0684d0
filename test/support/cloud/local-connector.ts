import { localAccount } from '../../../scripts/local/runtime/function-config.ts';
import type { LogLine } from '../../../scripts/local/runtime/invocation-log.ts';
import { LocalFunction } from '../../../scripts/local/runtime/local-function.ts';
import { systemClock } from '../../../scripts/local/stream/clock.ts';
import { type StreamConfig, usualStream } from '../../../scripts/local/stream/config.ts';
import { Stream } from '../../../scripts/local/stream/stream.ts';

export interface ConnectorConfig {
  readonly name: string;
  /** `host:port` */
  readonly broker: string;
  readonly topic: string;
  /** Folder of the built function package. */
  readonly codePath: string;
  readonly environmentVariables: { readonly [name: string]: string };
  /** Gets each line of the function's log. */
  readonly onLog: (line: LogLine) => void;
  /** Gets why an invocation failed; its records are delivered again. */
  readonly onFailure: (failure: Error) => void;
  /** What the trigger does otherwise than usually. */
  readonly trigger?: Partial<StreamConfig>;
}

/** The function with its Kafka trigger, on this machine. */
export interface Connector extends AsyncDisposable {
  readonly consumerGroup: string;
  readonly function: LocalFunction;
  readonly stream: Stream;
}

/** Deploys the package as a function and starts the stream of the group `connect-<name>` into it. */
export async function startConnector(config: ConnectorConfig): Promise<Connector> {
  const { broker, codePath, environmentVariables, name, onFailure, onLog, topic, trigger } = config;
  const fc = new LocalFunction(
    {
      generation: '2.0',
      ...localAccount,
      functionName: name,
      codePath,
      handler: 'index.handler',
      initializer: { handler: 'index.initialize', timeout: 30 },
      preStop: { handler: 'index.preStop', timeout: 10 },
      environmentVariables,
      timeout: 60,
      memorySize: 512,
    },
    { onLog },
  );
  const consumerGroup = `connect-${name}`;
  const stream = await Stream.start({
    ...usualStream,
    broker,
    Topic: topic,
    ConsumerGroup: consumerGroup,
    OffsetReset: 'earliest',
    maximumTasks: 6,
    eventSchema: 'Connector',
    batchWindow: { CountBasedWindow: 1000, TimeBasedWindow: 0 },
    retryStrategy: { PushRetryStrategy: 'EXPONENTIAL_DECAY_RETRY' },
    clock: systemClock,
    invoke: (event) => fc.invoke(event),
    onFailure,
    onWarning: () => undefined,
    ...trigger,
  });
  const stop = async () => {
    await stream.pause();
    await fc.stop();
  };
  return { consumerGroup, function: fc, stream, [Symbol.asyncDispose]: stop };
}
