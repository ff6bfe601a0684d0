import { ElasticIndex } from '../../demo/elastic-index.ts';
import { StandIn } from '../stand-in.ts';

/** Where a contender writes to. */
export interface Target extends AsyncDisposable {
  readonly url: string;
  readonly index: string;
  readonly count: () => Promise<Taken>;
}

/** What a target has taken. */
export interface Taken {
  /** The number of operations. */
  readonly records: number;
  /** The number of different ids among them; undefined of a real server. */
  readonly documents: number | undefined;
}

/** Starts a server that only counts. */
export async function openCounting(): Promise<Target> {
  const standIn = await StandIn.start();
  return { url: standIn.url, index: 'bench', count: () => standIn.counts(), [Symbol.asyncDispose]: () => standIn[Symbol.asyncDispose]() };
}

let indices = 0;

/** Makes a new index of a running Elasticsearch, which is deleted in the end. */
export async function openIndex(url: string): Promise<Target> {
  indices++;
  const { name } = await ElasticIndex.create({ url, username: 'elastic', password: 'none' }, `bench-${indices}`);
  const address = `${url}/${name}`;
  return {
    url,
    index: name,
    count: async () => ({ records: await countOperations(address), documents: undefined }),
    [Symbol.asyncDispose]: async () => {
      await fetch(address, { method: 'DELETE' });
    },
  };
}

async function countOperations(address: string): Promise<number> {
  const response = await fetch(`${address}/_stats/indexing`);
  const { _all } = (await response.json()) as { _all: { primaries: { indexing: { index_total: number } } } };
  return _all.primaries.indexing.index_total;
}
