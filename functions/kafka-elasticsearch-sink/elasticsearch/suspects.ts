import type { estypes } from '@elastic/elasticsearch';
import type { Failure } from '../../../shared/errors.ts';
import { formatPosition } from '../../../shared/position.ts';
import type { Rejected } from '../operation.ts';
import { redactedFailure } from '../redact.ts';
import type { Batch } from './batch.ts';
import { type Bisection, isConfirmed, probeLimitMs } from './bisection.ts';
import { isOwnError, isRetriable } from './classify.ts';
import { NoResponse } from './client.ts';
import { isParsingType, type TargetFault } from './error-reasons.ts';
import type { RecentWrites } from './recent-writes.ts';
import { asNoResponse } from './send.ts';
import type { Session } from './session.ts';
import { unverified } from './unverified.ts';

/** An operation that fails even when it stands alone, which does not tell whose fault that is. */
export type Suspect = {
  /** Holds that operation alone, or several that were refused for the target's fault. */
  readonly batch: Batch;
  readonly reason: string;
} & (
  | {
      /** The request was refused with 400. */
      readonly by: 'refusal';
      readonly errorType: string;
      /** What the target is, or lacks, as far as the response told. */
      readonly targetFault: TargetFault | undefined;
    }
  /** The operation's item failed again and again. */
  | { readonly by: 'failure'; readonly errorType: string }
  /** Elasticsearch did not respond at all. */
  | { readonly by: 'no-response'; readonly bisection: Bisection }
);

export type UnansweredSuspect = Extract<Suspect, { readonly by: 'no-response' }>;

/** Whose fault each suspect of an invocation turned out to be. */
export interface Attribution {
  readonly rejected: readonly Rejected[];
  /** The target's fault, which needs a person. */
  readonly fault: Failure | undefined;
  /** Got no response while others did, and are to be tried once more. */
  readonly unconfirmed: readonly UnansweredSuspect[];
  /** Failed by Elasticsearch's own fault, as far as anyone can tell. */
  readonly undecided: readonly Suspect[];
}

/** What speaks for the server and so against a record. */
interface Evidence {
  readonly recentWrites: RecentWrites;
  /** How many documents were written in this invocation. */
  readonly accepted: number;
  /** The indices that took them. */
  readonly taken: ReadonlySet<string>;
}

/** Whether Elasticsearch responds for an index now; `unclear` where only something that stands before it does. */
type ProbeResult = 'responds' | 'no-response' | 'unclear';

/** Tells whose fault each suspect's failure is, of all at once, since what was written besides them decides. */
export async function attributeSuspects(suspects: readonly Suspect[], evidence: Evidence, session: Session): Promise<Attribution> {
  const byCause = { record: [] as Suspect[], target: [] as Suspect[], unconfirmed: [] as Suspect[], undecided: [] as Suspect[] };
  for (const suspect of suspects) byCause[await causeOf(suspect, suspects, evidence, session)].push(suspect);
  const { record, target, unconfirmed, undecided } = byCause;
  const [first] = target;
  const fault = first && redactedFailure('IndexUnavailable', describeRefused(first), session.settings);
  return { rejected: record.flatMap(rejectionsOf), fault, unconfirmed: unconfirmed.filter(isUnanswered), undecided };
}

/** Whether Elasticsearch did not respond to the suspect. */
export function isUnanswered(suspect: Suspect): suspect is UnansweredSuspect {
  return suspect.by === 'no-response';
}

type Cause = 'record' | 'target' | 'unconfirmed' | 'undecided';

/** Whose fault it is that a suspect fails. */
async function causeOf(suspect: Suspect, suspects: readonly Suspect[], evidence: Evidence, session: Session): Promise<Cause> {
  const index = indexOf(suspect);
  const similarSuspects = suspects.filter((other) => other.by === suspect.by && indexOf(other) === index).length;
  const hasRecentWrites = evidence.recentWrites.has(index, session.clock.now());
  const areOthersWritten = evidence.taken.has(index) || (hasRecentWrites && similarSuspects <= maxSuspectsByRecentWrites);
  if (suspect.by === 'failure') return areOthersWritten ? 'record' : 'undecided';
  if (suspect.by === 'refusal') {
    const isRecords = suspect.targetFault === undefined && (areOthersWritten || isParsingType(suspect.errorType));
    return isRecords ? 'record' : 'target';
  }
  // That a few of many get no response is their own doing; that many do, and few pass, is not.
  if (!hasRecentWrites || similarSuspects > Math.max(maxSuspectsByRecentWrites, evidence.accepted / 4)) return 'undecided';
  return causeOfNoResponse(
    suspect.bisection,
    { ...evidence, isOnly: similarSuspects === 1 },
    await sendProbe(index, evidence.recentWrites, session),
  );
}

/** More suspects of one index are not blamed for earlier writes to it alone. */
const maxSuspectsByRecentWrites = 3;

/**
 * Whose fault it is that a record gets no response. What was written earlier says nothing of a server that has just gone, or of a proxy that has
 * just begun to refuse: something must pass besides.
 */
function causeOfNoResponse(
  bisection: Bisection,
  { accepted, isOnly }: Pick<Evidence, 'accepted'> & { readonly isOnly: boolean },
  probeResult: ProbeResult,
): Cause {
  const othersPass = accepted > bisection.acceptedBefore;
  // Of a record alone in its batch, and not of several that all fail, what was written before may tell; of a refusal by something else it never does.
  if (!othersPass && (!isOnly || bisection.hadResponse || probeResult === 'unclear')) return 'undecided';
  if (probeResult === 'no-response') return 'undecided';
  return isConfirmed(bisection) ? 'record' : 'unconfirmed';
}

async function sendProbe(index: string, recentWrites: RecentWrites, session: Session): Promise<ProbeResult> {
  const request = recentWrites.probe(index);
  if (!request) return 'no-response';
  const response = await session.client.send(request, probeLimitMs(session)).catch(asNoResponse);
  if (response instanceof NoResponse || isRetriable(response) || response.status >= 500) return 'no-response';
  return isOwnError(response) || typeof unverified<estypes.UpdateResponse>(response.json).result === 'string' ? 'responds' : 'unclear';
}

function indexOf({ batch }: Suspect): string {
  return batch.operations[0]?.index ?? '';
}

const rejectionTypes = { refusal: 'request_refused', 'no-response': 'request_unanswered' } as const;

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
