import { isUtf8 } from 'node:buffer';
import { type ByteString, decodeText } from '../byte-string.ts';
import { decode, isCommand, isObject } from '../decode.ts';
import type { Element } from '../record.ts';
import { isJson } from './is-json.ts';

/** A text in a text in a text: nobody wraps deeper. */
const maxDepth = 4;

/**
 * The records in a message that the trigger has given up. No document says what it holds, so every plausible form is read: a batch as the function gets
 * one, or one element of it, each also as a JSON text, or as the `data` of a CloudEvent. Undefined where no record can be found in it.
 */
export function recordsIn(value: Buffer | null): readonly Element[] | undefined {
  if (value === null || !isUtf8(value)) return undefined;
  const elements = read(value.toString(), maxDepth);
  return elements.some(({ kind }) => kind === 'record') ? elements : undefined;
}

function read(text: string, depth: number): readonly Element[] {
  const trimmed = text.trim();
  if (depth === 0 || !isJson(trimmed)) return [];
  const decoded = decode(Buffer.from(trimmed.startsWith('[') ? trimmed : `[${trimmed}]`));
  if (isCommand(decoded)) return [];
  return decoded.flatMap((element) => (element.kind === 'record' ? [element] : readInside(element, depth)));
}

/** What a wrapper holds, or the element itself where it is none. */
function readInside(element: Element, depth: number): readonly Element[] {
  const content = contentOf(element.json);
  const found = content === undefined ? [] : read(content, depth - 1);
  return found.some(({ kind }) => kind === 'record') ? found : [element];
}

/** The JSON text in a JSON text, in an array, or in the `data` of an event. */
function contentOf(json: ByteString): string | undefined {
  const parsed: unknown = JSON.parse(decodeText(json));
  const content = isObject(parsed) ? parsed.data : parsed;
  if (typeof content === 'string') return content;
  return Array.isArray(content) ? JSON.stringify(content) : undefined;
}
