import type { IncomingHttpHeaders } from 'node:http';

/** A request as it arrived, whole. */
export interface ApiRequest {
  readonly method: string;
  /** Percent-encoded as sent, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** What is sent back: bytes as they are, anything else as JSON. */
export interface ApiResponse {
  readonly status: number;
  readonly headers?: { readonly [name: string]: string };
  readonly body?: unknown;
}

/** The header's value, or an empty text. */
export function header({ headers }: ApiRequest, name: string): string {
  return String(headers[name] ?? '');
}

/** The body as JSON; undefined when it is empty or not JSON. */
export function jsonBody({ body }: ApiRequest): unknown {
  return parseJson(body.toString());
}

/** Nothing of the APIs is nested a tenth as deep; what is nested thousands deep could be read, and not be written again. */
const maxDepth = 100;

/** The value of a text that is JSON; undefined when it is not, or is nested more than 100 deep. */
export function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isFlat(value, maxDepth) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isFlat(value: unknown, depth: number): boolean {
  if (typeof value !== 'object' || value === null) return true;
  return depth > 0 && Object.values(value).every((part) => isFlat(part, depth - 1));
}

/** A JSON object, of which nothing more is known. */
export type JsonObject = { readonly [name: string]: unknown };

/** Whether the value is a JSON object, no array and not null. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The object at this name, or an empty one. */
export function objectAt(parent: JsonObject, name: string): JsonObject {
  const value = parent[name];
  return isObject(value) ? value : {};
}

/** The text at this name, or undefined when there is none. */
export function textAt(parent: JsonObject, name: string): string | undefined {
  const value = parent[name];
  return typeof value === 'string' ? value : undefined;
}
