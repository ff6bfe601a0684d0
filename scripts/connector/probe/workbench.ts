import type { ProduceCommand } from '../../../shared/commands.ts';
import type { AlibabaCloud } from '../cloud/alibaba-cloud.ts';
import type { FunctionComputeApi, Generation } from '../cloud/function-compute/function-compute.ts';
import type { Props } from '../config/schema.ts';
import { sendCommand } from '../running/connector.ts';
import type { Limits } from './limits.ts';
import { MadeThings, type ProbeRun } from './made-things.ts';
import type { Pace } from './pace.ts';
import { ProbeTrigger } from './probe-trigger.ts';
import { type ReceiverLine, receiverLine } from './receiver-lines.ts';
import type { RunNames } from './run-names.ts';

const maxLines = 1000;
/** Seconds that the clocks of the cloud may differ from this machine's. */
const clockSeconds = 300;

/** A record that the probe sends; the receiver does what it asks for. */
export interface ProbeRecord {
  readonly scenario: string;
  readonly number: number;
  /** Whether the receiver is to fail. */
  readonly fail?: boolean;
  /** How long the receiver is to take, in ms. */
  readonly waitMs?: number;
  /** Makes the value as long as that, in bytes. */
  readonly bytes?: number;
}

/** How a record is sent. */
interface SendOptions {
  readonly partition?: number;
  readonly key?: string;
  readonly headers?: { readonly [name: string]: string };
  /** How often, one after the other. */
  readonly count?: number;
}

/** What the findings work with. */
export class Workbench implements ProbeRun {
  readonly cloud: AlibabaCloud;
  readonly props: Props;
  readonly api: Generation;
  readonly names: RunNames;
  readonly pace: Pace;
  readonly things: MadeThings;
  readonly trigger: ProbeTrigger;
  readonly #begin = Date.now();

  constructor({ api, cloud, names, props }: ProbeRun, pace: Pace) {
    this.cloud = cloud;
    this.props = props;
    this.api = api;
    this.names = names;
    this.pace = pace;
    this.things = new MadeThings(this, pace);
    this.trigger = new ProbeTrigger(this, this.things, pace);
  }

  get limits(): Limits {
    return this.pace.limits;
  }

  get functions(): FunctionComputeApi {
    return this.cloud.functionCompute(this.api);
  }

  /** Sends a record to the probe's topic. */
  async send({ bytes = 0, ...record }: ProbeRecord, { partition = 0, ...options }: SendOptions = {}): Promise<void> {
    await this.things.producer();
    this.pace.goOn();
    const value = JSON.stringify({ ...record, ...(bytes > 0 && { padding: 'x'.repeat(bytes) }) });
    const command: ProduceCommand = { command: 'produce', value, partition, ...options };
    await sendCommand({ cloud: this.cloud, address: { generation: this.api, name: this.names.producer } }, command);
  }

  /** Everything that the functions have written so far, the oldest first. */
  async lines(): Promise<ReceiverLine[]> {
    const { logProject, logstore } = this.names;
    const [from, to] = [Math.floor(this.#begin / 1000) - clockSeconds, Math.floor(Date.now() / 1000) + clockSeconds];
    const lines = await this.cloud.logs.lines(logProject, logstore, { from, to, words: '', limit: maxLines });
    return lines.flatMap(receiverLine);
  }
}
