import { type RejectionType, rejections } from '../../shared/errors.ts';
import { canHold, fill, formatDate, indexNameOf } from '../../shared/index-pattern.ts';
import { formatPosition, maxIdBytes } from '../../shared/position.ts';
import type { Settings } from '../../shared/settings.ts';
import { type ByteString, bytes, nothing } from './byte-string.ts';
import { createDocumentWriter, isPlain, isRefusal, isTimestamp, quoted, type Refusal, type WriteDocument } from './document.ts';
import type { Lines, MappedOperation, Operation, Rejected, Skipped } from './operation.ts';
import { positionId } from './position-id.ts';
import type { Element, Record } from './record.ts';
import { rememberLast } from './remember-last.ts';

type MapResult = MappedOperation | Rejected | Skipped;

/** Maps elements to operations, by the settings; without side effects. */
export class Mapper {
  readonly #settings: Settings;
  readonly #writeDocument: WriteDocument;
  readonly #skippedPositions: ReadonlySet<string>;
  /** Index names by hour and topic, undefined where they are not allowed: most records of a batch share one. */
  readonly #indexNames = new Map<string, string | undefined>();
  readonly #fixedIndex: string;
  /** Most records of a batch share an index, and a topic. */
  readonly #quotedIndex = rememberLast(quoted);
  readonly #isPlainTopic = rememberLast(isPlain);

  constructor(settings: Settings) {
    this.#settings = settings;
    this.#fixedIndex = settings.ES_INDEX.parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');
    this.#writeDocument = createDocumentWriter(settings);
    this.#skippedPositions = new Set(settings.SKIP_POSITIONS?.map(formatPosition));
  }

