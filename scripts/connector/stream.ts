import { setTimeout as sleep } from 'node:timers/promises';
import type { Cloud } from './cloud/cloud.ts';
import type { JsonObject } from './cloud/function-compute.ts';
import { functionName, triggerName } from './names.ts';

const limitMs = 120_000;
const pollMs = 1000;

/** Whether the trigger says that its stream runs. */
export function isEnabled(trigger: JsonObject | undefined): boolean {
  return configOf(trigger).triggerEnable === true;
}

/** A trigger's configuration, whole: an update replaces it. */
export function configOf(trigger: JsonObject | undefined): JsonObject {
  const config = trigger?.triggerConfig;
  return typeof config === 'object' && config !== null ? { ...config } : {};
}

/** The name of the trigger's event stream, which its source ARN ends with; undefined when it has none. */
export function streamName(trigger: JsonObject): string | undefined {
  return /:eventstreaming\/(.+)$/.exec(String(trigger.sourceArn ?? ''))?.[1];
}

/** What the stream is doing, in EventBridge's words: `RUNNING`, `STARTING`, `PAUSING`, `START_FAILED`; `READY` is paused or stopped; `UNKNOWN`. */
export async function streamStatus({ eventBridge }: Cloud, trigger: JsonObject): Promise<string> {
  if (isEnabled(trigger)) return 'RUNNING';
  const name = streamName(trigger);
  // The trigger alone tells enough to go on.
  return name === undefined ? 'UNKNOWN' : eventBridge.status(name).catch(() => 'UNKNOWN');
}

/** Starting is asynchronous: `triggerEnable` reads true only once the stream runs. Throws after two minutes. */
export async function untilItRuns({ functionCompute }: Cloud, serviceName: string): Promise<void> {
  await until(async () => isEnabled(await functionCompute.trigger(serviceName, functionName, triggerName)), 'its stream did not start');
}

/** Throws, with what did not happen, after two minutes. */
export async function until(isSo: () => Promise<boolean>, problem: string): Promise<void> {
  const limit = AbortSignal.timeout(limitMs);
  while (!limit.aborted) {
    if (await isSo()) return;
    await sleep(pollMs);
  }
  throw new Error(
    `The trigger is there, but ${problem} within ${limitMs / 1000} s. Look at its state in the Function Compute console, mend what it names, and run the command again.`,
  );
}
