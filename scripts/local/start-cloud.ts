import type { Account } from './api/account.ts';
import type { StreamDeployment } from './api/event-streams.ts';
import type { DeployedFunction, FunctionRuntime, InvocationResponse } from './api/function-compute/runtime.ts';
import { type JsonObject, objectAt, textAt } from './api/http.ts';
import { type LocalCloud, type LocalCloudConfig, startLocalCloud } from './api/local-cloud.ts';
import { localAccount } from './runtime/function-config.ts';
import type { LogLine } from './runtime/invocation-log.ts';
import { LocalFunction } from './runtime/local-function.ts';
import { type Clock, systemClock } from './stream/clock.ts';
import { defaultStream, type StreamConfig } from './stream/config.ts';
import { Stream } from './stream/stream.ts';
import { defaultUnconfirmed, type Unconfirmed } from './stream/unconfirmed.ts';

/** What may be watched of what runs, hurried and chosen; every field may be left out. */
interface RunOptions {
  /** Gets each line of the functions' logs. */
  readonly onLog?: (line: LogLine) => void;
  /** Gets why a stream's invocation of a function failed. */
  readonly onFailure?: (failure: Error) => void;
  /** Gets each stream that is made. */
  readonly onStream?: (stream: Stream) => void;
  /** The clock by which streams wait; the machine's when absent. */
  readonly clock?: Clock;
  /** How streams behave where no document says it; as is thought likeliest when absent. */
  readonly unconfirmed?: Partial<Unconfirmed>;
}

/** The cloud's APIs, with what runs behind them: functions in processes, triggers as consumers of real topics. */
export async function startCloud({
  onFailure = () => undefined,
  onLog,
  onStream,
  clock = systemClock,
  unconfirmed,
  ...config
}: Omit<LocalCloudConfig, 'runtime' | 'stream'> & Partial<LocalCloudConfig> & RunOptions): Promise<LocalCloud> {
  const stream: LocalCloudConfig['stream'] = (...deployment) => {
    const made = streamRecords({ clock, onFailure, unconfirmed: { ...defaultUnconfirmed, ...unconfirmed } }, ...deployment);
    onStream?.(made);
    return made;
  };
  return startLocalCloud({ runtime: runFunctions(config.account, onLog), stream, ...config });
}

function runFunctions({ accountId, region }: Account, onLine: RunOptions['onLog']): FunctionRuntime {
  return ({ onLog, initializer, preStop, ...deployment }) => {
    const hooks = { ...(initializer && { initializer }), ...(preStop && { preStop }) };
    const log = (line: LogLine) => {
      onLine?.(line);
      const { text, ...rest } = line;
      onLog({ ...rest, line: text });
    };
    const config = { ...localAccount, accountId, region, ...deployment, ...hooks };
    const fc = new LocalFunction(config, { onLog: log });
    const invoke: DeployedFunction['invoke'] = async (event, options) => {
      const invocation = await fc.invoke(event, options);
      // As the API's other answers write them.
      const headers = Object.entries(invocation.headers).map(([name, value]) => [name.toLowerCase(), value]);
      return { ...invocation, headers: Object.fromEntries(headers) };
    };
    return { invoke, stop: () => fc.stop() };
  };
}

/** The trigger's configuration has been checked by the API that took it. */
function streamRecords(
  options: Pick<StreamConfig, 'clock' | 'onFailure' | 'unconfirmed'>,
  { triggerConfig }: StreamDeployment,
  broker: string,
  invoke: (event: Buffer) => Promise<InvocationResponse>,
): Stream {
  return Stream.create({
    ...defaultStream,
    ...readTrigger(triggerConfig),
    ...options,
    broker,
    invoke: async (event) => ({ statusCode: 200, ...(await invoke(event)) }),
    onWarning: () => undefined,
  });
}

function readTrigger(config: JsonObject): Pick<StreamConfig, 'Topic' | 'ConsumerGroup'> & Partial<StreamConfig> {
  const source = objectAt(objectAt(objectAt(config, 'eventSourceConfig'), 'eventSourceParameters'), 'sourceKafkaParameters');
  const delivery = objectAt(objectAt(config, 'eventSinkConfig'), 'deliveryOption') as Pick<StreamConfig, 'concurrency' | 'eventSchema'>;
  const options = objectAt(config, 'runOptions') as Partial<StreamConfig>;
  const { batchWindow, deadLetterQueue, errorsTolerance, maximumTasks, retryStrategy } = options;
  return {
    Topic: textAt(source, 'Topic') ?? '',
    ConsumerGroup: textAt(source, 'ConsumerGroup') ?? '',
    OffsetReset: source.OffsetReset === 'earliest' ? 'earliest' : 'latest',
    ...(delivery.eventSchema && { eventSchema: delivery.eventSchema }),
    ...(delivery.concurrency && { concurrency: delivery.concurrency }),
    ...(maximumTasks && { maximumTasks }),
    ...(errorsTolerance && { errorsTolerance }),
    ...(deadLetterQueue && { deadLetterQueue }),
    retryStrategy: { ...defaultStream.retryStrategy, ...retryStrategy },
    batchWindow: { ...defaultStream.batchWindow, ...batchWindow },
  };
}
