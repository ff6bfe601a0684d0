import { note } from './output.ts';

/** The exit code that shells give a process which SIGINT has ended. */
const interruptedExitCode = 130;

/** Runs work that an interruption ends with an exit code of its own: Serverless Devs would exit with 0, as if all were done. */
export async function interruptible<Result>(work: () => Promise<Result>): Promise<Result> {
  // Before the listener of Serverless Devs, which exits.
  process.prependOnceListener('SIGINT', end);
  try {
    return await work();
  } finally {
    process.off('SIGINT', end);
  }
}

function end(): void {
  note('\ninterrupted; run it again, what is done is kept');
  process.exit(interruptedExitCode);
}

/** What ends work that can be stopped. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';

  constructor(outcome = '') {
    super(`Interrupted. ${outcome}`.trim());
  }
}

/** Runs work that stops when its signal is given, by Ctrl-C, and then cleans up behind itself; a second Ctrl-C ends the process, after `lastWords`. */
export async function stoppable<Result>(lastWords: string, work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const stop = new AbortController();
  const interrupt = () => {
    if (stop.signal.aborted) {
      note(`\n${lastWords}`);
      process.exit(interruptedExitCode);
    }
    note('\ninterrupted; cleaning up, which takes a while; Ctrl-C again leaves things as they are');
    stop.abort(new Interrupted());
  };
  // The listener of Serverless Devs would exit before anything is cleaned up.
  const others = process.listeners('SIGINT');
  process.removeAllListeners('SIGINT');
  process.on('SIGINT', interrupt);
  try {
    return await work(stop.signal);
  } finally {
    process.off('SIGINT', interrupt);
    for (const listener of others) process.on('SIGINT', listener);
  }
}
