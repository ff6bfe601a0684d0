import { type RejectionType, rejections } from '../../shared/errors.ts';
import { formatDate, isIndexName } from '../../shared/index-pattern.ts';
import { formatPosition } from '../../shared/position.ts';
import type { Settings } from '../../shared/settings.ts';
import type { Element, Record } from './decode.ts';
import { createDocumentMaker, type Document, isTimestamp, type MakeDocument, quoted } from './document.ts';

/** One operation of a bulk request. */
export interface Operation {
  readonly kind: 'index' | 'create' | 'update' | 'delete';
  readonly element: Element;
  readonly index: string;
  /** The document's identity where ids can repeat: operations on one document must keep their order. */
  readonly identity: string | undefined;
  /** A stale external version is no error. */
  readonly isVersioned: boolean;
  /** The operation's line or lines of the bulk body; the last ends with a line break. */
  readonly lines: Document;
  /** Of the lines, in bytes. */
  readonly size: number;
}

/** A record that can never be written, and why. */
export interface Rejected {
  readonly kind: 'rejected';
  readonly element: Element;
  /** One of ours, or of Elasticsearch's error types. */
  readonly type: string;
  /** A sentence for people, without the record's content where it is ours. */
  readonly reason: string;
}

/** A record that is not to be written: by position, which goes to the error destination, or for its null value. */
export interface Skipped {
  readonly kind: 'skipped';
  readonly element: Record;
  readonly by: 'position' | 'null-value';
}

type Mapped = Operation | Rejected | Skipped;

export function isOperation(mapped: Mapped): mapped is Operation {
  return mapped.kind !== 'rejected' && mapped.kind !== 'skipped';
}

export function isUnwritten(mapped: Mapped): mapped is Rejected | Skipped {
  return !isOperation(mapped);
}

/** Maps elements to operations, by the settings; without side effects. */
export class Mapper {
  readonly #settings: Settings;
  readonly #makeDocument: MakeDocument;
  readonly #skipped: ReadonlySet<string>;
  /** Names by what they are made from: most records of a batch share one. */
  readonly #names = new Map<string, string | undefined>();

