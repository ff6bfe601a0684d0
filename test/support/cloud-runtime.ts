import { randomUUID } from 'node:crypto';
import type { TriggerStream } from '../../scripts/local/api/event-streams.ts';
import type { FunctionRuntime, Invocation } from '../../scripts/local/api/function-compute/runtime.ts';
import { objectAt, textAt } from '../../scripts/local/api/http.ts';
import type { LocalCloudConfig } from '../../scripts/local/api/local-cloud.ts';
import { LocalFunction } from '../../scripts/local/runtime/local-function.ts';
import { Stream } from '../../scripts/local/stream/stream.ts';

/** Function Compute's instances behind the API: real processes. */
export const localRuntime: FunctionRuntime = ({ onLog, initializer, preStop, ...deployment }) => {
  const instanceId = randomUUID();
  let requestId = '';
  let lines: string[] = [];
  const hooks = { initializer: initializer ?? '', preStop: preStop ?? '' };
  const fc = new LocalFunction({ ...deployment, ...hooks }, (line) => {
    lines.push(line);
    onLog({ time: Date.now(), requestId, instanceId, line });
  });
  return {
    invoke: async (event, options): Promise<Invocation> => {
      requestId = options.requestId;
      lines = [];
      const outcome = await fc.invoke(event).then(
        (body) => ({ body }),
        (error: unknown) => ({ body: faultOf(error), functionError: 'UnhandledInvocationError' }),
      );
      const logResult = options.logTail ? { 'x-fc-log-result': Buffer.from(lines.join('\n')).toString('base64') } : {};
      return { headers: { 'x-fc-instance-id': instanceId, ...logResult }, ...outcome };
    },
    stop: () => fc.stop(),
  };
};

function faultOf(error: unknown): Buffer {
  const { fault } = { fault: { errorMessage: String(error) }, ...(error instanceof Error ? error : {}) };
  return Buffer.from(JSON.stringify(fault));
}

/** The trigger's stream behind the API: a real consumer of a real topic. */
export const localStream: LocalCloudConfig['stream'] = ({ triggerConfig }, broker, invoke) => {
  const source = objectAt(objectAt(objectAt(triggerConfig, 'eventSourceConfig'), 'eventSourceParameters'), 'sourceKafkaParameters');
  const [topic = '', consumerGroup = ''] = [textAt(source, 'Topic'), textAt(source, 'ConsumerGroup')];
  let state: TriggerStream['state'] = 'paused';
  let stream: Stream | undefined;
  const deliver = async (event: Buffer) => {
    const { functionError, body } = await invoke(event);
    if (functionError !== undefined) throw new Error(body.toString());
  };
  const halt = async (target: TriggerStream['state']) => {
    await stream?.stop();
    state = target;
  };
  return {
    get state() {
      return state;
    },
    start: async () => {
      state = 'starting';
      const config = { broker, topic, consumerGroup, batchSize: 1000, retryDelayMs: 1000, invoke: deliver, onFailure: () => undefined };
      stream = await Stream.start(config);
      state = 'running';
    },
    pause: () => halt('paused'),
    stop: () => halt('stopped'),
  };
};
