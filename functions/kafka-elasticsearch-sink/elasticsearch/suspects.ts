import type { Failure } from '../../../shared/errors.ts';
import { formatPosition } from '../../../shared/position.ts';
import type { Rejected } from '../operation.ts';
import type { Batch } from './batch.ts';
import { isOwnError, isRetriable } from './classify.ts';
import { NoAnswer, type Request } from './client.ts';
import { membersOf } from './json.ts';
import { isParsingType, type TargetFaultFound } from './reasons.ts';
import { isConfirmed, type Search, witnessLimitMs } from './search.ts';
import { failureFrom, noAnswerOnly, type Session } from './session.ts';

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
      readonly targetFault: TargetFaultFound | undefined;
    }
  /** An item that failed again and again. */
  | { readonly by: 'failure'; readonly errorType: string }
  /** No answer of Elasticsearch's at all. */
  | { readonly by: 'silence'; readonly search: Search }
);

export type Silent = Extract<Suspect, { readonly by: 'silence' }>;

const rememberedMs = 600_000;
const rememberedIndices = 1000;

/** A document that an index has taken: when, and how to ask for it. */
interface Taken {
  readonly at: number;
  /** Of the operation, as it was sent. */
  readonly action: string;
}

/**
 * Which indices took documents lately: a record that fails in such company is at fault itself; where nothing else passes, it may be the target.
 * Lives as long as the instance.
 */
export class Company {
  readonly #taken = new Map<string, Taken>();

