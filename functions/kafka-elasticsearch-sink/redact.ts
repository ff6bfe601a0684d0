import { Failure, type FailureName, failures } from '../../shared/errors.ts';
import type { Settings } from '../../shared/settings.ts';

const maxReasonLength = 1024;

/** A text that a server made, without credentials, cut to 1024 characters. */
export function redact(text: string, { ES_API_KEY, ES_PASSWORD, ES_USERNAME, KAFKA_PASSWORD }: Settings): string {
  const password = ES_PASSWORD?.reveal();
  const secrets = [
    password,
    KAFKA_PASSWORD?.reveal(),
    ES_API_KEY?.reveal(),
    password && Buffer.from(`${ES_USERNAME}:${password}`).toString('base64'),
  ];
  const cleaned = secrets.filter((secret) => secret !== undefined).reduce((cleaning, secret) => cleaning.replaceAll(secret, '***'), text);
  return cleaned.replace(/\b(Basic|ApiKey|Bearer)\s+[\w+/=.-]+/gi, '$1 ***').slice(0, maxReasonLength);
}

/** A failure whose message a server may have made, redacted because up to 7.13 Elasticsearch may quote credentials, and followed by its remedy. */
export function redactedFailure(name: FailureName, message: string, settings: Settings): Failure {
  return new Failure(name, `${redact(message, settings)}; ${failures[name].remedy}`);
}
