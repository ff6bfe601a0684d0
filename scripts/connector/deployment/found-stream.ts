import type { Report } from '../../terminal/report.ts';
import type { AlibabaCloud } from '../cloud/alibaba-cloud.ts';
import { describeAddress } from '../running/functions.ts';
import { untilStopped } from '../running/stop-stream.ts';
import { configOf, holdBack, isHeldBack, runs, switchOn } from '../running/stream.ts';
import type { SurveyedFunction } from './survey.ts';

/** The stream of a function as a deployment finds it, which it stops before records go wrong; one that is interrupted then leaves it held back. */
export class FoundStream {
  readonly #cloud: AlibabaCloud;
  readonly #found: SurveyedFunction | undefined;
  readonly #isPaused: boolean;
  readonly #isRunning: boolean;
  #isHeld = false;

  /** One that is paused stays so. */
  constructor(cloud: AlibabaCloud, found: SurveyedFunction | undefined, isPaused: boolean) {
    this.#cloud = cloud;
    this.#found = found;
    this.#isPaused = isPaused;
    this.#isRunning = found?.trigger !== undefined && runs(found.trigger, found.stream);
  }

  get isThere(): boolean {
    return this.#found?.trigger !== undefined;
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Holds the stream back if it runs. */
  async hold(): Promise<void> {
    if (this.#isRunning) await this.#holdBack();
  }

  /** Stops the stream, whatever it does, and waits until its consumers have left, unless another reads as its group. */
  async stop(report: Report, isAlone = true): Promise<void> {
    if (!this.#found?.trigger) return;
    if (!this.#isPaused || this.#isRunning) await this.#holdBack();
    await untilStopped(this.#cloud, this.#found.trigger, report, isAlone);
  }

  /** Waits until a stream that has been held back has stopped: a new start must not meet the end of the old one. */
  async untilStopped(report: Report): Promise<void> {
    if (this.#isHeld && this.#found?.trigger) await untilStopped(this.#cloud, this.#found.trigger, report);
  }

  /** Throws when somebody has paused, started, or removed since what this deployment has held back. */
  async requireHeld(): Promise<void> {
    if (!this.#isHeld || !this.#found) return;
    const trigger = await this.#cloud.functionCompute(this.#found.generation).trigger(this.#found.name);
    if (trigger && isHeldBack(trigger)) return;
    throw new Error(
      `Somebody has changed the trigger of ${describeAddress(this.#found)} while this deployment held its stream back. Run \`s deploy\` again: it goes on from what is there now.`,
    );
  }

  /** Starts the stream again if it has been held back. */
  async goOn(): Promise<void> {
    if (this.#isHeld && this.#found) await switchOn(this.#cloud, this.#found, configOf(this.#found.trigger));
  }

  async #holdBack(): Promise<void> {
    if (this.#isHeld || !this.#found) return;
    await holdBack(this.#cloud, this.#found);
    this.#isHeld = true;
  }
}
