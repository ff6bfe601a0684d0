import { describe, expect, test } from 'vitest';
import { distributions } from '../../../scripts/local/servers/elasticsearch/distributions.ts';
import { parseOptions } from '../../../scripts/matrix/options.ts';
import { serversPage } from '../../../scripts/matrix/page.ts';
import type { Cell, Column } from '../../../scripts/matrix/run-on.ts';
import { rowsOf } from '../../../scripts/matrix/table.ts';

const cell = (changes: Partial<Cell> = {}): Cell => ({ passed: 3, failed: 0, lacking: new Map(), skipped: 0, ...changes });

function column(name: keyof typeof distributions, cells: { readonly [behaviour: string]: Cell }, notRun?: string): Column {
  return { distribution: distributions[name], cells: new Map(Object.entries(cells)), notRun, hasFailed: false };
}

describe('the command line', () => {
  test('all servers by default, those that are named otherwise', () => {
    expect(parseOptions([])).toEqual({ only: Object.keys(distributions), write: false });
    expect(parseOptions(['--only', '9.5.3,7.0.1'])).toEqual({ only: ['9.5.3', '7.0.1'], write: false });
    expect(parseOptions(['--help'])).toBeUndefined();
  });

  test.each([
    [['--only', '7.0.2'], "'7.0.2' is no server; give some of 7.0.1"],
    [['--only', ''], 'give some of'],
    [['--write', '--only', '7.0.1'], 'leave --only out'],
    [['--all'], '--all'],
  ])('%j is refused with what is allowed', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});

describe('the table', () => {
  test('tells what passed, failed, was not run and why', () => {
    const lacking = new Map([['data streams', 2]] as const);
    const rows = rowsOf([
      column('7.0.1', { audit: cell(), routing: cell({ lacking }), split: cell({ failed: 1 }), log: cell({ skipped: 1 }) }),
      column('9.5.3', {}, 'needs JDK 21 or newer'),
      column('7.5.1-secured', { security: cell() }),
    ]);
    expect(rows).toEqual([
      ['audit', 'passed', 'not run: needs JDK 21 or newer', '–'],
      ['log', '3 of 4, 1 skipped', 'not run: needs JDK 21 or newer', '–'],
      ['routing', '3 of 5, rest: needs data streams', 'not run: needs JDK 21 or newer', '–'],
      ['security', '–', 'not run: needs JDK 21 or newer', 'passed'],
      ['split', '1 FAILED of 4', 'not run: needs JDK 21 or newer', '–'],
    ]);
  });

  test('the page has the table, and what each server lacks', () => {
    const page = serversPage([column('opensearch-2.19.1', { audit: cell() })]);
    expect(page).toContain('| audit | passed |');
    expect(page).toMatch(/\| OpenSearch 2\.19\.1 \| 17 or newer \| ingest processors \(/);
  });
});
