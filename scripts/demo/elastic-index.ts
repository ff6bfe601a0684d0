import type { ElasticsearchAddress } from './options.ts';

const idsPerRequest = 5000;

/** The demo's index: made, searched and counted with plain REST calls, as a user would in Kibana's console. */
export class ElasticIndex {
  readonly name: string;
  readonly #address: ElasticsearchAddress;

  private constructor(name: string, address: ElasticsearchAddress) {
    this.name = name;
    this.#address = address;
  }

  /** Makes the index. Without date detection: a first value that looks like a date would make Elasticsearch refuse the others. */
  static async create(address: ElasticsearchAddress, name: string, properties: object = {}): Promise<ElasticIndex> {
    const index = new ElasticIndex(name, address);
    await index.#request('PUT', '', { mappings: { date_detection: false, properties } });
    return index;
  }

  /** The answer to `GET /<index>/_search`, as Elasticsearch prints it. */
  search(): Promise<string> {
    return this.#request('GET', '/_search?pretty');
  }

  /** How many of these ids the index holds: no other document can stand in for a missing one. Without ids: all documents. */
  async count(ids?: readonly string[]): Promise<number> {
    await this.#request('POST', '/_refresh');
    if (!ids) return this.#countMatches({ match_all: {} });
    let found = 0;
    for (let first = 0; first < ids.length; first += idsPerRequest) {
      found += await this.#countMatches({ ids: { values: ids.slice(first, first + idsPerRequest) } });
    }
    return found;
  }

  /** What Elasticsearch has spent on indexing, in ms, added up over its threads. */
  async indexingTime(): Promise<number> {
    const answer = JSON.parse(await this.#request('GET', '/_stats/indexing')) as {
      _all: { primaries: { indexing: { index_time_in_millis: number } } };
    };
    return answer._all.primaries.indexing.index_time_in_millis;
  }

  async #countMatches(query: object): Promise<number> {
    const answer = JSON.parse(await this.#request('POST', '/_count', { query })) as { count: number };
    return answer.count;
  }

  /** Returns the answer's text; throws when there is none or its status is not 2xx. */
  async #request(method: string, path: string, body?: object): Promise<string> {
    const { url, username, password } = this.#address;
    const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const headers = { authorization, 'content-type': 'application/json' };
    const call = `${method} ${url}/${this.name}${path}`;
    const response = await fetch(`${url}/${this.name}${path}`, { method, headers, ...(body && { body: JSON.stringify(body) }) }).catch(
      (error: Error) => {
        throw new Error(`${call}: no answer: ${error.cause instanceof Error ? error.cause.message : error.message}`);
      },
    );
    const text = await response.text();
    if (!response.ok) throw new Error(`${call}: status ${response.status}: ${text.slice(0, 500)}`);
    return text;
  }
}
