import { type AuditResponse, maxNamedPerCommand } from '../../../shared/commands.ts';
import { formatPosition, type Position } from '../../../shared/position.ts';

/** Where a record is that is not in the index. */
export type Whereabouts = 'errors' | 'deadLettered' | 'skipped' | 'missing';

/** The sums of an audit, and the first names of what is wrong. */
export class AuditTally {
  readonly #counts = { indexed: 0, errors: 0, deadLettered: 0, skipped: 0, missing: 0 };
  #missing: readonly Position[] = [];
  readonly #extra: string[] = [];
  #extraCount = 0;
  expired = 0;
  repaired = 0;

  addIndexed(count: number): void {
    this.#counts.indexed += count;
  }

  addElsewhere(whereabouts: Exclude<Whereabouts, 'missing'>): void {
    this.#counts[whereabouts]++;
  }

  /** Adds positions, of which the first ones are named whenever they come. */
  addMissing(positions: readonly Position[]): void {
    this.#counts.missing += positions.length;
    const ascending = [...this.#missing, ...positions].sort((left, right) => Number(left.offset) - Number(right.offset));
    this.#missing = ascending.slice(0, maxNamedPerCommand);
  }

  addExtra(ids: readonly string[]): void {
    this.#extraCount += ids.length;
    this.#extra.push(...ids.slice(0, maxNamedPerCommand - this.#extra.length));
  }

  /** `why`: the reason, where the counts prove nothing. */
  response({ next, repairs = false, why }: { next?: number | undefined; repairs?: boolean; why?: string | undefined }): AuditResponse {
    const { missing: missingCount, ...counts } = this.#counts;
    return {
      canTell: why === undefined,
      ...(why !== undefined && { why }),
      offsets: counts.indexed + counts.errors + counts.deadLettered + counts.skipped + missingCount,
      ...counts,
      expired: this.expired,
      missingCount,
      missing: this.#missing.map(formatPosition),
      extraCount: this.#extraCount,
      extra: this.#extra,
      ...(repairs && { repaired: this.repaired }),
      ...(next !== undefined && { next }),
    };
  }
}
