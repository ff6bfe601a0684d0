import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { merge, readResults } from '../../../scripts/bench/report/documents.ts';
import { benchmarkChart, benchmarkPage } from '../../../scripts/bench/report/page.ts';
import type { Results } from '../../../scripts/bench/results.ts';

const machine = { cpu: 'A', cores: 2, memory: 8, system: 'Linux x64', node: '20', kafka: '3', elasticsearch: '7' };
const nothing = { machine, function: undefined, client: undefined, peers: undefined };
const client = (date: string) => ({ date, command: 'npm run bench', result: [] });

test('the page and the chart are what the figures say; `npm run bench -- --write` makes them so', async () => {
  const results = await readResults();
  if (!results) throw new Error('docs/benchmark.json is missing');
  expect(await readFile('docs/benchmark.md', 'utf8')).toBe(benchmarkPage(results));
  expect(await readFile('docs/benchmark.svg', 'utf8')).toBe(benchmarkChart(results));
});

test('sections that were not measured keep their figures, those of another machine do not', () => {
  const before: Results = { ...nothing, client: client('2026-01-01') };
  expect(merge(nothing, before)).toEqual(before);
  expect(merge({ ...nothing, client: client('2026-02-02') }, before).client?.date).toBe('2026-02-02');
  const other: Results = { ...nothing, machine: { ...machine, cores: 4 } };
  expect(merge(other, before)).toEqual(other);
  expect(merge(nothing, undefined)).toEqual(nothing);
});
