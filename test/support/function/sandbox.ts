import { randomBytes } from 'node:crypto';
import { text } from 'node:stream/consumers';
import type { Client, estypes } from '@elastic/elasticsearch';
import { elasticsearchClient } from '../../../scripts/demo/elasticsearch-client.ts';
import { BuiltFunction, type FunctionOptions, type Variables } from './built-function.ts';
import { environment } from './environment.ts';
import { password } from './secrets.ts';

interface StreamTemplate {
  readonly options?: object;
  readonly template?: object;
}

/** Names with a random beginning in a real Elasticsearch, and functions that write to them; at the end both are gone. */
export class Sandbox implements AsyncDisposable {
  readonly name = `test-${randomBytes(4).toString('hex')}`;
  /** Elastic's own client, for what the test sets up and looks at. */
  readonly elasticsearch: Client;
  readonly #url: string;
  readonly #functions: BuiltFunction[] = [];

  /** `ca`: the only authority that Elastic's client trusts. */
  constructor(elasticsearchUrl: string, ca?: string) {
    this.#url = elasticsearchUrl;
    this.elasticsearch = elasticsearchClient({ url: elasticsearchUrl, username: 'elastic', password, ca });
  }

  /** The built function with the least settings that it needs and what the test changes; undefined leaves a variable out. */
  async start(changes: Variables = {}, options: FunctionOptions = {}): Promise<BuiltFunction> {
    const own = { CONNECTOR_NAME: this.name, ES_ENDPOINT: this.#url, ES_INDEX: this.name };
    const started = await BuiltFunction.start(environment({ ...own, ...changes }), options);
    this.#functions.push(started);
    return started;
  }

  /** Makes what a test needs, as one would in Kibana's console. */
  async put(path: string, body?: object): Promise<void> {
    await this.elasticsearch.transport.request({ method: 'PUT', path, ...(body && { body }) });
  }

  exists(index: string): Promise<boolean> {
    return this.elasticsearch.indices.exists({ index });
  }

  /** The document's text as it was sent, since numbers would lose digits when parsed; undefined where there is none. */
  async source(id: string, index = this.name): Promise<string | undefined> {
    const request = { method: 'GET', path: `/${index}/_source/${encodeURIComponent(id)}` };
    const { body, statusCode } = await this.elasticsearch.transport.request<NodeJS.ReadableStream>(request, {
      asStream: true,
      ignore: [404],
      meta: true,
    });
    const source = await text(body);
    return statusCode === 200 ? source : undefined;
  }

  /** The document, parsed; null where there is none. */
  async document(id: string, index = this.name): Promise<unknown> {
    return JSON.parse((await this.source(id, index)) ?? 'null');
  }

  /** All documents, parsed, by their ids. */
  async documents(index = this.name): Promise<{ readonly [id: string]: object }> {
    return Object.fromEntries((await this.#search(index, true)).map(({ _id = '', _source = {} }) => [_id, _source]));
  }

  /** The ids of all documents, sorted; of an index that is missing none. */
  async ids(index = this.name): Promise<string[]> {
    return (await this.#search(index, false)).map(({ _id = '' }) => _id).sort();
  }

  /** Makes a data stream's template for all names of the sandbox; `options` are those of the data stream, `template` is what its indices get. */
  async putStreamTemplate({ options = {}, template = {} }: StreamTemplate = {}): Promise<void> {
    const body = { index_patterns: [`${this.name}*`], data_stream: options, priority: 500, template };
    await this.put(`/_index_template/${this.name}`, body);
  }

  /** The indices that hold a data stream's documents, oldest first; none where there is no such data stream. */
  async backingIndices(stream = this.name): Promise<string[]> {
    const path = `/_data_stream/${stream}`;
    const { data_streams: streams = [] } = await this.elasticsearch.transport.request<Partial<estypes.IndicesGetDataStreamResponse>>(
      { method: 'GET', path },
      { ignore: [404] },
    );
    return streams.flatMap(({ indices }) => indices.map(({ index_name: index }) => index));
  }

  /** The mapping of an index, or of each that a pattern finds. */
  async mappings(index = this.name): Promise<{ readonly [index: string]: estypes.MappingTypeMapping }> {
    const found = await this.elasticsearch.indices.getMapping({ index });
    return Object.fromEntries(Object.entries(found).map(([name, { mappings }]) => [name, mappings]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#functions.map((started) => started.stop()));
    // A template stays while a data stream of its own is there; servers without data streams do not know the path.
    await this.elasticsearch.transport.request({ method: 'DELETE', path: `/_data_stream/*${this.name}*` }, { ignore: [400, 404, 405] });
    for (const path of ['', '_index_template/', '_component_template/', '_template/', '_ingest/pipeline/']) {
      await this.elasticsearch.transport.request({ method: 'DELETE', path: `/${path}${this.name}*` }, { ignore: [400, 404, 405] });
    }
    await this.elasticsearch.close();
  }

  async #search(index: string, withSource: boolean): Promise<estypes.SearchHit<object>[]> {
    await this.elasticsearch.indices.refresh({ index }, { ignore: [404] });
    const request = { index, size: 10_000, _source: withSource };
    const found: Partial<estypes.SearchResponse<object>> = await this.elasticsearch.search(request, { ignore: [404] });
    return found.hits?.hits ?? [];
  }
}
