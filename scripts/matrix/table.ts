import type { Cell, Column } from './run-on.ts';

/** The rows of the table, behaviours by servers. */
export function rowsOf(columns: readonly Column[]): string[][] {
  const behaviours = [...new Set(columns.flatMap(({ cells }) => [...cells.keys()]))].toSorted();
  return behaviours.map((behaviour) => [behaviour, ...columns.map((column) => textOf(column, behaviour))]);
}

export function headOf(columns: readonly Column[]): string[] {
  return ['behaviour', ...columns.map(({ distribution }) => distribution.label)];
}

function textOf({ cells, notRun }: Column, behaviour: string): string {
  const cell = cells.get(behaviour);
  return cell ? describe(cell) : notRun === undefined ? '–' : `not run: ${notRun}`;
}

function describe({ failed, lacking, passed, skipped }: Cell): string {
  const unsaid = skipped === 0 ? [] : [`${skipped} skipped`];
  const needs = lacking.size === 0 ? [] : [`rest: needs ${[...lacking.keys()].join(', ')}`];
  const all = passed + failed + skipped + Math.max(0, ...lacking.values());
  if (failed > 0) return [`${failed} FAILED of ${all}`, ...unsaid, ...needs].join(', ');
  return unsaid.length + needs.length === 0 ? 'passed' : [`${passed} of ${all}`, ...unsaid, ...needs].join(', ');
}
