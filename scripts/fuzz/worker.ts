import { closeSync, openSync, writeSync } from 'node:fs';
import { memoryLimitMb } from './limits.ts';
import type { CaseId, Fall, FuzzTarget } from './target.ts';
import type { WorkerCases, WorkerResult } from './worker-messages.ts';

// Whoever started it has ended.
process.on('disconnect', () => process.exit());

const fall = await checkCases(JSON.parse(process.argv[2] ?? ''));
const result: WorkerResult = { memoryMb: memoryMb(), ...(fall && { fall }) };
process.send?.(result, () => process.exit(0));

/** Checks one case after the other; resolves to the first that falls. */
async function checkCases({ caseFile, first, last, module, seed, step }: WorkerCases): Promise<Fall | undefined> {
  const { default: target }: { readonly default: FuzzTarget } = await import(module);
  const file = openSync(caseFile, 'r+');
  await using checker = await target.open();
  for (let number = first; number <= last; number += step) {
    writeSync(file, String(number).padEnd(16), 0);
    const fall = (await checker.check({ seed, number })) ?? memoryFall(target, { seed, number });
    if (fall) return fall;
  }
  closeSync(file);
  return undefined;
}

function memoryFall({ inputOf }: FuzzTarget, id: CaseId): Fall | undefined {
  const megabytes = memoryMb();
  if (megabytes <= memoryLimitMb) return undefined;
  return { number: id.number, reason: `the process took ${Math.round(megabytes)} MB of memory`, input: inputOf(id) };
}

/** `maxRSS` is in kilobytes on every system: https://nodejs.org/api/process.html#processresourceusage */
function memoryMb(): number {
  return process.resourceUsage().maxRSS / 1024;
}
