import { isUtf8 } from 'node:buffer';
import type { Variables } from './built-function.ts';
import { type BulkOperation, isObject } from './bulk-body.ts';

type Members = Readonly<Record<string, unknown>>;

/** What an event is, read in the plainest way: its elements, or undefined where it must be refused. */
export function elementsOf(event: Buffer): readonly unknown[] | undefined {
  const parsed = isUtf8(event) ? parse(event.toString()) : undefined;
  return Array.isArray(parsed) ? parsed : undefined;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What the records of an event may become, each as a text that `formsOf` of its operation has, too. */
export function expectedForms(elements: readonly unknown[], variables: Variables): ReadonlySet<string> {
  const expected = new Set<string>();
  for (const element of elements) {
    const members = typeof element === 'string' ? parse(element.replace(/^\ufeff/, '')) : element;
    if (!isObject(members)) continue;
    const record = isObject(members.data) ? members.data : members;
    const isConnector = record === members && ('overflowFlag' in members || 'valueSize' in members);
    for (const document of documentsOf(record, isConnector, variables)) expected.add(comparable(idOf(record, variables), document));
  }
  return expected;
}

/** The forms in which an operation may be among those that are expected: with or without what the settings add, a value as text or as JSON. */
export function formsOf({ action, document, id }: BulkOperation, variables: Variables): readonly string[] {
  const inner = action === 'update' && isObject(document) ? document.doc : document;
  return partsOf(inner, variables).map((part) => comparable(id, part));
}

function partsOf(document: unknown, { DOCUMENT_SHAPE }: Variables): readonly unknown[] {
  if (!isObject(document)) return [document];
  if (DOCUMENT_SHAPE === 'envelope') return envelopeParts(document.msg_body);
  const { kafka, ...value } = document;
  const own = DOCUMENT_SHAPE === 'value' ? document : value;
  const place = DOCUMENT_SHAPE === 'value' ? undefined : placeOf(kafka);
  const { '@timestamp': _, ...withoutTimestamp } = own;
  return [own, withoutTimestamp].map((one) => ({ value: one, place }));
}

function envelopeParts(body: unknown): readonly unknown[] {
  if (!isObject(body)) return [];
  const { valueSize: _, ...rest } = body;
  return [body, rest, { ...rest, value: JSON.stringify(parse(String(body.value))) }];
}

/** The document of a record; without a value, also none, as a delete has. */
function documentsOf(record: Members, isConnector: boolean, { DOCUMENT_SHAPE }: Variables): readonly unknown[] {
  const isNull = record.value === undefined || record.value === null;
  if (DOCUMENT_SHAPE === 'envelope') return [isConnector ? record : envelopeOf(record), ...(isNull ? [undefined] : [])];
  if (isNull) return [undefined];
  const own = typeof record.value === 'string' ? parse(record.value.replace(/^\ufeff/, '')) : record.value;
  return [{ value: own, place: DOCUMENT_SHAPE === 'value' ? undefined : placeOf(record) }];
}

function envelopeOf({ key, offset, partition, timestamp, topic, value }: Members): Members {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? undefined);
  return { key: key ?? undefined, offset, overflowFlag: false, partition, timestamp: timestamp ?? undefined, topic, value: text };
}

function placeOf(record: unknown): unknown {
  return isObject(record) ? [record.topic, record.partition, record.offset] : undefined;
}

/** A document with its id, as a text that is the same for what is the same. */
function comparable(id: string | undefined, document: unknown): string {
  const text = JSON.stringify([id === undefined ? null : withoutExactOffset(id), document ?? null]);
  // Half a character is U+FFFD as soon as it is written as UTF-8.
  return text.replace(/(?<!\\)((?:\\\\)*)\\ud[89a-f][\da-f]{2}/g, '$1\ufffd');
}

/** An id whose offset has the digits of a number, of which JavaScript's have fewer. */
function withoutExactOffset(id: string): string {
  return id.replace(/\+(\d{16,})$/, (_, digits: string) => `+${Number(digits)}`);
}

function idOf({ key, offset, partition, topic }: Members, { DOCUMENT_ID, DOCUMENT_ID_PREFIX = '' }: Variables): string | undefined {
  if (DOCUMENT_ID === 'auto') return undefined;
  return DOCUMENT_ID === 'key' ? String(key) : `${DOCUMENT_ID_PREFIX}${topic}+${partition}+${offset}`;
}
