import { code } from '../docs/markdown.ts';
import type { Counts, Seen } from './observer.ts';
import type { Outcome } from './run-fault.ts';

export const head = ['fault', 'what happens', 'what the user sees', 'records', 'lost', 'doubled'] as const;

/** What a fault did, as a row of the table. */
export function rowOf({ audit, catchUpSeconds, recovered, fault, seen }: Outcome): string[] {
  const again = seen.received - audit.records;
  const happens = [
    ...whatHappens(seen),
    ...(again > 0 ? [`records delivered a second time: ${again}`] : []),
    ...(fault.remedy ? [fault.remedy] : []),
    ...(recovered === undefined ? [] : [`records that are there again: ${recovered}`]),
    ...(audit.rejected > 0 ? [`rejected: ${audit.rejected}`] : []),
    `all delivered ${catchUpSeconds.toFixed(0)} s after its end`,
  ];
  return [fault.name, happens.join('; '), whatIsSeen(seen), String(audit.records), String(audit.missing), String(audit.extra)];
}

/** The failures and retries of some time. */
export function whatHappens({ failures, retried }: Seen): string[] {
  const failed = Object.values<number>(failures).reduce((sum, count) => sum + count, 0);
  return [
    ...(failed > 0 ? [`failed invocations, whose batches the trigger delivers again: ${failed}`] : []),
    ...(retried > 0 ? [`operations that the function sends again: ${retried}`] : []),
  ];
}

/** Where a user looks. */
export function whatIsSeen({ failures, rejections, retried }: Seen): string {
  const seen = [...named(failures, ''), ...named(rejections, 'record rejected: ')];
  if (seen.length > 0) return seen.join(', ');
  return retried > 0 ? `${code('retried')} in the line ${code('delivered')}` : 'nothing';
}

function named(counts: Counts, what: string): string[] {
  return Object.keys(counts).map((name) => `${what}${code(name)}`);
}
