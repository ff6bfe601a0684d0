import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { type Account, seededAccount } from '../../../scripts/local/api/account.ts';
import type { LocalCloud } from '../../../scripts/local/api/local-cloud.ts';
import { startCloud } from '../../../scripts/local/start-cloud.ts';
import { Clients } from './sdk-clients.ts';

/** The servers' addresses where nothing listens, for tests that need no server. */
const nowhere = { broker: '127.0.0.1:1', elasticsearchUrl: 'http://127.0.0.1:1' };

type Changes = Partial<Parameters<typeof startCloud>[0]>;

/** The local cloud for one test, with a client of each official SDK. */
export class TestCloud implements AsyncDisposable {
  readonly account: Account;
  readonly #changes: Changes;
  readonly #folder: string;
  /** What clients saw as 500 without having asked for it. */
  readonly defects: unknown[] = [];
  #cloud: LocalCloud | undefined;
  #elsewhere: string | undefined;

  private constructor(folder: string, changes: Changes) {
    this.#folder = folder;
    this.#changes = changes;
    this.account = changes.account ?? seededAccount(nowhere);
  }

  static async start(changes: Changes = {}): Promise<TestCloud> {
    const test = new TestCloud(await mkdtemp(join(tmpdir(), 'cloud-')), changes);
    await test.#start();
    return test;
  }

  get stateFolder(): string {
    return this.#folder;
  }

  get faults(): LocalCloud['faults'] {
    return this.#running.faults;
  }

  /** What has been made in it. */
  contents(): ReturnType<LocalCloud['contents']> {
    return this.#running.contents();
  }

  get endpoint(): string {
    return this.#running.endpoint;
  }

  /** Clients with the account's key, or with what the test changes of it. */
  clients(key: { accessKeyId?: string; accessKeySecret?: string } = {}): Clients {
    const [seeded] = this.account.accessKeys;
    if (!seeded) throw new Error('the account has no key');
    return new Clients(this.#elsewhere ?? this.endpoint, { ...seeded, ...key });
  }

  /** Sends the clients that are made from now on to another address. */
  redirect(url: string | undefined): void {
    this.#elsewhere = url;
  }

  /** Ends it and starts it anew on what it has written. */
  async restart(): Promise<void> {
    await this.#running[Symbol.asyncDispose]();
    await this.#start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#running[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true });
    expect(this.defects).toEqual([]);
  }

  get #running(): LocalCloud {
    if (!this.#cloud) throw new Error('the cloud does not run');
    return this.#cloud;
  }

  async #start(): Promise<void> {
    this.#cloud = await startCloud({
      account: this.account,
      stateFolder: this.#folder,
      onDefect: (error) => this.defects.push(error),
      ...this.#changes,
    });
  }
}

/** What a call was refused with: its code, and the HTTP status where the SDK keeps it. */
export async function refusal(call: Promise<unknown>): Promise<{ code: string; status?: number; message: string }> {
  const error: unknown = await call.then(
    () => new Error('the call succeeded'),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Error)) throw new Error(`no error: ${String(error)}`);
  const { code, statusCode, message } = { code: '', statusCode: undefined, ...error, message: error.message };
  const status = statusCode ?? Number(/failed with (\d+)/.exec(message)?.[1] ?? Number.NaN);
  return { code, message, ...(!Number.isNaN(status) && { status }) };
}
