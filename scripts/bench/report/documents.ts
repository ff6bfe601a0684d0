import { readFile, writeFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import type { Results } from '../results.ts';
import { benchmarkChart, benchmarkPage } from './page.ts';

const file = (ending: string) => new URL(`../../../docs/benchmark.${ending}`, import.meta.url);

/** Writes the figures, and the page and the chart that are made of them; sections that were not measured keep their figures of the same machine. */
export async function writeDocuments(results: Results): Promise<void> {
  const all = merge(results, await readResults());
  await writeFile(file('json'), formatResults(all));
  await writeFile(file('md'), benchmarkPage(all));
  await writeFile(file('svg'), benchmarkChart(all));
}

/** The figures that the documents show; undefined when there are none. */
export async function readResults(): Promise<Results | undefined> {
  const text = await readFile(file('json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Results);
}

/** The results as a file holds them. */
export function formatResults(results: Results): string {
  return `${JSON.stringify(results, undefined, 2)}\n`;
}

/** The new figures, and the old ones of sections that were not measured anew; figures of another machine cannot stand beside them. */
export function merge(results: Results, before: Results | undefined): Results {
  if (!before || !isDeepStrictEqual(results.machine, before.machine)) return results;
  return {
    machine: results.machine,
    function: results.function ?? before.function,
    client: results.client ?? before.client,
    peers: results.peers ?? before.peers,
  };
}
