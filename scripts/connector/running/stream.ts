import { setTimeout as sleep } from 'node:timers/promises';
import type { AlibabaCloud } from '../cloud/alibaba-cloud.ts';
import type { FunctionAddress } from '../cloud/function-compute/function-compute.ts';
import { type JsonObject, objectAt } from '../cloud/json.ts';

const changeLimitMs = 120_000;
const startLimitMs = 30_000;
const pollMs = 1000;

/** What a trigger's stream is doing, by its own word: a trigger may say that it is enabled when its stream has stopped. */
export interface StreamState {
  /** The status in EventBridge's words: `RUNNING`, `STARTING`, `PAUSING`, `START_FAILED`; `READY` is paused or stopped; `UNKNOWN`: it cannot be read. */
  readonly status: string;
  /** Why it is so, where EventBridge tells. */
  readonly reason: string | undefined;
}

/** The description of a trigger; an empty one might be taken for none, and leave what is there. */
const triggerDescription = 'Source of an Elasticsearch sink connector';
/** Begins the description of a trigger whose stream a deployment holds back until a deployment has ended well. */
const heldBackMark = 'Held back by a deployment';

export function isHeldBack(trigger: JsonObject): boolean {
  return String(trigger.description ?? '').startsWith(heldBackMark);
}

/** Whether the stream reads, or is about to. */
function isActive({ status }: StreamState): boolean {
  return status === 'RUNNING' || status === 'STARTING';
}

/** Whether the stream reads no more; one whose state cannot be read is taken for stopped. */
export function isStopped(state: StreamState): boolean {
  return !isActive(state) && state.status !== 'PAUSING';
}

/** Whether the stream could not start, which no pause is. */
export function hasFailed({ status }: StreamState): boolean {
  return status.includes('FAIL');
}

/** Whether the trigger's stream runs; where its state cannot be read, the trigger's word counts. */
export function runs(trigger: JsonObject, stream: StreamState | undefined): boolean {
  return stream === undefined || stream.status === 'UNKNOWN' ? configOf(trigger).triggerEnable === true : isActive(stream);
}

/** Describes the state in words, for example `START_FAILED: topic orders does not exist`. */
export function describeStream({ status, reason }: StreamState): string {
  return reason === undefined ? status : `${status}: ${reason}`;
}

/** A trigger's configuration, whole: an update replaces it. */
export function configOf(trigger: JsonObject | undefined): JsonObject {
  return objectAt(trigger ?? {}, 'triggerConfig');
}

/** Reads the state as `streamState` does, and waits a while for a stream that is starting: it may tell then why it cannot. */
export async function settledState(cloud: AlibabaCloud, trigger: JsonObject): Promise<StreamState> {
  const limit = AbortSignal.timeout(startLimitMs);
  for (;;) {
    const state = await streamState(cloud, trigger);
    if (state.status !== 'STARTING' || limit.aborted) return state;
    await sleep(pollMs);
  }
}

/** Reads the stream's state from EventBridge; it is unknown, with the reason, when that fails. */
export async function streamState({ eventBridge }: AlibabaCloud, trigger: JsonObject): Promise<StreamState> {
  const name = streamName(trigger);
  if (name === undefined) return { status: 'UNKNOWN', reason: 'the trigger names no stream' };
  return eventBridge
    .state(name)
    .catch((error: unknown) => ({ status: 'UNKNOWN', reason: error instanceof Error ? error.message : String(error) }));
}

/** Gives the trigger this configuration, and switches its stream on; resolves when it runs, and throws with the reason when it cannot start. */
export async function switchOn(cloud: AlibabaCloud, address: FunctionAddress, config: JsonObject): Promise<void> {
  await update(cloud, address, { ...config, triggerEnable: true }, triggerDescription);
  await startStream(cloud, address);
}