  /** Maps an element to its operation, or says why there is none. */
  map(element: Element): MapResult {
    if (this.isSkipped(element)) return { kind: 'skipped', element, by: 'position' };
    if (element.kind === 'bad') return { kind: 'rejected', element, type: 'bad_element', reason: element.reason };
    if (element.isOverflow) return rejected(element, 'value_not_in_event');
    if (element.valueJson === undefined && this.#settings.NULL_VALUE === 'skip')
      return { kind: 'skipped', element: withoutFetchedValue(element), by: 'null-value' };
    if (element.valueJson === undefined && this.#settings.NULL_VALUE === 'reject') return rejected(element, 'null_value');
    const operation = this.#operationOf(element);
    return isRefusal(operation) ? rejected(element, operation.refusal) : operation;
  }

  /** Whether `SKIP_POSITIONS` names the element. */
  isSkipped({ position }: Element): boolean {
    return this.#skippedPositions.size > 0 && this.#skippedPositions.has(formatPosition(position));
  }

  /** The index of a record, or why it has none. */
  indexOf(record: Pick<Record, 'position' | 'timestamp'>): string | Refusal {
    const { hasDate, isFixed } = this.#settings.ES_INDEX;
    if (isFixed) return this.#fixedIndex;
    const { position, timestamp } = record;
    if (hasDate && !isTimestamp(timestamp)) return { refusal: 'timestamp_invalid' };
    const hour = hasDate ? Math.floor((timestamp as number) / 3_600_000) : 0;
    const source = `${hour}/${position.topic}`;
    if (!this.#indexNames.has(source)) {
      if (this.#indexNames.size >= maxCachedNames) this.#indexNames.clear();
      this.#indexNames.set(
        source,
        indexNameOf(this.#settings.ES_INDEX, position.topic, (format) => formatDate(format, hour * 3_600_000)),
      );
    }
    return this.#indexNames.get(source) ?? { refusal: 'index_name_invalid' };
  }

  /** The index of a record whose timestamp may not be known: with a `*` for the date then. */
  indicesOf(record: Pick<Record, 'position' | 'timestamp'>): string | Refusal {
    const { topic } = record.position;
    const { ES_INDEX } = this.#settings;
    if (!ES_INDEX.hasDate || record.timestamp !== undefined) return this.indexOf(record);
    return canHold(ES_INDEX, topic) ? fill(ES_INDEX, topic, () => '*') : { refusal: 'index_name_invalid' };
  }

  /** The document's id, undefined where Elasticsearch makes it, or why it can have none. */
  idOf(record: Pick<Record, 'position' | 'key'>): string | undefined | Refusal {
    const { DOCUMENT_ID } = this.#settings;
    if (DOCUMENT_ID === 'auto') return undefined;
    const id = DOCUMENT_ID === 'key' ? record.key : positionId(record.position, this.#settings);
    if (!id) return { refusal: 'key_missing' };
    if (DOCUMENT_ID === 'key' && lostBytes.test(id)) return { refusal: 'key_not_utf8' };
    return isTooLong(id) ? { refusal: 'id_too_long' } : id;
  }

  #operationOf(record: Record): MappedOperation | Refusal {
    const { DOCUMENT_ID, DOCUMENT_VERSION, NULL_VALUE, WRITE_MODE } = this.#settings;
    const index = this.indexOf(record);
    if (isRefusal(index)) return index;
    const id = this.idOf(record);
    if (isRefusal(id)) return id;
    const isDelete = record.valueJson === undefined && NULL_VALUE === 'delete';
    const kind = isDelete ? 'delete' : WRITE_MODE === 'upsert' ? 'update' : WRITE_MODE;
    const action = this.#actionLine(kind, index, id, record);
    const lines = isDelete ? [action] : this.#lines(action, record);
    if (isRefusal(lines)) return lines;
    const identity = DOCUMENT_ID === 'key' ? `${index}/${id}` : undefined;
    const operation: Operation = {
      kind,
      element: withoutFetchedValue(record),
      index,
      identity,
      isVersioned: DOCUMENT_VERSION === 'offset',
    };
    return { kind: 'mapped', operation, lines };
  }

  #actionLine(kind: Operation['kind'], index: string, id: string | undefined, record: Record): ByteString {
    const { DOCUMENT_VERSION, ES_ROUTING } = this.#settings;
    const idMember = id === undefined ? nothing : bytes`,"_id":${this.#quotedId(id, record.position.topic)}`;
    const routingKey = ES_ROUTING === 'key' ? record.key : undefined;
    const routing = routingKey ? bytes`,"routing":${quoted(routingKey)}` : nothing;
    const version = DOCUMENT_VERSION === 'offset' ? bytes`,"version":${record.position.offset},"version_type":"external"` : nothing;
    const conflict = kind === 'update' ? bytes`,"retry_on_conflict":3` : nothing;
    return bytes`{${actions[kind]}:{"_index":${this.#quotedIndex(index)}${idMember}${routing}${version}${conflict}}}\n`;
  }

  /** Most ids are a position, which is as plain as its topic. */
  #quotedId(id: string, topic: string): ByteString {
    const { DOCUMENT_ID, DOCUMENT_ID_PREFIX } = this.#settings;
    const isPlainId = DOCUMENT_ID === 'position' && DOCUMENT_ID_PREFIX === undefined && this.#isPlainTopic(topic);
    return isPlainId ? bytes`"${id as ByteString}"` : quoted(id);
  }

  #lines(action: ByteString, record: Record): Lines | Refusal {
    const isUpsert = this.#settings.WRITE_MODE === 'upsert';
    return isUpsert
      ? this.#writeDocument(bytes`${action}{"doc":`, record, bytes`,"doc_as_upsert":true}\n`)
      : this.#writeDocument(action, record, bytes`\n`);
  }
}

const actions = { index: bytes`"index"`, create: bytes`"create"`, update: bytes`"update"`, delete: bytes`"delete"` };
const maxCachedNames = 1000;
/** Matches what stands where bytes were not UTF-8; a lone surrogate becomes the same when it is written. */
const lostBytes = /[\uFFFD\p{Surrogate}]/u;
const maxUtf8BytesPerUtf16Unit = 3;

/** Whether an id is longer than Elasticsearch takes. */
export function isTooLong(id: string): boolean {
  return id.length * maxUtf8BytesPerUtf16Unit > maxIdBytes && Buffer.byteLength(id) > maxIdBytes;
}

function rejected(element: Record, type: RejectionType): Rejected {
  return { kind: 'rejected', element: withoutFetchedValue(element), type, reason: rejections[type] };
}

/** The record as it came in the event, so that a value that was fetched takes no memory when it has been mapped. */
function withoutFetchedValue(record: Record): Record {
  return record.origin ?? record;
}
