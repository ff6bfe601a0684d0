import { openContext } from '../config/context.ts';
import { ChecksFailed } from '../running/checks-failed.ts';
import { findConnector } from '../running/connector.ts';
import { describeFunctionChecks, runChecks } from '../running/readiness.ts';
import type { Command } from './command.ts';

export const check: Command = {
  summary: 'Let the function check, from inside the VPC, everything that a delivery needs',
  options: {},
  run: async (inputs) => {
    const connector = await findConnector(await openContext(inputs));
    const checks = await runChecks(connector);
    const failed = checks.filter(({ ok }) => ok === false);
    if (failed.length > 0)
      throw new ChecksFailed(`${failed.length} of ${checks.length} checks failed.\n${describeFunctionChecks(checks)}`, { checks });
    return { value: { checks }, text: describeFunctionChecks(checks) };
  },
};
