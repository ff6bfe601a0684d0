import { randomUUID } from 'node:crypto';
import type { FunctionRuntime, Invocation } from '../../scripts/local/api/function-compute/runtime.ts';
import { LocalFunction } from '../../scripts/local/runtime/local-function.ts';

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
