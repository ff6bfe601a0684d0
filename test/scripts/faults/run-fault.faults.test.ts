import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Fault } from '../../../scripts/faults/fault.ts';
import { isComplete, type Outcome, runFault } from '../../../scripts/faults/run-fault.ts';
import { type Servers, startServers } from '../../../scripts/faults/servers.ts';

const records = 3000;
let servers: Servers;

beforeAll(async () => {
  servers = await startServers();
});

afterAll(() => servers?.[Symbol.asyncDispose]());

afterEach(() => {
  // `s audit` has set it.
  process.exitCode = undefined;
});

function run(inject: Fault['inject'], undo?: Fault['undo']): Promise<Outcome> {
  return runFault({ name: 'a fault', inject, lastsMs: 100, ...(undo && { undo }) }, servers, records);
}

test('instances that are killed are seen as failed invocations, and every record is there once', async () => {
  const outcome = await run(async (testbed) => {
    // A kill between two invocations fails none of them.
    while ((testbed.observer.seen.failures.UnhandledInvocationError ?? 0) === 0) {
      await testbed.cloud.killInstances();
      await sleep(300);
    }
  });
  expect(outcome.audit).toEqual({ records, indexed: records, rejected: 0, missing: 0, extra: 0, repaired: 0 });
  expect(outcome.seen.failures).toEqual({ UnhandledInvocationError: expect.any(Number) });
  expect(isComplete(outcome)).toBe(true);
});

test('a document that is taken away counts as lost, and one that no record has become as doubled', async () => {
  const outcome = await run(
    async () => undefined,
    async (testbed) => {
      const { elasticsearch, index, topic } = testbed;
      await testbed.caughtUp();
      const [id = ''] = await topic.positions();
      await elasticsearch.delete({ index: index.name, id });
      await elasticsearch.index({ index: index.name, id: `${topic.name}+0+${records}`, document: {} });
    },
  );
  expect(outcome.audit).toMatchObject({ indexed: records - 1, missing: 1, extra: 1 });
  expect(isComplete(outcome)).toBe(false);
});
