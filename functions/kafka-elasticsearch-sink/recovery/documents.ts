import { canName } from '../../../shared/index-pattern.ts';
import type { Position } from '../../../shared/position.ts';
import { isRefusal } from '../document.ts';
import { type Copy, DocumentRequests, type Lookup } from './document-requests.ts';
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

type Copies = Map<string, Copy[]>;

/** Looks for documents by the positions of their records, which must be their ids. Lives as long as one invocation. */
export class Documents {
  readonly #tools: Tools;
  readonly #requests: DocumentRequests;
  /** Whether a document cannot be got by its id and a name, each name looked up once. */
  readonly #mustSearch = new Map<string, Promise<boolean>>();

  constructor(tools: Tools) {
    this.#tools = tools;
    this.#requests = new DocumentRequests(tools);
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
      const found = (await this.#needsSearch(index)) ? this.#requests.search(index, some) : this.#requests.get(index, some);
      for (const [id, copy] of await found) add(copies, id, copy);
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
    if ((await this.#requests.count(name, positions)) === knownCount) return known;
    const copies: Copies = new Map();
    const lookups = positions.flatMap((position) => {
      const id = mapper.idOf({ position, key: undefined });
      return typeof id === 'string' ? { index: name, id, routing: undefined, offset: Number(position.offset) } : [];
    });
    for (const [id, copy] of await this.#requests.search(name, lookups)) add(copies, id, copy);
    if (!ES_INDEX.hasDate) return copies;
    const own = ([id, some]: readonly [string, Copy[]]): [string, Copy[]] => [
      id,
      some.filter(({ index }) => canName(ES_INDEX, index, first.topic)),
    ];
    return new Map([...copies].map(own));
  }

  #needsSearch(name: string): Promise<boolean> {
    const found = this.#mustSearch.get(name) ?? this.#requests.standsForOthers(name);
    this.#mustSearch.set(name, found);
    return found;
  }
}

function whichAreIn(copies: Copies, lookups: ReadonlyMap<Place, Lookup>): ReadonlySet<Place> {
  const found = [...lookups].filter(([place, { id }]) => copies.get(id)?.some((copy) => isOf(copy, place)));
  return new Set(found.map(([place]) => place));
}

/** Whether a document is that of the record, not of one that had the same position in a topic of the same name. */
function isOf({ timestamp }: Copy, place: Place): boolean {
  return timestamp === undefined || place.timestamp === undefined || timestamp === place.timestamp;
}

function byIndex(lookups: readonly Lookup[]): Map<string, Lookup[]> {
  const groups = new Map<string, Lookup[]>();
  for (const lookup of lookups) add(groups, lookup.index, lookup);
  return groups;
}

function add<Item>(groups: Map<string, Item[]>, name: string, item: Item): void {
  const group = groups.get(name);
  if (group) group.push(item);
  else groups.set(name, [item]);
}
