import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';

/** A command of this repository, run by its own source, with a temporary folder of its own, so that all that it leaves can be found. */
export class Command implements AsyncDisposable {
  readonly #folder: string;

  private constructor(folder: string) {
    this.#folder = folder;
  }

  static async create(): Promise<Command> {
    return new Command(await mkdtemp(join(tmpdir(), 'command-')));
  }

  run(file: string, args: readonly string[] = [], environment: NodeJS.ProcessEnv = {}) {
    const env = { TMPDIR: this.#folder, ...environment };
    return execa(process.execPath, ['--import', 'tsx', file, ...args], { env, all: true, reject: false, forceKillAfterDelay: false });
  }

  /** Processes that were started on the folder and still run, and folders of servers and clouds that still exist. */
  async leftovers(): Promise<string[]> {
    const { stdout } = await execa('pgrep', ['-f', this.#folder], { reject: false });
    const folders = (await readdir(this.#folder)).filter((name) => /^local-(server|cloud)-/.test(name));
    return [...stdout.split('\n').filter(Boolean), ...folders];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#folder, { recursive: true, force: true });
  }
}
