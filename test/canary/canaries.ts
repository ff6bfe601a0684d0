import { randomBytes } from 'node:crypto';

/**
 * What nobody may ever read outside of the record's document: a text that cannot be guessed and stands nowhere by chance. `core` is plain, so that
 * every spelling of the text (JSON, URL, HTML …) holds it as it is; Base64 and hex are looked for besides.
 */
interface Canary {
  readonly text: string;
  readonly cores: readonly string[];
}

/** Whether canaries have characters that are escaped or encoded somewhere, or none, so that they pass for a name or a type. */
export type Style = 'awkward' | 'plain';
export const styles: readonly Style[] = ['awkward', 'plain'];

/** Beginning with a letter, in lower case and of letters and digits alone, as a type or a name may be. */
function core(): string {
  return `cn${randomBytes(6).toString('hex')}`;
}

function canary(style: Style): Canary {
  const cores = [core(), core()];
  const [first = '', second = ''] = cores;
  return { text: style === 'plain' ? `${first}_${second}` : `${first} "ü'\\%41+/=&<$\{x}\t${second}`, cores };
}

/** As Elasticsearch gives it: the Base64 of an id and a key, either of which is told by it. */
function encodedKey(): Canary {
  const { text, cores } = canary('plain');
  const encoded = Buffer.from(`${text}:${text}`).toString('base64');
  return { text: encoded, cores: [...cores, encoded.slice(0, 12), encoded.slice(12, 24), encoded.slice(24, 36)] };
}

/** One set of everything that is secret, or a record's content; each text is of its own. */
export function hatch(style: Style) {
  const secrets = {
    esPassword: canary(style),
    esApiKey: encodedKey(),
    kafkaPassword: canary(style),
    // Only what a URL takes may stand there as it is.
    userInfo: canary('plain'),
    accessKeySecret: canary(style),
    securityToken: canary(style),
    // What the machine's environment holds beside, which is nobody's here.
    machine: canary(style),
  };
  const content = {
    key: canary(style),
    value: canary(style),
    field: canary(style),
    headerName: canary(style),
    headerValue: canary(style),
  };
  return new Canaries(secrets, content);
}

type Texts<Name extends string> = { readonly [One in Name]: string };
type Group<Name extends string> = { readonly [One in Name]: Canary };
type SecretName = 'esPassword' | 'esApiKey' | 'kafkaPassword' | 'userInfo' | 'accessKeySecret' | 'securityToken' | 'machine';
type ContentName = 'key' | 'value' | 'field' | 'headerName' | 'headerValue';

/** Canaries, and what of them a text tells. */
export class Canaries {
  readonly secret: Texts<SecretName>;
  readonly content: Texts<ContentName>;
  readonly #secrets: Group<SecretName>;
  readonly #contents: Group<ContentName>;

  constructor(secrets: Group<SecretName>, contents: Group<ContentName>) {
    this.#secrets = secrets;
    this.#contents = contents;
    this.secret = textsOf(secrets);
    this.content = textsOf(contents);
  }

  /** Names of the secrets, and of the parts of the record, that a text or bytes show. */
  tellsIn(shown: string | Uint8Array): string[] {
    return [...this.secretsIn(shown), ...namesIn(this.#contents, shown)];
  }

  /** The surroundings of the first canary in a text, for a message; empty where there is none. */
  firstIn(shown: string): string {
    const all = [...Object.values<Canary>(this.#secrets), ...Object.values<Canary>(this.#contents)].flatMap(({ cores }) => cores);
    const at = all
      .flatMap((one) => [one, ...encodingsOf(one)])
      .map((one) => shown.indexOf(one))
      .filter((one) => one >= 0);
    const first = Math.min(...at);
    return at.length === 0 ? '' : shown.slice(Math.max(0, first - 200), first + 200);
  }

  /** Names of the secrets alone: where records may stand. */
  secretsIn(shown: string | Uint8Array): string[] {
    return namesIn(this.#secrets, shown);
  }
}

function textsOf<Name extends string>(group: Group<Name>): Texts<Name> {
  return Object.fromEntries(Object.entries<Canary>(group).map(([name, { text }]) => [name, text])) as Texts<Name>;
}

function namesIn(group: { readonly [name: string]: Canary }, shown: string | Uint8Array): string[] {
  const text = typeof shown === 'string' ? shown : Buffer.from(shown).toString('latin1');
  const folded = text.toLowerCase();
  return Object.entries(group).flatMap(([name, { cores }]) =>
    cores.some((one) => folded.includes(one.toLowerCase()) || encodingsOf(one).some((encoding) => text.includes(encoding))) ? [name] : [],
  );
}

/** A core in hex, and in Base64 wherever it begins, without the characters that depend on what stands around it. */
function encodingsOf(text: string): string[] {
  const shifted = [0, 1, 2].map((shift) => {
    const encoded = Buffer.from(`${'\0'.repeat(shift)}${text}`)
      .toString('base64')
      .replace(/=+$/, '');
    return encoded.slice(shift === 0 ? 0 : shift + 1, -1);
  });
  return [...shifted, ...shifted.map((one) => one.replaceAll('+', '-').replaceAll('/', '_')), Buffer.from(text).toString('hex')];
}
