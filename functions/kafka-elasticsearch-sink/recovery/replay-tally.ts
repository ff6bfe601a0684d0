import { maxNamedPerCommand, type ReplayExample, type ReplayResponse } from '../../../shared/commands.ts';
import { formatPosition } from '../../../shared/position.ts';
import type { Counts } from '../settle.ts';
import type { Candidate } from './candidate.ts';

const maxExamples = 3;

/** The sums of a replay. */
export class ReplayTally {
  #delivered = 0;
  #failed = 0;
  #unreadable = 0;
  readonly #unreadableNames: string[] = [];
  readonly #byError = new Map<string, number>();
  readonly #examples: ReplayExample[] = [];
  skipped = 0;

  addChosen({ attempts, elements, errorType, name, position }: Candidate): void {
    this.#byError.set(errorType, (this.#byError.get(errorType) ?? 0) + (elements?.length ?? 1));
    const shown = position ? formatPosition(position) : name;
    if (this.#examples.length < maxExamples) this.#examples.push({ position: shown, errorType, attempts });
  }

  addUnreadable(name: string, reason: string): void {
    this.#unreadable++;
    if (this.#unreadableNames.length < maxNamedPerCommand) this.#unreadableNames.push(`${name}: ${reason}`);
  }

  addDelivery({ deleted, rejected, skipped, unchanged, written }: Counts): void {
    this.#delivered += written + deleted;
    this.#failed += rejected;
    this.skipped += skipped + unchanged;
  }

  response(next: number | string | undefined): ReplayResponse {
    return {
      delivered: this.#delivered,
      failed: this.#failed,
      skipped: this.skipped,
      unreadable: this.#unreadable,
      unreadableNames: this.#unreadableNames,
      byError: Object.fromEntries(this.#byError),
      examples: this.#examples,
      ...(next !== undefined && { next }),
    };
  }
}