  /** `batch`: of an operation alone, whose document the index has taken; `now` in ms, by the clock of the invocations. */
  note({ body, operations }: Batch, now: number): void {
    const index = operations[0]?.index;
    if (index === undefined) return;
    if (this.#taken.size > rememberedIndices) this.#taken.clear();
    this.#taken.set(index, { at: now, action: body.toString('utf8', 0, body.indexOf('\n')) });
  }

  has(index: string, now: number): boolean {
    const taken = this.#taken.get(index);
    return taken !== undefined && now - taken.at < rememberedMs;
  }

  /**
   * A request for a document that the index has taken, which goes the way that documents go, and changes nothing, whatever has become of it: an
   * update without a member, which makes nothing where nothing is. undefined: the index has taken none.
   */
  witness(index: string): Request | undefined {
    const taken = this.#taken.get(index);
    if (!taken) return undefined;
    const [meta] = Object.values(
      JSON.parse(taken.action) as { readonly [kind: string]: { readonly _id?: string; readonly routing?: string } },
    );
    const { _id = 'unknown', routing } = meta ?? {};
    const path = `/${encodeURIComponent(index)}/_update/${encodeURIComponent(_id)}`;
    return { method: 'POST', path, ...(routing !== undefined && { query: { routing } }), body: { doc: {} } };
  }
}

/** Whose fault each suspect of an invocation turned out to be. */
export interface Verdicts {
  readonly rejected: readonly Rejected[];
  /** The target's, which needs a person. */
  readonly fault: Failure | undefined;
  /** Not answered, while others are: to be tried once more. */
  readonly unconfirmed: readonly Silent[];
  /** Elasticsearch's own fault, as far as anyone can tell. */
  readonly undecided: readonly Suspect[];
}

/** What speaks for the server, and so against a record. */
interface Evidence {
  readonly company: Company;
  /** Documents written in this invocation. */
  readonly accepted: number;
  /** The indices that took them. */
  readonly taken: ReadonlySet<string>;
}

/** Whether a server answers for an index now; `unclear`: only something that stands before it does. */
type Presence = 'answers' | 'silent' | 'unclear';

/** Judges all suspects at once, since what was written besides them tells whose fault it is. */
export async function judgeSuspects(suspects: readonly Suspect[], evidence: Evidence, session: Session): Promise<Verdicts> {
  const judged = { record: [] as Suspect[], target: [] as Suspect[], unconfirmed: [] as Suspect[], undecided: [] as Suspect[] };
  for (const suspect of suspects) judged[await judge(suspect, suspects, evidence, session)].push(suspect);
  const { record, target, unconfirmed, undecided } = judged;
  const [first] = target;
  const fault = first && failureFrom('IndexUnavailable', describeRefused(first), session.settings);
  return { rejected: record.flatMap(rejectionsOf), fault, unconfirmed: unconfirmed.filter(isSilent), undecided };
}

/** Whether nothing answered it. */
export function isSilent(suspect: Suspect): suspect is Silent {
  return suspect.by === 'silence';
}

type Judgement = 'record' | 'target' | 'unconfirmed' | 'undecided';

/** Whose fault it is that a suspect fails. */
async function judge(suspect: Suspect, suspects: readonly Suspect[], evidence: Evidence, session: Session): Promise<Judgement> {
  const index = indexOf(suspect);
  const fellows = suspects.filter((other) => other.by === suspect.by && indexOf(other) === index).length;
  const hadCompany = evidence.company.has(index, session.clock.now());
  const hasCompany = evidence.taken.has(index) || (hadCompany && fellows <= mostWithoutCompany);
  if (suspect.by === 'failure') return hasCompany ? 'record' : 'undecided';
  if (suspect.by === 'refusal') {
    const isRecords = suspect.targetFault === undefined && (hasCompany || isParsingType(suspect.errorType));
    return isRecords ? 'record' : 'target';
  }
  // That few are silent among many is their own doing; that many are, and few pass, is not.
  if (!hadCompany || fellows > Math.max(mostWithoutCompany, evidence.accepted / 4)) return 'undecided';
  return judgeSilent(suspect.search, { ...evidence, isOnly: fellows === 1 }, await presenceOf(index, evidence.company, session));
}

/** Suspects of an index that its earlier company alone is enough to judge. */
const mostWithoutCompany = 3;

/** What was written earlier says nothing of a server that has just gone, or of a proxy that has just begun to refuse: something must pass besides. */
function judgeSilent(
  search: Search,
  { accepted, isOnly }: Pick<Evidence, 'accepted'> & { readonly isOnly: boolean },
  presence: Presence,
): Judgement {
  const othersPass = accepted > search.acceptedBefore;
  // Of a record alone in its batch, and not of several that all fail, what was written before may tell; of a refusal by something else it never does.
  if (!othersPass && (!isOnly || search.isAnswered || presence === 'unclear')) return 'undecided';
  if (presence === 'silent') return 'undecided';
  return isConfirmed(search) ? 'record' : 'unconfirmed';
}

async function presenceOf(index: string, company: Company, session: Session): Promise<Presence> {
  const request = company.witness(index);
  if (!request) return 'silent';
  const answer = await session.client.send(request, witnessLimitMs(session)).catch(noAnswerOnly);
  if (answer instanceof NoAnswer || isRetriable(answer) || answer.status >= 500) return 'silent';
  return isOwnError(answer) || typeof membersOf(answer.json).result === 'string' ? 'answers' : 'unclear';
}

function indexOf({ batch }: Suspect): string {
  return batch.operations[0]?.index ?? '';
}

const rejectionTypes = { refusal: 'request_refused', silence: 'request_unanswered' } as const;

function rejectionsOf(suspect: Suspect): Rejected[] {
  const { batch, reason } = suspect;
  const type = suspect.by === 'failure' ? suspect.errorType : rejectionTypes[suspect.by];
  return batch.operations.map(({ element }) => ({ kind: 'rejected', element, type, reason }));
}

function describeRefused({ batch, reason, ...suspect }: Suspect): string {
  const records = batch.operations.map(({ element, index }) => `${formatPosition(element.position)} to ${index}`).join();
  const targetFault = 'targetFault' in suspect ? suspect.targetFault?.means : undefined;
  return `${records}: ${targetFault ?? `refused even alone, and no other record of this index was taken lately: ${reason}`}`;
}
