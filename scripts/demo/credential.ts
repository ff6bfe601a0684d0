import type { Account } from '../local/api/account.ts';

/** The credential of a local account, as Serverless Devs hands one to a command. */
export function credentialOf({ accessKeys, accountId }: Account) {
  const [key] = accessKeys;
  return { AccountID: accountId, AccessKeyID: key?.accessKeyId ?? '', AccessKeySecret: key?.accessKeySecret ?? '' };
}
