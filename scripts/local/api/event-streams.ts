import { CloudError } from '../cloud-error.ts';
import type { JsonObject } from './http.ts';
import type { State } from './state.ts';

/** `blocked`: under `errorsTolerance: NONE` the retries of a batch are exhausted. */
type StreamState = 'paused' | 'starting' | 'running' | 'pausing' | 'blocked' | 'stopped';

/** A stream as whoever runs streams offers it; `start` resolves when it reads, and throws when it cannot. */
export interface TriggerStream {
  readonly state: StreamState;
  start(): Promise<void>;
  pause(): Promise<void>;
  stop(): Promise<void>;
}

/** The function that a stream calls, by its id here and by its names in the cloud. */
interface StreamDestination {
  readonly functionId: string;
  readonly functionName: string;
  /** Only in 2.0. */
  readonly serviceName?: string;
}

/** What a stream is made of: the trigger that asked for it and where its events go. */
export interface StreamDeployment {
  readonly name: string;
  readonly destination: StreamDestination;
  /** The Kafka instance that is read. */
  readonly instanceId: string;
  /** The trigger's configuration, checked, with the names of the API. */
  readonly triggerConfig: JsonObject;
}

/** Makes a stream that does not run yet. */
export type StreamFactory = (deployment: StreamDeployment) => TriggerStream;

/** A stream as EventBridge tells of it; `enabled` is what its user wants. */
export interface StreamView {
  readonly deployment: StreamDeployment;
  readonly status: string;
  /** Why it could not start. */
  readonly reason: string | undefined;
  readonly enabled: boolean;
}

interface StreamRow {
  readonly deployment: StreamDeployment;
  readonly enabled: boolean;
}

const statuses: { readonly [state in StreamState]: string } = {
  paused: 'READY',
  starting: 'STARTING',
  running: 'RUNNING',
  pausing: 'PAUSING',
  blocked: 'READY',
  stopped: 'READY',
};

/** The event streams of the account, which Function Compute's triggers make and EventBridge starts and pauses. */
export class EventStreams implements AsyncDisposable {
  readonly #factory: StreamFactory;
  readonly #rows;
  readonly #streams = new Map<string, TriggerStream>();
  /** Why each that could not start could not. */
  readonly #failed = new Map<string, string>();

  constructor(state: State, factory: StreamFactory) {
    this.#factory = factory;
    this.#rows = state.table<StreamRow>('event-streams');
  }

  /** Starts again what ran when the state was written. */
  resume(): void {
    for (const { deployment, enabled } of this.#rows.values()) if (enabled) this.#launch(deployment);
  }

  /** Makes the stream, or makes it anew with another configuration; it starts in the background. */
  async deploy(deployment: StreamDeployment, enabled: boolean): Promise<void> {
    await this.#end(deployment.name);
    this.#rows.set(deployment.name, { deployment, enabled });
    if (enabled) this.#launch(deployment);
  }

  async remove(name: string): Promise<void> {
    await this.#end(name);
    this.#rows.delete(name);
  }

  /** Throws `CloudError` when there is no such stream. */
  describe(name: string): StreamView {
    const row = this.#row(name);
    const state = this.#streams.get(name)?.state ?? 'paused';
    const reason = this.#failed.get(name);
    return { ...row, reason, status: reason === undefined ? statuses[state] : 'START_FAILED' };
  }

  start(name: string): void {
    const { deployment } = this.#row(name);
    this.#rows.set(name, { deployment, enabled: true });
    this.#launch(deployment);
  }

  async pause(name: string): Promise<void> {
    const { deployment } = this.#row(name);
    this.#rows.set(name, { deployment, enabled: false });
    this.#failed.delete(name);
    await this.#streams.get(name)?.pause();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#streams.keys()].map((name) => this.#end(name)));
  }

  #row(name: string): StreamRow {
    const row = this.#rows.get(name);
    if (row) return row;
    throw new CloudError(404, 'EventStreamingNotExisted', `The event streaming [${name}] not existed!`);
  }

  #launch(deployment: StreamDeployment): void {
    const { name } = deployment;
    this.#failed.delete(name);
    const stream = this.#streams.get(name) ?? this.#factory(deployment);
    this.#streams.set(name, stream);
    // Nobody waits for it: its state is what is asked for.
    stream.start().catch((error: unknown) => {
      if (this.#streams.get(name) === stream) this.#failed.set(name, error instanceof Error ? error.message : String(error));
    });
  }

  async #end(name: string): Promise<void> {
    await this.#streams.get(name)?.stop();
    this.#streams.delete(name);
    this.#failed.delete(name);
  }
}
