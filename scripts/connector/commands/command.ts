import type { Inputs } from '../config/context.ts';
import type { Arguments, CommandOptions } from './arguments.ts';

/** What a command gives: an object for programs, and the same as a text for people. */
export interface Result {
  readonly value: object;
  readonly text: string;
}

/** One command of `s`. */
export interface Command {
  readonly summary: string;
  readonly options: CommandOptions;
  /** A command that prints by itself, or that has nothing to print, resolves to undefined. */
  run(inputs: Inputs, args: Arguments): Promise<Result | undefined>;
}
