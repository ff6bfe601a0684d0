import { code, table } from '../../docs/markdown.ts';
import { names } from '../bench.ts';
import { machineLine } from '../machine.ts';
import { promises } from '../peers/contender.ts';
import type { Measured, Results } from '../results.ts';
import { clientTables } from '../sections/client.ts';
import { functionTables } from '../sections/function.ts';
import { lacksOf, peersTables } from '../sections/peers.ts';
import { drawChart, type Panel } from './chart.ts';
import type { Table } from './table.ts';

/** The page of the figures, with the chart beside it. */
export function benchmarkPage(results: Results): string {
  return `${[
    '<!-- Made by `npm run bench -- --write` from benchmark.json: change scripts/bench, not this file. -->',
    '# Benchmark',
    `![CPU a record](benchmark.svg)`,
    `On ${machineLine(results.machine)}. CPU, not time, since other work on the machine changes time most. What is compared takes turns in the
same run, and figures are medians: compare within a table only. How it is measured is in [${code('scripts/bench')}](../scripts/bench).`,
    ...section(results.peers, peersTables),
    `What is not kept: ${Object.entries(promises)
      .map(([name, meaning]) => `_${name}_, ${meaning}`)
      .join('; ')}. This project keeps all of them.`,
    ...section(results.client, clientTables),
    ...section(results.function, functionTables),
  ].join('\n\n')}\n`;
}

function section<Result>(measured: Measured<Result> | undefined, tables: (result: Result) => readonly Table[]): string[] {
  if (!measured) return [];
  const { command, date, result } = measured;
  return [
    ...tables(result).flatMap(({ head, note, rows, title }) => [`## ${title}`, note, table(head, rows)]),
    `Measured on ${date} by ${code(command)}.`,
  ];
}

/** The chart of what a reader compares first: the whole way, and the official client. */
export function benchmarkChart({ client, peers }: Results): string {
  return drawChart('CPU in µs a record; shorter is better', [...peersPanel(peers), ...clientPanel(client)]);
}

function peersPanel(measured: Results['peers']): Panel[] {
  if (!measured) return [];
  const { counting, lost } = measured.result;
  const bars = counting
    .filter(({ figures }) => figures.cpu !== undefined)
    .map(({ figures: { cpu = 0, functionCpu }, ...peer }) => {
      const lacks = lacksOf(peer, lost);
      const notes =
        functionCpu === undefined
          ? `does not keep: ${lacks.join(', ')}`
          : `dark: the function, ${functionCpu.toFixed(1)}; light: the local event stream, in EventBridge's place`;
      return {
        label: peer.name,
        note: notes,
        value: cpu,
        ...(functionCpu !== undefined && { part: functionCpu }),
        isOurs: functionCpu !== undefined,
      };
    });
  return [{ title: 'From topic to index, µs of CPU a record', bars: bars.toSorted((a, b) => a.value - b.value) }];
}

function clientPanel(measured: Results['client']): Panel[] {
  const cases = measured?.result.filter(({ shape }) => shape.form === 'CloudEvents') ?? [];
  return cases.map(({ figures }) => ({
    title: "From the trigger's event to Elasticsearch, µs of CPU a record",
    bars: Object.entries(figures)
      .map(([name, value]) => ({ label: name, value, isOurs: name === names.sink }))
      .toSorted((a, b) => a.value - b.value),
  }));
}
