import type { estypes } from '@elastic/elasticsearch';
import { isOfCredential } from '../redact.ts';
import type { Batch } from './batch.ts';
import { parseBulkResponse } from './bulk-response.ts';
import { classifyRequest, type RequestVerdict } from './classify.ts';
import { NoResponse, type Query, type Response } from './client.ts';
import { isRequirementUnknown } from './error-reasons.ts';
import type { MissingIndexRecovery } from './outcome-resolver.ts';
import { asNoResponse } from './send.ts';
import type { Session } from './session.ts';
import { errorOf, type IsSent } from './unverified.ts';
import type { Requirement } from './version.ts';

/** Decides what a request may write to only. */
export interface TargetRequirements extends Pick<MissingIndexRecovery, 'stopRequiring'> {
  /** What the name is known to be, on a server that can be told to write to such only. */
  readonly requirementOf: (index: string) => Requirement | undefined;
}

/** How one try of a bulk request ended. */
export interface BulkTry {
  readonly verdict: RequestVerdict;
  readonly node: string;
  /** Whether something responded, Elasticsearch or not. */
  readonly hadResponse: boolean;
  /** Whether no response came within the limit. */
  readonly isTimeout: boolean;
}

type ItemField = keyof estypes.BulkResponseItem | `error.${keyof estypes.ErrorCause & string}`;

/** The least that tells each operation's outcome: a fraction of the whole response to send and to parse. */
const itemFields: readonly ItemField[] = ['status', 'result', 'failure_store', 'error.type', 'error.reason'];
const filterPath = itemFields.map((field) => `items.*.${field}`).join(',');

/** Sends the operations of a batch once, and classifies the response; throws nothing but `ElasticsearchTlsFailed`. */
export async function sendBulk(session: Session, requirements: TargetRequirements, batch: Batch, limitMs: number): Promise<BulkTry> {
  const { body, operations } = batch;
  const requirement = commonRequirement(requirements, batch);
  const query = queryOf(session, requirement);
  const parse = (text: string) => parseBulkResponse(text, operations.length);
  const response = await session.client.send({ method: 'POST', path: '/_bulk', query, body, parse }, limitMs).catch(asNoResponse);
  const { node } = response;
  if (response instanceof NoResponse) {
    return { verdict: { kind: 'doubtful', reason: response.message }, node, hadResponse: false, isTimeout: response.isTimeout };
  }
  if (requirement && refusesParameter(response)) {
    requirements.stopRequiring();
    return { verdict: { kind: 'retriable', reason: `${requirement} is not known` }, node, hadResponse: true, isTimeout: false };
  }
  const verdict = classifyRequest(response, operations.length, session.settings, sentWith(session, batch));
  return { verdict, node, hadResponse: true, isTimeout: false };
}

/** Tells what of a response is only said after the request for this batch. */
export function sentWith({ settings }: Session, { body }: Batch): IsSent {
  return (word) => body.includes(word) || isOfCredential(word, settings);
}

/** What the targets of all operations are; undefined where they differ. */
function commonRequirement({ requirementOf }: TargetRequirements, { operations }: Batch): Requirement | undefined {
  const indices = new Set(operations.map(({ index }) => index));
  const [first, ...others] = new Set([...indices].map(requirementOf));
  return others.length === 0 ? first : undefined;
}

function queryOf({ settings: { ES_PIPELINE } }: Session, requirement: Requirement | undefined): Query<estypes.BulkRequest> {
  return {
    filter_path: filterPath,
    ...(ES_PIPELINE !== undefined && { pipeline: ES_PIPELINE }),
    ...(requirement && { [requirement]: 'true' }),
  };
}

function refusesParameter({ json, status }: Response): boolean {
  return status === 400 && isRequirementUnknown(errorOf(json));
}
