import { redactSecrets } from '../../shared/redaction.ts';
import { note, print } from './output.ts';
import { secretsInEnvironment } from './secrets.ts';

/** Ends this process at an interruption, as shells expect: what it has started watches a pipe to it, and ends with it. */
export function endAtSignals(): void {
  process.on('SIGINT', () => process.exit(130));
  process.on('SIGTERM', () => process.exit(143));
}

/** A program of the command line. */
interface Program<Options> {
  /** Reads the command line; throws with what is wrong and what is allowed. undefined: help is asked for. */
  readonly parse: (args: readonly string[]) => Options | undefined;
  readonly usage: string;
  /** Does the work; resolves to the exit code. */
  readonly run: (options: Options) => Promise<number>;
}

/** Runs a program, or shows how it is used, and ends the process with its exit code, or with 1 and the error's message. */
export async function runProgram<Options>({ parse, run, usage }: Program<Options>): Promise<never> {
  let exitCode = 1;
  try {
    const options = parse(process.argv.slice(2));
    if (options === undefined) print(usage);
    exitCode = options === undefined ? 0 : await run(options);
  } catch (error) {
    note(`\n${messageOf(error)}`);
  }
  process.exit(exitCode);
}

/** What an error says, without what the environment holds of secrets: it may repeat what was typed. */
export function messageOf(error: unknown): string {
  return redactSecrets(error instanceof Error ? error.message : String(error), secretsInEnvironment());
}
