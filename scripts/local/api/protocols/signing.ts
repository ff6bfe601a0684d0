import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import type { AccessKey } from '../account.ts';

/** Whose signatures count, and the time they are compared with, in ms. */
export interface Authority {
  readonly accessKeys: readonly AccessKey[];
  readonly now: () => number;
}

const skewMs = 15 * 60 * 1000;

/** The secret of a key, or undefined when the account has no such key. */
export function secretOf({ accessKeys }: Authority, accessKeyId: string): string | undefined {
  return accessKeys.find((key) => key.accessKeyId === accessKeyId)?.accessKeySecret;
}

/** Whether the date is more than 15 minutes off, or no date. */
export function isSkewed({ now }: Authority, date: string): boolean {
  return !(Math.abs(now() - Date.parse(date)) <= skewMs);
}

/** HMAC of the text in UTF-8. */
export function hmac(algorithm: 'sha1' | 'sha256', secret: string, text: string, encoding: 'base64' | 'hex'): string {
  return createHmac(algorithm, secret).update(text).digest(encoding);
}

/** Lower-case hexadecimal digest of bytes or of a text in UTF-8. */
export function hexDigest(algorithm: 'md5' | 'sha256', data: Buffer | string): string {
  return createHash(algorithm).update(data).digest('hex');
}

/** Compares two signatures without telling by its time how far they agree. */
export function isSame(given: string, expected: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(expected)];
  return left.length === right.length && timingSafeEqual(left, right);
}
