import type { Props } from './schema.ts';

type SecretName = 'ES_PASSWORD' | 'ES_API_KEY' | 'KAFKA_PASSWORD';

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
