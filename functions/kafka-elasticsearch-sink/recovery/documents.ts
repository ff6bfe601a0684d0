import type { estypes } from '@elastic/elasticsearch';
import type { Failure, FailureName } from '../../../shared/errors.ts';
import { canName } from '../../../shared/index-pattern.ts';
import type { Position } from '../../../shared/position.ts';
import { isRefusal } from '../document.ts';
import { isRetriable } from '../elasticsearch/classify.ts';
import type { Request, Response } from '../elasticsearch/client.ts';
import { isBackingIndex } from '../elasticsearch/targets.ts';
import { errorOf, type Unverified, unverified } from '../elasticsearch/unverified.ts';
import { redactedFailure } from '../redact.ts';
import type { Tools } from './tools.ts';

/** What decides where the document of a record is, and whether a document is that record's. */
export interface Place {
  readonly position: Position;
  readonly key: string | undefined;
  /** In ms since 1970. */
  readonly timestamp: number | undefined;
}

/** What the index has of some records. */
interface Found {
  readonly indexed: ReadonlySet<Place>;
  /** The ids of documents that are there besides, one for each. */
  readonly extra: readonly string[];
}

/** A document of an id. */
interface Copy {
  readonly index: string;
  /** The timestamp in it, where the shape of documents has one. */
  readonly timestamp: number | undefined;
}

type Copies = Map<string, Copy[]>;

/** What is asked for: the document of an id in an index, with its routing. */
interface Lookup {
  readonly index: string;
  readonly id: string;
  readonly routing: string | undefined;
  /** The offset in the position that is the id; undefined: which record the document is of does not matter. */
  readonly offset: number | undefined;
}

/** The most hits that a search returns by default: https://www.elastic.co/guide/en/elasticsearch/reference/7.10/index-modules.html#index-max-result-window */
const maxHits = 10_000;

/** Looks for documents by the positions of their records, which must be their ids. Lives as long as one invocation. */
export class Documents {
  readonly #tools: Tools;
  readonly #fields: Fields | undefined;
  /** Whether a document cannot be got by its id and a name, each name looked up once. */
  readonly #mustSearch = new Map<string, Promise<boolean>>();
  /** Names that were refreshed, so that a search finds what is written. */
  readonly #refreshed = new Map<string, Promise<unknown>>();

  constructor(tools: Tools) {
    this.#tools = tools;
    this.#fields = fieldsOf[tools.session.settings.DOCUMENT_SHAPE];
  }

  /**
   * Looks for the documents of records of one partition, at most 1000, and for those of positions that no record has. Throws `IndexUnavailable`,
   * `ElasticsearchForbidden`, `ElasticsearchUnauthorized`, or `ElasticsearchUnavailable` at the deadline.
   */
  async lookUp(places: readonly Place[], withoutRecord: readonly Position[]): Promise<Found> {
    const lookups = this.#lookupsOf(places);
    const isSpread = this.#isSpread;
    const unwanted = withoutRecord.flatMap((position) => this.#lookupOf({ position, key: undefined, timestamp: undefined }) ?? []);
    const copies = await this.#copiesOf([...lookups.values(), ...(isSpread ? [] : unwanted)]);
    const indexed = whichAreIn(copies, lookups);
    const all = isSpread ? await this.#allCopies(places, withoutRecord, copies) : copies;
    const expected = new Set([...indexed].map((place) => lookups.get(place)?.id));
    const extra = [...all].flatMap(([id, { length }]) => Array<string>(length - (expected.has(id) ? 1 : 0)).fill(id));
    return { indexed, extra };
  }

  /** Which records, at most 1000, have their documents in the index. */
  async indexed(places: readonly Place[]): Promise<ReadonlySet<Place>> {
    const lookups = this.#lookupsOf(places);
    return whichAreIn(await this.#copiesOf([...lookups.values()]), lookups);
  }

  /** Which of the ids, at most 1000, an index has. */
  async existing(index: string, ids: readonly string[]): Promise<ReadonlySet<string>> {
    const copies = await this.#copiesOf(ids.map((id) => ({ index, id, routing: undefined, offset: undefined })));
    return new Set(copies.keys());
  }

  /** Whether one position may have documents in several places, of which only one is its own. */
  get #isSpread(): boolean {
    const { ES_INDEX, ES_ROUTING } = this.#tools.session.settings;
    return ES_INDEX.hasDate || ES_ROUTING === 'key';
  }

  #lookupsOf(places: readonly Place[]): ReadonlyMap<Place, Lookup> {
    const lookups = new Map<Place, Lookup>();
    for (const place of places) {
      const lookup = this.#lookupOf(place);
      if (lookup) lookups.set(place, lookup);
    }
    return lookups;
  }

