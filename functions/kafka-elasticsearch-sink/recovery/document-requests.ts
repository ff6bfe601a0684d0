import type { estypes } from '@elastic/elasticsearch';
import type { Failure, FailureName } from '../../../shared/errors.ts';
import type { Position } from '../../../shared/position.ts';
import { isRetriable } from '../elasticsearch/classify.ts';
import type { Request, Response } from '../elasticsearch/client.ts';
import { isBackingIndex } from '../elasticsearch/targets.ts';
import { errorOf, type Unverified, unverified } from '../elasticsearch/unverified.ts';
import { redactedFailure } from '../redact.ts';
import type { Tools } from './tools.ts';

/** A document of an id. */
export interface Copy {
  readonly index: string;
  /** The timestamp in it, where the shape of documents has one. */
  readonly timestamp: number | undefined;
}

/** Documents, each with its id. */
type NamedCopies = readonly (readonly [id: string, copy: Copy])[];

/** What is asked for: the document of an id in an index, with its routing. */
export interface Lookup {
  readonly index: string;
  readonly id: string;
  readonly routing: string | undefined;
  /** The offset in the position that is the id; undefined: which record the document is of does not matter. */
  readonly offset: number | undefined;
}

/** The most hits that a search returns by default: https://www.elastic.co/guide/en/elasticsearch/reference/7.10/index-modules.html#index-max-result-window */
const maxHits = 10_000;

/** Asks Elasticsearch for documents, by ids. Each request throws as `Documents.lookUp` does. */
export class DocumentRequests {
  readonly #tools: Tools;
  readonly #fields: Fields | undefined;
  /** Names that were refreshed, so that a search finds what is written. */
  readonly #refreshed = new Map<string, Promise<unknown>>();

  constructor(tools: Tools) {
    this.#tools = tools;
    this.#fields = fieldsOf[tools.session.settings.DOCUMENT_SHAPE];
  }

