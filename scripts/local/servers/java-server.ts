import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import { compileLauncher } from './classes.ts';
import { resolveJars } from './jars.ts';
import { type Jdk, requireJdk } from './jdk.ts';

/** How one kind of server is started. */
export interface Blueprint {
  /** Name and version, for messages. */
  readonly name: string;
  /** A pom.xml whose dependencies are the class path, and properties that replace its own. */
  readonly pom: string;
  readonly properties?: { readonly [name: string]: string };
  /** Folders of `.java` files, and the class of them that is started. */
  readonly launcher: { readonly folders: readonly string[]; readonly main: string };
  /** As a major version. */
  readonly oldestJdk: number;
  readonly jvmOptions: readonly string[];
  /** Keeps its data there; a temporary folder when undefined. */
  readonly dataFolder: string | undefined;
  readonly settings: { readonly [name: string]: string | number };
  /** Written into its folder before it starts, by their paths in it. */
  readonly files?: { readonly [path: string]: string } | undefined;
  /** Resolves when the server answers a client; rejects while it does not. */
  readonly isReady: () => Promise<unknown>;
}

const startLimitMs = 60_000;
const lastWords = 25;

type JavaProcess = ReturnType<typeof spawnJava>;

function spawnJava({ bin }: Jdk, args: readonly string[]) {
  return execa(`${bin}java`, args, {
    // The lifeline: the launcher deletes its folder and ends when this pipe closes, however this process ends.
    stdin: 'pipe',
    all: true,
    // A group of its own, so that Ctrl-C on the terminal reaches only the process that stops the servers in order.
    detached: true,
    reject: false,
    buffer: false,
  });
}

/** A real server in a Java process of its own. It ends with the process that started it, and so does its folder unless it is to be kept. */
export class JavaServer implements AsyncDisposable {
  readonly #blueprint: Blueprint;
  readonly #jdk: Jdk;
  readonly #classPath: string;
  readonly #folder: string;
  #process: JavaProcess | undefined;
  #log: string[] = [];

  private constructor(blueprint: Blueprint, jdk: Jdk, classPath: string, folder: string) {
    this.#blueprint = blueprint;
    this.#jdk = jdk;
    this.#classPath = classPath;
    this.#folder = folder;
  }

  /** Resolves when the server answers; throws, with its last words, when it ends or does not answer within 60 s. */
  static async start(blueprint: Blueprint): Promise<JavaServer> {
    const jdk = await requireJdk(blueprint.oldestJdk);
    const jars = await resolveJars(blueprint.pom, blueprint.properties);
    const classes = await compileLauncher(blueprint.launcher.folders, jars, jdk);
    const folder = blueprint.dataFolder ?? (await mkdtemp(join(tmpdir(), 'local-server-')));
    const server = new JavaServer(blueprint, jdk, `${classes}${delimiter}${jars}`, folder);
    try {
      for (const [path, text] of Object.entries(blueprint.files ?? {})) await server.write(path, text);
      await server.launch();
      return server;
    } catch (error) {
      await server.stop();
      throw error;
    }
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  /** Starts the process, after `kill` again, on the same data and ports. */
  async launch(): Promise<void> {
    const { dataFolder, jvmOptions, launcher, settings } = this.#blueprint;
    const pairs = Object.entries(settings).map(([name, value]) => `${name}=${value}`);
    this.#log = [];
    const options = [...jvmOptions, `-Dkeep=${dataFolder !== undefined}`, '-cp', this.#classPath];
    const java = spawnJava(this.#jdk, [...options, launcher.main, this.#folder, ...pairs]);
    java.all.setEncoding('utf8').on('data', (text: string) => this.#remember(text));
    this.#process = java;
    await this.#ready(java);
  }

  /** Puts a file into the server's folder, in place of one that is there. */
  async write(path: string, text: string): Promise<void> {
    const file = join(this.#folder, path);
    await mkdir(dirname(file), { recursive: true });
    // A server that watches the file must not see half of it.
    await writeFile(`${file}.new`, text, { mode: 0o600 });
    await rename(`${file}.new`, file);
  }

  /** Ends the process as a power cut would, and keeps its data. */
  async kill(): Promise<void> {
    this.#process?.kill('SIGKILL');
    await this.#process;
  }

  /** Ends the process, and deletes its data unless they are to be kept. */
  async stop(): Promise<void> {
    this.#process?.stdin.end();
    await this.#process;
    if (this.#blueprint.dataFolder === undefined) await rm(this.#folder, { recursive: true, force: true });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  async #ready(java: JavaProcess): Promise<void> {
    const { name, isReady } = this.#blueprint;
    const limit = AbortSignal.timeout(startLimitMs);
    while (!limit.aborted) {
      const attempt = isReady().then(
        () => 'ready' as const,
        () => sleep(200, undefined),
      );
      const result = await Promise.race([java, attempt]);
      if (result === 'ready') return;
      if (result !== undefined) throw this.#failure(`${name} ended while it started`);
    }
    throw this.#failure(`${name} did not answer within ${startLimitMs / 1000} s`);
  }

  #failure(problem: string): Error {
    return new Error(`${problem}. Its last words:\n${this.#log.join('\n')}`);
  }

  #remember(text: string): void {
    const lines = text.split('\n').filter((line) => line.trim() !== '');
    this.#log = [...this.#log, ...lines].slice(-lastWords);
  }
}
