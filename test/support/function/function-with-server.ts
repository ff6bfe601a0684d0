import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageFolder } from '../../../scripts/bundle/package.ts';
import { type Respond, ScriptedServer } from '../elasticsearch/scripted-server.ts';
import { BuiltFunction, type FunctionOptions, type Variables } from './built-function.ts';
import { environment } from './environment.ts';

/** Short waits, and a reserve that leaves little of a short timeout. */
const quick = { RETRY_BACKOFF_MS: '1', RETRY_MAX_BACKOFF_MS: '5', ES_REQUEST_TIMEOUT_MS: '1000', DEADLINE_RESERVE_MS: '1500' };

/** A function and the scripted server that it writes to; both end with the test. */
export interface FunctionWithServer extends AsyncDisposable {
  readonly server: ScriptedServer;
  readonly fn: BuiltFunction;
  readonly invoke: BuiltFunction['invoke'];
}

interface Setup extends FunctionOptions {
  readonly variables?: Variables;
  /** Put beside the package, by their names. */
  readonly files?: { readonly [name: string]: string };
}

/** Starts a server that responds so, and the built function with that server as its Elasticsearch. */
export async function startWithServer(respond: Respond, setup: Setup = {}): Promise<FunctionWithServer> {
  const { variables, files, ...options } = { timeout: 10, ...setup };
  const server = await ScriptedServer.start(respond);
  const codePath = files ? await packageWith(files) : packageFolder;
  const fn = await BuiltFunction.start(environment({ ES_ENDPOINT: server.url, ...quick, ...variables }), { ...options, codePath });
  const stop = async () => {
    await Promise.all([fn.stop(), server[Symbol.asyncDispose]()]);
    if (files) await rm(codePath, { recursive: true });
  };
  return { server, fn, invoke: (...elements) => fn.invoke(...elements), [Symbol.asyncDispose]: stop };
}

/** A copy of the built package with more files in it. */
async function packageWith(files: { readonly [name: string]: string }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'function-'));
  await cp(packageFolder, folder, { recursive: true });
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}
