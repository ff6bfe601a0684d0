import { LocalFunction } from './runtime/local-function.ts';
import { Stream } from './stream/stream.ts';

export interface ConnectorConfig {
  readonly name: string;
  /** `host:port` */
  readonly broker: string;
  readonly topic: string;
  /** Folder of the built function package. */
  readonly codePath: string;
  readonly environmentVariables: { readonly [name: string]: string };
  /** Gets each line that the function writes. */
  readonly onLog: (line: string) => void;
  /** Gets why an invocation failed; its records are delivered again. */
  readonly onFailure: (error: unknown) => void;
}

/** The function with its Kafka trigger, on this machine. */
export interface Connector extends AsyncDisposable {
  readonly consumerGroup: string;
  readonly function: LocalFunction;
}

/** Deploys the package as a function and starts the stream of the group `connect-<name>` into it. */
export async function startConnector({ name, broker, topic, onFailure, onLog, ...deployment }: ConnectorConfig): Promise<Connector> {
  const handlers = { handler: 'index.handler', initializer: 'index.initialize', preStop: 'index.preStop' };
  const fc = new LocalFunction({ functionName: name, ...handlers, timeout: 60, memorySize: 512, ...deployment }, onLog);
  const consumerGroup = `connect-${name}`;
  const invoke = (event: Buffer) => fc.invoke(event);
  const stream = await Stream.start({ broker, topic, consumerGroup, batchSize: 1000, retryDelayMs: 1000, invoke, onFailure });
  const stop = async () => {
    await stream.stop();
    await fc.stop();
  };
  return { consumerGroup, function: fc, [Symbol.asyncDispose]: stop };
}
