import type { RejectionType } from '../../shared/errors.ts';
import type { Settings } from '../../shared/settings.ts';
import { type ByteString, toByteString } from './byte-string.ts';
import { isObject, membersOf, onOneLine, type Record } from './decode.ts';
import { findText } from './json-scanner.ts';

/** Why a record can never be written. */
export interface Refusal {
  readonly refusal: RejectionType;
}

export function isRefusal(value: string | undefined | object): value is Refusal {
  return typeof value === 'object' && 'refusal' in value;
}

/** The text of a record's document, or why it cannot be one. */
export type MakeDocument = (record: Record) => ByteString | Refusal;

/** Chooses the shape, and whether `@timestamp`, which data streams need, is added. */
export function createDocumentMaker({ DOCUMENT_SHAPE: shape, WRITE_MODE }: Settings): MakeDocument {
  const withTimestamp = WRITE_MODE === 'create';
  if (shape === 'envelope') return (record) => envelope(record, withTimestamp ? timestampMember(record) : '');
  return (record) => valueDocument(record, shape === 'value-with-metadata', withTimestamp);
}

/** The console connector's format: the record inside `msg_body`. The flag is data there, as it is in the original. */
function envelope(record: Record, members: ByteString): ByteString {
  const body = record.isConnector ? record.json : triggerBody(record);
  return `{"msg_body":${body},"doc_as_upsert":true${members}}`;
}

/** What the connector would have written, from a record of the trigger; key, timestamp and value are absent when it has none. */
function triggerBody(record: Record): ByteString {
  const { key, position, value } = record;
  const timestamp = timestampText(record);
  const keyMember = key === undefined ? '' : `"key":${quoted(key)},`;
  const timestampMember = timestamp === undefined ? '' : `"timestamp":${timestamp},`;
  const valueMember = value === undefined ? '' : `"value":${valueText(record, value)},`;
  return `{${keyMember}"offset":${position.offset},"overflowFlag":false,"partition":${position.partition},${timestampMember}"topic":${quoted(position.topic)},${valueMember}"valueSize":${value?.length ?? 0}}`;
}

/** The value's text as it stands in the event, unless it was parsed JSON there. */
function valueText({ isJsonValue, json, traits }: Record, value: string): ByteString {
  const text = isJsonValue ? undefined : ((traits.areNamesPlain ? findText(json, 'value') : undefined) ?? membersOf(json).value);
  return text ?? toByteString(JSON.stringify(value));
}

/** The timestamp's text; as it stands in the event where that may be more than what JavaScript keeps of it. */
function timestampText({ json, timestamp, traits }: Record): ByteString | undefined {
  if (traits.areTimestampsIntegers && Number.isSafeInteger(timestamp)) return String(timestamp);
  const text = membersOf(json).timestamp;
  return text === 'null' ? undefined : text;
}

function valueDocument(record: Record, withMetadata: boolean, withTimestamp: boolean): ByteString | Refusal {
  const { value = '' } = record;
  const parsed = parseObject(value);
  if (!parsed) return { refusal: 'value_not_an_object' };
  if (withMetadata && Object.hasOwn(parsed, 'kafka')) return { refusal: 'field_conflict' };
  const added = [
    withMetadata ? `,"kafka":${metadata(record)}` : '',
    withTimestamp && !Object.hasOwn(parsed, '@timestamp') ? timestampMember(record) : '',
  ].join('');
  const text = toByteString(onOneLine(value));
  if (added === '') return text;
  const isEmpty = Object.keys(parsed).length === 0;
  return `${text.slice(0, text.lastIndexOf('}'))}${isEmpty ? added.slice(1) : added}}`;
}

function parseObject(text: string): object | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

function metadata(record: Record): ByteString {
  const { position, key } = record;
  const timestamp = timestampText(record);
  const headers = record.isConnector ? undefined : membersOf(record.json).headers;
  const members = [
    `"topic":${quoted(position.topic)},"partition":${position.partition},"offset":${position.offset}`,
    timestamp === undefined ? '' : `,"timestamp":${timestamp}`,
    key === undefined ? '' : `,"key":${quoted(key)}`,
    headers === undefined || headers === 'null' ? '' : `,"headers":${headers}`,
  ];
  return `{${members.join('')}}`;
}

function timestampMember({ timestamp }: Record): ByteString {
  return isTimestamp(timestamp) ? `,"@timestamp":"${new Date(timestamp).toISOString()}"` : '';
}

const endOfYear9999 = 253_402_300_799_999;

/** An integer, in ms, within the years 1970 to 9999. */
export function isTimestamp(timestamp: number | undefined): timestamp is number {
  return Number.isInteger(timestamp) && (timestamp as number) >= 0 && (timestamp as number) <= endOfYear9999;
}

const plainText = /^[\w.+-]*$/;

/** As JSON; most ids, keys and names are plain, and then it is quicker without a look at each character by `JSON.stringify`. */
export function quoted(text: string): ByteString {
  return plainText.test(text) ? `"${text}"` : toByteString(JSON.stringify(text));
}
