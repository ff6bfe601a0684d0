import type { Settings } from '../../shared/settings.ts';

const longestReason = 1024;

/** Takes credentials out of a text that a server made, and cuts it to 1 KB. */
export function redact(text: string, { ES_API_KEY, ES_PASSWORD, ES_USERNAME, KAFKA_PASSWORD }: Settings): string {
  const password = ES_PASSWORD?.reveal();
  const secrets = [
    password,
    KAFKA_PASSWORD?.reveal(),
    ES_API_KEY?.reveal(),
    password && Buffer.from(`${ES_USERNAME}:${password}`).toString('base64'),
  ];
  const cleaned = secrets.filter((secret) => secret !== undefined).reduce((cleaning, secret) => cleaning.replaceAll(secret, '***'), text);
  return cleaned.replace(/\b(Basic|ApiKey|Bearer)\s+[\w+/=.-]+/gi, '$1 ***').slice(0, longestReason);
}
