import assert from 'node:assert/strict';
import { failures } from '../../../shared/errors.ts';
import { canary } from '../hostile-text.ts';
import type { Outcome } from './built-function.ts';

/** The password of every function that is fuzzed. */
export const password = 'sEcReT9c1d';

const counted = ['written', 'deleted', 'unchanged', 'skipped', 'rejected'] as const;

/** The numbers of an invocation's result. */
export type Counts = Readonly<Record<(typeof counted)[number] | 'received' | 'retried' | 'tookMs', number>>;

const unprintable = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u;
/** Of Function Compute: https://help.aliyun.com/zh/functioncompute/fc/product-overview/limits-of-usage */
const maxLineBytes = 32 * 1024;

/** Throws unless an invocation has succeeded or thrown an error of the closed list, and neither that nor its log tells or drives anything. */
export function assertSound({ error, log, result }: Outcome): void {
  assertNoCredentials('the result', JSON.stringify(result) ?? '');
  if (error !== undefined) assertKnownError(error);
  assert.ok(log === '' || log.endsWith('\n'), 'the log ends within a line');
  for (const line of log.split('\n').slice(0, -1)) assertLine(line);
}

function assertKnownError(error: unknown): asserts error is Error {
  assert.ok(
    error instanceof Error && Object.hasOwn(failures, error.name),
    `an error that is not in the list: ${error instanceof Error ? error.stack : error}`,
  );
  assertTellsNothing(`${error.name}'s message`, error.message);
  assert.ok(Buffer.byteLength(error.message) <= maxLineBytes, `${error.name}'s message has ${error.message.length} characters`);
}

function assertLine(line: string): void {
  assertTellsNothing('a line of the log', line);
  assert.ok(Buffer.byteLength(line) <= maxLineBytes, 'a line of the log is too long');
  const parsed: unknown = JSON.parse(line);
  assert.ok(typeof parsed === 'object' && parsed !== null && 'message' in parsed && 'level' in parsed, `a line of the log is ${line}`);
}

function assertTellsNothing(what: string, text: string): void {
  assert.ok(!text.includes(canary), `${what} tells content of a record: ${text}`);
  assertNoCredentials(what, text);
  const found = unprintable.exec(text);
  assert.ok(!found, `${what} holds U+${found?.[0].codePointAt(0)?.toString(16)}: ${JSON.stringify(text)}`);
}

const credentials = [password, Buffer.from(`elastic:${password}`).toString('base64').replace(/=+$/, '')];

function assertNoCredentials(what: string, text: string): void {
  assert.ok(!credentials.some((one) => text.includes(one)), `${what} tells the password: ${text}`);
}

/** The numbers of a delivery, which must add up. */
export function countsOf({ result }: Outcome): Counts {
  assert.ok(isCounts(result), `the result is ${JSON.stringify(result)}`);
  const sum = counted.reduce((total, name) => total + result[name], 0);
  assert.equal(result.received, sum, `the numbers do not add up: ${JSON.stringify(result)}`);
  return result;
}

function isCounts(result: unknown): result is Counts {
  if (typeof result !== 'object' || result === null) return false;
  return [...counted, 'received', 'retried', 'tookMs'].every((name) =>
    Number.isSafeInteger(Object.entries(result).find(([key]) => key === name)?.[1]),
  );
}
