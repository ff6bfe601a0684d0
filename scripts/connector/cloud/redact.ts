import { AsyncLocalStorage } from 'node:async_hooks';
import { redactSecrets } from '../../../shared/redaction.ts';

const secretsOfWork = new AsyncLocalStorage<readonly string[]>();

/** Runs work during which `redactKnownSecrets` stars these secrets: a text of others is redacted where it is taken up, before it is shortened. */
export function redacting<Result>(secrets: readonly string[], work: () => Promise<Result>): Promise<Result> {
  return secretsOfWork.run(secrets, work);
}

/** The text with stars instead of the secrets of the work that is going on. */
export function redactKnownSecrets(text: string): string {
  return redactSecrets(text, secretsOfWork.getStore() ?? []);
}
