import type { RejectionType } from '../../shared/errors.ts';
import type { Settings } from '../../shared/settings.ts';
import { isObject, isTooDeep, mayBeTooDeep, membersOf, parseText, type Record, textOf } from './decode.ts';
import type { Span } from './json-scanner.ts';
import type { Lines } from './operation.ts';

/** Why a record can never be written. */
export interface Refusal {
  readonly refusal: RejectionType;
}

export function isRefusal(value: string | undefined | object): value is Refusal {
  return typeof value === 'object' && 'refusal' in value;
}

/** Puts the document of a record that has a value (or, for the envelope, none) between two texts, or says why it cannot be one. */
export type WriteDocument = (before: string, record: Record, after: string) => Lines | Refusal;

/** Chooses the shape, and whether `@timestamp`, which data streams need, is added. */
export function createDocumentWriter({ DOCUMENT_SHAPE: shape, WRITE_MODE }: Settings): WriteDocument {
  const withTimestamp = WRITE_MODE === 'create';
  if (shape === 'envelope')
    return (before, record, after) => envelope(before, record, `${withTimestamp ? timestampMember(record) : ''}}${after}`);
  return (before, record, after) => valueDocument(before, record, shape === 'value-with-metadata', withTimestamp, after);
}

/** The console connector's format: the record inside `msg_body`. The flag is data there, as it is in the original. */
function envelope(before: string, record: Record, after: string): Lines {
  const { isConnector, json, key, position, value } = record;
  const tail = `,"doc_as_upsert":true${after}`;
  if (isConnector) return { head: `${before}{"msg_body":`, body: json, tail };
  const timestamp = timestampText(record);
  const keyMember = key === undefined ? '' : `"key":${quoted(key)},`;
  const timestampMember = timestamp === undefined ? '' : `"timestamp":${timestamp},`;
  const head = `${before}{"msg_body":{${keyMember}"offset":${position.offset},"overflowFlag":false,"partition":${position.partition},${timestampMember}"topic":${quotedTopic(position.topic)}`;
  // Absent, as the key, when the record has none.
  if (value === undefined) return { head, body: '', tail: `,"valueSize":0}${tail}` };
  return { head: `${head},"value":`, body: valueText(record, value), tail: `,"valueSize":${value.length}}${tail}` };
}

/** The value's text as it stands in the event, unless it was parsed JSON there. */
function valueText({ isJsonValue, json, traits }: Record, value: string): Span | string {
  const text = isJsonValue ? undefined : (traits.values?.textIn(json) ?? membersOf(json).value);
  return text ?? JSON.stringify(value);
}

/** The timestamp's text; as it stands in the event where that may be more than what JavaScript keeps of it. */
function timestampText({ json, timestamp, traits }: Record): string | undefined {
  if (traits.areTimestampsIntegers && Number.isSafeInteger(timestamp)) return String(timestamp);
  const text = textOf(membersOf(json).timestamp);
  return text === 'null' || text === '' ? undefined : text;
}

function valueDocument(head: string, record: Record, withMetadata: boolean, withTimestamp: boolean, after: string): Lines | Refusal {
  const value = withoutByteOrderMark(record.value ?? '');
  const parsed = parseObject(value);
  if (!parsed) return { refusal: 'value_not_an_object' };
  if (mayBeTooDeep(value) && isTooDeep(parsed)) return { refusal: 'value_too_deep' };
  if (withMetadata && Object.keys(parsed).some(isMetadata)) return { refusal: 'field_conflict' };
  const added = [
    withMetadata ? `,"kafka":${metadata(record)}` : '',
    withTimestamp && !Object.hasOwn(parsed, '@timestamp') ? timestampMember(record) : '',
  ].join('');
  // Line breaks between its members would end a line of the bulk body; inside texts they are escaped.
  const text = value.replace(/[\n\r]/g, ' ');
  if (added === '') return { head, body: text, tail: after };
  const isEmpty = emptyObject.test(text);
  return { head, body: text.slice(0, text.lastIndexOf('}')), tail: `${isEmpty ? added.slice(1) : added}}${after}` };
}

/** RFC 8259, section 8.1, lets a parser leave it out; Elasticsearch takes none inside a bulk body. */
function withoutByteOrderMark(text: string): string {
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** Elasticsearch makes an object of what stands before a dot in a name. */
function isMetadata(name: string): boolean {
  return name === 'kafka' || name.startsWith('kafka.');
}

const emptyObject = /^\s*\{\s*\}/;

function parseObject(text: string): object | undefined {
  try {
    const parsed = parseText(text, (name) => isMetadata(name) || name === '@timestamp');
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function metadata(record: Record): string {
  const { isConnector, json, key, position } = record;
  const timestamp = timestampText(record);
  const headers = isConnector ? '' : textOf(membersOf(json).headers);
  const members = [
    `"topic":${JSON.stringify(position.topic)},"partition":${position.partition},"offset":${position.offset}`,
    timestamp === undefined ? '' : `,"timestamp":${timestamp}`,
    key === undefined ? '' : `,"key":${JSON.stringify(key)}`,
    headers === 'null' || headers === '' ? '' : `,"headers":${headers}`,
  ];
  return `{${members.join('')}}`;
}

function timestampMember({ timestamp }: Record): string {
  return isTimestamp(timestamp) ? `,"@timestamp":"${new Date(timestamp).toISOString()}"` : '';
}

const endOfYear9999 = 253_402_300_799_999;

/** An integer, in ms, within the years 1970 to 9999. */
export function isTimestamp(timestamp: number | undefined): timestamp is number {
  return Number.isInteger(timestamp) && (timestamp as number) >= 0 && (timestamp as number) <= endOfYear9999;
}

/** Of a record's topic, which most records of a batch share. */
const quotedTopic = rememberLast(quoted);

const plainText = /^[\w.+-]*$/;

/** Whether a text is its own JSON, but for the quotes. */
export function isPlain(text: string): boolean {
  return plainText.test(text);
}

/** As JSON; most ids, keys and names are plain, and then it is quicker without a look at each character by `JSON.stringify`. */
export function quoted(text: string): string {
  return isPlain(text) ? `"${text}"` : JSON.stringify(text);
}

/** The function, which does nothing where it is asked the same again. */
export function rememberLast<Value>(make: (text: string) => Value): (text: string) => Value {
  let last: { readonly text: string; readonly value: Value } | undefined;
  return (text) => {
    if (text !== last?.text) last = { text, value: make(text) };
    return last.value;
  };
}
