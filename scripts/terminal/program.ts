/** Ends this process at an interruption, as shells expect: what it has started watches a pipe to it, and ends with it. */
export function endAtSignals(): void {
  process.on('SIGINT', () => process.exit(130));
  process.on('SIGTERM', () => process.exit(143));
}

/** Runs a program, and ends the process with the exit code that it resolves to, or with 1 and the error's message. */
export async function runProgram(main: () => Promise<number>): Promise<never> {
  let exitCode = 1;
  try {
    exitCode = await main();
  } catch (error) {
    process.stderr.write(`\n${error instanceof Error ? error.message : error}\n`);
  }
  process.exit(exitCode);
}
