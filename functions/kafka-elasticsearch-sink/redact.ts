import { Failure, type FailureName, failures } from '../../shared/errors.ts';
import { isOfSecret, redactSecrets } from '../../shared/redaction.ts';
import type { Settings } from '../../shared/settings.ts';

const maxReasonLength = 1024;
/** More of a text is not looked at, so that a long one takes no time. */
const maxLookedAt = 64 * 1024;

/** A text that a server made, without credentials, cut to 1024 characters. */
export function redact(text: string, settings: Settings): string {
  const cleaned = redactSecrets(text.slice(0, maxLookedAt), secretsOf(settings));
  return cleaned.replace(/\b(Basic|ApiKey|Bearer)\s+[\w+/=.-]+/gi, '$1 ***').slice(0, maxReasonLength);
}

function secretsOf({ ES_API_KEY, ES_PASSWORD, KAFKA_PASSWORD }: Settings): string[] {
  const passwords = [ES_PASSWORD, KAFKA_PASSWORD].flatMap((secret) => secret?.reveal() ?? []);
  return [...passwords, ...(ES_API_KEY ? partsOf(ES_API_KEY.reveal()) : [])];
}

/** An API key is the Base64 of an id and the key itself, and may be told without what fills it up. */
function partsOf(apiKey: string): string[] {
  const decoded = Buffer.from(apiKey, 'base64').toString();
  return [apiKey.replace(/=+$/, ''), decoded, decoded.slice(decoded.indexOf(':') + 1)];
}

/** Whether a word is a part of a credential, or has one in it. */
export function isOfCredential(word: string, settings: Settings): boolean {
  return isOfSecret(word, secretsOf(settings));
}

/** A failure whose message a server may have made, redacted because up to 7.13 Elasticsearch may quote credentials, and followed by its remedy. */
export function redactedFailure(name: FailureName, message: string, settings: Settings): Failure {
  return new Failure(name, `${redact(message, settings)}; ${failures[name].remedy}`);
}
