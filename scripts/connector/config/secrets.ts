import { AsyncLocalStorage } from 'node:async_hooks';
import type { Props } from './schema.ts';

type SecretName = 'ES_PASSWORD' | 'ES_API_KEY' | 'KAFKA_PASSWORD';

const inEnvironment = ['ES_PASSWORD', 'ES_API_KEY', 'KAFKA_PASSWORD', 'AccessKeySecret', 'SecurityToken'];

/**
 * Passwords and keys: those of s.yaml, or else of the environment, which is the better place, since Serverless Devs runs what stands in s.yaml as a
 * template, and prints what fails.
 */
export function secretsOf({ elasticsearch, kafka }: Props): { readonly [name in SecretName]?: string | undefined } {
  const { ES_API_KEY, ES_PASSWORD, KAFKA_PASSWORD } = process.env;
  const isGiven = Boolean(elasticsearch.password || elasticsearch.apiKey);
  return {
    ES_PASSWORD: isGiven ? elasticsearch.password : ES_PASSWORD,
    ES_API_KEY: isGiven ? elasticsearch.apiKey : ES_API_KEY,
    // Without a user it is somebody else's.
    KAFKA_PASSWORD: kafka.password || (kafka.username ? KAFKA_PASSWORD : undefined),
  };
}

/** Texts of the environment that may stand nowhere. */
export function secretsInEnvironment(): string[] {
  return inEnvironment.flatMap((name) => process.env[name] || []);
}

const known = new AsyncLocalStorage<readonly string[]>();

/** Runs work during which these secrets are starred wherever a text of others is taken up, before it is shortened. */
export function hidingSecrets<Result>(secrets: readonly string[], work: () => Promise<Result>): Promise<Result> {
  return known.run(secrets, work);
}

/** The text with stars instead of the secrets of the work that is going on. */
export function withoutKnownSecrets(text: string): string {
  return withoutSecrets(text, known.getStore() ?? []);
}

/**
 * The text with stars instead of secrets, also as JSON and as addresses spell them. One that could be a word stands for itself only where it is one:
 * `elastic` is in many names.
 */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
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
