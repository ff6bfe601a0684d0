import { constants } from 'node:os';

/** The exit code of a program that the signal SIGPIPE has ended, as a shell tells it. */
const exitCode = 128 + constants.signals.SIGPIPE;

/** Ends the process when nobody reads its output any more, as with `| head`. Serverless Devs would take it for a fault of its own, and write that, without an end. */
export function endWhenNobodyReads(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(exitCode);
    });
  }
}
