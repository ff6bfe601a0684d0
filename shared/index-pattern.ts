/** A piece of an index pattern: fixed text, the record's topic, or its date in UTC. */
type IndexPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'topic' }
  | { readonly kind: 'date'; readonly format: string };

/** An index name with its placeholders found. */
export interface IndexPattern {
  readonly parts: readonly IndexPart[];
  /** Every record goes to the same name. */
  readonly isFixed: boolean;
  readonly hasDate: boolean;
}

const placeholder = /\$\{(topic)\}|\{((?:yyyy|MM|dd|HH|[._-])+)\}/g;
const maxIndexNameBytes = 255;

/** Reads a pattern such as `logs-${topic}-{yyyy.MM.dd}`; undefined when no record could give it a name that Elasticsearch takes. */
export function parseIndexPattern(text: string): IndexPattern | undefined {
  const parts = [...split(text)];
  const dates = parts.filter(({ kind }) => kind === 'date').length;
  const isFixed = parts.every(({ kind }) => kind === 'text');
  const sample = parts.map((part) => (part.kind === 'text' ? part.text : '0')).join('');
  if (dates > 1 || !isIndexName(sample)) return undefined;
  return { parts, isFixed, hasDate: dates === 1 };
}

function* split(text: string): Generator<IndexPart> {
  let end = 0;
  for (const match of text.matchAll(placeholder)) {
    if (match.index > end) yield { kind: 'text', text: text.slice(end, match.index) };
    const format = match[2];
    yield format === undefined ? { kind: 'topic' } : { kind: 'date', format };
    end = match.index + match[0].length;
  }
  if (end < text.length) yield { kind: 'text', text: text.slice(end) };
}

/** The pattern with the topic in its place, in lower case, and what `dateOf` makes of the format of a date. */
export function fill({ parts }: IndexPattern, topic: string, dateOf: (format: string) => string): string {
  const texts = parts.map((part) => {
    if (part.kind === 'text') return part.text;
    return part.kind === 'topic' ? topic.toLowerCase() : dateOf(part.format);
  });
  return texts.join('');
}

/** The pattern as text, with the topic in its place. */
export function resolveTopic(pattern: IndexPattern, topic: string): string {
  return fill(pattern, topic, (format) => `{${format}}`);
}

/**
 * The pattern's name for a topic, with what `dateOf` makes of the format of a date; undefined where Elasticsearch does not take it, or where a topic
 * would name an index that begins with a dot, as Elasticsearch's own do.
 */
export function indexNameOf(pattern: IndexPattern, topic: string, dateOf: (format: string) => string): string | undefined {
  const name = fill(pattern, topic, dateOf);
  const isReserved = name.startsWith('.') && pattern.parts[0]?.kind === 'topic';
  return isIndexName(name) && !isReserved ? name : undefined;
}

/** Whether the topic can be a part of the pattern's names. */
export function canHold(pattern: IndexPattern, topic: string): boolean {
  return indexNameOf(pattern, topic, (format) => '0'.repeat(format.length)) !== undefined;
}

/** Whether a record of the topic could go to the index of this name; of a topic that is not known, no name by topic is said to be its. */
export function canName({ parts }: IndexPattern, name: string, topic: string | undefined): boolean {
  if (topic === undefined && parts.some(({ kind }) => kind === 'topic')) return false;
  const forms = parts.map((part) => {
    if (part.kind === 'text') return escaped(part.text);
    if (part.kind === 'topic') return escaped((topic ?? '').toLowerCase());
    return escaped(part.format)
      .replace('yyyy', '\\d{4}')
      .replace(/MM|dd|HH/g, '\\d{2}');
  });
  return new RegExp(`^${forms.join('')}$`, 'u').test(name);
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}

/** Whether Elasticsearch takes a name for an index, by its rules: https://www.elastic.co/guide/en/elasticsearch/reference/7.10/indices-create-index.html#indices-create-api-path-params */
export function isIndexName(name: string): boolean {
  const isForbidden = /[\\/*?"<>|,#:\s{}\p{Surrogate}]|^[-_+]|^\.{0,2}$/u.test(name) || name !== name.toLowerCase();
  return !isForbidden && Buffer.byteLength(name) <= maxIndexNameBytes;
}

/** Formats the time, in ms since 1970, by the tokens yyyy, MM, dd and HH, in UTC. */
export function formatDate(format: string, timestamp: number): string {
  const [yyyy = '', MM = '', dd = '', HH = ''] = new Date(timestamp).toISOString().split(/[-T:]/);
  const values: { readonly [token: string]: string } = { yyyy, MM, dd, HH };
  return format.replace(/yyyy|MM|dd|HH/g, (token) => values[token] ?? token);
}
