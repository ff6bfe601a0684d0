import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import type { TestCloud } from './local-cloud.ts';

/** How a command ended. */
export interface Ended {
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** Environment variables for one command; `input` goes to its standard input, `cwd` is where it runs. */
type RunOptions = NodeJS.ProcessEnv & { readonly input?: string; readonly cwd?: string };

/** The real `s`, as a user types it, with a home of its own, and nothing but this machine to connect to. */
export class ServerlessDevs implements AsyncDisposable {
  readonly folder: string;
  readonly #cloud: Pick<TestCloud, 'account' | 'endpoint'>;
  readonly #environment: NodeJS.ProcessEnv;

  private constructor(folder: string, cloud: Pick<TestCloud, 'account' | 'endpoint'>, environment: NodeJS.ProcessEnv) {
    this.folder = folder;
    this.#cloud = cloud;
    this.#environment = environment;
  }

  /** Opens it with the repository's s.yaml for a connector that is called as its topic and its index. */
  static async create(
    cloud: Pick<TestCloud, 'account' | 'endpoint'>,
    topic: string,
    environment: NodeJS.ProcessEnv,
  ): Promise<ServerlessDevs> {
    const created = new ServerlessDevs(await mkdtemp(join(tmpdir(), 's-')), cloud, environment);
    const yaml = (await readFile('s.yaml', 'utf8'))
      .replace('component: ./scripts', `component: ${resolve('scripts')}`)
      .replaceAll('elasticsearch-test-input', topic)
      .replace('name: kafka-elasticsearch-sink\n      kafka', `name: ${topic}\n      kafka`)
      .replace('index: elastic_test', `index: ${topic}`);
    await writeFile(created.yamlFile, yaml);
    return created;
  }

  get yamlFile(): string {
    return join(this.folder, 's.yaml');
  }

  /** Writes s.yaml with texts replaced; resolves to what it was. */
  async edit(...changes: readonly (readonly [string, string])[]): Promise<string> {
    const before = await readFile(this.yamlFile, 'utf8');
    await writeFile(
      this.yamlFile,
      changes.reduce((yaml, [from, to]) => yaml.replace(from, to), before),
    );
    return before;
  }

  async run(...args: string[]): Promise<Ended> {
    return this.runWith({}, ...args);
  }

  async runWith(options: RunOptions, ...args: string[]): Promise<Ended> {
    const { exitCode, stdout, stderr } = await this.start(options, ...args, '-t', this.yamlFile);
    return { exitCode, stdout: String(stdout), stderr: String(stderr) };
  }

  start({ input, cwd, ...changes }: RunOptions, ...args: string[]) {
    const [key] = this.#cloud.account.accessKeys;
    const env = {
      PATH: process.env.PATH ?? '',
      HOME: this.folder,
      TMPDIR: this.folder,
      serverless_devs_config_home: this.folder,
      NODE_ENV: 'test',
      NO_COLOR: '1',
      NODE_OPTIONS: `--require ${resolve('test/support/loopback-only.cjs')}`,
      CONNECTIONS_ELSEWHERE: join(this.folder, 'connections-elsewhere'),
      CLOUD_ENDPOINT: this.#cloud.endpoint,
      AccountID: this.#cloud.account.accountId,
      AccessKeyID: key?.accessKeyId,
      AccessKeySecret: key?.accessKeySecret,
      ...this.#environment,
      ...changes,
    };
    const standardInput = input === undefined ? ({ stdin: 'ignore' } as const) : { input };
    const options = { env, extendEnv: false, reject: false, ...standardInput, ...(cwd !== undefined && { cwd }) };
    return execa(resolve('node_modules/.bin/s'), args, options);
  }

  /** Files of its home, with logs, that hold one of the texts. */
  async filesWith(...texts: readonly string[]): Promise<string[]> {
    const files = (await readdir(this.folder, { recursive: true, withFileTypes: true })).filter((entry) => entry.isFile());
    const paths = files.map((file) => join(file.parentPath, file.name));
    const contents = await Promise.all(paths.map((path) => readFile(path)));
    return paths.filter((_, number) => texts.some((text) => contents[number]?.includes(text)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.folder, { recursive: true });
  }
}
