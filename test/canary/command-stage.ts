import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { vi } from 'vitest';
import { runCommand } from '../../scripts/connector/component.ts';
import type { Account } from '../../scripts/local/api/account.ts';
import type { Canaries } from './canaries.ts';

/** Who calls, where the cloud is, and with what. */
interface Call {
  readonly account: Account;
  readonly endpoint: string;
  readonly props: object;
  readonly accessKeySecret: string;
  readonly securityToken?: string;
}

/** What a command showed, and whether it failed. */
export interface Shown {
  readonly text: string;
  readonly hasFailed: boolean;
}

/** Runs a command in this process, as Serverless Devs would; resolves to all that it writes, returns and throws, hidden properties and causes too. */
export async function runWatched(
  { accessKeySecret, account, endpoint, props, securityToken }: Call,
  command: string,
  args: readonly string[],
): Promise<Shown> {
  const written: string[] = [];
  const take = (text: string | Uint8Array) => written.push(Buffer.from(text).toString()) > 0;
  const spies = [process.stdout, process.stderr].map((stream) => vi.spyOn(stream, 'write').mockImplementation(take));
  vi.stubEnv('CLOUD_ENDPOINT', endpoint);
  const credential = {
    AccountID: account.accountId,
    AccessKeyID: account.accessKeys[0]?.accessKeyId ?? '',
    AccessKeySecret: accessKeySecret,
    ...(securityToken !== undefined && { SecurityToken: securityToken }),
  };
  try {
    const value: unknown = await runCommand(command, { props, args, getCredential: async () => credential });
    written.push(JSON.stringify(value) ?? '', inspect(value, everything));
    return { text: written.join('\n'), hasFailed: false };
  } catch (error) {
    written.push(
      inspect(error, everything),
      error instanceof Error ? `${error.message} ${error.stack} ${inspect(error.cause, everything)}` : '',
    );
    return { text: written.join('\n'), hasFailed: true };
  } finally {
    for (const spy of spies) spy.mockRestore();
    vi.stubEnv('CLOUD_ENDPOINT', undefined);
    process.exitCode = undefined;
  }
}

const everything = { depth: 20, showHidden: true, maxStringLength: null, maxArrayLength: null } as const;

/** Files below a folder that tell something, with what it is. */
export async function filesThatTell(folder: string, canaries: Canaries, isLeftOut: (path: string) => boolean): Promise<string[]> {
  const told: string[] = [];
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (isLeftOut(path)) continue;
    if (entry.isDirectory()) told.push(...(await filesThatTell(path, canaries, isLeftOut)));
    else if (entry.isFile()) {
      const bytes = await readFile(path).catch(() => Buffer.alloc(0));
      const names = canaries.tellsIn(bytes);
      if (names.length > 0) told.push(`${path}: ${names.join()}`);
    }
  }
  return told;
}
