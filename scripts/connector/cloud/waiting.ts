import { setTimeout as sleep } from 'node:timers/promises';
import { reportProgress } from '../../terminal/report.ts';

const poll = { firstMs: 300, growth: 1.5, maxMs: 5000 };
/** Shorter waits are not worth a line. */
const silentMs = 1000;

/** Waits, and tells of it; `waitedMs` is what has been waited for the same thing before. Resolves to both together. */
export async function waitFor(what: string, waitedMs: number, ms: number): Promise<number> {
  await sleep(ms);
  const waited = waitedMs + ms;
  if (waited >= silentMs) reportProgress(`waiting for ${what}, ${Math.round(waited / 1000)} s`);
  return waited;
}

/** Looks until it is so, at growing intervals of at most 5 s; resolves to whether it was so within the time. */
export async function waitUntil(what: string, seconds: number, isSo: () => Promise<boolean>): Promise<boolean> {
  let waited = 0;
  for (let ms = poll.firstMs; !(await isSo()); ms = Math.min(ms * poll.growth, poll.maxMs)) {
    if (waited >= seconds * 1000) return false;
    waited = await waitFor(what, waited, ms);
  }
  return true;
}
