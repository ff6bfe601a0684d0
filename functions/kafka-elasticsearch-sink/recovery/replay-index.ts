import type { estypes } from '@elastic/elasticsearch';
import { formatPosition, type Position, parsePosition } from '../../../shared/position.ts';
import type { Response } from '../elasticsearch/client.ts';
import { type Unverified, unverified } from '../elasticsearch/unverified.ts';
import { redactedFailure } from '../redact.ts';
import type { Candidate, Outcome } from './candidate.ts';
import { type Choice, isChosen } from './choice.ts';
import { isMissingIndex } from './document-requests.ts';
import { recordOf } from './record-of-message.ts';
import { Redelivery } from './redelivery.ts';
import type { ReplayTally } from './replay-tally.ts';
import { holdsNoRecord } from './replay-topic.ts';
import type { Tools } from './tools.ts';

/** Which documents of the error index are looked at. */
export interface IndexPage {
  readonly index: string;
  /** The `next` of the page before. */
  readonly after: string | undefined;
  readonly count: number;
  readonly choice: Choice;
  readonly dryRun: boolean;
}

interface IndexCandidate extends Candidate {
  readonly id: string;
  readonly index: string;
  readonly seqNo: number;
  readonly primaryTerm: number;
}

/** What this package writes of a record that can never be written. */
interface ErrorDocument {
  readonly '@timestamp': string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly key: string;
  readonly value: string;
  readonly valueOmitted: boolean;
  readonly timestampOmitted: boolean;
  readonly attempts: number;
  readonly error: { readonly type: string; readonly reason: string };
}

/** Values that are in memory together, each at most as large as an event. */
const maxDocuments = 100;

/** Delivers what a page holds; deletes what is delivered, and counts the attempts of what failed again. Resolves to where the next page begins. */
export async function replayIndex(page: IndexPage, tools: Tools, tally: ReplayTally): Promise<string | undefined> {
  const { hits, next } = await search(page, tools);
  const { SOURCE_TOPIC } = tools.session.settings;
  const own = hits.filter(({ _source }) => isOfTopic(_source, SOURCE_TOPIC));
  const candidates = own.flatMap((hit) => candidateOf(hit, page.choice, tally));
  const redelivery = new Redelivery<IndexCandidate>(tools, tally, { dryRun: page.dryRun, handsOver: false });
  await conclude(await redelivery.deliver(candidates), tools);
  return next;
}

type Hit = Unverified<estypes.SearchHit>;

/** Another connector may write to the same error index: its records are for its own target. What was no record may have no topic. */
function isOfTopic(source: unknown, topic: string | undefined): boolean {
  const { topic: its } = unverified<ErrorDocument>(source);
  return topic === undefined || its === undefined || its === topic;
}

async function search(
  { after, count, index }: IndexPage,
  tools: Tools,
): Promise<{ readonly hits: readonly Hit[]; readonly next: string | undefined }> {
  const path = `/${encodeURIComponent(index)}`;
  await tools.send({ method: 'POST', path: `${path}/_refresh` });
  const size = Math.min(count, maxDocuments);
  const body = {
    size,
    seq_no_primary_term: true,
    sort: [
      { partition: { order: 'asc', missing: '_first', unmapped_type: 'integer' } },
      { offset: { order: 'asc', missing: '_first', unmapped_type: 'long' } },
      { '@timestamp': { order: 'asc', missing: '_first', unmapped_type: 'date' } },
    ],
    ...(after !== undefined && { search_after: JSON.parse(after) as estypes.SortResults }),
  } satisfies estypes.SearchRequest;
  const response = await tools.send({ method: 'POST', path: `${path}/_search`, body });
  if (isMissingIndex(response)) return { hits: [], next: undefined };
  if (response.status !== 200) throw unavailable(response, `${path}/_search`, tools);
  const found = unverified<estypes.SearchHitsMetadata>(unverified<estypes.SearchResponse>(response.json).hits).hits;
  const hits = (Array.isArray(found) ? found : []).map((hit) => unverified<estypes.SearchHit>(hit));
  return { hits, next: hits.length === size ? JSON.stringify(hits.at(-1)?.sort) : undefined };
}

function candidateOf({ _id, _index, _primary_term, _seq_no, _source }: Hit, choice: Choice, tally: ReplayTally): IndexCandidate[] {
  const source = unverified<ErrorDocument>(_source);
  const { type } = unverified<ErrorDocument['error']>(source.error);
  const errorType = typeof type === 'string' ? type : 'unknown';
  const position = positionIn(source);
  // What was no record had none, and the document has its own.
  const timestamp = source.timestampOmitted === true || errorType === 'bad_element' ? undefined : Date.parse(String(source['@timestamp']));
  const isWanted = choice.errorType === undefined || choice.errorType === errorType;
  if (!isWanted || !isChosen(choice, { position, timestamp })) {
    tally.skipped += 1;
    return [];
  }
  if (!position) {
    tally.addUnreadable(`${_index}/${_id}`, 'it was no record, and its position cannot be read');
    return [];
  }
  const isWhole = source.valueOmitted !== true && !holdsNoRecord.has(errorType);
  const stands = { id: String(_id), index: String(_index), seqNo: Number(_seq_no), primaryTerm: Number(_primary_term), name: String(_id) };
  const elements = isWhole ? [recordOf(position, { key: textIn(source.key), value: textIn(source.value), timestamp })] : undefined;
  const attempts = typeof source.attempts === 'number' ? source.attempts : 1;
  return [{ ...stands, errorType, attempts, position, timestamp, elements }];
}

function positionIn({ offset, partition, topic }: Unverified<ErrorDocument>): Position | undefined {
  return parsePosition(formatPosition({ topic: String(topic), partition: Number(partition), offset: Number(offset) }));
}

function textIn(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** Changes nothing of a document that somebody has changed meanwhile. */
async function conclude({ failed, settled }: Outcome<IndexCandidate>, tools: Tools): Promise<void> {
  if (failed.length + settled.length === 0) return;
  const deletes = settled.map((candidate) => [{ delete: actionOf(candidate) }]);
  const updates = failed.map(({ candidate, reason, type }) => [
    { update: actionOf(candidate) },
    { doc: { attempts: candidate.attempts + 1, error: { type, reason } } },
  ]);
  const lines = [...deletes, ...updates].flat().map((line) => `${JSON.stringify(line)}\n`);
  const query = { filter_path: 'errors,items.*.status' };
  const response = await tools.send({ method: 'POST', path: '/_bulk', query, body: Buffer.from(lines.join('')) });
  const { items } = unverified<estypes.BulkResponse>(response.json);
  if (response.status !== 200 || !Array.isArray(items)) throw unavailable(response, '/_bulk', tools);
  const refused = items.filter((item) => ![200, 404, 409].includes(statusOf(item)));
  if (refused.length > 0) throw unavailable({ ...response, status: statusOf(refused[0]) }, '/_bulk', tools);
}

function actionOf({ id, index, primaryTerm, seqNo }: IndexCandidate): object {
  return { _index: index, _id: id, if_seq_no: seqNo, if_primary_term: primaryTerm };
}

function statusOf(item: unknown): number {
  const [result] = Object.values(unverified(item));
  return Number(unverified<estypes.BulkResponseItem>(result).status);
}

function unavailable({ node, status }: Response, path: string, { session: { settings } }: Tools): Error {
  return redactedFailure('ErrorDestinationUnavailable', `${node}${path}: status ${status}`, settings);
}
