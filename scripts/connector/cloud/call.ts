import { setTimeout as sleep } from 'node:timers/promises';
import { backoffMs } from '../../../shared/retry.ts';

/** The cloud's products by the names that their users know. */
export type Product =
  | 'Function Compute'
  | 'ApsaraMQ for Kafka'
  | 'EventBridge'
  | 'Elasticsearch'
  | 'VPC'
  | 'ECS'
  | 'RAM'
  | 'Resource Management'
  | 'Log Service';

const usualAttempts = 6;
const backoff = { firstMs: 300, maxMs: 8000 };

/** Answers that heal by waiting; codes as each product spells them. A security group is still used while the network interfaces of a deleted service go. */
const transientCodes =
  /dependencyviolation|throttl|quotaexceed|resourceexhausted|toomany|serverbusy|serviceunavailable|internal(server)?error/i;
const networkCodes = /^(ECONNRESET|ECONNREFUSED|ETIMEDOUT|EPIPE|EAI_AGAIN|ENOTFOUND|ENETUNREACH|EHOSTUNREACH)$/;
const timeouts = /timeout|socket hang up/i;
const notActivated = /not.?(open|activ|enabl|subscri|purchas)|(un|in)activated/i;
const forbidden = /forbidden|accessdenied|nopermission|unauthorized/i;
const badKey = /invalidaccesskey|signature(not|does)|invalidsecuritytoken/i;

/** What the cloud answered instead of what was asked for. */
class CloudFailure extends Error {
  override readonly name = 'CloudFailure';
  /** As the product spells it, or the network's own; may be empty. */
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** Makes one call; tries again what heals by waiting, unless one attempt is all, since it may have done its work; throws `CloudFailure` with what, where and what to do. */
export async function call<Result>(
  product: Product,
  action: string,
  request: () => Promise<Result>,
  attempts = usualAttempts,
): Promise<Result> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await request();
    } catch (error) {
      const reason = read(error);
      if (attempt === attempts || !isTransient(reason)) throw failure(product, action, reason, { attempt, attempts });
      await sleep(backoffMs(attempt, backoff, Math.random));
    }
  }
}

/** The call's result, or undefined when the cloud says by one of these codes that there is no such thing. */
export async function found<Result>(result: Promise<Result>, ...absent: readonly string[]): Promise<Result | undefined> {
  return unless(result, absent);
}

/** Makes what may be there already: an earlier attempt, or an interrupted run, has made it then. */
export async function made(result: Promise<unknown>, ...exists: readonly string[]): Promise<void> {
  await unless(result, exists);
}

async function unless<Result>(result: Promise<Result>, codes: readonly string[]): Promise<Result | undefined> {
  try {
    return await result;
  } catch (error) {
    if (error instanceof CloudFailure && codes.includes(error.code)) return undefined;
    throw error;
  }
}

interface Reason {
  readonly code: string;
  readonly status: number | undefined;
  readonly message: string;
}

/** The SDKs tell the status in a field, or in the message alone: https://github.com/aliyun/fc-nodejs-sdk/blob/master/lib/client.js */
function read(error: unknown): Reason {
  const fields = { code: '', statusCode: undefined, ...(error instanceof Error ? error : {}) };
  const message = error instanceof Error ? error.message : String(error);
  const status = Number(fields.statusCode ?? /failed with (\d{3})/.exec(message)?.[1]);
  return { code: String(fields.code ?? ''), status: Number.isNaN(status) ? undefined : status, message };
}

function isTransient({ code, status, message }: Reason): boolean {
  if (status !== undefined && (status === 429 || status >= 500)) return true;
  return transientCodes.test(code) || networkCodes.test(code) || (status === undefined && timeouts.test(`${code} ${message}`));
}

function failure(
  product: Product,
  action: string,
  reason: Reason,
  { attempt, attempts }: { readonly attempt: number; readonly attempts: number },
): CloudFailure {
  const { code, status } = reason;
  const what = [code, status === undefined ? '' : `status ${status}`].filter(Boolean).join(', ') || 'no answer';
  const tries = attempt > 1 ? `, after ${attempt} attempts` : '';
  return new CloudFailure(
    `${product}: ${action} failed (${what}${tries}): ${oneLine(reason.message)}. ${remedy(product, action, reason, attempts === 1)}`,
    code,
  );
}

function remedy(product: Product, action: string, reason: Reason, isOnce: boolean): string {
  if (notActivated.test(`${reason.code} ${reason.message}`)) {
    return `Activate ${product} for this account: https://common-buy.aliyun.com, or the product's own console.`;
  }
  if (badKey.test(reason.code)) return 'Check the access key: `s config get`, or AccessKeyID and AccessKeySecret in the environment.';
  if (forbidden.test(reason.code)) return `Allow this user the action ${action}: ram-policy.json lists all that is needed.`;
  if (isTransient(reason) && isOnce) return 'It is not clear whether it was done: look before you run the command again.';
  if (isTransient(reason)) return 'Run the command again: what is done is kept.';
  return 'Look up the code in the documentation of the product.';
}

/** The first line, shortened: some answers quote the whole request. */
function oneLine(message: string): string {
  const [line = ''] = message.replace(/^code: \d+, /, '').split('\n');
  return (line.length > 300 ? `${line.slice(0, 300)}…` : line).replace(/\.$/, '');
}
