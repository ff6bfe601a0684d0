import { expect, test } from 'vitest';
import { drawChart } from '../../../scripts/bench/report/chart.ts';

const panel = {
  title: 'Topic to index',
  bars: [
    { label: 'this project', value: 10, part: 4, isOurs: true },
    { label: 'kafkajs & <helpers>', note: 'does not keep: ids', value: 20, isOurs: false },
  ],
};
const svg = drawChart('CPU', [panel, { title: 'Client', bars: [{ label: 'bulk', value: 1, isOurs: false }] }]);

function rectangles(className: string): number[] {
  return [...svg.matchAll(new RegExp(`<rect class="${className}"[^>]* width="([\\d.]+)"`, 'g'))].map(([, width]) => Number(width));
}

test('bars of a panel are as long as their values, and the longest one of each panel is as long as those of the others', () => {
  const [kafkajs = 0, bulk] = rectangles('other');
  expect(rectangles('rest')).toEqual([kafkajs / 2]);
  expect(rectangles('ours')).toEqual([kafkajs / 5]);
  expect(bulk).toBe(kafkajs);
});

test('every bar has its label, note and value as text, escaped', () => {
  expect(svg).toContain('>this project</text>');
  expect(svg).toContain('>kafkajs &amp; &lt;helpers&gt;<tspan class="note" dx="8">does not keep: ids</tspan></text>');
  for (const value of ['10.0', '20.0', '1.0']) expect(svg).toContain(`>${value}</text>`);
});

test('nothing is drawn outside of the picture', () => {
  const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)?.map(Number) ?? [];
  const places = [...svg.matchAll(/<(?:rect|text)[^>]* x="([\d.]+)" y="([\d.]+)"(?: width="([\d.]+)")?/g)];
  expect(places.length).toBeGreaterThan(8);
  for (const [, x, y, length = '0'] of places) {
    expect(Number(x) + Number(length)).toBeLessThanOrEqual(width ?? 0);
    expect(Number(y)).toBeLessThanOrEqual(height ?? 0);
  }
});

test('colours follow what the reader prefers, for every class that is used', () => {
  const [light = '', dark = ''] = svg.split('@media (prefers-color-scheme: dark)');
  for (const className of new Set([...svg.matchAll(/class="(\w+)"/g)].map(([, name]) => name))) {
    expect(`${light.split('<style>')[1]}`).toMatch(new RegExp(`\\.${className} \\{[^}]+\\}`));
    if (className !== 'title') expect(dark.split('</style>')[0]).toMatch(new RegExp(`\\.${className} \\{ fill: #[0-9a-f]{6}; \\}`));
  }
});
