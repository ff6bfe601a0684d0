import { backoffMs } from '../../../shared/retry.ts';
import { type Product, ramAction } from './product.ts';
import { redactCode, redactKnownSecrets, withoutWordsOf } from './redact.ts';
import { isQuota, quotaOf, type Reason, retriableBy } from './retriable.ts';
import { waitFor } from './waiting.ts';

const backoff = { firstMs: 600, maxMs: 8000 };
/** https://nodejs.org/api/errors.html#common-system-errors */
export const unknownHost = 'ENOTFOUND';
const notActivated = /not.?(open|activ|enabl|subscri|purchas)|(un|in)activated/i;
const forbidden = /forbidden|accessdenied|nopermission|(un|not)authorized|(im|ex)plicitdeny/i;
/** The missing permission, where a product names it; it may be another product's: a trigger needs permissions of EventBridge. */
const namedPermission = /(?:perform '|action: ?)([a-z]+:[A-Za-z]+)/;
const badKey = /invalidaccesskey|signature(not|does)|securitytoken/i;
/** What a bad key's message says in Log Service, which has one code for it and for a missing permission: https://alibabacloud.com/help/en/sls/developer-reference/error-codes */
const badKeyMessage = /access ?key ?id.*(not found|invalid|unauthorized|disabled)|security token/i;

/** The cloud has refused a call, or has not responded. */
export class CloudFailure extends Error {
  override readonly name = 'CloudFailure';
  /** The code as the product spells it, or the network's own; may be empty. */
  readonly code: string;
  /** Whether the product will not do it for this user, however long one waits. A bad key is no refusal: every call fails with it. */
  readonly isRefusal: boolean;

  constructor(message: string, code: string, isRefusal: boolean) {
    super(message);
    this.code = code;
    this.isRefusal = isRefusal;
  }
}

/** How a call is tried. */
interface CallOptions {
  /** It must not be done twice: it is tried again only when it was certainly not done. */
  readonly isOnce?: boolean;
  /** The event that it carries, of whose records nothing is shown. */
  readonly event?: Buffer;
  /** Its product may not be in the region: a host that is not known is a refusal then. */
  readonly isOptional?: boolean;
}

/** Makes one call; tries again, for as long as its row in `retriable.ts` says, what waiting can help; throws `CloudFailure` with what, where and what to do. */
export async function call<Result>(
  product: Product,
  action: string,
  request: () => Promise<Result>,
  { event, isOnce = false, isOptional = false }: CallOptions = {},
): Promise<Result> {
  for (let attempt = 1, waitedMs = 0; ; attempt += 1) {
    try {
      return await request();
    } catch (error) {
      const reason = event ? withoutEvent(read(error), event) : read(error);
      const row = isOptional && reason.code === unknownHost ? undefined : retriableBy(product, action, reason);
      const isUnclear = isOnce && row?.wasRefused?.(reason) !== true;
      if (isUnclear || !row || waitedMs >= row.seconds * 1000) {
        throw failure(product, action, reason, { attempt, waitedMs, isUnclear, isRetriable: row !== undefined });
      }
      waitedMs = await waitFor(row.waitingFor, waitedMs, Math.max(100, backoffMs(attempt, backoff, Math.random)));
    }
  }
}

/** Awaits a lookup: returns its result, or undefined when it fails with a code of `absent`, which says that there is no such thing; rethrows any other failure. */
export async function found<Result>(result: Promise<Result>, ...absent: readonly string[]): Promise<Result | undefined> {
  return unless(result, absent);
}

/** Awaits a creation: succeeds too when it fails with a code of `exists`, since an earlier attempt or an interrupted run has made the thing then; rethrows any other failure. */
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

/** The code that the SDKs put into their errors; empty when there is none. */
export function codeOf(error: unknown): string {
  return read(error).code;
}

/** The SDKs tell the status in a field, or in the message alone: https://github.com/aliyun/fc-nodejs-sdk/blob/master/lib/client.js */
function read(error: unknown): Reason {
  const fields = { code: '', statusCode: undefined, ...(error instanceof Error ? error : {}) };
  const message = error instanceof Error ? error.message : String(error);
  const status = Number(fields.statusCode ?? /failed with (\d{3})/.exec(message)?.[1]);
  return { code: String(fields.code ?? ''), status: Number.isNaN(status) ? undefined : status, message };
}

function withoutEvent({ code, message, status }: Reason, event: Buffer): Reason {
  return { status, code: withoutWordsOf(event, code), message: withoutWordsOf(event, message) };
}

interface Attempts {
  readonly attempt: number;
  readonly waitedMs: number;
  /** Whether it may have been done, and must not be done twice. */
  readonly isUnclear: boolean;
  readonly isRetriable: boolean;
}

function failure(product: Product, action: string, reason: Reason, tried: Attempts): CloudFailure {
  const { code, status } = reason;
  const { requestId, text } = readMessage(reason);
  const what = [
    redactCode(code),
    status === undefined ? '' : `status ${status}`,
    tried.attempt > 1 ? `after ${tried.attempt} attempts in ${Math.round(tried.waitedMs / 1000)} s` : '',
  ].filter(Boolean);
  return new CloudFailure(
    `${product}: ${action} failed (${what.join(', ') || 'no answer'}): ${text}${requestId && ` (request ${redactCode(requestId)})`}. ${remedy(product, action, reason, tried)}`,
    code,
    !tried.isRetriable && !isBadKey(reason),
  );
}

function remedy(product: Product, action: string, reason: Reason, { isRetriable, isUnclear }: Attempts): string {
  if (!isRetriable && notActivated.test(`${reason.code} ${reason.message}`)) {
    return `Activate ${product} for this account: https://common-buy.aliyun.com, or the product's own console.`;
  }
  if (!isRetriable && isQuota(reason)) return quotaRemedy(product, action);
  if (isBadKey(reason)) {
    return 'Check the access key: `s config get`, or AccessKeyID and AccessKeySecret in the environment.';
  }
  if (forbidden.test(reason.code)) {
    const [, permission = ramAction(product, action)] = namedPermission.exec(reason.message) ?? [];
    return `Allow this user ${permission}: ram-policy.json lists all that is needed.`;
  }
  if (reason.code === 'ECONNREFUSED' && /127\.0\.0\.1|localhost/.test(reason.message)) {
    return 'Nothing listens there: run `npm run local:cloud`, and set CLOUD_ENDPOINT to the address that it prints, or unset it.';
  }
  if (isRetriable && isUnclear) return 'It is not clear whether it was done: look before you run the command again.';
  if (isRetriable) return 'Run the command again: what is done is kept.';
  return reason.code
    ? `Look up the code: https://api.aliyun.com/troubleshoot?q=${redactCode(reason.code)}`
    : `Look at ${product} in its console.`;
}

function isBadKey({ code, message }: Reason): boolean {
  return badKey.test(code) || badKeyMessage.test(message);
}

function quotaRemedy(product: Product, action: string): string {
  const what = quotaOf[action] ?? product;
  return `This is a quota, of ${what}: delete what is not used, or ask for more at https://quotas.console.aliyun.com, and run the command again: what is done is kept.`;
}

const requestIds = /\.?,? ?\brequest ?id: ?([\w-]+)(, message: )?/i;

/** The first line without what stands elsewhere (code, status, request), shortened: some responses quote the whole request. */
function readMessage({ code, message }: Reason): { readonly text: string; readonly requestId: string } {
  // Of a secret that is cut nobody knows the rest.
  const [line = ''] = redactKnownSecrets(message).split('\n');
  const [, requestId = ''] = requestIds.exec(line) ?? [];
  const text = (line.startsWith(`${code}: `) ? line.slice(code.length + 2) : line)
    .replace(/^code: \d+, /, '')
    .replace(/^[A-Z]+ \/\S* failed with \d{3}/, '')
    .replace(requestIds, '')
    .replace(/[A-Z]+ https?:\/\/\S+ failed\.?$/, '')
    .trim();
  return { requestId, text: (text.length > 300 ? `${text.slice(0, 300)}…` : text).replace(/\.$/, '') || 'no reason was given' };
}
