import { AsyncLocalStorage } from 'node:async_hooks';

/** Shows one line of progress, which replaces the one before it. */
export type Report = (text: string) => void;

const reportOfWork = new AsyncLocalStorage<Report>();

/** Runs work whose calls of `reportProgress` go to this report, however deep they are. */
export function reportingTo<Result>(report: Report, work: () => Promise<Result>): Promise<Result> {
  return reportOfWork.run(report, work);
}

/** Tells how far the work is; outside `reportingTo` nobody hears it. */
export function reportProgress(text: string): void {
  reportOfWork.getStore()?.(text);
}
