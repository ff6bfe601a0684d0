/**
 * The text with stars instead of secrets, however they are spelled: as they are, escaped as JSON, Java or HTML do, encoded as in addresses, and inside of
 * Base64, alone or behind a user's name. One that could be a word is starred only where it is one: `elastic` is in many names.
 */
export function redactSecrets(text: string, secrets: readonly string[]): string {
  // The longest first: one may be a part of another, whose rest would stay.
  const longestFirst = [...new Set(secrets.flatMap(piecesOf))].sort((left, right) => right.length - left.length);
  return longestFirst.reduce((rest, secret) => withoutBase64(rest, secret).replace(spelled(secret), '***'), text);
}

/** Of a longer text no pattern can be made. */
const maxPieceLength = 1000;

function piecesOf(secret: string): string[] {
  const count = Math.ceil(secret.length / maxPieceLength);
  const length = Math.ceil(secret.length / count);
  return Array.from({ length: count }, (_, number) => secret.slice(number * length, (number + 1) * length));
}

/** Whether a word is a part of a secret, or has one in it: of a name or a code, which a response gives as it likes, that is enough to hide it. */
export function isOfSecret(word: string, secrets: readonly string[]): boolean {
  const lowered = word.toLowerCase();
  return secrets.some((secret) => secret !== '' && (secret.toLowerCase().includes(lowered) || lowered.includes(secret.toLowerCase())));
}

/** Matches a secret in any spelling, and in capitals or not. */
function spelled(secret: string): RegExp {
  const mayBeLost = (secret.match(/[\da-z]/gi) ?? []).length >= minimumKept;
  const pattern = (wellFormed(secret).match(/\\+|[^\\]/gsu) ?? []).map((part) => spellingsOf(part, mayBeLost)).join('');
  return /^\w{1,8}$/.test(secret) ? new RegExp(`\\b${pattern}\\b`, 'g') : new RegExp(pattern, 'giu');
}

/** Letters and digits that tell a secret from other texts, without what a protocol may have lost of it. */
const minimumKept = 8;
/** What stands where a character was that is not ASCII, or none to be seen: its bytes, each as a character, or something instead. */
const lost = '[\\u0080-\\u00ff\\ufffd? ]{0,4}';

/** More backslashes stand before a character where JSON is quoted in JSON; the bound keeps a text of backslashes from taking for ever. */
const backslashes = '\\\\{0,8}';
const named: { readonly [character: string]: string } = { '"': 'quot', '&': 'amp', "'": 'apos', '<': 'lt', '>': 'gt' };
const short: { readonly [character: string]: string } = { '\b': 'b', '\t': 't', '\n': 'n', '\f': 'f', '\r': 'r' };

/** The spellings of a character, or of backslashes in a row, as a pattern. */
function spellingsOf(character: string, mayBeLost: boolean): string {
  if (/^[\da-z]$/i.test(character)) return character;
  if (character.startsWith('\\')) return `(?:\\\\{${character.length},${8 * character.length}}|(?:%(?:25)*5c){${character.length}})`;
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index).toString(16).padStart(4, '0'));
  const bytes = [...Buffer.from(character)].map((byte) => `%(?:25)*${byte.toString(16).padStart(2, '0')}`);
  const spellings = [
    `${backslashes}${literal(character)}`,
    bytes.join(''),
    units.map((unit) => `\\\\{1,8}u${unit}`).join(''),
    `&#(?:0*${character.codePointAt(0)}|x0*${character.codePointAt(0)?.toString(16)});`,
    ...(character in named ? [`&${named[character]};`] : []),
    ...(character in short ? [`\\\\{1,8}${short[character]}`] : []),
    ...(character === ' ' ? ['\\+'] : []),
    ...(mayBeLost && /[^ -~]/.test(character) ? [lost] : []),
  ];
  return `(?:${spellings.join('|')})`;
}

function literal(text: string): string {
  return text.replace(/[$()*+.?[\\\]^{|}/]/g, '\\$&').replace(/\s/gu, (space) => `\\u{${space.codePointAt(0)?.toString(16)}}`);
}

/** Half a character, of which no bytes can be made, becomes a replacement. */
function wellFormed(text: string): string {
  return Buffer.from(text).toString();
}

/** What is left of a Base64 that is too short to be told from others. */
const minimumBase64Length = 8;

/**
 * The text with stars instead of each Base64 text with the secret in it, whatever stands before and behind, whose bits are in the characters that are
 * left out. Runs are cut out first: one expression for both takes the square of the length of a long word.
 */
function withoutBase64(text: string, secret: string): string {
  const parts = [0, 1, 2].map((shift) => {
    const encoded = Buffer.from(`${'\0'.repeat(shift)}${secret}`)
      .toString('base64')
      .replace(/=+$/, '');
    return encoded.slice(shift === 0 ? 0 : shift + 1, -1);
  });
  const usable = parts.filter((part) => part.length >= minimumBase64Length);
  if (usable.length === 0) return text;
  const spelledOut = new RegExp(usable.map((part) => part.replaceAll('+', '[+-]').replaceAll('/', '[/_]')).join('|'));
  return text.replace(/[\w+/-]+=*/g, (run) => (spelledOut.test(run) ? '***' : run));
}
