import type { Failure } from '../../../shared/errors.ts';
import { formatPosition } from '../../../shared/position.ts';
import type { Rejected } from '../map.ts';
import { type Batch, joinBatches } from './batch.ts';
import { isOwnError, isRetriable } from './classify.ts';
import { NoAnswer } from './client.ts';
import { isParsingType } from './reasons.ts';
import type { Search } from './search.ts';
import { failureFrom, noAnswerOnly, requestLimitMs, type Session } from './session.ts';

/** An operation that fails even when it stands alone: that does not tell whose fault it is. */
export type Suspect = {
  /** Of that operation alone, or of several that were refused for the target's fault. */
  readonly batch: Batch;
  readonly reason: string;
} & (
  | {
      /** A request refused with 400. */
      readonly by: 'refusal';
      readonly errorType: string;
      /** What the target is, or lacks, as far as the answer told. */
      readonly targetFault: string | undefined;
    }
  /** An item that failed again and again. */
  | { readonly by: 'failure'; readonly errorType: string }
  /** No answer of Elasticsearch's at all. */
  | { readonly by: 'silence'; readonly search: Search }
);

export type Unanswered = Extract<Suspect, { readonly by: 'silence' }>;

/** A connection may break, and a server pause, just when a record stands alone. */
const neededConfirmations = 3;

/** Whether a server answers for an index now; `unclear`: only something that stands before it does. */
type Health = 'answers' | 'silent' | 'unclear';

const rememberedMs = 600_000;
const rememberedIndices = 1000;

/**
 * Which indices took documents lately: a record that fails in such company is at fault itself; where nothing else passes, it may be the target.
 * Lives as long as the instance.
 */
export class Company {
  readonly #writtenAt = new Map<string, number>();

  /** `now` in ms, by the clock of the invocations. */
  note(indices: Iterable<string>, now: number): void {
    if (this.#writtenAt.size > rememberedIndices) this.#writtenAt.clear();
    for (const index of indices) this.#writtenAt.set(index, now);
  }

  has(index: string, now: number): boolean {
    const writtenAt = this.#writtenAt.get(index);
    return writtenAt !== undefined && now - writtenAt < rememberedMs;
  }
}

/** Whose fault each suspect of an invocation turned out to be. */
export interface Verdicts {
  readonly rejected: readonly Rejected[];
  /** The target's, which needs a person. */
  readonly fault: Failure | undefined;
  /** Not answered, while the server answers: to be tried once more. */
  readonly unconfirmed: readonly Unanswered[];
  /** Elasticsearch's own fault, as far as anyone can tell. */
  readonly undecided: readonly Suspect[];
}

/** Judges all suspects at once, since what was written besides them tells whose fault it is. `accepted`: documents written by now. */
export async function judgeSuspects(
  suspects: readonly Suspect[],
  { accepted, company }: { readonly accepted: number; readonly company: Company },
  session: Session,
): Promise<Verdicts> {
  const healths = new Map<string, Health>();
  const judged = { record: [] as Suspect[], target: [] as Suspect[], unconfirmed: [] as Suspect[], undecided: [] as Suspect[] };
  for (const suspect of suspects) {
    const index = suspect.batch.operations[0]?.index ?? '';
    const hasCompany = company.has(index, session.clock.now());
    if (suspect.by === 'silence' && hasCompany && !healths.has(index)) healths.set(index, await healthOf(index, session));
    judged[judge(suspect, { hasCompany, accepted, health: healths.get(index) ?? 'unclear' })].push(suspect);
  }
  const { record, target, unconfirmed, undecided } = judged;
  const [first] = target;
  const fault = first && failureFrom('IndexUnavailable', describeRefused(first), session.settings);
  return { rejected: record.flatMap(rejectionsOf), fault, unconfirmed: unconfirmed.filter(isUnanswered), undecided };
}

/** Whether nothing answered it. */
export function isUnanswered(suspect: Suspect): suspect is Unanswered {
  return suspect.by === 'silence';
}

/** What speaks for the server, and so against the record. */
interface Evidence {
  /** The index took a document lately. */
  readonly hasCompany: boolean;
  /** Documents written by now. */
  readonly accepted: number;
  readonly health: Health;
}

/** Whose fault it is that a suspect fails. */
function judge(suspect: Suspect, { accepted, hasCompany, health }: Evidence): 'record' | 'target' | 'unconfirmed' | 'undecided' {
  if (suspect.by === 'failure') return hasCompany ? 'record' : 'undecided';
  if (suspect.by === 'refusal') {
    const isRecords = suspect.targetFault === undefined && (hasCompany || isParsingType(suspect.errorType));
    return isRecords ? 'record' : 'target';
  }
  // What was written earlier says nothing of a server that has just gone, or of a proxy that has just begun to refuse.
  const { acceptedBefore, confirmations } = suspect.search;
  const isAnswering = health === 'answers' || (health === 'unclear' && accepted > acceptedBefore);
  if (!hasCompany || !isAnswering) return 'undecided';
  return confirmations < neededConfirmations ? 'unconfirmed' : 'record';
}

async function healthOf(index: string, session: Session): Promise<Health> {
  const request = { method: 'GET', path: `/_cluster/health/${encodeURIComponent(index)}`, query: { filter_path: 'status' } } as const;
  const answer = await session.client.send(request, requestLimitMs(session) / 2).catch(noAnswerOnly);
  if (answer instanceof NoAnswer || isRetriable(answer)) return 'silent';
  const { status } = { status: undefined, ...(answer.json as { readonly status?: unknown } | undefined) };
  if (isOwnError(answer) || typeof status !== 'string') return 'unclear';
  // A primary shard is missing: documents wait for it longer than a request does.
  return status === 'red' ? 'silent' : 'answers';
}

const rejectionTypes = { refusal: 'request_refused', silence: 'request_unanswered' } as const;

function rejectionsOf(suspect: Suspect): Rejected[] {
  const { batch, reason } = suspect;
  const type = suspect.by === 'failure' ? suspect.errorType : rejectionTypes[suspect.by];
  return batch.operations.map(({ element }) => ({ kind: 'rejected', element, type, reason }));
}

function describeRefused({ batch, reason, ...suspect }: Suspect): string {
  const records = batch.operations.map(({ element, index }) => `${formatPosition(element.position)} to ${index}`).join();
  const targetFault = 'targetFault' in suspect ? suspect.targetFault : undefined;
  return `${records}: ${targetFault ?? `refused even alone, and no other record of this index was taken lately: ${reason}`}`;
}

/** The requests of suspects as one, in their order. */
export function batchOf(suspects: readonly Suspect[]): Batch {
  return joinBatches(suspects.map(({ batch }) => batch));
}
