import { AsyncLocalStorage } from 'node:async_hooks';

const secretsOfWork = new AsyncLocalStorage<readonly string[]>();

/** Runs work during which `redactKnownSecrets` stars these secrets: a text of others is redacted where it is taken up, before it is shortened. */
export function redacting<Result>(secrets: readonly string[], work: () => Promise<Result>): Promise<Result> {
  return secretsOfWork.run(secrets, work);
}

/** The text with stars instead of the secrets of the work that is going on. */
export function redactKnownSecrets(text: string): string {
  return redact(text, secretsOfWork.getStore() ?? []);
}

/**
 * The text with stars instead of secrets, also as JSON and as addresses spell them. One that could be a word stands for itself only where it is one:
 * `elastic` is in many names.
 */
export function redact(text: string, secrets: readonly string[]): string {
  // The longest first: one may be a part of another, whose rest would stay.
  const spellings = [...new Set(secrets.flatMap(spellingsOf))].sort((left, right) => right.length - left.length);
  return spellings.reduce(
    (rest, secret) => rest.replaceAll(/^\w{1,8}$/.test(secret) ? new RegExp(`\\b${secret}\\b`, 'g') : secret, '***'),
    text,
  );
}

function spellingsOf(secret: string): string[] {
  // Half a character, of which no address can be made, becomes a replacement.
  const wellFormed = Buffer.from(secret).toString();
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(wellFormed),
    new URLSearchParams({ '': wellFormed }).toString().slice(1),
  ];
}
