import type { InvocationResponse, StreamConfig } from './config.ts';
import { retryDelays } from './retry.ts';

/** What a stream has done; times in ms, added up over its tasks. */
export interface Statistics {
  records: number;
  batches: number;
  /** The size of the events. */
  bytes: number;
  /** Spent waiting for records. */
  consumeMs: number;
  /** Spent in invocations. */
  invokeMs: number;
}

export type Pushed = 'delivered' | 'failed' | 'stopped';

/** Hands an event to the function, and again as the retry strategy says. */
export async function push(event: Buffer, config: StreamConfig, statistics: Statistics, signal: AbortSignal): Promise<Pushed> {
  const delays = retryDelays(config.retryStrategy);
  while (!signal.aborted) {
    const failure = await invoke(event, config, statistics);
    if (!failure) return 'delivered';
    config.onFailure(failure);
    const { done, value } = delays.next();
    // Whose records these are must be known before anything is done with them for good.
    if (done) return signal.aborted ? 'stopped' : 'failed';
    await config.clock.sleep(value, signal);
  }
  return 'stopped';
}

async function invoke(event: Buffer, { invoke: call, unconfirmed }: StreamConfig, statistics: Statistics): Promise<Error | undefined> {
  const started = performance.now();
  try {
    const response = await call(event);
    if (response.statusCode !== 200) return new Error(`status ${response.statusCode}`);
    return response.functionError !== undefined && unconfirmed.functionErrors === 'fail' ? faultOf(response) : undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    statistics.invokeMs += performance.now() - started;
  }
}

function faultOf({ body, functionError = '' }: InvocationResponse): Error {
  const { errorMessage, errorType } = JSON.parse(body.toString()) as { errorMessage?: string; errorType?: string };
  return new Error(`${errorType ?? functionError}: ${errorMessage}`);
}
