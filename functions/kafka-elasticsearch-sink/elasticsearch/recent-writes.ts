import type { estypes } from '@elastic/elasticsearch';
import type { Batch } from './batch.ts';
import type { Request } from './client.ts';
import { unverified } from './unverified.ts';

type UpdateBody = Pick<estypes.UpdateRequest, 'doc'>;

const maxAgeMs = 600_000;
const maxIndices = 1000;

/** A document that an index has taken: when, by the clock of the invocations in ms, and the action line that it was sent with. */
interface RecentWrite {
  readonly at: number;
  readonly actionLine: string;
}

/**
 * Which indices took documents lately: a record that fails while others of its index are written is at fault itself; where nothing else passes,
 * it may be the target. Lives as long as the instance.
 */
export class RecentWrites {
  readonly #writes = new Map<string, RecentWrite>();

  /** Remembers the one operation of a batch, whose document its index has taken; `now` is in ms, by the clock of the invocations. */
  remember({ body, operations }: Batch, now: number): void {
    const index = operations[0]?.index;
    if (index === undefined) return;
    if (this.#writes.size > maxIndices) this.#writes.clear();
    this.#writes.set(index, { at: now, actionLine: body.toString('utf8', 0, body.indexOf('\n')) });
  }

  /** Whether an index has taken a document in the last ten minutes. */
  has(index: string, now: number): boolean {
    const write = this.#writes.get(index);
    return write !== undefined && now - write.at < maxAgeMs;
  }

  /**
   * A request that takes the way of documents to an index and changes nothing, whatever has become of the document that it names: an update
   * without a member, which makes nothing where nothing is. undefined: the index has taken no document.
   */
  probe(index: string): Request | undefined {
    const write = this.#writes.get(index);
    if (!write) return undefined;
    const action: { readonly [kind: string]: unknown } = JSON.parse(write.actionLine);
    const { _id, routing } = unverified<estypes.BulkOperationBase>(Object.values(action)[0]);
    const path = `/${encodeURIComponent(index)}/_update/${encodeURIComponent(typeof _id === 'string' ? _id : 'unknown')}`;
    const body = { doc: {} } satisfies UpdateBody;
    return { method: 'POST', path, ...(typeof routing === 'string' && { query: { routing } }), body };
  }
}
