import { AsyncLocalStorage } from 'node:async_hooks';
import { isOfSecret, redactSecrets } from '../../../shared/redaction.ts';

const secretsOfWork = new AsyncLocalStorage<readonly string[]>();

/** Runs work during which `redactKnownSecrets` stars these secrets: a text of others is redacted where it is taken up, before it is shortened. */
export function redacting<Result>(secrets: readonly string[], work: () => Promise<Result>): Promise<Result> {
  return secretsOfWork.run(secrets, work);
}

/** The text with stars instead of the secrets of the work that is going on. */
export function redactKnownSecrets(text: string): string {
  return redactSecrets(text, secretsOfWork.getStore() ?? []);
}

/** The code of a response, or stars where it is a part of a secret of the work that is going on. */
export function redactCode(code: string): string {
  return code !== '' && isOfSecret(code, secretsOfWork.getStore() ?? []) ? '***' : code;
}

/** The text with stars instead of the words of an event: a response may quote the record in it, whoever wrote it. */
export function withoutWordsOf(event: Buffer, text: string): string {
  const sent = event.toString();
  return text.replace(/[\p{L}\p{N}_]{3,}/gu, (word) => (sent.includes(word) ? '***' : word));
}
