import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFolder } from '../../../scripts/bundle/package.ts';
import { environment } from './environment.ts';
import type { LogLine, Result } from './function.ts';
import { TestInstance } from './instance.ts';
import { eventOf } from './records.ts';

/** What the caller of an invocation gets: the result, or the error's name and message. */
export interface Outcome {
  readonly result?: Result;
  readonly errorType?: string;
  readonly errorMessage?: string;
  /** All of it, as text. */
  readonly text: string;
  readonly tookMs: number;
}

/** Copies the built package to a folder of its own, where a test may add files. Returns the folder. */
export async function installPackage(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'function-'));
  await cp(packageFolder, folder, { recursive: true });
  return folder;
}

/** Deletes what `installPackage` made. */
export async function removePackage(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

interface Deployed {
  readonly codePath: string;
  readonly url: string;
  /** Environment variables that differ from the least that the function needs; undefined leaves one out. */
  readonly variables?: { readonly [name: string]: string | undefined };
  /** In seconds. */
  readonly timeout: number;
  readonly preStop?: string;
}

/** The built function in a process of its own, as Function Compute runs it, with all that it said. */
export class FunctionInstance implements AsyncDisposable {
  readonly lines: string[];
  readonly instance: TestInstance;

  private constructor(instance: TestInstance, lines: string[]) {
    this.instance = instance;
    this.lines = lines;
  }

  static async start({ codePath, url, variables = {}, timeout, ...hooks }: Deployed): Promise<FunctionInstance> {
    const lines: string[] = [];
    const set = Object.entries(environment({ ES_ENDPOINT: url, ...variables }));
    const environmentVariables = Object.fromEntries(set.filter((entry): entry is [string, string] => entry[1] !== undefined));
    return new FunctionInstance(await TestInstance.start({ codePath, environmentVariables, timeout, ...hooks }, lines), lines);
  }

  async invoke(...records: readonly unknown[]): Promise<Outcome> {
    const started = performance.now();
    const answer = await this.instance.invoke(eventOf(...records)).catch(faultOf);
    const tookMs = performance.now() - started;
    if (!Buffer.isBuffer(answer)) return { ...answer, tookMs };
    const text = answer.toString();
    return { result: JSON.parse(text) as Result, text, tookMs };
  }

  /** The lines of a level. */
  logged(level: string): LogLine[] {
    return this.lines.map((line) => JSON.parse(line) as LogLine).filter((line) => line.level === level);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.instance.stop();
  }
}

function faultOf(error: unknown): Pick<Outcome, 'errorType' | 'errorMessage' | 'text'> {
  const { fault } = error as { fault?: { errorType: string; errorMessage: string } };
  if (!fault) throw error;
  return { errorType: fault.errorType, errorMessage: fault.errorMessage, text: JSON.stringify(fault) };
}