/** Gives the trigger this configuration, and switches its stream off, which takes until its consumers have left. */
export async function switchOff(cloud: AlibabaCloud, address: FunctionAddress, config: JsonObject): Promise<void> {
  await update(cloud, address, { ...config, triggerEnable: false }, triggerDescription);
  await stopStream(cloud, address);
}

/** Switches the stream off until this deployment or a later one has found the function able to do its work. */
export async function holdBack(cloud: AlibabaCloud, address: FunctionAddress): Promise<void> {
  const config = configOf(await triggerOf(cloud, address));
  if (config.eventSourceConfig === undefined)
    throw new Error(`The trigger of ${address.name} is not there any more: run the command again.`);
  await update(cloud, address, { ...config, triggerEnable: false }, heldBackMark);
  await stopStream(cloud, address);
}

async function update(cloud: AlibabaCloud, address: FunctionAddress, triggerConfig: JsonObject, description: string): Promise<void> {
  await cloud.functionCompute(address.generation).updateTrigger(address.name, { description, triggerConfig });
}

/** Waits until the stream runs. Where the trigger was enabled already, as when a failure has stopped the stream, an update may change nothing: then the stream itself is started. */
async function startStream(cloud: AlibabaCloud, address: FunctionAddress): Promise<void> {
  const trigger = await triggerOf(cloud, address);
  const name = streamName(trigger);
  // Who waits for the stream hears whether this was enough.
  if (name !== undefined && !isActive(await streamState(cloud, trigger))) await cloud.eventBridge.start(name).catch(() => undefined);
  await untilItRuns(cloud, address);
}

/** Pauses the stream itself where it goes on; who waits for its consumers to leave hears whether this was enough. */
async function stopStream(cloud: AlibabaCloud, address: FunctionAddress): Promise<void> {
  const trigger = await triggerOf(cloud, address);
  const name = streamName(trigger);
  if (name !== undefined && isActive(await streamState(cloud, trigger))) await cloud.eventBridge.pause(name).catch(() => undefined);
}

/** Starting is asynchronous. Throws, with the reason, as soon as the stream could not start, or after two minutes. */
export async function untilItRuns(cloud: AlibabaCloud, address: FunctionAddress): Promise<void> {
  const limit = AbortSignal.timeout(changeLimitMs);
  for (let failures = 0; ; await sleep(pollMs)) {
    const trigger = await triggerOf(cloud, address);
    const state = await streamState(cloud, trigger);
    if (state.status === 'RUNNING' || (state.status === 'UNKNOWN' && runs(trigger, state))) return;
    failures = hasFailed(state) ? failures + 1 : 0;
    // Once, it may be the end of an earlier start.
    if (failures > 1)
      throw new Error(
        `The trigger is there, but its stream could not start (${describeStream(state)}). Mend what it names, and run the command again.`,
      );
    if (limit.aborted) throw notInTime(`its stream did not start (${describeStream(state)})`);
  }
}

/** Polls until the condition holds; throws, with what did not happen, after two minutes. */
export async function until(isSo: () => Promise<boolean>, problem: string): Promise<void> {
  const limit = AbortSignal.timeout(changeLimitMs);
  while (!limit.aborted) {
    if (await isSo()) return;
    await sleep(pollMs);
  }
  throw notInTime(problem);
}

function notInTime(problem: string): Error {
  return new Error(
    `The trigger is there, but ${problem} within ${changeLimitMs / 1000} s. Look at its state in the Function Compute console, mend what it names, and run the command again.`,
  );
}

async function triggerOf(cloud: AlibabaCloud, { generation, name }: FunctionAddress): Promise<JsonObject> {
  return (await cloud.functionCompute(generation).trigger(name)) ?? {};
}

/** The name of the trigger's event stream, which its source ARN ends with. */
/** The name of its stream, which the trigger's `sourceArn` ends with. */
export function streamName(trigger: JsonObject): string | undefined {
  return /:eventstreaming\/(.+)$/.exec(String(trigger.sourceArn ?? ''))?.[1];
}
