import type { Check } from './checks/check-result.ts';
import type { Step } from './plan.ts';
import type { Change } from './resources/provider.ts';

const signs = { create: '+', change: '~', replace: '±', keep: '=', delete: '-' } as const;
const actions = ['create', 'change', 'replace', 'delete', 'keep'] as const;
const checksums = new Set(['codeChecksum']);

/** The checks, one a line; what to do stands under those that failed. */
export function describeChecks(checks: readonly Check[]): string {
  return checks
    .map(({ title, ok, detail, fix }) => {
      const sign = ok === null ? '!' : ok ? '✔' : '✖';
      const lines = [`  ${sign} ${title}: ${detail.replaceAll('\n', '\n      ')}`, ...(fix === undefined || ok ? [] : [`      ${fix}`])];
      return lines.join('\n');
    })
    .join('\n');
}

/** The steps, with old and new values, what is kept in one line each; and those by which the connector then leaves another place, if it moves from there. */
export function describeSteps(steps: readonly Step[], leaving: readonly Step[] = [], leftPlace = ''): string {
  const left = leaving.length > 0 ? ['', `  and then, in ${leftPlace},`, ...leaving.flatMap(linesOf)] : [];
  return [...steps.flatMap(linesOf), ...left, '', `  ${summary([...steps, ...leaving])}`].join('\n');
}

function linesOf({ action, changes, resource }: Step): string[] {
  return [
    `  ${signs[action]} ${resource.kind} ${resource.name}`,
    ...(action === 'keep' ? [] : changes.map((change) => `      ${describeChange(change, action)}`)),
  ];
}

/** Counts the steps by action, for example `3 to create, 1 to change, 10 to keep`. */
export function summary(steps: readonly Step[]): string {
  const counts = actions.map((action) => ({ action, count: steps.filter((step) => step.action === action).length }));
  const parts = counts.filter(({ count }) => count > 0).map(({ action, count }) => `${count} to ${action}`);
  return parts.join(', ') || 'nothing to do';
}

/** Who bills what the connector uses. */
export function billing(steps: readonly Step[]): string {
  const topics = steps.filter(({ action, resource }) => action === 'create' && resource.kind === 'topic').length;
  return [
    'Function Compute bills invocations and the time and memory that they take, EventBridge the events that it delivers, Log Service what is',
    `  written and kept${topics > 0 ? `; ${topics} new topics count towards the Kafka instance's limits` : ''}.`,
  ].join('\n');
}

function describeChange({ after, before, field }: Change, action: Step['action']): string {
  if (checksums.has(field)) return action === 'create' ? 'code: uploaded' : 'code: changed, uploaded';
  if (action === 'create') return `${field}: ${show(after)}`;
  return `${field}: ${show(before)} → ${show(after)}`;
}

/** Secrets have a text form of their own, `***`. */
function show(value: unknown): string {
  if (value === undefined) return '(none)';
  return Array.isArray(value) ? value.join(', ') : String(value);
}