  /** How many documents have one of the positions, whatever their ids; undefined where the shape of documents has none in it. */
  async count(index: string, positions: readonly Position[]): Promise<number | undefined> {
    if (!this.#fields) return undefined;
    await this.#refresh(index);
    const { offset, partition, topic } = this.#fields;
    const offsets = positions.map((position) => Number(position.offset));
    const range = { gte: offsets.reduce((one, other) => Math.min(one, other)), lte: offsets.reduce((one, other) => Math.max(one, other)) };
    const filter = [
      { term: { [topic]: positions[0]?.topic ?? '' } },
      { term: { [partition]: positions[0]?.partition ?? 0 } },
      { range: { [offset]: range } },
    ];
    const body = { query: { bool: { filter } } } satisfies estypes.CountRequest;
    const response = await this.#request({ method: 'POST', path: `/${encoded(index)}/_count`, query: { filter_path: 'count' }, body });
    const { count } = unverified<estypes.CountResponse>(response.json);
    return typeof count === 'number' ? count : undefined;
  }

  /** Gets documents by their ids, as they are now, whether a search would find them yet or not. */
  async get(index: string, lookups: readonly Lookup[]): Promise<NamedCopies> {
    const items = await this.#getItems(index, lookups, 'false');
    const found = lookups.filter((_, number) => items[number]?.found === true);
    const timestamps = await this.#timestampsOf(index, found);
    const open = this.#fields ? found.filter(({ offset }) => offset !== undefined && !timestamps.has(offset)) : [];
    const sources = open.length > 0 ? await this.#getItems(index, open, this.#fields?.timestamp ?? 'false') : [];
    const inSources = new Map(open.map((lookup, number) => [lookup, this.#timestampIn(sources[number]?._source)]));
    return found.map((lookup) => {
      const timestamp = lookup.offset === undefined ? undefined : timestamps.get(lookup.offset);
      return [lookup.id, { index, timestamp: timestamp ?? inSources.get(lookup) }];
    });
  }

  /** Gets one item for each lookup, with a part of its source, or none: that is a tenth of the work. */
  async #getItems(index: string, lookups: readonly Lookup[], source: string): Promise<readonly Unverified<estypes.GetGetResult>[]> {
    const docs = lookups.map(({ id, routing }) => ({ _id: id, ...(routing !== undefined && { routing }) }));
    const body = docs.some((doc) => 'routing' in doc) ? { docs } : { ids: docs.map(({ _id }) => _id) };
    const query = { _source: source, filter_path: 'docs.found,docs._source,docs.error.type' };
    const path = `/${encoded(index)}/_mget`;
    const response = await this.#request({ method: 'POST', path, query, body });
    const items = unverified<estypes.MgetResponse>(response.json).docs;
    if (!Array.isArray(items) || items.length !== lookups.length) throw this.#failure(response, path);
    return items.map((item) => {
      const { error } = unverified<estypes.MgetMultiGetError>(item);
      if (error !== undefined && errorOf(item).type !== 'index_not_found_exception')
        throw this.#failure(response, path, errorOf(item).type);
      return unverified<estypes.GetGetResult>(item);
    });
  }

  /**
   * The timestamps in documents, by their offsets, from columns, which are read without the documents. What has just been written, or is not mapped
   * so, is not among them, nor are offsets that two documents have.
   */
  async #timestampsOf(index: string, lookups: readonly Lookup[]): Promise<ReadonlyMap<number, number>> {
    const timestamps = new Map<number, number>();
    if (!this.#fields || lookups.every(({ offset }) => offset === undefined)) return timestamps;
    const { offset, timestamp } = this.#fields;
    const body = {
      query: { ids: { values: lookups.map(({ id }) => id) } },
      size: maxHits,
      _source: false,
      stored_fields: '_none_',
      docvalue_fields: [offset, timestamp],
    } satisfies estypes.SearchRequest;
    const query = { filter_path: 'hits.hits.fields' };
    const { json } = await this.#tools.send({ method: 'POST', path: `/${encoded(index)}/_search`, query, body });
    const { hits } = unverified<estypes.SearchHitsMetadata>(unverified<estypes.SearchResponse>(json).hits);
    const isTwice = new Set<number>();
    for (const hit of Array.isArray(hits) ? hits : []) {
      const fields = unverified(unverified<estypes.SearchHit>(hit).fields);
      const [at, time] = [onlyNumber(fields[offset]), onlyNumber(fields[timestamp])];
      if (at === undefined || time === undefined) continue;
      if (timestamps.has(at)) isTwice.add(at);
      timestamps.set(at, time);
    }
    for (const at of isTwice) timestamps.delete(at);
    return timestamps;
  }

  /** Searches for documents by their ids, as a name that stands for several indices demands. */
  async search(index: string, lookups: readonly Lookup[]): Promise<NamedCopies> {
    await this.#refresh(index);
    // What a shard that fails has would seem to be missing.
    const query = {
      allow_partial_search_results: 'false',
      filter_path: `_shards.total,${['_id', '_index', '_source'].map((field) => `hits.hits.${field}`)}`,
    };
    const body = {
      query: { ids: { values: lookups.map(({ id }) => id) } },
      size: maxHits,
      _source: this.#fields?.timestamp ?? false,
    } satisfies estypes.SearchRequest;
    const path = `/${encoded(index)}/_search`;
    const response = await this.#request({ method: 'POST', path, query, body });
    const found = unverified<estypes.SearchResponse>(response.json);
    // Nothing found is an answer of Elasticsearch only with this in it.
    if (typeof unverified<estypes.ShardStatistics>(found._shards).total !== 'number') throw this.#failure(response, path);
    const { hits } = unverified<estypes.SearchHitsMetadata>(found.hits);
    return (Array.isArray(hits) ? hits : []).map((hit) => {
      const { _id, _index, _source } = unverified<estypes.SearchHit>(hit);
      return [String(_id), { index: String(_index), timestamp: this.#timestampIn(_source) }];
    });
  }

  #timestampIn(source: unknown): number | undefined {
    const [outer = '', inner = ''] = this.#fields?.timestamp.split('.') ?? [];
    const timestamp = unverified(unverified(source)[outer])[inner];
    return typeof timestamp === 'number' ? timestamp : undefined;
  }

  /** Whether a name is that of several indices, or of a data stream. */
  async standsForOthers(name: string): Promise<boolean> {
    const names = await indicesOf(name, this.#tools);
    return names.length > 1 || names.some((one) => one !== name && isBackingIndex(one));
  }

  #refresh(name: string): Promise<unknown> {
    const done = this.#refreshed.get(name) ?? this.#tools.send({ method: 'POST', path: `/${encoded(name)}/_refresh` });
    this.#refreshed.set(name, done);
    return done;
  }

  /** Resolves to a response that is a success, or says that an index is missing. */
  async #request(request: Request): Promise<Response> {
    const response = await this.#tools.send(request);
    if (isMissingIndex(response)) return { ...response, json: noDocuments(request) };
    if (response.status >= 300) throw this.#failure(response, request.path);
    return response;
  }

  #failure({ json, node, status }: Response, path: string, type = errorOf(json).type): Failure {
    const reason = status === 403 ? 'the account may not read there (403)' : `status ${status} ${type}`;
    return redactedFailure(failureNameOf(status, type), `${node}${path}: ${reason}`, this.#tools.session.settings);
  }
}

/** What an item says while its shard moves or recovers; an item has no status: https://github.com/elastic/elasticsearch/blob/7.10/server/src/main/java/org/elasticsearch/action/NoShardAvailableActionException.java */
const shardUnavailable = 'no_shard_available_action_exception';

function failureNameOf(status: number, type: string): FailureName {
  if (type === shardUnavailable || isRetriable({ status, json: { error: { type } } })) return 'ElasticsearchUnavailable';
  if (status === 401) return 'ElasticsearchUnauthorized';
  return status === 403 ? 'ElasticsearchForbidden' : 'IndexUnavailable';
}

/** Whether Elasticsearch itself says that there is no such index; what stands before it may say 404 of anything. */
export function isMissingIndex({ json, status }: Response): boolean {
  return status === 404 && errorOf(json).type === 'index_not_found_exception';
}

/** What a request would get of an index that has no documents. */
function noDocuments({ body }: Request): unknown {
  const { docs, ids } = unverified(body);
  const wanted = Array.isArray(docs) ? docs : Array.isArray(ids) ? ids : [];
  return { count: 0, _shards: { total: 0 }, hits: { hits: [] }, docs: wanted.map(() => ({ found: false })) };
}

/** The names of the members of a document that tell which record it is of. */
interface Fields {
  readonly topic: string;
  readonly partition: string;
  readonly offset: string;
  readonly timestamp: string;
}

/** Where the shapes of documents have them; one that is the value has none. */
const fieldsOf: { readonly [shape: string]: Fields } = {
  envelope: {
    topic: 'msg_body.topic.keyword',
    partition: 'msg_body.partition',
    offset: 'msg_body.offset',
    timestamp: 'msg_body.timestamp',
  },
  'value-with-metadata': { topic: 'kafka.topic', partition: 'kafka.partition', offset: 'kafka.offset', timestamp: 'kafka.timestamp' },
};

/** The number in a column of a hit, where it has one value: of a date it comes as a text. */
function onlyNumber(values: unknown): number | undefined {
  const [value, another] = Array.isArray(values) ? values : [];
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN;
  return another === undefined && !Number.isNaN(number) ? number : undefined;
}

/** The indices that a name stands for; none where it is not there, or may not be looked at. */
async function indicesOf(name: string, { send }: Pick<Tools, 'send'>): Promise<string[]> {
  const { json, status } = await send({ method: 'GET', path: `/${encoded(name)}/_settings/index.uuid` });
  return status === 200 ? Object.keys(unverified(json)) : [];
}

/** A name in a path; `*`, and commas between several, stay what they mean. */
export function encoded(name: string): string {
  return encodeURIComponent(name).replaceAll('%2A', '*').replaceAll('%2C', ',');
}
