import { openTarget } from '../context.ts';
import { askFunction, type FunctionAddress, findDeployed } from '../deployed.ts';
import type { Command } from './command.ts';

/** One thing that the function found from where it is: inside the VPC. */
export interface FunctionCheck {
  readonly name: string;
  readonly ok: boolean | null;
  readonly detail: string;
  readonly fix?: string;
}

export const check: Command = {
  summary: 'Let the function check, from inside the VPC, everything that a delivery needs',
  options: {},
  run: async (inputs) => {
    const deployed = await findDeployed(await openTarget(inputs));
    const checks = await runChecks({ cloud: deployed.cloud, serviceName: deployed.service.serviceName });
    const failed = checks.filter(({ ok }) => ok === false);
    if (failed.length > 0) throw new Error(`${failed.length} of ${checks.length} checks failed.\n${describe(checks)}`);
    return { value: { checks }, text: describe(checks) };
  },
};

/** Throws when the function fails, or answers otherwise. */
export async function runChecks(where: FunctionAddress): Promise<readonly FunctionCheck[]> {
  const answer = await askFunction(where, { command: 'check' });
  if (isAnswer(answer)) return answer.checks;
  throw new Error('the answer is not that of this package: deploy it again');
}

function isAnswer(answer: unknown): answer is { readonly checks: readonly FunctionCheck[] } {
  return typeof answer === 'object' && answer !== null && 'checks' in answer && Array.isArray(answer.checks);
}

/** A tick a line, with what to do under those that are none. */
export function describe(checks: readonly FunctionCheck[]): string {
  return checks
    .map(({ name, ok, detail, fix }) => {
      const sign = ok === null ? '!' : ok ? '✔' : '✖';
      return `  ${sign} ${name}: ${detail}${fix === undefined ? '' : `\n      ${fix}`}`;
    })
    .join('\n');
}
