import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { type Answer, secrets } from '../elasticsearch/scripted.ts';
import { ScriptedServer } from '../elasticsearch/scripted-server.ts';
import { FunctionInstance, installPackage, type Outcome, removePackage } from './function-instance.ts';

/** What functions of these tests are given: short waits, and a reserve that leaves little of a short timeout. */
const quick = { RETRY_BACKOFF_MS: '1', RETRY_MAX_BACKOFF_MS: '5', ES_REQUEST_TIMEOUT_MS: '1000', DEADLINE_RESERVE_MS: '1500' };

/** A function and the scripted server that it writes to. */
export interface Subject extends AsyncDisposable {
  readonly server: ScriptedServer;
  readonly fn: FunctionInstance;
  readonly invoke: (...records: readonly unknown[]) => Promise<Outcome>;
}

export interface Deployed {
  readonly variables?: { readonly [name: string]: string | undefined };
  /** In seconds. */
  readonly timeout?: number;
  readonly preStop?: string;
  /** Put beside the package, by their names. */
  readonly files?: { readonly [name: string]: string };
}

/**
 * For a whole file of tests: gives each a function of its own and a server that answers so, which both end with the test; fails a test when a
 * function has said a secret.
 */
export function useSubjects(): (answer: Answer, deployed?: Deployed) => Promise<Subject> {
  let codePath: string;
  /** Everything that the functions said: answers, errors, log lines. */
  const said: (readonly string[])[] = [];

  beforeAll(async () => {
    codePath = await installPackage();
  });
  afterEach(() => {
    const text = said.flat().join('\n');
    expect(secrets.filter((secret) => text.includes(secret))).toEqual([]);
  });
  afterAll(() => removePackage(codePath));

  return async (answer, { variables = {}, timeout = 10, preStop, files = {} } = {}) => {
    for (const [name, text] of Object.entries(files)) await writeFile(join(codePath, name), text);
    const server = await ScriptedServer.start(answer);
    const settings = { ...quick, ...variables };
    const fn = await FunctionInstance.start({ codePath, url: server.url, variables: settings, timeout, ...(preStop && { preStop }) });
    said.push(fn.lines);
    const invoke = async (...records: readonly unknown[]) => {
      const outcome = await fn.invoke(...records);
      said.push([outcome.text]);
      return outcome;
    };
    const stop = async () => {
      await Promise.all([fn[Symbol.asyncDispose](), server[Symbol.asyncDispose]()]);
    };
    return { server, fn, invoke, [Symbol.asyncDispose]: stop };
  };
}
