import { setTimeout as sleep } from 'node:timers/promises';
import type { CheckResponse, FunctionCheck } from '../../../shared/commands.ts';
import type { Report } from '../../terminal/report.ts';
import { ChecksFailed } from './checks-failed.ts';
import { type CalledFunction, sendCommand } from './connector.ts';

/** A new network interface and a changed whitelist take a while to let a function through. */
const connectLimitMs = 30_000;
const pollMs = 2000;

/**
 * Waits until every check of the function passes, and returns them; throws `ChecksFailed`, with what is wrong and what to do, when waiting cannot
 * help or has not helped for 30 seconds. Calls `onFailure` after each run of the checks that fails.
 */
export async function waitUntilReady(
  where: CalledFunction,
  report: Report,
  onFailure: () => Promise<void> = async () => undefined,
): Promise<readonly FunctionCheck[]> {
  for (const started = performance.now(); ; await sleep(pollMs)) {
    const checks = await runChecks(where);
    const failed = checks.filter(({ ok }) => ok === false);
    if (failed.length === 0) return checks;
    await onFailure();
    const waitedMs = performance.now() - started;
    const canPass = failed.every(({ name }) => name === 'elasticsearch' || name === 'brokers');
    if (!canPass || waitedMs > connectLimitMs) throw notAble(checks);
    report(`${failed.map(({ name }) => name).join(' and ')} not reached yet, ${Math.round(waitedMs / 1000)} s`);
  }
}

function notAble(checks: readonly FunctionCheck[]): ChecksFailed {
  return new ChecksFailed(`The function cannot do its work yet.\n${describeFunctionChecks(checks)}`, { functionChecks: checks });
}

/** Runs the function's checks once; throws when the function fails, or responds with something else. */
export async function runChecks(where: CalledFunction): Promise<readonly FunctionCheck[]> {
  const response = await sendCommand(where, { command: 'check' });
  if (isCheckResponse(response)) return response.checks;
  throw new Error('the answer is not that of this package: deploy it again');
}

function isCheckResponse(response: unknown): response is CheckResponse {
  return typeof response === 'object' && response !== null && 'checks' in response && Array.isArray(response.checks);
}

/** Describes each check in a line that begins with its sign, with what to do below those that have failed. */
export function describeFunctionChecks(checks: readonly FunctionCheck[]): string {
  return checks
    .map(({ name, ok, detail, fix }) => {
      const sign = ok === null ? '!' : ok ? '✔' : '✖';
      return `  ${sign} ${name}: ${detail}${fix === undefined ? '' : `\n      ${fix}`}`;
    })
    .join('\n');
}
