import { ElasticIndex } from '../../demo/elastic-index.ts';
import { StandIn } from '../stand-in.ts';

/** Where a contender writes to. */
export interface Target extends AsyncDisposable {
  readonly url: string;
  readonly index: string;
  /** Operations that it has taken. */
  readonly taken: () => Promise<number>;
  /** Documents that it holds; of a server that only counts, different ids. */
  readonly documents: () => Promise<number>;
}

/** A server that only counts, new for each run. */
export async function openCounting(): Promise<Target> {
  const standIn = await StandIn.start();
  return {
    url: standIn.url,
    index: 'bench',
    taken: async () => (await standIn.counts()).records,
    documents: async () => (await standIn.counts()).documents,
    [Symbol.asyncDispose]: () => standIn[Symbol.asyncDispose](),
  };
}

let indices = 0;

/** A new index of a running Elasticsearch. */
export async function openIndex(url: string): Promise<Target> {
  indices++;
  const index = await ElasticIndex.create({ url, username: 'elastic', password: 'none' }, `bench-${indices}`);
  return {
    url,
    index: index.name,
    taken: () => indexedOperations(`${url}/${index.name}`),
    documents: () => index.count(),
    [Symbol.asyncDispose]: async () => {
      await fetch(`${url}/${index.name}`, { method: 'DELETE' });
    },
  };
}

async function indexedOperations(address: string): Promise<number> {
  const response = await fetch(`${address}/_stats/indexing`);
  const { _all } = (await response.json()) as { _all: { primaries: { indexing: { index_total: number } } } };
  return _all.primaries.indexing.index_total;
}
