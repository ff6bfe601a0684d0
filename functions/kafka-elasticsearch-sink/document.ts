import type { RejectionType } from '../../shared/errors.ts';
import type { Settings } from '../../shared/settings.ts';
import { type ByteString, bytes, encode, nothing, slice } from './byte-string.ts';
import { isObject, isTooDeep, mayBeTooDeep, parseObject } from './decode.ts';
import { onOneLine } from './json-scanner.ts';
import type { Lines } from './operation.ts';
import type { Record } from './record.ts';
import { rememberLast } from './remember-last.ts';

/** Why a record can never be written. */
export interface Refusal {
  readonly refusal: RejectionType;
}

export function isRefusal(value: string | undefined | object): value is Refusal {
  return typeof value === 'object' && 'refusal' in value;
}

/** Puts the document of a record that has a value (or, for the envelope, none) between two texts, or says why it cannot be one. */
export type WriteDocument = (before: ByteString, record: Record, after: ByteString) => Lines | Refusal;

/** Chooses the shape, and whether `@timestamp`, which data streams need, is added. */
export function createDocumentWriter({ DOCUMENT_SHAPE: shape, WRITE_MODE }: Settings): WriteDocument {
  const withTimestamp = WRITE_MODE === 'create';
  if (shape === 'envelope')
    return (before, record, after) => {
      const end = bytes`,"doc_as_upsert":true${withTimestamp ? timestampMember(record) : nothing}}${after}`;
      return envelope(bytes`${before}{"msg_body":`, record, end);
    };
  return (before, record, after) => {
    const document = valueDocument(record, shape === 'value-with-metadata', withTimestamp);
    return isRefusal(document) ? document : [before, document, after];
  };
}

/** The console connector's format: the record inside `msg_body`. The flag is data there, as it is in the original. */
function envelope(before: ByteString, record: Record, after: ByteString): Lines {
  if (record.isConnectorFormat) return [before, record.json, after];
  return connectorFormat(before, record.isJsonValue ? withTextValue(record) : record, after);
}

function withTextValue({ keyJson, position, timestampJson, value = '', valueSize }: Record): FormatMembers {
  return { keyJson, position, timestampJson, valueJson: quoted(value), valueSize };
}

type FormatMembers = Pick<Record, 'keyJson' | 'position' | 'timestampJson' | 'valueJson' | 'valueSize'>;

/** A record in the format of the Function Compute sink connector, between two texts; a key and a value that it has not are absent. */
export function connectorFormat(before: ByteString, members: FormatMembers, after: ByteString): Lines {
  const { keyJson, position, timestampJson, valueJson, valueSize } = members;
  const { offset, partition, topic } = position;
  const key = keyJson === undefined ? nothing : bytes`"key":${keyJson},`;
  const timestamp = timestampJson === undefined ? nothing : bytes`"timestamp":${timestampJson},`;
  const start = bytes`${before}{${key}"offset":${offset},"overflowFlag":false,"partition":${partition},${timestamp}"topic":${quotedTopic(topic)}`;
  const end = bytes`,"valueSize":${valueSize}}${after}`;
  return valueJson === undefined ? [start, end] : [bytes`${start},"value":`, valueJson, end];
}

function valueDocument(record: Record, withMetadata: boolean, withTimestamp: boolean): ByteString | Refusal {
  const value = withoutByteOrderMark(record.value ?? '');
  const parsed = parseDocument(value);
  if (!parsed) return { refusal: 'value_not_an_object' };
  if (mayBeTooDeep(value) && isTooDeep(parsed)) return { refusal: 'value_too_deep' };
  if (withMetadata && Object.keys(parsed).some(isMetadata)) return { refusal: 'field_conflict' };
  // Line breaks between its members would end a line of the bulk body; inside texts they are escaped.
  const text = onOneLine(encode(value));
  const added = bytes`${withMetadata ? bytes`,"kafka":${metadata(record)}` : nothing}${withTimestamp && !Object.hasOwn(parsed, '@timestamp') ? timestampMember(record) : nothing}`;
  if (added === '') return text;
  const members = slice(text, 0, text.lastIndexOf('}'));
  return emptyObject.test(text) ? bytes`${members}${slice(added, 1, added.length)}}` : bytes`${members}${added}}`;
}

/** Leaves out what RFC 8259, section 8.1, lets a parser leave out; Elasticsearch takes none inside a bulk body. */
function withoutByteOrderMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** Whether a name would meet the metadata's: Elasticsearch makes an object of what stands before a dot. */
function isMetadata(name: string): boolean {
  return name === 'kafka' || name.startsWith('kafka.');
}

/** Of names that would meet the metadata's, one tells as much as a million. */
function keptAs(name: string): string | undefined {
  if (isMetadata(name)) return 'kafka';
  return name === '@timestamp' ? name : undefined;
}

const emptyObject = /^\s*\{\s*\}/;

function parseDocument(text: string): object | undefined {
  try {
    const parsed = parseObject(text, keptAs);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function metadata({ headersJson, isConnectorFormat, keyJson, position, timestampJson }: Record): ByteString {
  const { offset, partition, topic } = position;
  const timestamp = timestampJson === undefined ? nothing : bytes`,"timestamp":${timestampJson}`;
  const key = keyJson === undefined ? nothing : bytes`,"key":${keyJson}`;
  const headers = isConnectorFormat || headersJson === undefined ? nothing : bytes`,"headers":${headersJson}`;
  return bytes`{"topic":${quotedTopic(topic)},"partition":${partition},"offset":${offset}${timestamp}${key}${headers}}`;
}

function timestampMember({ timestamp }: Record): ByteString {
  return isTimestamp(timestamp) ? bytes`,"@timestamp":"${encode(new Date(timestamp).toISOString())}"` : nothing;
}

const endOfYear9999 = 253_402_300_799_999;

/** Whether a timestamp is an integer, in ms, within the years 1970 to 9999. */
export function isTimestamp(timestamp: number | undefined): timestamp is number {
  return Number.isInteger(timestamp) && (timestamp as number) >= 0 && (timestamp as number) <= endOfYear9999;
}

/** Quotes a topic, which most records of a batch share. */
const quotedTopic = rememberLast(quoted);

const plainText = /^[\w.+-]*$/;

/** Whether a text is its own JSON, but for the quotes. */
export function isPlain(text: string): boolean {
  return plainText.test(text);
}

/** Quotes a text as JSON; most ids, keys and names are plain, and then `JSON.stringify` need not look at each character. */
export function quoted(text: string): ByteString {
  return encode(isPlain(text) ? `"${text}"` : JSON.stringify(text));
}