  #lookupOf(place: Place): Lookup | undefined {
    const { mapper, session } = this.#tools;
    const index = mapper.indexOf(place);
    const id = mapper.idOf(place);
    if (isRefusal(index) || isRefusal(id) || id === undefined) return undefined;
    const routing = session.settings.ES_ROUTING === 'key' ? place.key || undefined : undefined;
    return { index, id, routing, offset: Number(place.position.offset) };
  }

  async #copiesOf(lookups: readonly Lookup[]): Promise<Copies> {
    const copies: Copies = new Map();
    for (const [index, some] of byIndex(lookups)) {
      if (await this.#needsSearch(index)) await this.#search(index, some, copies);
      else await this.#get(index, some, copies);
    }
    return copies;
  }

  /** The copies in all indices that the settings can name, and with any routing; the known ones where a count tells that there are no others. */
  async #allCopies(places: readonly Place[], withoutRecord: readonly Position[], known: Copies): Promise<Copies> {
    const positions = [...places.map(({ position }) => position), ...withoutRecord];
    const [first] = positions;
    if (!first) return known;
    const { mapper, session } = this.#tools;
    const { ERROR_INDEX, ES_INDEX } = session.settings;
    const pattern = mapper.indicesOf({ position: first, timestamp: undefined });
    if (isRefusal(pattern)) return known;
    // The documents of the error index have positions for ids, too.
    const name = ES_INDEX.hasDate && ERROR_INDEX !== undefined ? `${pattern},-${ERROR_INDEX}` : pattern;
    const knownCount = [...known.values()].reduce((sum, { length }) => sum + length, 0);
    if ((await this.#count(name, positions)) === knownCount) return known;
    const copies: Copies = new Map();
    const lookups = positions.flatMap((position) => {
      const id = mapper.idOf({ position, key: undefined });
      return typeof id === 'string' ? { index: name, id, routing: undefined, offset: Number(position.offset) } : [];
    });
    await this.#search(name, lookups, copies);
    if (!ES_INDEX.hasDate) return copies;
    const own = ([id, some]: readonly [string, Copy[]]): [string, Copy[]] => [
      id,
      some.filter(({ index }) => canName(ES_INDEX, index, first.topic)),
    ];
    return new Map([...copies].map(own));
  }

  /** How many documents have one of the positions, whatever their ids; undefined where the shape of documents has none in it. */
  async #count(index: string, positions: readonly Position[]): Promise<number | undefined> {
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
  async #get(index: string, lookups: readonly Lookup[], copies: Copies): Promise<void> {
    const items = await this.#getItems(index, lookups, 'false');
    const found = lookups.filter((_, number) => items[number]?.found === true);
    const timestamps = await this.#timestampsOf(index, found);
    const open = this.#fields ? found.filter(({ offset }) => offset !== undefined && !timestamps.has(offset)) : [];
    const sources = open.length > 0 ? await this.#getItems(index, open, this.#fields?.timestamp ?? 'false') : [];
    const inSources = new Map(open.map((lookup, number) => [lookup, this.#timestampIn(sources[number]?._source)]));
    for (const lookup of found) {
      const timestamp = lookup.offset === undefined ? undefined : timestamps.get(lookup.offset);
      add(copies, lookup.id, { index, timestamp: timestamp ?? inSources.get(lookup) });
    }
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
  async #search(index: string, lookups: readonly Lookup[], copies: Copies): Promise<void> {
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
    for (const hit of Array.isArray(hits) ? hits : []) {
      const { _id, _index, _source } = unverified<estypes.SearchHit>(hit);
      add(copies, String(_id), { index: String(_index), timestamp: this.#timestampIn(_source) });
    }
  }

  #timestampIn(source: unknown): number | undefined {
    const [outer = '', inner = ''] = this.#fields?.timestamp.split('.') ?? [];
    const timestamp = unverified(unverified(source)[outer])[inner];
    return typeof timestamp === 'number' ? timestamp : undefined;
  }

  #needsSearch(name: string): Promise<boolean> {
    const found = this.#mustSearch.get(name) ?? this.#standsForOthers(name);
    this.#mustSearch.set(name, found);
    return found;
  }

  /** Whether a name is that of several indices, or of a data stream. */
  async #standsForOthers(name: string): Promise<boolean> {
    const { json, status } = await this.#tools.send({ method: 'GET', path: `/${encoded(name)}/_settings/index.uuid` });
    const names = status === 200 ? Object.keys(unverified(json)) : [];
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

function whichAreIn(copies: Copies, lookups: ReadonlyMap<Place, Lookup>): ReadonlySet<Place> {
  const found = [...lookups].filter(([place, { id }]) => copies.get(id)?.some((copy) => isOf(copy, place)));
  return new Set(found.map(([place]) => place));
}

/** Whether a document is that of the record, not of one that had the same position in a topic of the same name. */
function isOf({ timestamp }: Copy, place: Place): boolean {
  return timestamp === undefined || place.timestamp === undefined || timestamp === place.timestamp;
}

/** The number in a column of a hit, where it has one value: of a date it comes as a text. */
function onlyNumber(values: unknown): number | undefined {
  const [value, another] = Array.isArray(values) ? values : [];
  const number = typeof value === 'string' || typeof value === 'number' ? Number(value) : Number.NaN;
  return another === undefined && !Number.isNaN(number) ? number : undefined;
}

function byIndex(lookups: readonly Lookup[]): Map<string, Lookup[]> {
  const groups = new Map<string, Lookup[]>();
  for (const lookup of lookups) {
    const group = groups.get(lookup.index);
    if (group) group.push(lookup);
    else groups.set(lookup.index, [lookup]);
  }
  return groups;
}

function add(copies: Copies, id: string, copy: Copy): void {
  const some = copies.get(id);
  if (some) some.push(copy);
  else copies.set(id, [copy]);
}

/** A name in a path; `*`, and commas between several, stay what they mean. */
function encoded(name: string): string {
  return encodeURIComponent(name).replaceAll('%2A', '*').replaceAll('%2C', ',');
}
