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
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
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
