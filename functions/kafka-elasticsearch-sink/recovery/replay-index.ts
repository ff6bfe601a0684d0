import { createHash } from 'node:crypto';
import type { estypes } from '@elastic/elasticsearch';
import { type Position, positionOf } from '../../../shared/position.ts';
import { decodeText, encode } from '../byte-string.ts';
import type { Request, Response } from '../elasticsearch/client.ts';
import { type Unverified, unverified } from '../elasticsearch/unverified.ts';
import { errorDocumentId } from '../error-document-id.ts';
import { quoteLargeIntegers } from '../json-scanner.ts';
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
  /** A text where a number would lose digits. */
  readonly offset: number | string;
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
  const ofTopic = hits.filter(({ _source }) => isOfTopic(_source, SOURCE_TOPIC));
  const own = ofTopic.filter((hit) => hasOwnId(hit, tools));
  tally.skipped += ofTopic.length - own.length;
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

/** Whether the id is what this connector would write, not one that reads an equally named topic, nor the same before its topic was made anew. */
function hasOwnId({ _id, _source }: Hit, { session: { settings } }: Tools): boolean {
  const position = positionIn(unverified<ErrorDocument>(_source));
  return position === undefined || _id === errorDocumentId({ position, json: encode('') }, settings, createHash);
}

interface FoundPage {
  readonly hits: readonly Hit[];
  readonly next: string | undefined;
}

async function search({ after, count, index }: IndexPage, tools: Tools): Promise<FoundPage> {
  const path = `/${encodeURIComponent(index)}`;
  await tools.send({ method: 'POST', path: `${path}/_refresh` });
  const cursor = after === undefined ? undefined : (JSON.parse(after) as estypes.SortResults);
  const body = { seq_no_primary_term: true, sort, ...(cursor ? behind(cursor) : fromTheStart) } satisfies estypes.SearchRequest;
  const request = { method: 'POST', path: `${path}/_search`, parse: parseExactly } as const;
  const { response, size } = await sendForFewer({ ...request, body }, Math.min(count, maxDocuments), tools);
  if (isMissingIndex(response)) return { hits: [], next: undefined };
  if (response.status !== 200) throw unavailable(response, `${path}/_search`, tools);
  const { aggregations, hits: found } = unverified<estypes.SearchResponse>(response.json);
  const documents = unverified<estypes.SearchHitsMetadata>(found).hits;
  const hits = (Array.isArray(documents) ? documents : []).map((hit) => unverified<estypes.SearchHit>(hit));
  const last = hits.at(-1)?.sort;
  const newest = cursor ? cursor.at(-1) : unverified<estypes.AggregationsMaxAggregate>(unverified(aggregations).newest).value;
  const hasMore = hits.length === size && Array.isArray(last);
  return { hits, next: hasMore ? JSON.stringify([...last, newest ?? null]) : undefined };
}

/** Asks for half as many documents, again and again, while all together are longer than any response that is read. */
async function sendForFewer(
  request: Request & { readonly body: object },
  size: number,
  tools: Tools,
): Promise<{ readonly response: Response; readonly size: number }> {
  const sized = { ...request, body: { ...request.body, size } };
  if (size === 1) return { response: await tools.send(sized), size };
  const response = await tools.sendForShort(sized);
  return response === 'too-long' ? sendForFewer(request, Math.ceil(size / 2), tools) : { response, size };
}

/**
 * By position, so that records of one key keep their order. Documents of others may have the same, and what was no record has none: no two of a shard
 * have one sequence number.
 */
const sort = [
  { partition: { order: 'asc', missing: '_first', unmapped_type: 'integer' } },
  { offset: { order: 'asc', missing: '_first', unmapped_type: 'long' } },
  { '@timestamp': { order: 'asc', missing: '_first', unmapped_type: 'date' } },
  { _seq_no: { order: 'asc' } },
] satisfies estypes.Sort;

/** What is written later, such as the attempts of a record that has failed again, would come again behind it, for ever. */
const fromTheStart = { aggs: { newest: { max: { field: '_seq_no' } } } } satisfies estypes.SearchRequest;

function behind(cursor: estypes.SortResults): Pick<estypes.SearchRequest, 'query' | 'search_after'> {
  return { query: { range: { _seq_no: { lte: cursor.at(-1) } } }, search_after: cursor.slice(0, -1) };
}

/** Parses JSON in which an integer beyond 2^53, such as an offset or the place of a document without one, is a text. */
function parseExactly(text: string): unknown {
  return JSON.parse(decodeText(quoteLargeIntegers(encode(text))));
}

function candidateOf({ _id, _index, _primary_term, _seq_no, _source }: Hit, choice: Choice, tally: ReplayTally): IndexCandidate[] {
  const source = unverified<ErrorDocument>(_source);
  const { type } = unverified<ErrorDocument['error']>(source.error);
  const errorType = typeof type === 'string' ? type : 'unknown';
  const position = positionIn(source);
  // What was no record had none, and the document has its own.
  const timestamp =
    source.timestampOmitted === true || errorType === 'bad_element' ? undefined : Date.parse(textIn(source['@timestamp']) ?? '');
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
  return positionOf(topic, partition, offset);
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
