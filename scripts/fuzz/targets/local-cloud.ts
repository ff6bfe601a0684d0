import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { seededAccount } from '../../local/api/account.ts';
import type { LocalCloud } from '../../local/api/local-cloud.ts';
import { startCloud } from '../../local/start-cloud.ts';
import { fuzzTarget } from '../target.ts';
import { type CloudRequest, crookedRequest, type Key, prepared, requestOf } from './cloud-requests.ts';
import { escapeFile } from './hostile-values.ts';

/** Nothing listens there: operations that need a server are left out. */
const account = seededAccount({ broker: '127.0.0.1:1', elasticsearchUrl: 'http://127.0.0.1:1' });
const key: Key = account.accessKeys[0] ?? { accessKeyId: '', accessKeySecret: '' };
/** What a case has taken away is made again after so many. */
const casesPerPreparation = 200;

/** Any request to the local cloud, signed by who has the key or not, is responded to, never with a 5xx, and leaves nothing outside its folder. */
export default fuzzTarget({
  name: 'local-cloud',
  module: import.meta.url,
  weight: 6,
  inputs: crookedRequest(key),
  open: () => CloudChecker.open(),
});

class CloudChecker implements AsyncDisposable {
  readonly #cloud: LocalCloud;
  readonly #folder: string;
  readonly #defects: readonly unknown[];
  #cases = 0;

  private constructor(cloud: LocalCloud, folder: string, defects: readonly unknown[]) {
    this.#cloud = cloud;
    this.#folder = folder;
    this.#defects = defects;
  }

  static async open(): Promise<CloudChecker> {
    await rm(escapeFile, { force: true });
    const folder = await mkdtemp(join(tmpdir(), 'fuzz-cloud-'));
    const defects: unknown[] = [];
    const cloud = await startCloud({ account, stateFolder: join(folder, 'state'), onDefect: (error) => defects.push(error) });
    return new CloudChecker(cloud, folder, defects);
  }

  readonly check = async (request: CloudRequest): Promise<void> => {
    if (this.#cases % casesPerPreparation === 0) for (const form of prepared) await this.#send(requestOf(form, key));
    this.#cases += 1;
    const { body, status } = await this.#send(request);
    assert.deepEqual(this.#defects, [], 'the local cloud has a fault');
    assert.ok(status >= 200 && status < 500, `it responds ${status}: ${body}`);
    assert.doesNotMatch(body, /\n\s+at /, 'a stack is shown');
    assert.deepEqual(await readdir(this.#folder), ['state'], 'something is outside its folder');
    assert.ok(!existsSync(escapeFile), `${escapeFile} was made`);
  };

  async #send({ body, headers, method, path }: CloudRequest): Promise<{ readonly status: number; readonly body: string }> {
    const outgoing = httpRequest(this.#cloud.endpoint, { method, path, headers: { ...headers, 'content-length': body.length } });
    return new Promise((resolve, reject) => {
      outgoing.once('error', reject);
      outgoing.once('response', (response) => {
        text(response).then((received) => resolve({ status: response.statusCode ?? 0, body: received }), reject);
      });
      outgoing.end(body);
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#cloud[Symbol.asyncDispose]();
    await rm(this.#folder, { recursive: true });
  }
}
