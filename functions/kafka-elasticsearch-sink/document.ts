import type { RejectionType } from '../../shared/errors.ts';
import type { Settings } from '../../shared/settings.ts';
import { isObject, membersOf, type Record, textOf } from './decode.ts';
import type { Span } from './json-scanner.ts';

/** The text of a document in three pieces; the middle one, by far the longest, may be bytes that are copied as they came. */
export interface Document {
  readonly head: string;
  readonly body: string | Span;
  readonly tail: string;
}

/** Makes the document of a record that has a value (or, for the envelope, none), or says why it cannot be one. */
export type MakeDocument = (record: Record) => Document | RejectionType;

/** Chooses the shape, and whether `@timestamp`, which data streams need, is added. */
export function createDocumentMaker({ DOCUMENT_SHAPE: shape, WRITE_MODE }: Settings): MakeDocument {
  const withTimestamp = WRITE_MODE === 'create';
  if (shape === 'envelope') return (record) => envelope(record, withTimestamp ? timestampMember(record) : '');
  return (record) => valueDocument(record, shape === 'value-with-metadata', withTimestamp);
}

/** The console connector's format: the record inside `msg_body`. The flag is data there, as it is in the original. */
function envelope(record: Record, members: string): Document {
  const { key, origin, position, value } = record;
  const tail = `,"doc_as_upsert":true${members}}`;
  if (origin.isConnector) return { head: '{"msg_body":', body: origin.json, tail };
  const keyMember = key === undefined ? '' : `"key":${quoted(key)},`;
  const timestamp = timestampText(record);
  const timestampMember = timestamp === undefined ? '' : `"timestamp":${timestamp},`;
  const head = `{"msg_body":{${keyMember}"offset":${position.offset},"overflowFlag":false,"partition":${position.partition},${timestampMember}"topic":${quoted(position.topic)}`;
  // Absent, as the key, when the record has none.
  if (value === undefined) return { head, body: '', tail: `,"valueSize":0}${tail}` };
  return { head: `${head},"value":`, body: valueText(origin) ?? JSON.stringify(value), tail: `,"valueSize":${value.length}}${tail}` };
}

/** The value's text as it stands in the event, unless it was parsed JSON there. */
function valueText({ isJson, json, traits }: Record['origin']): Span | undefined {
  if (isJson) return undefined;
  return traits.values?.textIn(json) ?? membersOf(json).value;
}

/** The timestamp's text; as it stands in the event where that may be more than what JavaScript keeps of it. */
function timestampText({ origin, timestamp }: Record): string | undefined {
  if (origin.traits.areTimestampsIntegers && Number.isSafeInteger(timestamp)) return String(timestamp);
  const text = textOf(membersOf(origin.json).timestamp);
  return text === 'null' || text === '' ? undefined : text;
}

function valueDocument(record: Record, withMetadata: boolean, withTimestamp: boolean): Document | RejectionType {
  const { value = '' } = record;
  const parsed = parseObject(value);
  if (!parsed) return 'value_not_an_object';
  if (withMetadata && Object.hasOwn(parsed, 'kafka')) return 'field_conflict';
  const added = [
    withMetadata ? `,"kafka":${metadata(record)}` : '',
    withTimestamp && !Object.hasOwn(parsed, '@timestamp') ? timestampMember(record) : '',
  ].join('');
  // Line breaks between its members would end a line of the bulk body; inside texts they are escaped.
  const text = value.replace(/[\n\r]/g, ' ');
  if (added === '') return { head: '', body: text, tail: '' };
  const isEmpty = Object.keys(parsed).length === 0;
  return { head: '', body: text.slice(0, text.lastIndexOf('}')), tail: `${isEmpty ? added.slice(1) : added}}` };
}

function parseObject(text: string): object | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function metadata(record: Record): string {
  const { position, key, origin } = record;
  const timestamp = timestampText(record);
  const headers = origin.isConnector ? '' : textOf(membersOf(origin.json).headers);
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

const plainText = /^[\w.+-]*$/;

/** As JSON; most ids, keys and names are plain, and then it is quicker without a look at each character by `JSON.stringify`. */
export function quoted(text: string): string {
  return plainText.test(text) ? `"${text}"` : JSON.stringify(text);
}
