import { CloudFailure } from '../cloud/call.ts';
import type { FunctionComputeApi } from '../cloud/function-compute/function-compute.ts';
import { type JsonObject, objectAt } from '../cloud/json.ts';
import { configOf, describeStream, isStopped, type StreamState, streamName, streamState } from '../running/stream.ts';
import { triggerFields } from '../running/trigger.ts';
import type { MadeThings, ProbeRun } from './made-things.ts';
import { NotMeasured } from './not-measured.ts';
import type { Pace } from './pace.ts';
import { type DeliveryOptions, probeTriggerConfig } from './trigger-config.ts';

/** A status of the stream, and when it was first seen, in ms after the stream was to start. */
interface SeenStatus extends StreamState {
  readonly ms: number;
}

/** The trigger of the receiver, of which there is one at a time, and its stream. */
export class ProbeTrigger {
  readonly #run: ProbeRun;
  readonly #things: MadeThings;
  readonly #pace: Pace;
  #config: JsonObject | undefined;

  constructor(run: ProbeRun, things: MadeThings, pace: Pace) {
    this.#run = run;
    this.#things = things;
    this.#pace = pace;
  }

  get #functions(): FunctionComputeApi {
    return this.#run.cloud.functionCompute(this.#run.api);
  }

  /** Lets the trigger deliver so, and waits until its stream runs; a trigger that reads another topic is replaced. */
  async deliver(options: DeliveryOptions): Promise<readonly SeenStatus[]> {
    // One after the other: at an interruption nothing may be on its way when the clean-up begins.
    await this.#things.consumerGroup();
    await this.#things.receiver();
    await this.#things.deadLetterTopic();
    const config = probeTriggerConfig(this.#run, options);
    this.#pace.goOn();
    if (this.#config !== undefined && topicOf(this.#config) !== topicOf(config)) await this.delete();
    const started = performance.now();
    if (this.#config === undefined) await this.#functions.createTrigger(this.#run.names.receiver, config);
    else if (differences(config, this.#config).length === 0 && !isStopped(await this.state())) return this.#untilItRuns(started);
    else await this.#updateTrigger(config);
    this.#config = config;
    const seen = await this.#untilItRuns(started);
    await this.#pace.rest(this.#pace.limits.settle);
    await this.#untilItRuns(started);
    return seen;
  }

  /** As the connector's commands do it: a trigger that was enabled already may leave its stream as it is. */
  async #updateTrigger(triggerConfig: JsonObject): Promise<void> {
    await this.#functions.updateTrigger(this.#run.names.receiver, { description: '', triggerConfig });
    const trigger = await this.row();
    const name = streamName(trigger);
    if (name !== undefined && isStopped(await streamState(this.#run.cloud, trigger)))
      await this.#run.cloud.eventBridge.start(name).catch(() => undefined);
  }

  async #untilItRuns(started: number): Promise<readonly SeenStatus[]> {
    const seen: SeenStatus[] = [];
    await this.#pace.until('the stream to run', this.#pace.limits.stream, async () => {
      const state = await this.state();
      if (state.status !== seen.at(-1)?.status) seen.push({ ...state, ms: performance.now() - started });
      if (state.status.includes('FAIL')) throw new NotMeasured(`the stream could not start (${describeStream(state)})`);
      return state.status === 'RUNNING' || undefined;
    });
    return seen;
  }

  /** Switches the trigger off, and waits until its stream has stopped. */
  async pause(): Promise<void> {
    const trigger = await this.row();
    this.#pace.goOn();
    await this.#functions.updateTrigger(this.#run.names.receiver, {
      description: '',
      triggerConfig: { ...this.#config, triggerEnable: false },
    });
    const name = streamName(trigger);
    if (name !== undefined && !isStopped(await this.state())) await this.#run.cloud.eventBridge.pause(name).catch(() => undefined);
    await this.#pace.until('the stream to stop', this.#pace.limits.stream, async () => isStopped(await this.state()) || undefined);
  }

  async delete(): Promise<void> {
    await this.#functions.deleteTrigger(this.#run.names.receiver);
    this.#config = undefined;
  }

  /** Throws `NotMeasured` when there is none. */
  async row(): Promise<JsonObject> {
    const trigger = await this.#functions.trigger(this.#run.names.receiver);
    if (!trigger) throw new NotMeasured('the trigger is not there');
    return trigger;
  }

  async state(): Promise<StreamState> {
    return streamState(this.#run.cloud, await this.row());
  }

  /** What the trigger says of itself, in words. */
  async enabled(): Promise<string> {
    const { triggerEnable } = configOf(await this.row());
    return `triggerEnable ${triggerEnable === undefined ? 'is not returned' : String(triggerEnable)}`;
  }

  /** Makes a trigger if there is none, as it happens to be. */
  async beThere(): Promise<void> {
    if (this.#config === undefined) await this.deliver({});
  }

  /** The parts of the configuration that a trigger does not return as they were given. */
  async missingConfig(): Promise<string[]> {
    return differences(this.#config ?? {}, configOf(await this.row()));
  }

  /** Starts the stream itself, past the trigger; resolves to why that is refused, if it is. */
  async startStream(): Promise<string | undefined> {
    const name = streamName(await this.row());
    if (name === undefined) throw new NotMeasured('the trigger names no stream');
    return this.#run.cloud.eventBridge.start(name).then(
      () => undefined,
      (error: unknown) => (error instanceof CloudFailure ? error.code : String(error)),
    );
  }
}

/** Paths of what differs from what is desired; more may be there. */
function differences(desired: JsonObject, actual: JsonObject, path = ''): string[] {
  return Object.entries(desired).flatMap(([name, value]) => {
    const at = path === '' ? name : `${path}.${name}`;
    if (typeof value === 'object' && value !== null) return differences(objectAt(desired, name), objectAt(actual, name), at);
    return actual[name] === value ? [] : [at];
  });
}

function topicOf(triggerConfig: JsonObject): string {
  return triggerFields({ triggerConfig }).source.Topic;
}