  readonly #fixedIndex: { readonly name: string };

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#fixedIndex = { name: settings.ES_INDEX.parts.map((part) => (part.kind === 'text' ? part.text : '')).join('') };
    this.#makeDocument = createDocumentMaker(settings);
    this.#skipped = new Set(settings.SKIP_POSITIONS?.map(formatPosition));
  }

  map(element: Element): Mapped {
    if (element.kind === 'bad') return { kind: 'rejected', element, type: 'bad_element', reason: element.reason };
    if (this.#skipped.size > 0 && this.#skipped.has(formatPosition(element.position))) {
      return { kind: 'skipped', element, by: 'position' };
    }
    if (element.isOverflow) return rejected(element, 'value_not_in_event');
    if (element.value === undefined && this.#settings.NULL_VALUE === 'skip') return { kind: 'skipped', element, by: 'null-value' };
    if (element.value === undefined && this.#settings.NULL_VALUE === 'reject') return rejected(element, 'null_value');
    const operation = this.#operation(element);
    return typeof operation === 'string' ? rejected(element, operation) : operation;
  }

  /** The index of a record, or why it has none. */
  indexOf({ position, timestamp }: Pick<Record, 'position' | 'timestamp'>): { readonly name: string } | RejectionType {
    const { parts, hasDate, isFixed } = this.#settings.ES_INDEX;
    if (isFixed) return this.#fixedIndex;
    if (hasDate && !isTimestamp(timestamp)) return 'timestamp_invalid';
    const hour = hasDate ? Math.floor((timestamp as number) / 3_600_000) : 0;
    const source = `${hour}/${position.topic}`;
    if (!this.#names.has(source)) {
      const texts = parts.map((part) => {
        if (part.kind === 'text') return part.text;
        return part.kind === 'topic' ? position.topic.toLowerCase() : formatDate(part.format, hour * 3_600_000);
      });
      const name = texts.join('');
      if (this.#names.size >= cachedNames) this.#names.clear();
      this.#names.set(source, isIndexName(name) ? name : undefined);
    }
    const name = this.#names.get(source);
    return name === undefined ? 'index_name_invalid' : { name };
  }

  /** The document's id, undefined where Elasticsearch makes it, or why it can have none. */
  idOf({ position, key }: Pick<Record, 'position' | 'key'>): { readonly id: string | undefined } | RejectionType {
    const { DOCUMENT_ID, DOCUMENT_ID_PREFIX = '' } = this.#settings;
    if (DOCUMENT_ID === 'auto') return { id: undefined };
    const id = DOCUMENT_ID === 'key' ? key : `${DOCUMENT_ID_PREFIX}${formatPosition(position)}`;
    if (!id) return 'key_missing';
    return isTooLong(id) ? 'id_too_long' : { id };
  }

  #operation(record: Record): Operation | RejectionType {
    const { DOCUMENT_ID, DOCUMENT_VERSION, NULL_VALUE, WRITE_MODE } = this.#settings;
    const target = this.indexOf(record);
    if (typeof target === 'string') return target;
    const identified = this.idOf(record);
    if (typeof identified === 'string') return identified;
    const isDelete = record.value === undefined && NULL_VALUE === 'delete';
    const kind = isDelete ? 'delete' : WRITE_MODE === 'upsert' ? 'update' : WRITE_MODE;
    const action = this.#action(kind, target.name, identified.id, record);
    const lines = isDelete ? { head: action, body: '', tail: '' } : this.#lines(action, record);
    if (typeof lines === 'string') return lines;
    const identity = DOCUMENT_ID === 'key' ? `${target.name}/${identified.id}` : undefined;
    return { kind, element: record, index: target.name, identity, isVersioned: DOCUMENT_VERSION === 'offset', lines, size: sizeOf(lines) };
  }

  #action(kind: Operation['kind'], index: string, id: string | undefined, { key, position }: Record): string {
    const { DOCUMENT_VERSION, ES_ROUTING } = this.#settings;
    const routing = ES_ROUTING === 'key' && key ? `,"routing":${JSON.stringify(key)}` : '';
    const version = DOCUMENT_VERSION === 'offset' ? `,"version":${position.offset},"version_type":"external"` : '';
    const conflict = kind === 'update' ? ',"retry_on_conflict":3' : '';
    const idMember = id === undefined ? '' : `,"_id":${quoted(id)}`;
    return `{"${kind}":{"_index":${quoted(index)}${idMember}${routing}${version}${conflict}}}\n`;
  }

  #lines(action: string, record: Record): Document | RejectionType {
    const document = this.#makeDocument(record);
    if (typeof document === 'string') return document;
    const { head, body, tail } = document;
    const isUpsert = this.#settings.WRITE_MODE === 'upsert';
    return { head: `${action}${isUpsert ? '{"doc":' : ''}${head}`, body, tail: `${tail}${isUpsert ? ',"doc_as_upsert":true}' : ''}\n` };
  }
}

const cachedNames = 1000;
const longestIdBytes = 512;

/** Elasticsearch refuses a whole request with a longer id in it. */
export function isTooLong(id: string): boolean {
  // A UTF-16 code unit takes at most 3 bytes.
  return id.length * 3 > longestIdBytes && Buffer.byteLength(id) > longestIdBytes;
}

function rejected(element: Record, type: RejectionType): Rejected {
  return { kind: 'rejected', element, type, reason: rejections[type] };
}

/** Of an operation's lines, in bytes. */
export function sizeOf({ head, body, tail }: Document): number {
  const bodyBytes = typeof body === 'string' ? Buffer.byteLength(body) : body.end - body.start;
  return Buffer.byteLength(head) + bodyBytes + Buffer.byteLength(tail);
}
