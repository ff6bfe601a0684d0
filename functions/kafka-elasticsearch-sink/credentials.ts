import type { Secret } from '../../shared/secret.ts';
import type { Settings } from '../../shared/settings.ts';

const characterNames: { readonly [character: string]: string } = {
  '\n': 'a line feed',
  '\r': 'a carriage return',
  '\t': 'a tab',
  ' ': 'a space',
  '\u00A0': 'a no-break space',
};

/**
 * A sentence for each credential that ends in a character that nobody sees: most often it came along with a copy, or from a file's last line.
 * They are used as they are, since a password may hold anything.
 */
export function invisibleEndings({ ES_PASSWORD, ES_USERNAME, KAFKA_PASSWORD, KAFKA_USERNAME }: Settings): string[] {
  return Object.entries({ ES_USERNAME, ES_PASSWORD, KAFKA_USERNAME, KAFKA_PASSWORD }).flatMap(([name, value]) => {
    const text = revealedText(value);
    const last = text.at(-1) ?? '';
    if (!/[\s\p{C}]/u.test(last)) return [];
    return [`${name} ends in ${characterNames[last] ?? 'a character that is not seen'}, its last of ${text.length} characters`];
  });
}

function revealedText(value: Secret | string | undefined): string {
  return typeof value === 'object' ? value.reveal() : (value ?? '');
}
