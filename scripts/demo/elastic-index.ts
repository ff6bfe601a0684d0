import { text } from 'node:stream/consumers';
import type { Client, estypes } from '@elastic/elasticsearch';
import { errors } from '@elastic/transport';
import { type ElasticsearchAddress, elasticsearchClient } from './elasticsearch-client.ts';

const idsPerRequest = 5000;

/** The demo's index: made, searched and counted with Elastic's own client, as any user of Elasticsearch would. */
export class ElasticIndex {
  readonly name: string;
  readonly #client: Client;
  /** Scheme, host and port. */
  readonly #url: string;

  private constructor(name: string, address: ElasticsearchAddress) {
    this.name = name;
    this.#client = elasticsearchClient(address);
    this.#url = address.url;
  }

  /** Makes the index. Without date detection: a first value that looks like a date would make Elasticsearch refuse the others. */
  static async create(
    address: ElasticsearchAddress,
    name: string,
    properties: { readonly [field: string]: estypes.MappingProperty } = {},
  ): Promise<ElasticIndex> {
    const index = new ElasticIndex(name, address);
    await index.#told(index.#client.indices.create({ index: name, mappings: { date_detection: false, properties } }));
    return index;
  }

  /** The response to `GET /<index>/_search`, as Elasticsearch prints it. */
  async search(): Promise<string> {
    const request = { method: 'GET', path: `/${this.name}/_search`, querystring: { pretty: true } };
    return text(await this.#told(this.#client.transport.request<NodeJS.ReadableStream>(request, { asStream: true })));
  }

  /** How many of these ids the index holds: no other document can stand in for a missing one. Without ids: all documents. */
  async count(ids?: readonly string[]): Promise<number> {
    await this.#told(this.#client.indices.refresh({ index: this.name }));
    if (!ids) return this.#countMatches({ match_all: {} });
    let found = 0;
    for (let first = 0; first < ids.length; first += idsPerRequest) {
      found += await this.#countMatches({ ids: { values: ids.slice(first, first + idsPerRequest) } });
    }
    return found;
  }

  /** What Elasticsearch has spent on indexing, in ms, added up over its threads. */
  async indexingTime(): Promise<number> {
    const { _all } = await this.#told(this.#client.indices.stats({ index: this.name, metric: 'indexing' }));
    return Number(_all.primaries?.indexing?.index_time_in_millis);
  }

  async #countMatches(query: NonNullable<estypes.CountRequest['query']>): Promise<number> {
    const { count } = await this.#told(this.#client.count({ index: this.name, query }));
    return count;
  }

  /** Rejects with which request got no response, or which one, where the client tells only why. */
  async #told<Response>(response: Promise<Response>): Promise<Response> {
    try {
      return await response;
    } catch (error) {
      if (!(error instanceof errors.ConnectionError || error instanceof errors.ResponseError) || !error.meta) throw error;
      const { method, path, querystring } = error.meta.meta.request.params;
      const call = `${method} ${this.#url}${path}${querystring ? `?${querystring}` : ''}`;
      if (error instanceof errors.ConnectionError) throw new Error(`${call}: no answer: ${error.message}`);
      throw new Error(`${call}: status ${error.statusCode}: ${JSON.stringify(error.body).slice(0, 500)}`);
    }
  }
}
