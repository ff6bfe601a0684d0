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
  process.stderr.write('\ninterrupted; run it again, what is done is kept\n');
  process.exit(interruptedExitCode);
}
